#include "swell/learn/guide.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/kernels/matrix_product.h"
#include "swell/physics/langevin.h"
#include "swell/physics/onsite.h"

namespace swell {

namespace {

constexpr int64_t kRows = 512;  // examples in a portion

// Sums over the examples of one portion. Clamped units are "inputs", the others "free", in the order of their numbers.
struct Portion {
  Portion(int64_t inputs, int64_t free)
      : input_input(inputs * inputs, 0.0),
        input_free(inputs * free, 0.0),
        free_free(free * free, 0.0),
        input_force(inputs * free, 0.0),
        free_force(free * free, 0.0),
        input(inputs, 0.0),
        x(free, 0.0),
        force(free, 0.0) {}
  std::vector<double> input_input, input_free, free_free;  // u u^T, u (sum_t x)^T, sum_t x x^T
  std::vector<double> input_force, free_force;             // u D^T, (sum_t x) D^T
  std::vector<double> input, x, force;                     // sums of u, sum_t x, D
};

struct Split {
  std::vector<int64_t> inputs, free;
};

Split split(const Computer& computer, const std::vector<char>& clamped) {
  Split units;
  for (size_t g = 0; g < computer.groups.size(); ++g) {
    const Group& group = computer.groups[g];
    for (int64_t i = group.first; i < group.first + group.size; ++i)
      (clamped[g] ? units.inputs : units.free).push_back(i);
  }
  return units;
}

Portion sum_portion(const Computer& computer, const Split& units, const GuideSource& examples,
                    const GuideOptions& options, int64_t first, int64_t rows) {
  const auto inputs = static_cast<int64_t>(units.inputs.size()), free = static_cast<int64_t>(units.free.size());
  const int64_t n = computer.units();
  Portion sums(inputs, free);
  std::vector<double> all(rows * n), u(rows * inputs), D(rows * free), x(rows * free, 0.0), over_time(rows * free, 0.0);
  examples.fill(first, rows, all.data());
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t k = 0; k < inputs; ++k) sums.input[k] += u[row * inputs + k] = all[row * n + units.inputs[k]];
    for (int64_t k = 0; k < free; ++k) sums.force[k] += D[row * free + k] = all[row * n + units.free[k]];
  }
  for (int64_t step = 0; step < options.steps; ++step) {
    add_gram(free, rows, x.data(), free, sums.free_free.data(), free, 1);
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t k = 0; k < free; ++k) {
        double& at = x[row * free + k];
        over_time[row * free + k] += at;
        const int64_t i = units.free[k];
        const double slope = onsite_gradient(at, computer.J2[i], computer.J3[i], computer.J4[i]) - D[row * free + k];
        at = drift_step(at, slope, computer.mobility[i] * options.dt);
      }
    }
  }
  for (int64_t k = 0; k < rows * free; ++k) {
    if (!std::isfinite(x[k])) {
      throw InputError(
          fmt::format("the guide of example {} diverges; a smaller dt than {:g} or a smaller guide is needed",
                      first + k / free, options.dt));
    }
    sums.x[k % free] += over_time[k];
  }
  add_gram(inputs, rows, u.data(), inputs, sums.input_input.data(), inputs, 1);
  add_product_of_columns(inputs, free, rows, u.data(), inputs, over_time.data(), free, sums.input_free.data(), free, 1);
  add_product_of_columns(inputs, free, rows, u.data(), inputs, D.data(), free, sums.input_force.data(), free, 1);
  add_product_of_columns(free, free, rows, over_time.data(), free, D.data(), free, sums.free_force.data(), free, 1);
  return sums;
}

void add_to(const Portion& portion, const Split& units, double steps, Moments& moments) {
  const auto inputs = static_cast<int64_t>(units.inputs.size()), free = static_cast<int64_t>(units.free.size());
  const int64_t n = moments.units;
  const auto pair = [&](int64_t i, int64_t j, double value) {
    moments.xx[i * n + j] += value;
    if (i != j) moments.xx[j * n + i] += value;
  };
  for (int64_t a = 0; a < inputs; ++a) {
    const int64_t i = units.inputs[a];
    for (int64_t b = a; b < inputs; ++b) pair(i, units.inputs[b], steps * portion.input_input[a * inputs + b]);
    for (int64_t b = 0; b < free; ++b) {
      pair(i, units.free[b], portion.input_free[a * free + b]);
      moments.yx[units.free[b] * n + i] -= steps * portion.input_force[a * free + b];
    }
    moments.x[i] += steps * portion.input[a];
  }
  for (int64_t a = 0; a < free; ++a) {
    const int64_t i = units.free[a];
    for (int64_t b = a; b < free; ++b) pair(i, units.free[b], portion.free_free[a * free + b]);
    for (int64_t b = 0; b < free; ++b) moments.yx[units.free[b] * n + i] -= portion.free_force[a * free + b];
    moments.x[i] += portion.x[a];
    moments.y[i] -= steps * portion.force[a];
  }
}

}  // namespace

Moments guide_moments(const Computer& computer, const std::vector<char>& clamped, const GuideSource& examples,
                      const GuideOptions& options) {
  const Split units = split(computer, clamped);
  Moments moments(computer.units());
  const auto steps = static_cast<double>(options.steps);
  // A wave of portions at a time, added up in order.
  const int64_t portions = (examples.rows + kRows - 1) / kRows, wave = std::max(1, options.threads);
  for (int64_t from = 0; from < portions; from += wave) {
    const int64_t count = std::min(wave, portions - from);
    std::vector<std::optional<Portion>> sums(count);
    parallel_for(count, options.threads, [&](int64_t k) {
      const int64_t first = (from + k) * kRows;
      sums[k] = sum_portion(computer, units, examples, options, first, std::min(kRows, examples.rows - first));
    });
    for (const auto& portion : sums) add_to(*portion, units, steps, moments);
    const int64_t done = std::min(examples.rows, (from + count) * kRows);
    if (!tell(options.progress, done, examples.rows))
      throw Interrupted("training was interrupted while summing guide trajectories; nothing was kept");
  }
  moments.count = steps * static_cast<double>(examples.rows);
  moments.images = examples.rows;
  return moments;
}

}  // namespace swell
