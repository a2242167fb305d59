#pragma once

#include <functional>
#include <vector>

#include "swell/base/progress.h"
#include "swell/learn/moments.h"
#include "swell/model/computer.h"

namespace swell {

// Guide trajectories (S. Whitelam, PNAS 2026, arXiv 2509.15324): units without couplings at T = 0, each under a
// constant force D that a teacher gives, from x = 0,
//   x' = x + mu dt (D - U'(x)),
// while the inputs u stand clamped. The machine that makes such a path most probable going forward minimises
//   sum over examples, steps and units of mu_i [ (J x + b)_i + D_i ]^2,
// since dx/(mu dt) + U'(x) = D on the path: the same least squares as for images (learn/path_least_squares.h), with the
// target y = -D.

// Examples: how many, and rows [first, first + rows) of them written as values of all units, [rows][units]: inputs
// where a unit is clamped, the force D where it is free. Called from several threads.
struct GuideSource {
  int64_t rows = 0;
  std::function<void(int64_t first, int64_t rows, double* out)> fill;
};

struct GuideOptions {
  double dt = 1e-3;
  int64_t steps = 200;
  int threads = 1;
  ProgressCallback progress;  // examples
};

// Exact sums over all steps of all examples: of the states before each step and the target. clamped: [groups].
// Throws InputError where a path diverges, Interrupted.
Moments guide_moments(const Computer& computer, const std::vector<char>& clamped, const GuideSource& examples,
                      const GuideOptions& options);

}  // namespace swell
