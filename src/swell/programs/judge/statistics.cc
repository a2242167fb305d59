#include "swell/programs/judge/statistics.h"

#include <fmt/format.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>

#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/kernels/dispatch.h"
#include "swell/random/sequence.h"
#include "swell/random/streams.h"

namespace swell::judge {

namespace {

using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr int64_t kBlock = 192;  // rows of judged points that are multiplied together

void ask(const std::function<bool()>& go_on) {
  if (go_on && !go_on()) throw Interrupted("judging was interrupted; nothing was written");
}

RowMatrix square_root(const RowMatrix& covariance) {
  const Eigen::SelfAdjointEigenSolver<RowMatrix> solver(covariance);
  const Eigen::VectorXd roots = solver.eigenvalues().cwiseMax(0.0).cwiseSqrt();
  return solver.eigenvectors() * roots.asDiagonal() * solver.eigenvectors().transpose();
}

RowMatrix as_matrix(const MeanAndCovariance& moments) {
  const auto n = static_cast<Eigen::Index>(moments.mean.size());
  return Eigen::Map<const RowMatrix>(moments.covariance.data(), n, n);
}

// The distance with the square root of b's covariance at hand.
double distance_from_root(const MeanAndCovariance& a, const MeanAndCovariance& b, const RowMatrix& root) {
  double distance = 0;
  for (size_t i = 0; i < a.mean.size(); ++i) distance += (a.mean[i] - b.mean[i]) * (a.mean[i] - b.mean[i]);
  const RowMatrix first = as_matrix(a), second = as_matrix(b);
  const Eigen::SelfAdjointEigenSolver<RowMatrix> solver(root * first * root, Eigen::EigenvaluesOnly);
  return distance + first.trace() + second.trace() - 2 * solver.eigenvalues().cwiseMax(0.0).cwiseSqrt().sum();
}

// Standard deviation of what was found in resamples, as the error of a value.
Estimate with_spread(double value, const std::vector<double>& found, int64_t count) {
  const Estimate spread = estimate(found);
  return {value, spread.stderr_of_mean * std::sqrt(static_cast<double>(found.size())), count};
}

std::vector<float> transposed(const Points& points) {
  const int64_t n = points.count();
  std::vector<float> columns(points.values.size());
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t k = 0; k < points.width; ++k) columns[k * n + i] = points.values[i * points.width + k];
  }
  return columns;
}

// x.y of rows [first, first + rows) of a with all of b, whose transpose is `columns`. [rows][count of b]
void products(const Points& a, int64_t first, int64_t rows, const std::vector<float>& columns, int64_t count,
              std::vector<float>& out) {
  out.assign(rows * count, 0.0f);
  cpu::kernels().multiply_f32(rows, count, a.width, a.values.data() + first * a.width, a.width, 1, columns.data(),
                              count, out.data(), count);
}

std::vector<double> squares_of(const Points& points) {
  std::vector<double> squares(points.count());
  for (int64_t i = 0; i < points.count(); ++i) {
    for (int64_t k = 0; k < points.width; ++k) {
      const double x = points.values[i * points.width + k];
      squares[i] += x * x;
    }
  }
  return squares;
}

double exact_distance(const float* a, const float* b, int64_t width) {
  double sum = 0;
  for (int64_t k = 0; k < width; ++k) {
    const double step = static_cast<double>(a[k]) - static_cast<double>(b[k]);
    sum += step * step;
  }
  return std::sqrt(sum);
}

// Calls use(i, products of point i of a with all of b), from several threads.
void for_each_row(const Points& a, const Points& b, int threads, const std::function<bool()>& go_on,
                  const std::function<void(int64_t, const float*)>& use) {
  const std::vector<float> columns = transposed(b);
  const int64_t count = b.count();
  parallel_for((a.count() + kBlock - 1) / kBlock, threads, [&](int64_t block) {
    ask(go_on);
    const int64_t first = block * kBlock, rows = std::min(kBlock, a.count() - first);
    std::vector<float> row_products;
    products(a, first, rows, columns, count, row_products);
    for (int64_t i = 0; i < rows; ++i) use(first + i, row_products.data() + i * count);
  });
}

// For each resample (column of `left`, with all ones first): sums of left_i right_j k_ij over i and j; where a and b
// are the same points, over i != j. left: [a][columns], right: [b][columns].
std::vector<double> kernel_sums(const Points& a, const Points& b, bool same, const std::vector<float>& left,
                                const std::vector<float>& right, int64_t resamples, const Bootstrap& bootstrap) {
  const std::vector<float> columns = transposed(b);
  const int64_t count = b.count(), blocks = (a.count() + kBlock - 1) / kBlock;
  std::vector<double> parts(blocks * resamples);  // added up in one order, whatever the threads
  parallel_for(blocks, bootstrap.threads, [&](int64_t block) {
    ask(bootstrap.go_on);
    const int64_t first = block * kBlock, rows = std::min(kBlock, a.count() - first);
    std::vector<float> kernel;
    products(a, first, rows, columns, count, kernel);
    const float over_width = 1 / static_cast<float>(a.width);
    for (float& value : kernel) {
      const float root = value * over_width + 1;
      value = root * root * root;
    }
    if (same) {
      for (int64_t i = 0; i < rows; ++i) kernel[i * count + first + i] = 0;
    }
    std::vector<float> sums(rows * resamples, 0.0f);
    cpu::kernels().multiply_f32(rows, resamples, count, kernel.data(), count, 1, right.data(), resamples, sums.data(),
                                resamples);
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t r = 0; r < resamples; ++r) {
        parts[block * resamples + r] +=
            static_cast<double>(left[(first + i) * resamples + r]) * static_cast<double>(sums[i * resamples + r]);
      }
    }
  });
  std::vector<double> result(resamples);
  for (int64_t block = 0; block < blocks; ++block) {
    for (int64_t r = 0; r < resamples; ++r) result[r] += parts[block * resamples + r];
  }
  return result;
}

// Squares of the distances from each point of a set to its k-th nearest other point.
std::vector<double> radii(const Points& points, const std::vector<double>& squares, int neighbours, int threads,
                          const std::function<bool()>& go_on) {
  std::vector<double> result(points.count());
  for_each_row(points, points, threads, go_on, [&](int64_t i, const float* dot) {
    std::vector<double> nearest(neighbours, std::numeric_limits<double>::infinity());
    for (int64_t j = 0; j < points.count(); ++j) {
      const double distance = squares[i] + squares[j] - 2 * static_cast<double>(dot[j]);
      if (j == i || !(distance < nearest.back())) continue;
      nearest.back() = distance;
      for (int k = neighbours - 1; k > 0 && nearest[k] < nearest[k - 1]; --k) std::swap(nearest[k], nearest[k - 1]);
    }
    result[i] = nearest.back();
  });
  return result;
}

}  // namespace

Points Points::first(int64_t most) const { return {values.first(std::min(most, count()) * width), width}; }

std::vector<float> resampled(int64_t count, uint64_t seed, int64_t resample) {
  std::vector<float> times(count, 0.0f);
  Sequence draws({seed, stream::kBootstrap}, static_cast<uint64_t>(resample));
  for (int64_t k = 0; k < count; ++k) times[draws.below(count)] += 1;
  return times;
}

MeanAndCovariance mean_and_covariance(const Points& points, std::span<const float> weights) {
  const int64_t n = points.count(), width = points.width;
  if (n < 2) throw InputError(fmt::format("{} images have no spread; at least 2 are needed", n));
  MeanAndCovariance moments;
  moments.count = n;
  moments.mean.assign(width, 0.0);
  double total = 0;
  for (int64_t i = 0; i < n; ++i) {
    const double weight = weights.empty() ? 1 : static_cast<double>(weights[i]);
    total += weight;
    for (int64_t k = 0; k < width; ++k) moments.mean[k] += weight * static_cast<double>(points.values[i * width + k]);
  }
  for (double& mean : moments.mean) mean /= total;
  std::vector<double> centred(n * width);  // times the root of the weight
  for (int64_t i = 0; i < n; ++i) {
    const double root = weights.empty() ? 1 : std::sqrt(static_cast<double>(weights[i]));
    for (int64_t k = 0; k < width; ++k)
      centred[i * width + k] = root * (static_cast<double>(points.values[i * width + k]) - moments.mean[k]);
  }
  moments.covariance.assign(width * width, 0.0);
  cpu::kernels().multiply(width, width, n, centred.data(), 1, width, centred.data(), width, moments.covariance.data(),
                          width);
  for (double& value : moments.covariance) value /= total - 1;
  return moments;
}

double frechet_distance(const MeanAndCovariance& a, const MeanAndCovariance& b) {
  return distance_from_root(a, b, square_root(as_matrix(b)));
}

Estimate frechet_distance(const Points& judged, const MeanAndCovariance& data, const Bootstrap& bootstrap) {
  const RowMatrix root = square_root(as_matrix(data));
  std::vector<double> found(bootstrap.resamples);
  parallel_for(bootstrap.resamples, bootstrap.threads, [&](int64_t r) {
    ask(bootstrap.go_on);
    found[r] =
        distance_from_root(mean_and_covariance(judged, resampled(judged.count(), bootstrap.seed, r)), data, root);
  });
  return with_spread(distance_from_root(mean_and_covariance(judged), data, root), found, judged.count());
}

Estimate kernel_distance(const Points& judged, const Points& data, const Bootstrap& bootstrap) {
  const int64_t n = judged.count(), m = data.count(), columns = bootstrap.resamples + 1;
  if (n < 2 || m < 2) throw InputError(fmt::format("{} images have no pairs; at least 2 are needed", std::min(n, m)));
  std::vector<float> weights(n * columns, 1.0f);  // the first column is no resample
  for (int64_t r = 1; r < columns; ++r) {
    const std::vector<float> times = resampled(n, bootstrap.seed, r - 1);
    for (int64_t i = 0; i < n; ++i) weights[i * columns + r] = times[i];
  }
  const std::vector<float> ones(m * columns, 1.0f), once(m, 1.0f);
  const std::vector<double> among = kernel_sums(judged, judged, true, weights, weights, columns, bootstrap);
  const std::vector<double> mixed = kernel_sums(judged, data, false, weights, ones, columns, bootstrap);
  const double of_data = kernel_sums(data, data, true, once, once, 1, bootstrap)[0];
  std::vector<double> found;
  for (int64_t r = 0; r < columns; ++r) {
    double total = 0, squares = 0;
    for (int64_t i = 0; i < n; ++i) {
      const double weight = weights[i * columns + r];
      total += weight;
      squares += weight * weight;
    }
    const double data_count = static_cast<double>(m);
    found.push_back(among[r] / (total * total - squares) + of_data / (data_count * (data_count - 1)) -
                    2 * mixed[r] / (total * data_count));
  }
  const double value = found.front();
  found.erase(found.begin());
  return with_spread(value, found, n);
}

Coverage coverage(const Points& judged, const Points& data, int neighbours, int threads,
                  const std::function<bool()>& go_on) {
  const int64_t n = judged.count(), m = data.count();
  if (std::min(n, m) <= neighbours) return {};
  const std::vector<double> squares = squares_of(judged), data_squares = squares_of(data);
  const std::vector<double> judged_radii = radii(judged, squares, neighbours, threads, go_on),
                            data_radii = radii(data, data_squares, neighbours, threads, go_on);
  std::vector<uint8_t> precise(n, 0), recalled(m, 0);
  std::mutex mutex;
  for_each_row(judged, data, threads, go_on, [&](int64_t i, const float* dot) {
    std::vector<int64_t> reached;
    for (int64_t j = 0; j < m; ++j) {
      const double distance = squares[i] + data_squares[j] - 2 * static_cast<double>(dot[j]);
      if (distance <= data_radii[j]) precise[i] = 1;
      if (distance <= judged_radii[i]) reached.push_back(j);
    }
    const std::lock_guard lock(mutex);
    for (const int64_t j : reached) recalled[j] = 1;
  });
  return {share(std::ranges::count(precise, 1), n), share(std::ranges::count(recalled, 1), m)};
}

Nearest nearest(const Points& judged, const Points& data, bool same, int threads, const std::function<bool()>& go_on) {
  constexpr int64_t kPart = 8192;  // points of the data that are compared together
  const int64_t n = judged.count(), m = data.count(), width = judged.width;
  constexpr double kFar = std::numeric_limits<double>::infinity();
  struct Pair {
    double near = kFar, next = kFar;
    int64_t index = -1, next_index = -1;
  };
  std::vector<Pair> pairs(n);
  const std::vector<double> squares = squares_of(judged), data_squares = squares_of(data);
  for (int64_t first = 0; first < m; first += kPart) {
    const int64_t part = std::min(kPart, m - first);
    for_each_row(judged, {data.values.subspan(first * width, part * width), width}, threads, go_on,
                 [&](int64_t i, const float* dot) {
                   Pair& pair = pairs[i];
                   for (int64_t j = 0; j < part; ++j) {
                     const double distance = squares[i] + data_squares[first + j] - 2 * static_cast<double>(dot[j]);
                     if (distance >= pair.next || (same && first + j == i)) continue;
                     if (distance < pair.near) {
                       pair = {distance, pair.near, first + j, pair.index};
                     } else {
                       pair.next = distance;
                       pair.next_index = first + j;
                     }
                   }
                 });
  }
  // Small distances again: single precision rounds them away against the squares.
  Nearest result;
  for (int64_t i = 0; i < n; ++i) {
    const auto distance_to = [&](int64_t j) {
      return j < 0 ? kFar : exact_distance(judged.values.data() + i * width, data.values.data() + j * width, width);
    };
    double near = distance_to(pairs[i].index), next = distance_to(pairs[i].next_index);
    if (next < near) {
      std::swap(near, next);
      std::swap(pairs[i].index, pairs[i].next_index);
    }
    result.distance.push_back(near);
    result.second.push_back(next);
    result.index.push_back(pairs[i].index);
  }
  return result;
}

Estimate share(int64_t of, int64_t count) {
  if (count == 0) return {};
  const double p = static_cast<double>(of) / static_cast<double>(count);
  return {p, count > 1 ? std::sqrt(p * (1 - p) / static_cast<double>(count - 1)) : 0.0, count};
}

}  // namespace swell::judge
