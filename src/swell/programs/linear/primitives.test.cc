#include "swell/programs/linear/primitives.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/programs/linear/log_determinant.h"
#include "swell/programs/linear/reference.h"
#include "swell/random/streams.h"

namespace swell::linear {
namespace {

double normal(uint64_t seed, uint64_t step, int64_t k) { return draw_normal({seed, stream::kTesting}, 0, step, k); }

// A Wishart matrix of 2 d degrees of freedom over their number: condition number about 30.
Matrix wishart(int64_t d, uint64_t seed) {
  Matrix root(d, 2 * d);
  for (size_t k = 0; k < root.values.size(); ++k)
    root.values[k] = normal(seed, 7, static_cast<int64_t>(k)) / std::sqrt(2.0 * static_cast<double>(d));
  Matrix a = product(root, transpose(root), 1);
  require_symmetric(a, "wishart");
  return a;
}

Matrix column(int64_t d, uint64_t seed) {
  Matrix b(d, 1);
  for (int64_t i = 0; i < d; ++i) b(i, 0) = normal(seed, 8, i);
  return b;
}

Matrix general(int64_t d, uint64_t seed) {
  Matrix a(d, d);
  for (int64_t k = 0; k < d * d; ++k) a.values[k] = 0.3 * normal(seed, 9, k);
  for (int64_t i = 0; i < d; ++i) a(i, i) += 2;
  return a;
}

double chi_square(const Average& average, const Matrix& truth) {
  double sum = 0;
  for (size_t k = 0; k < truth.values.size(); ++k) {
    const double z = (average.value.values[k] - truth.values[k]) / average.standard_error.values[k];
    sum += z * z;
  }
  return sum;
}

Settings with(Device device, uint64_t seed, int64_t samples) {
  Settings settings;
  settings.device = device;
  settings.sampling.seed = seed;
  settings.sampling.samples = samples;
  return settings;
}

// Of k squares of Student's t with 31 degrees of freedom, independent: mean 31/29 k, variance 2.5 k; entries of one
// matrix are correlated, which these bounds leave room for. False alarms below 1e-6 each. Bars ten times too large
// would leave 0.01 k; of six values chi-square is below 0.02 k by chance once in 30,000.
void expect_in_error_bars(const Average& average, const Matrix& truth) {
  const auto k = static_cast<double>(truth.values.size());
  EXPECT_LT(chi_square(average, truth), 1.07 * k + 12 * std::sqrt(2.5 * k));
  EXPECT_GT(chi_square(average, truth), 0.02 * k);
}

constexpr Device kDevices[] = {Device::overdamped, Device::exact, Device::spu};

TEST(linear, every_device_solves_and_inverts_within_its_error_bars) {
  const Matrix a = wishart(6, 1), b = column(6, 2);
  const Matrix x = solve_by_cholesky(a, b).value, inverse_of_a = inverse_by_cholesky(a).value;
  for (const Device device : kDevices) {
    expect_in_error_bars(solve(a, b, with(device, 3, 20000)).average, x);
    expect_in_error_bars(inverse(a, with(device, 4, 20000)).average, inverse_of_a);
  }
}

TEST(linear, euler_steps_invert_too_once_their_bias_is_taken_out) {
  // Steps of h |A| = 1.25: without the correction the covariance of the stiffest mode is more than twice what it should
  // be.
  const Matrix a = wishart(6, 1);
  Settings settings = with(Device::overdamped, 5, 60000);
  settings.euler = true;
  expect_in_error_bars(inverse(a, settings).average, inverse_by_cholesky(a).value);
}

TEST(linear, lyapunov_and_exponential_take_general_matrices) {
  const Matrix a = general(5, 6);
  Matrix root(5, 5);
  for (int64_t k = 0; k < 25; ++k) root.values[k] = normal(7, 0, k);
  const Matrix q = product(root, transpose(root), 1);
  const Matrix x = lyapunov_by_schur(a, q).value;
  Matrix exponent = a;
  for (double& value : exponent.values) value *= -0.5;
  const Matrix e = exponential_by_pade(exponent).value;
  expect_in_error_bars(lyapunov(a, q, with(Device::exact, 8, 20000)).average, x);
  expect_in_error_bars(exponential(a, 0.5, with(Device::exact, 9, 20000)).average, e);
  // Discrete steps leave a bias of about a percent, which so few samples do not see.
  const Answer stepped = lyapunov(a, q, with(Device::overdamped, 10, 4000));
  expect_in_error_bars(stepped.average, x);
  EXPECT_GT(stepped.bias, 0.001);
  EXPECT_LT(stepped.bias, 0.02);
  expect_in_error_bars(exponential(a, 0.5, with(Device::overdamped, 11, 4000)).average, e);
}

TEST(linear, an_exponential_that_grows_is_shifted_and_shifted_back) {
  Matrix a(2, 2);
  a.values = {0, 1, -1, -0.2};  // a rotation that grows
  const Answer answer = exponential(a, 1, with(Device::exact, 12, 60000));
  EXPECT_GT(answer.shift, 0.5);
  Matrix exponent = a;
  for (double& value : exponent.values) value = -value;
  expect_in_error_bars(answer.average, exponential_by_pade(exponent).value);
}

TEST(linear, references_solve_what_they_are_for) {
  const Matrix a = general(6, 20), q = wishart(6, 21);
  const Matrix x = lyapunov_by_schur(a, q).value, half = product(a, x, 1);
  for (int64_t i = 0; i < 6; ++i) {
    for (int64_t j = 0; j < 6; ++j) EXPECT_NEAR(half(i, j) + half(j, i), q(i, j), 1e-12);
  }
}

TEST(linear, no_answer_asks_a_reference_while_it_is_made) {
  const Matrix a = wishart(4, 1), b = column(4, 2);
  {
    const WithoutReference guard;
    EXPECT_THROW(solve_by_cholesky(a, b), std::logic_error);
    EXPECT_THROW(inverse_by_cholesky(a), std::logic_error);
    EXPECT_THROW(log_determinant_by_cholesky(a), std::logic_error);
    EXPECT_THROW(lyapunov_by_schur(a, a), std::logic_error);
    EXPECT_THROW(exponential_by_pade(a), std::logic_error);
    EXPECT_THROW(condition_number(a), std::logic_error);
  }
  // With all of them out of reach, the answers come as ever: each program holds the same guard.
  Settings asking = with(Device::exact, 3, 2000);
  int asked = 0;
  asking.sampling.progress = [&](const Progress&) {
    EXPECT_THROW(solve_by_cholesky(a, b), std::logic_error);
    ++asked;
    return true;
  };
  solve(a, b, asking);
  inverse(a, asking);
  lyapunov(a, a, asking);
  exponential(a, 1, asking);
  log_determinant(a, asking);
  EXPECT_GT(asked, 10);
}

TEST(linear, answers_do_not_depend_on_threads) {
  const Matrix a = wishart(40, 1), b = column(40, 2);
  Settings one = with(Device::overdamped, 3, 2000), three = one;
  three.sampling.threads = 3;
  EXPECT_EQ(solve(a, b, one).average.value.values, solve(a, b, three).average.value.values);
  EXPECT_EQ(inverse(a, one).average.standard_error.values, inverse(a, three).average.standard_error.values);
  EXPECT_EQ(exponential(a, 1, one).average.value.values, exponential(a, 1, three).average.value.values);
  const Matrix small = wishart(10, 1);
  one.sampling.samples = three.sampling.samples = 640;
  EXPECT_EQ(log_determinant(small, one).methods[0].value, log_determinant(small, three).methods[0].value);
}

TEST(linear, the_clock_is_the_same_process_run_faster) {
  const Matrix a = wishart(8, 1);
  Settings slow = with(Device::overdamped, 3, 3000), fast = slow;
  fast.clock = 16;
  const Average one = inverse(a, slow).average, other = inverse(a, fast).average;
  // V and kT are sixteen times as large, so the covariance and the answer are the same; powers of two round alike.
  EXPECT_EQ(one.value.values, other.value.values);
  EXPECT_DOUBLE_EQ(one.machine_time, 16 * other.machine_time);
}

TEST(linear, burn_in_and_spacing_follow_the_slowest_mode_of_the_machine) {
  Matrix a(3, 3);
  a(0, 0) = 1;
  a(1, 1) = 0.3;
  a(2, 2) = 0.01;
  for (const Device device : {Device::overdamped, Device::exact}) {
    const Average average = inverse(a, with(device, 3, 640)).average;
    EXPECT_NEAR(average.relaxation_time, 100, 3) << "1 / 0.01, seen on a perturbation that dies out";
    EXPECT_GE(average.burn_in, 8 * 0.97 * 100);
    EXPECT_NEAR(average.interval, 50, 20);  // exact steps double until two would be too long
  }
}

TEST(linear, a_tolerance_is_met_or_the_budget_is_spent) {
  const Matrix a = wishart(6, 1), b = column(6, 2);
  Settings settings = with(Device::exact, 3, 0);
  settings.sampling.tolerance = 0.02;
  const Average met = solve(a, b, settings).average;
  EXPECT_TRUE(met.met);
  EXPECT_LE(met.relative_error, 0.02);
  settings.sampling.tolerance = 1e-4;
  settings.sampling.budget_samples = 5000;
  settings.sampling.budget_s = 0;
  const Average missed = solve(a, b, settings).average;
  EXPECT_FALSE(missed.met);
  EXPECT_LE(missed.samples, 5000);
  EXPECT_GT(missed.expected_samples, 1e6);
}

// Looks at the answer come at each doubling. Told to stop in between, in the middle of a slice, it ends the slice, and
// the answer holds all samples so far.
TEST(linear, an_answer_that_is_cut_short_holds_the_samples_since_the_last_look) {
  Settings settings = with(Device::exact, 3, 1'000'000'000);
  settings.sampling.replicas = kGroups;
  std::atomic<bool> armed = false;
  std::atomic<int> asked = 0;
  settings.sampling.progress = [&](const Progress& at) {
    if (at.stage == "sampling" && at.done > 100'000) armed = true;
    return true;
  };
  settings.sampling.stop = [&] { return armed && ++asked > 2; };
  const Average average = inverse(wishart(6, 1), settings).average;
  EXPECT_TRUE(average.interrupted);
  EXPECT_GT(average.samples, 100'000 * kGroups);
  EXPECT_LT(average.samples, 131'072 * kGroups);
}

TEST(linear, machines_without_an_equilibrium_are_refused) {
  Matrix a(2, 2);
  a.values = {1, 0, 0, -0.5};
  EXPECT_THROW(lyapunov(a, identity(2), with(Device::exact, 1, 640)), InputError);
  EXPECT_THROW(lyapunov(a, identity(2), with(Device::overdamped, 1, 640)), InputError);
  Matrix indefinite(2, 2);
  indefinite.values = {1, 2, 2, 1};
  EXPECT_THROW(require_positive_definite(indefinite, "A"), InputError);
  Matrix singular(2, 2);
  singular.values = {1, 1, 1, 1};
  EXPECT_THROW(require_positive_definite(singular, "A"), InputError);
  EXPECT_THROW(lyapunov(identity(2), indefinite, with(Device::exact, 1, 640)), InputError);
  EXPECT_THROW(exponential(identity(2), 1, with(Device::spu, 1, 640)), InputError);
  EXPECT_THROW(lyapunov(general(3, 1), identity(3), with(Device::spu, 1, 640)), InputError);
  EXPECT_THROW(solve(identity(2), Matrix(2, 1), with(Device::exact, 1, 640)), InputError);
  Settings odd = with(Device::exact, 1, 640);
  odd.sampling.replicas = 33;
  EXPECT_THROW(inverse(identity(2), odd), InputError);
}

TEST(linear, gaussian_samples_have_their_mean_and_covariance) {
  const Matrix covariance = wishart(4, 1);
  const Matrix precision = inverse_by_cholesky(covariance).value, mean = column(4, 2);
  for (const bool is_precision : {true, false}) {
    const Matrix& given = is_precision ? precision : covariance;
    for (const Device device : {Device::overdamped, Device::exact}) {
      const Matrix& way = is_precision ? product(given, mean, 1) : mean;
      const GaussianAnswer answer = gaussian(way, given, is_precision, with(device, 5, 40000));
      expect_in_error_bars(answer.answer.average, mean);
      ASSERT_EQ(answer.samples.rows, 40000);
      for (int64_t i = 0; i < 4; ++i) {
        for (int64_t j = 0; j < 4; ++j) {
          double sum = 0;
          for (int64_t k = 0; k < 40000; ++k)
            sum += (answer.samples(k, i) - mean(i, 0)) * (answer.samples(k, j) - mean(j, 0));
          const double spread = std::sqrt((covariance(i, i) * covariance(j, j) + std::pow(covariance(i, j), 2)));
          // At worst a tenth of the samples are independent: five standard errors.
          EXPECT_NEAR(sum / 40000, covariance(i, j), 5 * spread / std::sqrt(4000.0));
        }
      }
    }
  }
}

TEST(linear, rounded_couplings_are_on_levels_and_their_realisations_average_out) {
  const Matrix a = wishart(9, 1);
  double largest = 0;
  for (const double value : a.values) largest = std::max(largest, std::abs(value));
  const double level = largest / 7;  // 4 bits
  Matrix mean(9, 9);
  for (int64_t k = 0; k < 32; ++k) {
    const Matrix rounded = round_to_bits(a, 4, k, 32, 5);
    EXPECT_TRUE(is_symmetric(rounded));
    for (size_t e = 0; e < a.values.size(); ++e) {
      EXPECT_NEAR(rounded.values[e] / level, std::round(rounded.values[e] / level), 1e-9);
      EXPECT_LT(std::abs(rounded.values[e] - a.values[e]), level * (1 + 1e-12));
      mean.values[e] += rounded.values[e] / 32;
    }
  }
  for (size_t e = 0; e < a.values.size(); ++e) EXPECT_NEAR(mean.values[e], a.values[e], level / 32);
  EXPECT_THROW(round_to_bits(a, 1), InputError);
}

// arXiv 2401.16231: averaging answers over realisations of imprecise couplings leaves an error of second order.
TEST(linear, averaging_over_realisations_makes_the_error_quadratic) {
  const Matrix a = wishart(12, 1), truth = inverse_by_cholesky(a).value;
  const auto distance = [&](const Matrix& b) {
    double sum = 0;
    for (size_t k = 0; k < b.values.size(); ++k) sum += std::pow(b.values[k] - truth.values[k], 2);
    return std::sqrt(sum);
  };
  constexpr int64_t kRealisations = 256;  // so that what is left of the first order is small
  const auto errors = [&](int bits) {
    Matrix mean(12, 12);
    for (int64_t k = 0; k < kRealisations; ++k) {
      const Matrix one = inverse_by_cholesky(round_to_bits(a, bits, k, kRealisations, 3)).value;
      for (size_t e = 0; e < mean.values.size(); ++e) mean.values[e] += one.values[e] / kRealisations;
    }
    return std::pair{distance(inverse_by_cholesky(round_to_bits(a, bits)).value), distance(mean)};
  };
  const auto [raw9, averaged9] = errors(9);
  const auto [raw11, averaged11] = errors(11);
  // Four times finer levels: the raw error falls four times, the averaged one sixteen times.
  EXPECT_NEAR(std::log2(raw9 / raw11), 2, 0.6);
  EXPECT_NEAR(std::log2(averaged9 / averaged11), 4, 0.6);
  EXPECT_LT(averaged9, raw9 / 3);
}

}  // namespace
}  // namespace swell::linear
