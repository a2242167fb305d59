#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "swell/engine/run.h"
#include "swell/learn/learned_protocol.h"
#include "swell/model/computer.h"

namespace swell {

class Ranks;  // base/ranks.h

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
  // [units] Units of one kind have the same potential, mobility and drive in every image, and so the same moments:
  // exchanging two of them changes nothing. Empty: nothing is known of that.
  std::vector<int32_t> kind;

  void merge(const Moments& other);
};

// Images as drive patterns, in portions. fill writes rows [first, first + rows), [rows][units]; it is called from
// several threads, more than once for each row, and gives the same values each time.
struct PatternSource {
  int64_t rows = 0;
  std::function<void(int64_t first, int64_t rows, double* out)> fill;
};

struct MomentOptions {
  double dt = 1e-3;
  int threads = 1;
  Ranks* ranks = nullptr;           // that share the sums, and call this alike; null for this process alone
  int fokker_planck_patterns = 32;  // a multiple of kDensityColumns leaves no column idle
  int fokker_planck_cells = 600;
  ProgressCallback table_progress;  // of the Fokker-Planck tables, one at a time
  ProgressCallback progress;        // images
};

// What became of the sums over steps, and what it took.
struct MomentReport {
  int rank = 0;           // time functions kept
  double truncation = 0;  // largest error of <x'_i x'_j> or <y_i x'_j>, per step, over all pairs of tabled patterns
  int64_t kinds = 0;      // of units
  double multiply_adds = 0;
  double tables_s = 0, sums_s = 0;  // wall time
};

// The moments without any simulated trajectory: in an uncoupled noising process units are independent given the image,
// so products of different units are products of one-unit means m_i(t), from Fokker-Planck tables. With time functions
// tau_k, orthonormal over the steps, whose span holds every m,
//   sum_t m_i m_j = sum_k a_ik a_jk,  sum_t y_i m_j = sum_k b_ik a_jk,  a_ik = sum_t m_i tau_k,  b_ik = sum_t y_i
//   tau_k:
// what y has outside the span drops out. A few tau_k are enough, whatever the number of steps, and units of one kind
// are summed once, so that K images cost 3/2 rank K kinds^2 multiply-adds. Memory does not grow with the images.
// Throws InputError where the protocol is not uncoupled, Interrupted.
Moments exact_moments(const Computer& computer, const LearnedProtocol& noising, const PatternSource& images,
                      const MomentOptions& options, MomentReport* report = nullptr);

// The same for patterns in memory, one row per image.
Moments exact_moments(const Computer& computer, const LearnedProtocol& noising, const Patterns& patterns,
                      const MomentOptions& options, MomentReport* report = nullptr);

}  // namespace swell
