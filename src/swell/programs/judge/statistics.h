#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "swell/ledger/statistics.h"

namespace swell::judge {

// Two sets of points held against each other: those that are judged, and those of the data. Points are rows of
// `width` numbers in f32.
struct Points {
  std::span<const float> values;  // [count][width]
  int64_t width = 0;

  int64_t count() const { return width == 0 ? 0 : static_cast<int64_t>(values.size()) / width; }
  Points first(int64_t most) const;
};

// How standard errors are found: the judged points are drawn again, with replacement, `resamples` times (bootstrap;
// B. Efron, Ann. Statist. 7, 1 (1979)); the points of the data stay as they are.
struct Bootstrap {
  int64_t resamples = 100;
  uint64_t seed = 1;
  int threads = 1;
  std::function<bool()> go_on = {};  // asked now and then, from any thread; false ends the work with Interrupted
};

// How often each of `count` points is in a resample. [count]
std::vector<float> resampled(int64_t count, uint64_t seed, int64_t resample);

// ---- Frechet distance ----

struct MeanAndCovariance {
  std::vector<double> mean;        // [width]
  std::vector<double> covariance;  // [width][width], over count - 1
  int64_t count = 0;
};
// weights: how often each point counts; empty for once. Throws InputError for fewer than two points.
MeanAndCovariance mean_and_covariance(const Points& points, std::span<const float> weights = {});

// |m1 - m2|^2 + Tr(S1 + S2 - 2 (S1^1/2 S2 S1^1/2)^1/2): the square of the Wasserstein distance of two normal laws with
// these moments (D. C. Dowson, B. V. Landau, J. Multivariate Anal. 12, 450 (1982), eq. 4; for images M. Heusel et al.,
// NeurIPS 2017, arXiv:1706.08500, eq. 6). A covariance from few points makes it too large.
double frechet_distance(const MeanAndCovariance& a, const MeanAndCovariance& b);
Estimate frechet_distance(const Points& judged, const MeanAndCovariance& data, const Bootstrap& bootstrap);

// ---- kernel distance ----

// The square of the maximum mean discrepancy for k(x, y) = (x.y / width + 1)^3, without bias: the mean of k over pairs
// of different judged points, plus that over pairs of the data, minus twice that over mixed pairs (M. Binkowski et al.,
// ICLR 2018, arXiv:1801.01401, section 4; A. Gretton et al., J. Mach. Learn. Res. 13, 723 (2012), eq. 3). Around 0, and
// negative as often as positive, where both have one law. There the bootstrap makes its error too large, by up to a
// factor 3^1/2: the pairs then have no linear part, and resampling adds one.
Estimate kernel_distance(const Points& judged, const Points& data, const Bootstrap& bootstrap);

// ---- precision and recall ----

// T. Kynkaanniemi et al., NeurIPS 2019, arXiv:1904.06991, eq. 1 and 2. Balls around the points of a set, each as large
// as the distance to its k-th nearest other point, stand for the region in which the set lies. Precision: the share of
// judged points that lie in the region of the data. Recall: the share of points of the data in the region of the
// judged. Errors are those of a share, with the regions held fixed.
struct Coverage {
  Estimate precision, recall;
};
constexpr int kNeighbours = 3;
Coverage coverage(const Points& judged, const Points& data, int neighbours, int threads,
                  const std::function<bool()>& go_on = {});

// ---- nearest points ----

struct Nearest {
  std::vector<double> distance;  // [judged] to the nearest point of the data
  std::vector<double> second;    // [judged] to the next one
  std::vector<int64_t> index;    // [judged] which is the nearest
};
// With `same`, judged point i is point i of the data, and is left out there.
Nearest nearest(const Points& judged, const Points& data, bool same, int threads,
                const std::function<bool()>& go_on = {});

// A share of `count` with its error.
Estimate share(int64_t of, int64_t count);

}  // namespace swell::judge
