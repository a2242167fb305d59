#include "swell/learn/path_least_squares.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/engine/timeline.h"
#include "swell/kernels/matrix_product.h"
#include "swell/learn/unit_kinds.h"

namespace swell {

namespace {

constexpr int64_t kRowsPerTask = 32;

// The subspace that a design allows, and the operator on it. Units of one kind (learn/moments.h) in one group may be
// exchanged, and the minimum is one point, so that it has one coupling for each pair of kinds. A Parameters here is
// [kinds][kinds] and [kinds]; with n_a units of kind a, s the moments of two different units and S those of one,
//   (J S)_ab = sum_c J_ac n_c s_cb - J_aa s_ab + J_ab (S_b - s_bb):
// the second term takes out J_ii = 0, the third puts S_b where the sum has one unit twice. Products run over coupled
// groups only.
class NormalEquations {
 public:
  // ridge: share of the diagonal of J that is added to it.
  NormalEquations(const Computer& computer, const CouplingSet& set, const Moments& moments, int threads,
                  bool merge_kinds, double ridge = 0)
      : computer_(computer),
        moments_(moments),
        threads_(threads),
        ridge_(ridge),
        groups_(computer.groups.size()),
        biased_(set.biased),
        mask_(mask_of(set)),
        units_by_kind_(kinds_of(merge_kinds && mask_.empty())),
        kinds_(units_by_kind_.count()) {
    if (!keeps_books(computer))
      throw InputError("training needs forces with a potential and white noise of one kT, which this chip has not");
    coupled_.assign(groups_ * groups_, 0);
    for (const CouplingBlock& block : set.blocks) {
      coupled_[block.row_group * groups_ + block.column_group] = 1;
      coupled_[block.column_group * groups_ + block.row_group] = 1;
    }
    gather();
  }

  int64_t kinds() const { return kinds_; }
  Parameters zero() const { return {std::vector<double>(kinds_ * kinds_, 0.0), std::vector<double>(kinds_, 0.0)}; }

  // result = P(M W S).
  void apply(const Parameters& at, Parameters& result) const {
    std::fill(result.J.begin(), result.J.end(), 0.0);
    for (size_t g = 0; g < groups_; ++g) {
      for (size_t k = 0; k < groups_; ++k) {
        if (coupled_[g * groups_ + k]) multiply_into(at.J, g, k, result.J);
      }
    }
    for_rows([&](int64_t a) {
      double* row = result.J.data() + a * kinds_;
      const double own = at.J[a * kinds_ + a], bias = at.b[a];
      double sum = bias * moments_.count - own * x_[a];
      for_columns(a, [&](int64_t from, int64_t to) {
        for (int64_t b = from; b < to; ++b) {
          const double J = at.J[a * kinds_ + b];
          row[b] += J * excess_[b] - own * pair_[a * kinds_ + b] + bias * x_[b];
          sum += J * size_[b] * x_[b];
        }
      });
      result.b[a] = sum;
    });
    project(result);
    if (ridge_ == 0) return;
    for_rows([&](int64_t a) {
      for_columns(a, [&](int64_t from, int64_t to) {
        for (int64_t b = from; b < to; ++b) result.J[a * kinds_ + b] += ridge_ * diagonal(a, b) * at.J[a * kinds_ + b];
      });
    });
  }

  // P(M C).
  Parameters right_side() const {
    Parameters result = zero();
    for (int64_t a = 0; a < kinds_; ++a) {
      result.b[a] = moments_.y[first_[a]];
      for (int64_t b = 0; b < kinds_; ++b)
        result.J[a * kinds_ + b] = moments_.yx[first_[a] * units() + (a == b ? second_[a] : first_[b])];
    }
    project(result);
    return result;
  }

  // The residual over the operator's diagonal.
  void precondition(const Parameters& residual, Parameters& better) const {
    for_rows([&](int64_t a) {
      for_columns(a, [&](int64_t from, int64_t to) {
        for (int64_t b = from; b < to; ++b) {
          const double scale = (1 + ridge_) * diagonal(a, b);
          better.J[a * kinds_ + b] = scale > 0 ? residual.J[a * kinds_ + b] / scale : 0.0;
        }
      });
      better.b[a] = mobility_[a] > 0 ? residual.b[a] / (mobility_[a] * moments_.count) : 0.0;
    });
  }

  // Inner product over independent parameters: each pair of units once.
  double dot(const Parameters& u, const Parameters& v) const {
    std::vector<double> rows(kinds_);
    for_rows([&](int64_t a) {
      double sum = -u.J[a * kinds_ + a] * v.J[a * kinds_ + a];
      for_columns(a, [&](int64_t from, int64_t to) {
        for (int64_t b = from; b < to; ++b) sum += size_[b] * u.J[a * kinds_ + b] * v.J[a * kinds_ + b];
      });
      rows[a] = size_[a] * (0.5 * sum + u.b[a] * v.b[a]);
    });
    return std::accumulate(rows.begin(), rows.end(), 0.0);
  }

  // u = p u + q v.
  void combine(double p, Parameters& u, double q, const Parameters& v) const {
    for_rows([&](int64_t a) {
      for_columns(a, [&](int64_t from, int64_t to) {
        for (int64_t k = a * kinds_ + from; k < a * kinds_ + to; ++k) u.J[k] = p * u.J[k] + q * v.J[k];
      });
      u.b[a] = p * u.b[a] + q * v.b[a];
    });
  }

  // The full matrices of a point.
  Parameters for_units(const Parameters& at) const {
    const std::vector<int32_t>& kind = units_by_kind_.of_units();
    Parameters full{std::vector<double>(units() * units(), 0.0), std::vector<double>(units())};
    parallel_for(units(), threads_, [&](int64_t i) {
      for (int64_t j = 0; j < units(); ++j) full.J[i * units() + j] = i == j ? 0.0 : at.J[kind[i] * kinds_ + kind[j]];
      full.b[i] = at.b[kind[i]];
    });
    return full;
  }

 private:
  int64_t units() const { return computer_.units(); }
  // Of the operator, for the coupling of a pair of these kinds.
  double diagonal(int64_t a, int64_t b) const { return mobility_[a] * square_[b] + mobility_[b] * square_[a]; }

  UnitKinds kinds_of(bool merge) const {
    UnitKinds kinds(units());
    std::vector<int32_t> group(units()), own(units());
    std::iota(own.begin(), own.end(), 0);
    for (size_t g = 0; g < groups_; ++g) {
      const Group& members = computer_.groups[g];
      std::fill_n(group.begin() + members.first, members.size, static_cast<int32_t>(g));
    }
    const bool known = merge && !moments_.kind.empty();
    kinds.part_by(std::span<const int32_t>(group));
    kinds.part_by(std::span<const double>(computer_.mobility));
    kinds.part_by(std::span<const int32_t>(known ? moments_.kind : own));
    return kinds;
  }

  // Reads what the operator needs off the moments.
  void gather() {
    first_ = units_by_kind_.first_units();
    second_ = first_;
    size_.assign(kinds_, 0.0);
    const std::vector<int32_t>& kind = units_by_kind_.of_units();
    for (int64_t i = 0; i < units(); ++i) {
      size_[kind[i]] += 1;
      if (second_[kind[i]] == first_[kind[i]]) second_[kind[i]] = i;
    }
    group_of_kind_.resize(kinds_);
    first_of_group_.assign(groups_ + 1, kinds_);
    for (int64_t a = kinds_ - 1; a >= 0; --a) {
      group_of_kind_[a] = group_of_unit(computer_, first_[a]);
      first_of_group_[group_of_kind_[a]] = a;
    }
    pair_.resize(kinds_ * kinds_);
    weighted_.resize(kinds_ * kinds_);
    for (auto* values : {&excess_, &square_, &x_, &mobility_}) values->resize(kinds_);
    for (int64_t a = 0; a < kinds_; ++a) {
      const double* row = moments_.xx.data() + first_[a] * units();
      for (int64_t b = 0; b < kinds_; ++b) {
        pair_[a * kinds_ + b] = row[a == b ? second_[a] : first_[b]];
        weighted_[a * kinds_ + b] = size_[a] * pair_[a * kinds_ + b];
      }
      square_[a] = row[first_[a]];
      excess_[a] = square_[a] - pair_[a * kinds_ + a];
      x_[a] = moments_.x[first_[a]];
      mobility_[a] = computer_.mobility[first_[a]];
    }
  }

  template <typename Task>
  void for_rows(const Task& task) const {
    parallel_for((kinds_ + kRowsPerTask - 1) / kRowsPerTask, threads_, [&](int64_t piece) {
      const int64_t end = std::min(kinds_, (piece + 1) * kRowsPerTask);
      for (int64_t a = piece * kRowsPerTask; a < end; ++a) task(a);
    });
  }

  // Stretches of columns in which row a may have couplings.
  template <typename Task>
  void for_columns(int64_t a, const Task& task) const {
    for (size_t q = 0; q < groups_; ++q) {
      if (coupled_[group_of_kind_[a] * groups_ + q]) task(first_of_group_[q], first_of_group_[q + 1]);
    }
  }

  void multiply_into(const std::vector<double>& J, size_t g, size_t k, std::vector<double>& product) const {
    const int64_t row = first_of_group_[g], rows = first_of_group_[g + 1] - row;
    const int64_t inner = first_of_group_[k], depth = first_of_group_[k + 1] - inner;
    for (size_t q = 0; q < groups_; ++q) {
      if (!coupled_[g * groups_ + q]) continue;
      const int64_t column = first_of_group_[q], columns = first_of_group_[q + 1] - column;
      add_product(rows, columns, depth, J.data() + row * kinds_ + inner, kinds_,
                  weighted_.data() + inner * kinds_ + column, kinds_, product.data() + row * kinds_ + column, kinds_,
                  threads_);
    }
  }

  std::vector<char> mask_of(const CouplingSet& set) const {
    bool sparse = false;
    for (const CouplingBlock& block : set.blocks)
      sparse = sparse || std::holds_alternative<SparseWeights>(block.weights);
    if (!sparse) return {};
    CouplingSet ones = set;
    for (CouplingBlock& block : ones.blocks) {
      std::visit([](auto& weights) { weights.values.assign(weights.values.size(), 1.0); }, block.weights);
    }
    const std::vector<double> matrix = dense_matrix(computer_, ones);
    std::vector<char> mask(matrix.size());
    for (size_t k = 0; k < mask.size(); ++k) mask[k] = matrix[k] != 0;
    return mask;
  }

  bool allowed(int64_t a, int64_t b) const {
    if (!coupled_[group_of_kind_[a] * groups_ + group_of_kind_[b]] || (a == b && size_[a] < 2)) return false;
    return mask_.empty() || mask_[a * kinds_ + b];  // with a mask, kinds are units
  }

  // Mobility weights, derivative by each pair (both orders), zero where the design has no parameter. In square tiles:
  // one of the two orders walks down the columns.
  void project(Parameters& at) const {
    constexpr int64_t kTile = 32;
    const int64_t tiles = (kinds_ + kTile - 1) / kTile;
    parallel_for(tiles, threads_, [&](int64_t tile) {
      const int64_t a0 = tile * kTile, a1 = std::min(kinds_, a0 + kTile);
      for (int64_t b0 = a0; b0 < kinds_; b0 += kTile) {
        const int64_t b1 = std::min(kinds_, b0 + kTile);
        for (int64_t a = a0; a < a1; ++a) {
          for (int64_t b = std::max(a, b0); b < b1; ++b) {
            double& upper = at.J[a * kinds_ + b];
            double& lower = at.J[b * kinds_ + a];
            upper = lower = allowed(a, b) ? mobility_[a] * upper + mobility_[b] * lower : 0.0;
          }
        }
      }
      for (int64_t a = a0; a < a1; ++a) at.b[a] = biased_[group_of_kind_[a]] ? mobility_[a] * at.b[a] : 0.0;
    });
  }

  const Computer& computer_;
  const Moments& moments_;
  int threads_;
  double ridge_;
  size_t groups_;
  std::vector<char> coupled_, biased_, mask_;
  UnitKinds units_by_kind_;
  int64_t kinds_;
  std::vector<int64_t> first_, second_;  // [kinds] two of a kind's units, the same where it has one
  std::vector<int64_t> first_of_group_;  // [groups + 1] kinds are sorted by group
  std::vector<int> group_of_kind_;       // [kinds]
  std::vector<double> size_;             // [kinds] n
  std::vector<double> pair_, weighted_;  // [kinds][kinds] s_ab and n_a s_ab
  std::vector<double> square_, excess_;  // [kinds] S_a and S_a - s_aa
  std::vector<double> x_, mobility_;     // [kinds]
};

}  // namespace

LeastSquaresResult fit_couplings(const Computer& computer, const Moments& moments, const LeastSquaresOptions& options,
                                 CouplingSet& set) {
  if (!(moments.count > 0) || moments.units != computer.units()) {
    throw InputError(
        "exact training got empty moments or moments of another computer; run the noising process of this design "
        "first");
  }
  if (!(options.factor > 0 && options.factor_variance >= 0)) {
    throw InputError(
        fmt::format("devices that make {:g} of a coupling on average, with a variance of {:g}, cannot be "
                    "trained for; a mean above 0 is needed",
                    options.factor, options.factor_variance));
  }
  const double ridge = options.factor_variance / (options.factor * options.factor);
  const NormalEquations equations(computer, set, moments, options.threads, true, ridge);
  const Parameters target = equations.right_side();
  const double scale = std::sqrt(equations.dot(target, target));
  Parameters solution = equations.zero(), better = solution, image = solution;
  LeastSquaresResult result;
  result.kinds = equations.kinds();
  Parameters residual = target;
  equations.precondition(residual, better);
  Parameters direction = better;
  double descent = equations.dot(residual, direction);
  const auto relative = [&](const Parameters& r) { return scale > 0 ? std::sqrt(equations.dot(r, r)) / scale : 0.0; };
  result.residuals.push_back(relative(residual));
  while (result.residuals.back() > options.tolerance && result.iterations < options.max_iterations) {
    equations.apply(direction, image);
    const double step = descent / equations.dot(direction, image);
    equations.combine(1, solution, step, direction);
    equations.combine(1, residual, -step, image);
    equations.precondition(residual, better);
    const double next = equations.dot(residual, better);
    equations.combine(next / descent, direction, 1, better);
    descent = next;
    ++result.iterations;
    result.residuals.push_back(relative(residual));
    result.interrupted =
        !tell(options.progress, {"", static_cast<double>(result.iterations),
                                 static_cast<double>(options.max_iterations), result.residuals.back()});
    if (result.interrupted) break;
  }
  residual = target;
  equations.apply(solution, image);
  equations.combine(1, residual, -1, image);
  result.residual = relative(residual);
  // What the iterations carry along goes on falling where rounding has long stopped the solution from getting better.
  result.converged = result.residual <= 1.01 * options.tolerance;
  Parameters full = equations.for_units(solution);
  for (double& J : full.J) J /= options.factor;
  assign_from_dense(computer, full.J, set);
  set.bias = full.b;
  return result;
}

Parameters loss_gradient(const Computer& computer, const CouplingSet& set, const Moments& moments, const Parameters& at,
                         int threads) {
  const NormalEquations equations(computer, set, moments, threads, false);
  Parameters gradient = equations.zero();
  equations.apply(at, gradient);
  const Parameters target = equations.right_side();
  for (size_t k = 0; k < gradient.J.size(); ++k) gradient.J[k] -= target.J[k];
  for (size_t k = 0; k < gradient.b.size(); ++k) gradient.b[k] -= target.b[k];
  return gradient;
}

}  // namespace swell
