#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "swell/engine/run.h"
#include "swell/model/computer.h"
#include "swell/model/protocol.h"

namespace swell {

// What exact training needs to know of the noising process: sums over images and learned steps of products of the state
// x' after a step and the target y_i = dx_i/(mu_i dt) - V'_i(x'_i). Sums merge, so data may come in any portions.
struct Moments {
  explicit Moments(int64_t units)
      : units(units), xx(units * units, 0.0), yx(units * units, 0.0), x(units, 0.0), y(units, 0.0) {}

  int64_t units;
  double count = 0;        // sum of weights (1 per image and step where kT is constant)
  std::vector<double> xx;  // [units][units] sum of <x'_i x'_j>
  std::vector<double> yx;  // [units][units] sum of <y_i x'_j>, i != j; the diagonal is not used
  std::vector<double> x;   // [units] sum of <x'_i>
  std::vector<double> y;   // [units] sum of <y_i>
  int64_t images = 0;

  void merge(const Moments& other);
};

struct MomentOptions {
  double dt = 1e-3;
  int threads = 1;
  int fokker_planck_patterns = 33;
  int fokker_planck_cells = 600;
  ProgressCallback progress;  // images done, images
};

// How well the tables and their low-rank form represent the process, largest absolute deviations.
struct MomentAccuracy {
  int rank = 0;           // time functions kept
  double truncation = 0;  // of <x'> and <y> against the full table
};

// The moments without any simulated trajectory: in an uncoupled noising process units are independent given the image,
// so products of different units are products of one-unit means, from Fokker-Planck tables. Time functions are reduced
// to the few that the tables contain, so that the cost is a handful of matrix products, whatever the number of steps.
// patterns: one row per image, [rows][units]. Throws InputError where the protocol is not uncoupled.
Moments exact_moments(const Computer& computer, const Protocol& noising, const Patterns& patterns,
                      const MomentOptions& options, MomentAccuracy* accuracy = nullptr);

}  // namespace swell
