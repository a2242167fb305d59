#include "swell/ledger/temperature.h"

#include <cmath>
#include <limits>
#include <vector>

#include "swell/kernels/matrix_product.h"

namespace swell {

Equipartition equipartition(const Computer& computer, std::span<const double> x, std::span<const double> gradient,
                            std::span<const char> free, double dt) {
  Equipartition sums;
  double count = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    if (!free[i]) continue;
    count += 1;
    sums.virial += x[i] * gradient[i];
    sums.step_share += 0.5 * computer.mobility[i] * dt * gradient[i] * gradient[i];
  }
  return {sums.virial / count, sums.step_share / count};
}

Estimate linear_temperature(const LinearSystem& system, std::span<const double> states, double euler_step) {
  const int64_t m = system.size(), replicas = static_cast<int64_t>(states.size()) / m;
  std::vector<double> mean(m, 0.0), off(states.begin(), states.end()), transposed(m * m), speed(states.size(), 0.0);
  double trace = 0;
  for (int64_t i = 0; i < m; ++i) trace += system.noise(i, i);
  for (int64_t t = 0; t < replicas; ++t) {
    for (int64_t i = 0; i < m; ++i) mean[i] += states[t * m + i] / static_cast<double>(replicas);
  }
  const double unbiased = static_cast<double>(replicas) / static_cast<double>(replicas - 1);
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < m; ++j) transposed[j * m + i] = system.drift(i, j);
    for (int64_t t = 0; t < replicas; ++t) off[t * m + i] -= mean[i];
  }
  add_product(replicas, m, m, off.data(), m, transposed.data(), m, speed.data(), m, 1);
  std::vector<double> shares;
  for (int64_t t = 0; t < replicas; ++t) {
    double virial = 0, squares = 0;
    for (int64_t k = t * m; k < (t + 1) * m; ++k) {
      virial += off[k] * speed[k];
      squares += speed[k] * speed[k];
    }
    shares.push_back(unbiased * (2 * virial - euler_step * squares) / trace);
  }
  return trace > 0 && replicas > 1 ? estimate(shares) : Estimate{};
}

Estimate pbit_temperature(std::span<const int8_t> spins, std::span<const double> fields, int64_t replicas) {
  const size_t each = spins.size() / static_cast<size_t>(replicas);
  // sum m h - h tanh(beta h) and minus its slope in beta, of the entries [from, to).
  const auto excess = [&](double beta, size_t from, size_t to) {
    double sum = 0;
    for (size_t k = from; k < to; ++k) sum += fields[k] * (spins[k] - std::tanh(beta * fields[k]));
    return sum;
  };
  double along = 0, largest = 0;
  for (size_t k = 0; k < spins.size(); ++k) {
    along += std::abs(fields[k]) - spins[k] * fields[k];
    largest = std::max(largest, std::abs(fields[k]));
  }
  // The excess falls with beta: a root above 0 has it positive at 0 and negative far out.
  if (!(largest > 0) || along <= 1e-12 * largest || excess(0, 0, spins.size()) <= 0) return {};
  double low = 0, high = 1 / largest;
  while (excess(high, 0, spins.size()) > 0) high *= 2;
  for (int k = 0; k < 60; ++k) {
    const double middle = 0.5 * (low + high);
    (excess(middle, 0, spins.size()) > 0 ? low : high) = middle;
  }
  const double beta = 0.5 * (low + high);
  double slope = 0;
  for (const double h : fields) slope += h * h / std::pow(std::cosh(beta * h), 2) / static_cast<double>(replicas);
  std::vector<double> scores;
  for (int64_t t = 0; t < replicas; ++t)
    scores.push_back(excess(beta, static_cast<size_t>(t) * each, static_cast<size_t>(t + 1) * each));
  // d(kT) = -d(beta) / beta^2, d(beta) = score / slope.
  return {1 / beta, estimate(scores).stderr_of_mean / slope / (beta * beta), replicas};
}

Estimate pbit_temperature(const IsingModel& model, std::span<const int8_t> spins) {
  const auto each = static_cast<size_t>(model.units);
  const auto replicas = static_cast<int64_t>(spins.size() / each);
  std::vector<double> fields;
  for (int64_t t = 0; t < replicas; ++t) {
    const std::span<const int8_t> state = spins.subspan(static_cast<size_t>(t) * each, each);
    for (int64_t i = 0; i < model.units; ++i) fields.push_back(local_field(model, state, i));
  }
  return pbit_temperature(spins, fields, replicas);
}

}  // namespace swell
