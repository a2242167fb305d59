#include "swell/learn/moments.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/engine/matrix_product.h"
#include "swell/learn/fokker_planck.h"

namespace swell {

void Moments::merge(const Moments& other) {
  count += other.count;
  images += other.images;
  for (size_t k = 0; k < xx.size(); ++k) xx[k] += other.xx[k];
  for (size_t k = 0; k < yx.size(); ++k) yx[k] += other.yx[k];
  for (size_t k = 0; k < x.size(); ++k) x[k] += other.x[k];
  for (size_t k = 0; k < y.size(); ++k) y[k] += other.y[k];
}

namespace {

constexpr double kRankTolerance = 1e-10;  // singular values below this share of the largest are dropped
constexpr int64_t kImagesPerBlock = 64;

// Units with the same potential, mobility, drive schedule and pattern range share one table.
struct UnitClass {
  OneUnitTable table;
  // Values at the table's patterns: shares of the time functions in <x'> and <y>, and time sums.
  Eigen::MatrixXd mean_shares, target_shares;  // [patterns][rank]
  Eigen::VectorXd square_sum;                  // [patterns] sum over steps of w <x'^2>
};

struct Reduction {
  std::vector<UnitClass> classes;
  std::vector<int> class_of_unit;
  Eigen::VectorXd time_sum;  // [rank] sum over steps of sqrt(w) tau_r
  int rank = 0;
  double truncation = 0;
  double weight_sum = 0;
};

using Table = Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;

Table as_matrix(const OneUnitTable& table, const std::vector<double>& values) {
  return Table(values.data(), table.steps, static_cast<Eigen::Index>(table.patterns.size()));
}

std::vector<UnitClass> solve_classes(const Computer& computer, const Protocol& noising, const Patterns& patterns,
                                     const MomentOptions& options, std::vector<int>& class_of_unit) {
  std::vector<UnitClass> classes;
  std::map<std::tuple<int, double, double, double, double>, int> known;
  const int64_t n = computer.units();
  std::vector<double> low(computer.groups.size(), INFINITY), high(computer.groups.size(), -INFINITY);
  for (int64_t row = 0; row < patterns.rows; ++row) {
    for (int64_t i = 0; i < n; ++i) {
      const int g = group_of_unit(computer, i);
      low[g] = std::min(low[g], patterns.values[row * n + i]);
      high[g] = std::max(high[g], patterns.values[row * n + i]);
    }
  }
  for (int64_t i = 0; i < n; ++i) {
    const int g = group_of_unit(computer, i);
    const std::tuple key(g, computer.J2[i], computer.J3[i], computer.J4[i], computer.mobility[i]);
    const auto [entry, fresh] = known.emplace(key, static_cast<int>(classes.size()));
    if (fresh) {
      const FokkerPlanckOptions fp{options.fokker_planck_patterns, options.fokker_planck_cells, options.dt,
                                   options.threads};
      classes.push_back({solve_fokker_planck({computer.J2[i], computer.J3[i], computer.J4[i], computer.mobility[i]},
                                             noising, g, low[g], high[g], fp),
                         {},
                         {},
                         {}});
    }
    class_of_unit[i] = entry->second;
  }
  return classes;
}

// Finds the few time functions tau_r (orthonormal) that all tables are made of: <x'> = sum_r mean_share_r tau_r.
Reduction reduce(std::vector<UnitClass> classes, std::vector<int> class_of_unit) {
  Reduction reduction;
  const std::vector<double>& weight = classes.front().table.weight;
  const Eigen::VectorXd root = Eigen::Map<const Eigen::VectorXd>(weight.data(), weight.size()).cwiseSqrt();
  Eigen::Index columns = 0;
  for (const UnitClass& unit : classes) columns += 2 * static_cast<Eigen::Index>(unit.table.patterns.size());
  Eigen::MatrixXd all(root.size(), columns);
  Eigen::Index at = 0;
  for (const UnitClass& unit : classes) {
    const auto width = static_cast<Eigen::Index>(unit.table.patterns.size());
    all.middleCols(at, width) = root.asDiagonal() * as_matrix(unit.table, unit.table.mean);
    all.middleCols(at + width, width) = root.asDiagonal() * as_matrix(unit.table, unit.table.target);
    at += 2 * width;
  }
  const Eigen::BDCSVD<Eigen::MatrixXd> svd(all, Eigen::ComputeThinU | Eigen::ComputeThinV);
  const Eigen::VectorXd& singular = svd.singularValues();
  while (reduction.rank < singular.size() && singular[reduction.rank] > kRankTolerance * singular[0]) ++reduction.rank;
  reduction.rank = std::max(reduction.rank, 1);
  const Eigen::MatrixXd tau = svd.matrixU().leftCols(reduction.rank);
  const Eigen::MatrixXd shares = tau.transpose() * all;
  reduction.truncation = (all - tau * shares).cwiseAbs().maxCoeff();
  at = 0;
  for (UnitClass& unit : classes) {
    const auto width = static_cast<Eigen::Index>(unit.table.patterns.size());
    unit.mean_shares = shares.middleCols(at, width).transpose();
    unit.target_shares = shares.middleCols(at + width, width).transpose();
    unit.square_sum = as_matrix(unit.table, unit.table.square).transpose() * root.cwiseAbs2();
    at += 2 * width;
  }
  reduction.time_sum = tau.transpose() * root;
  reduction.weight_sum = root.squaredNorm();
  reduction.classes = std::move(classes);
  reduction.class_of_unit = std::move(class_of_unit);
  return reduction;
}

// Shares of a block of images: rows (image, r), columns units; and the sums that need no products.
struct Block {
  std::vector<double> mean, target, mean_transposed, target_transposed;
  std::vector<double> square;  // [units] summed over the block's images
};

void fill_image(const Reduction& reduction, std::span<const double> pattern, int64_t first_row, int64_t rows,
                Block& block) {
  const int64_t n = static_cast<int64_t>(pattern.size());
  double last = NAN;
  int last_class = -1;
  Eigen::RowVectorXd mean, target;
  double square = 0;
  for (int64_t i = 0; i < n; ++i) {
    const int number = reduction.class_of_unit[i];
    if (pattern[i] != last || number != last_class) {
      const UnitClass& unit = reduction.classes[number];
      const std::vector<double> w = interpolation_weights(unit.table.patterns, pattern[i]);
      const Eigen::Map<const Eigen::RowVectorXd> weights(w.data(), w.size());
      mean = weights * unit.mean_shares;
      target = weights * unit.target_shares;
      square = weights.dot(unit.square_sum.transpose());
      last = pattern[i];
      last_class = number;
    }
    for (int r = 0; r < reduction.rank; ++r) {
      block.mean[(first_row + r) * n + i] = mean[r];
      block.mean_transposed[i * rows + first_row + r] = mean[r];
      block.target_transposed[i * rows + first_row + r] = target[r];
    }
    block.square[i] += square;
  }
}

void add_block(const Reduction& reduction, const Block& block, int64_t images, int threads, Moments& moments) {
  const int64_t n = moments.units, rows = images * reduction.rank;
  add_product(n, n, rows, block.mean_transposed.data(), rows, block.mean.data(), n, moments.xx.data(), n, threads);
  add_product(n, n, rows, block.target_transposed.data(), rows, block.mean.data(), n, moments.yx.data(), n, threads);
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t row = 0; row < rows; ++row) {
      const double time_sum = reduction.time_sum[row % reduction.rank];
      moments.x[i] += time_sum * block.mean_transposed[i * rows + row];
      moments.y[i] += time_sum * block.target_transposed[i * rows + row];
    }
  }
}

}  // namespace

Moments exact_moments(const Computer& computer, const Protocol& noising, const Patterns& patterns,
                      const MomentOptions& options, MomentAccuracy* accuracy) {
  const int64_t n = computer.units();
  if (patterns.rows < 1) throw InputError("exact training needs at least one image; none was given");
  std::vector<int> class_of_unit(n);
  std::vector<UnitClass> classes = solve_classes(computer, noising, patterns, options, class_of_unit);
  const Reduction reduction = reduce(std::move(classes), std::move(class_of_unit));
  if (accuracy) *accuracy = {reduction.rank, reduction.truncation};
  Moments moments(n);
  std::vector<double> squares(n, 0.0);
  for (int64_t first = 0; first < patterns.rows; first += kImagesPerBlock) {
    const int64_t images = std::min(kImagesPerBlock, patterns.rows - first), rows = images * reduction.rank;
    Block block;
    for (auto* values : {&block.mean, &block.mean_transposed, &block.target_transposed}) values->resize(rows * n);
    block.square.assign(n, 0.0);
    for (int64_t image = 0; image < images; ++image) {
      const std::span<const double> pattern(patterns.values.data() + (first + image) * n, n);
      fill_image(reduction, pattern, image * reduction.rank, rows, block);
    }
    add_block(reduction, block, images, options.threads, moments);
    for (int64_t i = 0; i < n; ++i) squares[i] += block.square[i];
    moments.images += images;
    moments.count += static_cast<double>(images) * reduction.weight_sum;
    if (options.progress && !options.progress(moments.images, patterns.rows)) {
      throw Interrupted("training was interrupted while summing moments; nothing was kept");
    }
  }
  for (int64_t i = 0; i < n; ++i) moments.xx[i * n + i] = squares[i];
  return moments;
}

}  // namespace swell
