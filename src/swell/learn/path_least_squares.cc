#include "swell/learn/path_least_squares.h"

#include <cmath>

#include "swell/base/errors.h"
#include "swell/engine/matrix_product.h"

namespace swell {

namespace {

// The subspace that a design allows, and the operator on it. Products run over coupled groups only.
class NormalEquations {
 public:
  NormalEquations(const Computer& computer, const CouplingSet& set, const Moments& moments, int threads)
      : computer_(computer),
        moments_(moments),
        threads_(threads),
        units_(computer.units()),
        groups_(computer.groups.size()) {
    coupled_.assign(groups_ * groups_, 0);
    for (const CouplingBlock& block : set.blocks) {
      coupled_[block.row_group * groups_ + block.column_group] = 1;
      coupled_[block.column_group * groups_ + block.row_group] = 1;
    }
    biased_ = set.biased;
    mask_ = mask_of(set);
  }

  // P(M W S).
  Parameters apply(const Parameters& at) const {
    std::vector<double> product(units_ * units_, 0.0);
    for (size_t g = 0; g < groups_; ++g) {
      for (size_t k = 0; k < groups_; ++k) {
        if (coupled_[g * groups_ + k]) multiply_into(at.J, g, k, product);
      }
    }
    Parameters result{std::move(product), std::vector<double>(units_, 0.0)};
    for (int64_t i = 0; i < units_; ++i) {
      double sum = at.b[i] * moments_.count;
      for (int64_t j = 0; j < units_; ++j) {
        sum += at.J[i * units_ + j] * moments_.x[j];
        result.J[i * units_ + j] += at.b[i] * moments_.x[j];
      }
      result.b[i] = sum;
    }
    project(result);
    return result;
  }

  // P(M C).
  Parameters right_side() const {
    Parameters result{moments_.yx, moments_.y};
    project(result);
    return result;
  }

  // The operator's diagonal, for the preconditioner.
  Parameters precondition(const Parameters& residual) const {
    Parameters result = residual;
    for (int64_t i = 0; i < units_; ++i) {
      for (int64_t j = 0; j < units_; ++j) {
        const double scale =
            computer_.mobility[i] * moments_.xx[j * units_ + j] + computer_.mobility[j] * moments_.xx[i * units_ + i];
        if (scale > 0) result.J[i * units_ + j] /= scale;
      }
      result.b[i] /= computer_.mobility[i] * moments_.count;
    }
    return result;
  }

  // Inner product over independent parameters: each pair once.
  double dot(const Parameters& a, const Parameters& b) const {
    double pairs = 0, biases = 0;
    for (size_t k = 0; k < a.J.size(); ++k) pairs += a.J[k] * b.J[k];
    for (size_t k = 0; k < a.b.size(); ++k) biases += a.b[k] * b.b[k];
    return 0.5 * pairs + biases;
  }

 private:
  void multiply_into(const std::vector<double>& J, size_t g, size_t k, std::vector<double>& product) const {
    const Group &rows = computer_.groups[g], &inner = computer_.groups[k];
    for (size_t q = 0; q < groups_; ++q) {
      if (!coupled_[g * groups_ + q]) continue;
      const Group& columns = computer_.groups[q];
      add_product(rows.size, columns.size, inner.size, J.data() + rows.first * units_ + inner.first, units_,
                  moments_.xx.data() + inner.first * units_ + columns.first, units_,
                  product.data() + rows.first * units_ + columns.first, units_, threads_);
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

  // Mobility weights, derivative by each pair (both orders), zero where the design has no parameter.
  void project(Parameters& at) const {
    const std::vector<double>& mu = computer_.mobility;
    for (size_t g = 0; g < groups_; ++g) {
      for (size_t q = 0; q < groups_; ++q) {
        const Group &rows = computer_.groups[g], &columns = computer_.groups[q];
        for (int64_t i = rows.first; i < rows.first + rows.size; ++i) {
          for (int64_t j = columns.first; j < columns.first + columns.size; ++j) {
            if (j < i) continue;
            double& upper = at.J[i * units_ + j];
            double& lower = at.J[j * units_ + i];
            const bool allowed = i != j && coupled_[g * groups_ + q] && (mask_.empty() || mask_[i * units_ + j]);
            upper = lower = allowed ? mu[i] * upper + mu[j] * lower : 0.0;
          }
        }
      }
      for (int64_t i = computer_.groups[g].first; i < computer_.groups[g].first + computer_.groups[g].size; ++i) {
        at.b[i] = biased_[g] ? mu[i] * at.b[i] : 0.0;
      }
    }
  }

  const Computer& computer_;
  const Moments& moments_;
  int threads_;
  int64_t units_;
  size_t groups_;
  std::vector<char> coupled_, biased_, mask_;
};

// a += factor b.
void add_scaled(Parameters& a, double factor, const Parameters& b) {
  for (size_t k = 0; k < a.J.size(); ++k) a.J[k] += factor * b.J[k];
  for (size_t k = 0; k < a.b.size(); ++k) a.b[k] += factor * b.b[k];
}

// a = b + factor a.
void scale_and_add(Parameters& a, double factor, const Parameters& b) {
  for (size_t k = 0; k < a.J.size(); ++k) a.J[k] = b.J[k] + factor * a.J[k];
  for (size_t k = 0; k < a.b.size(); ++k) a.b[k] = b.b[k] + factor * a.b[k];
}

}  // namespace

LeastSquaresResult fit_couplings(const Computer& computer, const Moments& moments, const LeastSquaresOptions& options,
                                 CouplingSet& set) {
  if (!(moments.count > 0) || moments.units != computer.units()) {
    throw InputError(
        "exact training got empty moments or moments of another computer; run the noising process of this design "
        "first");
  }
  const NormalEquations equations(computer, set, moments, options.threads);
  const int64_t n = computer.units();
  const Parameters target = equations.right_side();
  const double scale = std::sqrt(equations.dot(target, target));
  Parameters solution{std::vector<double>(n * n, 0.0), std::vector<double>(n, 0.0)};
  LeastSquaresResult result;
  Parameters residual = target;
  Parameters direction = equations.precondition(residual);
  double descent = equations.dot(residual, direction);
  const auto relative = [&](const Parameters& r) { return scale > 0 ? std::sqrt(equations.dot(r, r)) / scale : 0.0; };
  result.residuals.push_back(relative(residual));
  while (result.residuals.back() > options.tolerance && result.iterations < options.max_iterations) {
    const Parameters image = equations.apply(direction);
    const double step = descent / equations.dot(direction, image);
    add_scaled(solution, step, direction);
    add_scaled(residual, -step, image);
    const Parameters better = equations.precondition(residual);
    const double next = equations.dot(residual, better);
    scale_and_add(direction, next / descent, better);
    descent = next;
    ++result.iterations;
    result.residuals.push_back(relative(residual));
    if (options.progress && !options.progress(result.iterations, result.residuals.back())) {
      throw Interrupted("training was interrupted while solving; nothing was kept");
    }
  }
  residual = target;
  add_scaled(residual, -1, equations.apply(solution));
  result.residual = relative(residual);
  result.converged = result.residuals.back() <= options.tolerance;
  assign_from_dense(computer, solution.J, set);
  set.bias = solution.b;
  return result;
}

Parameters loss_gradient(const Computer& computer, const CouplingSet& set, const Moments& moments, const Parameters& at,
                         int threads) {
  const NormalEquations equations(computer, set, moments, threads);
  Parameters gradient = equations.apply(at);
  add_scaled(gradient, -1, equations.right_side());
  return gradient;
}

}  // namespace swell
