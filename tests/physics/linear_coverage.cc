// Standard errors of linear algebra by fluctuations are true: over 200 seeds, the intervals that they give cover the
// right answer as often as they say, for every primitive and every device that has it.

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "swell/ledger/statistics.h"
#include "swell/programs/linear/log_determinant.h"
#include "swell/programs/linear/reference.h"

namespace swell::linear {
namespace {

constexpr int kSeeds = 200;

Matrix symmetric_example() {
  Matrix a(4, 4);
  a.values = {2, 0.6, 0.1, 0, 0.6, 1.5, -0.5, 0.2, 0.1, -0.5, 1, 0.3, 0, 0.2, 0.3, 0.8};
  return a;
}

Matrix general_example() {
  Matrix a(3, 3);
  a.values = {2, 0.7, -0.3, -0.5, 1.4, 0.2, 0.1, -0.6, 1.1};
  return a;
}

struct Interval {
  Matrix value, standard_error;
};

// The share of entries in their intervals, for each seed, and its mean. Entries of one answer are correlated, seeds are
// not: the scatter between seeds says how far the mean may be off. Five of its standard errors: a false alarm of 6e-7
// for each of the two levels; an error bar 10 % too small would shift the 68 % level by 0.045, eight standard errors at
// 4 x 4 entries.
void expect_coverage(const std::string& what, const Matrix& truth,
                     const std::function<Interval(uint64_t seed)>& answer) {
  std::vector<double> within68, within95;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Interval interval = answer(seed);
    double inside68 = 0, inside95 = 0;
    for (size_t k = 0; k < truth.values.size(); ++k) {
      const double z = std::abs(interval.value.values[k] - truth.values[k]) / interval.standard_error.values[k];
      inside68 += z <= kStudent68 ? 1 : 0;
      inside95 += z <= kStudent95 ? 1 : 0;
    }
    within68.push_back(inside68 / static_cast<double>(truth.values.size()));
    within95.push_back(inside95 / static_cast<double>(truth.values.size()));
  }
  const Estimate at68 = estimate(within68), at95 = estimate(within95);
  EXPECT_NEAR(at68.mean, 0.6827, 5 * at68.stderr_of_mean) << what;
  EXPECT_NEAR(at95.mean, 0.95, 5 * std::max(at95.stderr_of_mean, 0.005)) << what;
  std::printf("  %-36s 68.27 %%: %.3f +- %.3f   95 %%: %.3f +- %.3f\n", what.c_str(), at68.mean, at68.stderr_of_mean,
              at95.mean, at95.stderr_of_mean);
}

Settings with(Device device, uint64_t seed) {
  Settings settings;
  settings.device = device;
  settings.sampling.seed = 1000 + seed;
  settings.sampling.samples = 2560;
  return settings;
}

const std::pair<Device, const char*> kDevices[] = {
    {Device::overdamped, "overdamped"}, {Device::exact, "exact"}, {Device::spu, "spu"}};

Interval interval_of(const Answer& answer) { return {answer.average.value, answer.average.standard_error}; }

TEST(LongCoverage, intervals_of_solve_and_inverse_cover_at_their_rate) {
  const Matrix a = symmetric_example();
  Matrix b(4, 1);
  b.values = {1, -0.5, 0.3, 2};
  for (const auto& [device, name] : kDevices) {
    expect_coverage(std::string("solve ") + name, solve_by_cholesky(a, b).value,
                    [&](uint64_t seed) { return interval_of(solve(a, b, with(device, seed))); });
    expect_coverage(std::string("inv ") + name, inverse_by_cholesky(a).value,
                    [&](uint64_t seed) { return interval_of(inverse(a, with(device, seed))); });
  }
  expect_coverage("inv overdamped, Euler-Maruyama", inverse_by_cholesky(a).value, [&](uint64_t seed) {
    Settings settings = with(Device::overdamped, seed);
    settings.euler = true;
    return interval_of(inverse(a, settings));
  });
}

TEST(LongCoverage, intervals_of_lyapunov_and_exponential_cover_at_their_rate) {
  const Matrix a = general_example();
  Matrix q(3, 3);
  q.values = {2, 0.5, 0, 0.5, 1, -0.3, 0, -0.3, 1.5};
  Matrix exponent = a;
  for (double& value : exponent.values) value = -value;
  for (const auto& [device, name] : kDevices) {
    if (device == Device::spu) continue;
    expect_coverage(std::string("lyapunov ") + name, lyapunov_by_schur(a, q).value,
                    [&](uint64_t seed) { return interval_of(lyapunov(a, q, with(device, seed))); });
    expect_coverage(std::string("expm ") + name, exponential_by_pade(exponent).value,
                    [&](uint64_t seed) { return interval_of(exponential(a, 1, with(device, seed))); });
  }
  const Matrix symmetric = symmetric_example();
  expect_coverage("lyapunov spu", lyapunov_by_schur(symmetric, identity(4)).value, [&](uint64_t seed) {
    return interval_of(lyapunov(symmetric, identity(4), with(Device::spu, seed)));
  });
}

TEST(LongCoverage, intervals_of_log_determinant_cover_at_their_rate) {
  const Matrix a = symmetric_example();
  const double truth = log_determinant_by_cholesky(a).value.values[0];
  Matrix all(3, 1);
  all.values.assign(3, truth);
  for (const auto& [device, name] : kDevices) {
    expect_coverage(std::string("logdet ") + name + ", all three", all, [&](uint64_t seed) {
      const LogDeterminant answer = log_determinant(a, with(device, seed));
      Interval interval{Matrix(3, 1), Matrix(3, 1)};
      for (int k = 0; k < 3; ++k) {
        interval.value(k, 0) = answer.methods[k].value;
        interval.standard_error(k, 0) = answer.methods[k].standard_error;
      }
      return interval;
    });
  }
}

TEST(LongCoverage, intervals_of_gaussian_means_cover_at_their_rate) {
  const Matrix a = symmetric_example();
  Matrix mean(4, 1);
  mean.values = {1, -0.5, 0.3, 2};
  for (const auto& [device, name] : kDevices) {
    if (device == Device::spu) continue;
    for (const bool is_precision : {true, false}) {
      expect_coverage(
          std::string("gaussian ") + name + (is_precision ? ", precision" : ", covariance"), mean, [&](uint64_t seed) {
            return interval_of(
                gaussian(is_precision ? product(a, mean, 1) : mean, a, is_precision, with(device, seed)).answer);
          });
    }
  }
}

// Intervals at 95 % cover at least at their rate where an error has parts that are not sampling: such parts are the
// same for every seed, so coverage may be more.
void expect_covered(const std::string& what, const Matrix& truth, const std::function<Answer(uint64_t seed)>& answer) {
  std::vector<double> within;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Average average = answer(seed).average;
    double inside = 0;
    for (size_t k = 0; k < truth.values.size(); ++k)
      inside += std::abs(average.value.values[k] - truth.values[k]) <= kStudent95 * average.standard_error.values[k];
    within.push_back(inside / static_cast<double>(truth.values.size()));
  }
  const Estimate at95 = estimate(within);
  EXPECT_GT(at95.mean, 0.95 - 5 * std::max(at95.stderr_of_mean, 0.005)) << what;
  std::printf("  %-44s 95 %%: %.3f +- %.3f\n", what.c_str(), at95.mean, at95.stderr_of_mean);
}

TEST(LongCoverage, intervals_cover_at_bad_conditions_tight_tolerances_and_few_bits) {
  Matrix b(2, 1), x(2, 1), a(2, 2);
  b.values = {1, 0};
  for (const double condition : {2e9, 2e10, 2e13}) {
    const double c = 1 - 2 / condition, det = (1 - c) * (1 + c);
    a.values = {1, c, c, 1};
    x.values = {1 / det, -c / det};
    expect_covered("solve exact, condition " + std::to_string(condition), x,
                   [&](uint64_t seed) { return solve(a, b, with(Device::exact, seed)); });
  }
  a.values = {2, 1, 1, 2};
  x.values = {2.0 / 3, -1.0 / 3};
  for (const Device device : {Device::overdamped, Device::exact}) {
    expect_covered("solve, kT 1e-9, tol 1e-6", x, [&](uint64_t seed) {
      Settings settings = with(device, seed);
      settings.kT = 1e-9;
      settings.sampling.tolerance = 1e-6;
      return solve(a, b, settings);
    });
  }
  const Matrix four = symmetric_example(), inverse_of_four = inverse_by_cholesky(four).value;
  for (const bool mitigate : {false, true}) {
    for (const int bits : {6, 8}) {
      expect_covered("inv, bits " + std::to_string(bits) + (mitigate ? ", mitigated" : ""), inverse_of_four,
                     [&](uint64_t seed) {
                       Settings settings = with(Device::exact, seed);
                       settings.bits = bits;
                       settings.mitigate = mitigate;
                       settings.sampling.samples = 20000;
                       return inverse(four, settings);
                     });
    }
  }
}

// A smooth kernel takes 73 stages: the work of a driven run is the sum of all of theirs.
TEST(LongCoverage, intervals_of_the_determinant_of_a_kernel_cover) {
  constexpr int64_t kPoints = 30;
  Matrix a(kPoints, kPoints), truth(1, 1);
  for (int64_t i = 0; i < kPoints; ++i) {
    for (int64_t j = 0; j < kPoints; ++j) {
      const double apart = static_cast<double>(i - j) * 4 * 3.14159265358979 / (kPoints - 1);
      a(i, j) = 3.19 * std::exp(-apart * apart / (2 * 1.47 * 1.47)) + (i == j ? 0.01 : 0);
    }
  }
  truth(0, 0) = log_determinant_by_cholesky(a).value.values[0];
  int withdrawn = 0;
  expect_coverage("logdet of a kernel, Jarzynski", truth, [&](uint64_t seed) {
    Settings settings = with(Device::exact, seed);
    settings.sampling.samples = 10000;
    settings.sampling.budget_s = 0;
    const LogDeterminant answer = log_determinant(a, settings);
    withdrawn += answer.methods[1].withdrawn.empty() ? 0 : 1;
    Interval interval{Matrix(1, 1), Matrix(1, 1)};
    interval.value(0, 0) = answer.methods[1].value;
    interval.standard_error(0, 0) = answer.methods[1].standard_error;
    return interval;
  });
  EXPECT_LT(withdrawn, kSeeds / 20);
}

}  // namespace
}  // namespace swell::linear
