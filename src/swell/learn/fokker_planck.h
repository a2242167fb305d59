#pragma once

#include <functional>
#include <vector>

#include "swell/engine/run.h"
#include "swell/learn/learned_protocol.h"

namespace swell {

// The law of one uncoupled unit, dx = -mu V'(x) dt + mu A(t) p dt + sqrt(2 mu kT) dW from x = 0, through a protocol,
// for a grid of drive patterns p, from the Fokker-Planck equation
//   d rho/dt = mu d/dx [ (V'(x) - A(t) p) rho ] + mu kT d^2 rho/dx^2.
// Finite volumes with exponentially fitted rates that keep detailed balance exactly (square-root approximation), second
// order in space; Crank-Nicolson in time, started by implicit Euler steps.

struct OneUnitParameters {
  double J2 = 0, J3 = 0, J4 = 0, mobility = 1;
};

// Moments at the times of the learned steps. Row k belongs to the end of the k-th learned step; columns are patterns.
struct OneUnitTable {
  std::vector<double> patterns;  // ascending; Chebyshev points in [low, high] unless others were asked for
  int64_t steps = 0;             // learned steps
  std::vector<double> mean;      // [steps][patterns] <x'>
  std::vector<double> square;    // [steps][patterns] <x'^2>
  std::vector<double> target;    // [steps][patterns] <y>: mean over one step of dx/(mu dt) - V'(x')
  std::vector<double> weight;    // [steps] 1/kT of the step, relative to the first learned step
};

struct FokkerPlanckOptions {
  int patterns = 33;
  int cells = 600;
  double dt = 1e-3;
  int threads = 1;
  ProgressCallback progress = {};  // a share of 1; where it stops the work, Interrupted is thrown
};

// group: whose drive schedule applies. low <= high: the range of the patterns (equal: one column). Throws InputError
// where kT is 0, a learned segment is coupled or clamped, or nothing is learned; Interrupted.
OneUnitTable solve_fokker_planck(const OneUnitParameters& unit, const LearnedProtocol& protocol, int group, double low,
                                 double high, const FokkerPlanckOptions& options);

// The same for patterns of the caller's choice, at least one.
OneUnitTable solve_fokker_planck(const OneUnitParameters& unit, const LearnedProtocol& protocol, int group,
                                 std::vector<double> patterns, const FokkerPlanckOptions& options);

// Weights w with value(p) = sum_c w_c value(patterns_c): barycentric interpolation at Chebyshev points.
std::vector<double> interpolation_weights(const std::vector<double>& patterns, double pattern);

}  // namespace swell
