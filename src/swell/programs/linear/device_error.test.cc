#include "swell/programs/linear/device_error.h"

#include <gtest/gtest.h>

#include <cmath>

#include "swell/base/errors.h"
#include "swell/programs/linear/log_determinant.h"
#include "swell/programs/linear/reference.h"
#include "swell/random/streams.h"

namespace swell::linear {
namespace {

Matrix of(int64_t rows, int64_t columns, std::vector<double> values) {
  Matrix a(rows, columns);
  a.values = std::move(values);
  return a;
}

// A Wishart matrix of 2 d degrees of freedom over their number.
Matrix wishart(int64_t d, uint64_t seed) {
  Matrix root(d, 2 * d);
  for (size_t k = 0; k < root.values.size(); ++k)
    root.values[k] =
        draw_normal({seed, stream::kTesting}, 0, 7, static_cast<int64_t>(k)) / std::sqrt(2.0 * static_cast<double>(d));
  Matrix a = product(root, transpose(root), 1);
  require_symmetric(a, "wishart");
  return a;
}

// Seeds whose every entry lies within four stated errors. With true error bars an entry misses with a probability of
// 4e-4 (Student's t, 31 degrees of freedom): more than two of ten seeds of four entries, 1e-7. Without the part that is
// tested nearly all miss.
int seeds_within(const Matrix& truth, const std::function<Answer(uint64_t seed)>& answer, int seeds = 10) {
  int count = 0;
  for (int seed = 1; seed <= seeds; ++seed) {
    const Average average = answer(static_cast<uint64_t>(seed)).average;
    bool inside = true;
    for (size_t k = 0; k < truth.values.size(); ++k)
      inside = inside && std::abs(average.value.values[k] - truth.values[k]) <= 4 * average.standard_error.values[k];
    count += inside ? 1 : 0;
  }
  return count;
}

TEST(device_error, the_start_is_forgotten_as_far_as_a_tight_error_asks) {
  const Matrix a = of(2, 2, {2, 1, 1, 2}), b = of(2, 1, {1, 0}), x = of(2, 1, {2.0 / 3, -1.0 / 3});
  for (const Device device : {Device::overdamped, Device::exact}) {
    for (const double burn_in : {0.1, 8.0}) {
      const auto answer = [&](uint64_t seed) {
        Settings settings;
        settings.device = device;
        settings.kT = 1e-12;
        settings.sampling.seed = seed;
        settings.sampling.samples = 640;
        settings.sampling.burn_in = burn_in;
        return solve(a, b, settings);
      };
      EXPECT_GE(seeds_within(x, answer), 8) << burn_in;
      const Average average = answer(1).average;
      EXPECT_LT(average.parts.start, 0.06 * average.parts.sampling);
      EXPECT_GT(average.burn_in / average.relaxation_time, 12);
    }
  }
}

TEST(device_error, arithmetic_is_in_the_error_or_the_answer_is_refused) {
  for (const double condition : {2e10, 2e13}) {
    // 1 - c is exact, so the inverse is known to all digits: 1 / (1 - c^2) = 1 / ((1 - c) (1 + c)).
    const double c = 1 - 2 / condition, det = (1 - c) * (1 + c);
    const Matrix a = of(2, 2, {1, c, c, 1}), x = of(2, 1, {1 / det, -c / det});
    const auto answer = [&](uint64_t seed) {
      Settings settings;
      settings.device = Device::exact;
      settings.sampling.seed = seed;
      return solve(a, of(2, 1, {1, 0}), settings);
    };
    EXPECT_GE(seeds_within(x, answer), 8) << condition;
    const Average average = answer(1).average;
    EXPECT_GT(average.parts.arithmetic, average.parts.sampling);
    // Not larger than it must be: some units of the last place times the condition.
    EXPECT_LT(average.relative_error, 1e-15 * condition);
  }
  // At next to no temperature only rounding is left.
  const auto cold = [&](uint64_t seed) {
    Settings settings;
    settings.kT = 1e-40;
    settings.sampling.seed = seed;
    return solve(of(2, 2, {2, 1, 1, 2}), of(2, 1, {1, 0}), settings);
  };
  EXPECT_GE(seeds_within(of(2, 1, {2.0 / 3, -1.0 / 3}), cold, 4), 3);
  Settings settings;
  settings.device = Device::exact;
  EXPECT_THROW(lyapunov(of(2, 2, {1, 0, 0, 1e-16}), identity(2), settings), InputError);
}

TEST(device_error, rounded_couplings_shift_the_answer_by_what_the_error_says) {
  const Matrix a = wishart(6, 1), truth = inverse_by_cholesky(a).value;
  Matrix b(6, 1);
  for (int64_t i = 0; i < 6; ++i) b(i, 0) = draw_normal({9, stream::kTesting}, 0, 0, i);
  const Matrix x = solve_by_cholesky(a, b).value;
  for (const bool mitigate : {false, true}) {
    const auto settings = [&](uint64_t seed) {
      Settings result;
      result.device = Device::exact;
      result.bits = 8;
      result.mitigate = mitigate;
      result.sampling.seed = seed;
      result.sampling.samples = 20000;
      return result;
    };
    EXPECT_GE(seeds_within(
                  truth, [&](uint64_t seed) { return inverse(a, settings(seed)); }, 5),
              3)
        << mitigate;
    EXPECT_GE(seeds_within(
                  x, [&](uint64_t seed) { return solve(a, b, settings(seed)); }, 5),
              3)
        << mitigate;
  }
  // The shift itself, from exact inverses: |x~ - x| to the noise of nothing.
  const Matrix held = round_to_bits(a, 8);
  Matrix residue = a;
  for (size_t k = 0; k < residue.values.size(); ++k) residue.values[k] -= held.values[k];
  const Matrix rounded = inverse_by_cholesky(held).value, shift = rounding_shift(rounded, rounded, {residue}, 1);
  for (size_t k = 0; k < truth.values.size(); ++k)
    EXPECT_NEAR(shift.values[k], rounded.values[k] - truth.values[k], 2e-3 * frobenius_norm(shift));
}

TEST(device_error, what_a_finite_step_adds_is_sampled_to_some_percent) {
  // One unit: S_h = q / 2 a / (1 - a h / 2), so the shift is S_h a h / 2.
  const double h = 0.02, stationary = 0.5 / (1 - h / 2);
  SamplingOptions options;
  const Matrix shift = step_shift({of(1, 1, {1}), {0}, of(1, 1, {1})}, of(1, 1, {stationary}), h, options);
  EXPECT_NEAR(shift.values[0], stationary * h / 2, 0.25 * stationary * h / 2);
}

TEST(device_error, of_a_long_way_to_a_determinant_jarzynski_covers_or_is_withdrawn) {
  // A kernel whose couplings take many stages: the rule for one does not bound their sum.
  constexpr int64_t kPoints = 12;
  Matrix a(kPoints, kPoints);
  for (int64_t i = 0; i < kPoints; ++i) {
    for (int64_t j = 0; j < kPoints; ++j) {
      const double apart = static_cast<double>(i - j) * 4 * M_PI / (kPoints - 1);
      a(i, j) = 3.19 * std::exp(-apart * apart / (2 * 1.47 * 1.47)) + (i == j ? 0.01 : 0);
    }
  }
  const double truth = log_determinant_by_cholesky(a).value.values[0];
  Settings settings;
  settings.device = Device::exact;
  const LogDeterminant answer = log_determinant(a, settings);
  const LogDeterminant::Method& jarzynski = answer.methods[1];
  ASSERT_TRUE(jarzynski.withdrawn.empty()) << jarzynski.withdrawn;
  EXPECT_NEAR(jarzynski.value, truth, 6 * jarzynski.standard_error);
  const Estimate work = estimate(answer.work_kT);
  EXPECT_LT(work.stderr_of_mean * std::sqrt(static_cast<double>(work.count)), 1.2) << "kT, of a whole driven run";
}

}  // namespace
}  // namespace swell::linear
