#include "swell/programs/linear/device_error.h"

#include <algorithm>
#include <cmath>
#include "swell/random/streams.h"

namespace swell::linear {

namespace {

constexpr int64_t kSamples = 2560;  // an error is known well enough to some percent

void add(Matrix& a, const Matrix& b, double factor) {
  for (size_t k = 0; k < a.values.size(); ++k) a.values[k] += factor * b.values[k];
}

// The terms from `term` on, each s C E times the one before; false where they do not die out.
bool add_series(Matrix& sum, Matrix term, const Matrix& inverse, const Matrix& residue, double s, double weight,
                int threads) {
  const double first = frobenius_norm(term);
  double last = first;
  for (int k = 0; k < 40; ++k) {
    add(sum, term, weight);
    if (last <= 1e-3 * first) return true;
    term = product(inverse, product(residue, term, threads), threads);
    for (double& value : term.values) value *= s;
    const double size = frobenius_norm(term);
    if (!(size < 0.97 * last) && k > 2) return false;
    last = size;
  }
  return last <= 0.1 * first;
}

}  // namespace

Matrix rounding_shift(const Matrix& answer, const Matrix& inverse, const std::vector<Matrix>& residues, int threads) {
  const auto n = static_cast<int64_t>(residues.size());
  Matrix mean(inverse.rows, inverse.rows);
  for (const Matrix& residue : residues) add(mean, residue, 1 / static_cast<double>(n));
  Matrix shift(answer.rows, answer.columns);
  bool ends = true;
  const auto first_term = [&](const Matrix& residue) {
    return product(inverse, product(residue, answer, threads), threads);
  };
  if (n == 1) {
    ends = add_series(shift, first_term(mean), inverse, residues[0], -1, 1, threads);
  } else {
    shift = first_term(mean);
    // The second order and beyond, of all realisations or, of large matrices, of some.
    const int64_t some = inverse.rows <= 256 ? n : std::min<int64_t>(n, 4);
    for (int64_t g = 0; g < some; ++g) {
      Matrix second = product(inverse, product(residues[g], first_term(residues[g]), threads), threads);
      ends =
          add_series(shift, std::move(second), inverse, residues[g], 1, 1 / static_cast<double>(some), threads) && ends;
    }
  }
  const double size = frobenius_norm(shift), whole = frobenius_norm(answer);
  if (!ends && size > 0 && size < whole) {
    for (double& value : shift.values) value *= whole / size;
  }
  return shift;
}

Matrix step_shift(const LinearSystem& machine, const Matrix& covariance, double step, const SamplingOptions& options) {
  SamplingTask task;
  Matrix noise = product(product(machine.drift, covariance, 1), transpose(machine.drift), 1);
  for (double& value : noise.values) value *= step;
  for (int64_t i = 0; i < noise.rows; ++i) {
    for (int64_t j = 0; j < i; ++j) noise(i, j) = noise(j, i) = 0.5 * (noise(i, j) + noise(j, i));
  }
  task.machines = {{machine.drift, std::vector<double>(machine.size(), 0.0), noise}};
  task.observed = machine.size();
  task.readout = Readout::second_moment;
  task.how = Integrator::euler_maruyama;
  task.step = step;
  SamplingOptions few = options;
  few.tolerance = 0;
  few.samples = kSamples;
  few.budget_samples = 0;
  few.seed = seed_of_part(options.seed, 77);
  few.notice = nullptr;
  return sample(task, few).value;
}

}  // namespace swell::linear
