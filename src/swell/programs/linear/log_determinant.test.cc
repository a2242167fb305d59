#include "swell/programs/linear/log_determinant.h"

#include <gtest/gtest.h>

#include <cmath>

#include "swell/base/errors.h"
#include "swell/programs/linear/reference.h"
#include "swell/programs/linear/report.h"
#include "swell/random/streams.h"

namespace swell::linear {
namespace {

std::vector<double> gaussian_work(double mean, double sigma, int64_t count, uint64_t seed) {
  std::vector<double> work(count);
  for (int64_t k = 0; k < count; ++k) work[k] = mean + sigma * draw_normal({seed, stream::kTesting}, 0, 0, k);
  return work;
}

// Gaussian work obeys Crooks' theorem with <W> = dF + sigma^2 / 2 forwards and -dF + sigma^2 / 2 backwards.
TEST(log_determinant, estimators_find_the_free_energy_of_gaussian_work) {
  const double dF = 3.2, sigma = 1.2;
  const auto forward = gaussian_work(dF + sigma * sigma / 2, sigma, 100000, 1);
  const auto backward = gaussian_work(-dF + sigma * sigma / 2, sigma, 100000, 2);
  // Standard errors sqrt((e^{sigma^2} - 1) / n) = 0.0057 and about 0.003: five of them.
  EXPECT_NEAR(jarzynski(forward), dF, 0.029);
  EXPECT_NEAR(bennett(forward, backward), dF, 0.015);
}

TEST(log_determinant, all_three_methods_agree_with_cholesky_on_every_device) {
  Matrix a(4, 4);
  a.values = {2, 0.6, 0.1, 0, 0.6, 1.5, -0.5, 0.2, 0.1, -0.5, 1, 0.3, 0, 0.2, 0.3, 0.8};
  const double truth = log_determinant_by_cholesky(a).value.values[0];
  for (const Device device : {Device::overdamped, Device::exact, Device::spu}) {
    Settings settings;
    settings.device = device;
    settings.sampling.seed = 5;
    settings.sampling.samples = 20000;
    const LogDeterminant answer = log_determinant(a, settings);
    ASSERT_EQ(answer.methods.size(), 3u);
    for (const LogDeterminant::Method& method : answer.methods) {
      // Student's t with 31 degrees of freedom passes 6 with a probability of 1e-6.
      EXPECT_NEAR(method.value, truth, 6 * method.standard_error) << method.name;
      EXPECT_LT(method.standard_error, 0.05) << method.name;
    }
    EXPECT_EQ(answer.stages.front(), 0);
    EXPECT_EQ(answer.stages.back(), 1);
    // Both ends are at equilibrium, with half a kT in each quantity: what was put in as work has gone to the bath.
    const Estimate work = estimate(answer.work_kT);
    EXPECT_NEAR(answer.heat_kT, work.mean, 6 * std::hypot(answer.heat_kT_error, work.stderr_of_mean));
    EXPECT_LT(answer.heat_kT_error, 0.1);
  }
}

TEST(log_determinant, a_diagonal_matrix_needs_no_work) {
  Matrix a(2, 2);
  a.values = {2, 0, 0, 5};
  Settings settings;
  settings.sampling.samples = 640;
  const LogDeterminant answer = log_determinant(a, settings);
  for (const LogDeterminant::Method& method : answer.methods) {
    EXPECT_NEAR(method.value, std::log(10.0), 1e-12);
    EXPECT_LT(method.standard_error, 1e-14);  // of the arithmetic
  }
}

TEST(log_determinant, stages_have_an_answer_where_the_driven_runs_are_cut_short) {
  Matrix a(2, 2);
  a.values = {2, 0.6, 0.6, 1.5};
  Settings settings;
  settings.device = Device::exact;
  settings.sampling.progress = [](const Progress& at) { return at.stage != "driven runs"; };
  const LogDeterminant answer = log_determinant(a, settings);
  EXPECT_TRUE(answer.interrupted);
  EXPECT_FALSE(answer.methods[1].withdrawn.empty());
  for (const int k : {0, 2})
    EXPECT_NEAR(answer.methods[k].value, std::log(3 - 0.36), 6 * answer.methods[k].standard_error);
}

TEST(log_determinant, a_budget_of_samples_is_used_and_not_exceeded) {
  Matrix a(2, 2);
  a.values = {2, 0.6, 0.6, 1.5};
  Settings settings;
  settings.device = Device::exact;
  settings.sampling.tolerance = 1e-6;
  settings.sampling.budget_s = 0;
  settings.sampling.budget_samples = 200000;
  const LogDeterminant answer = log_determinant(a, settings);
  EXPECT_FALSE(answer.met);
  EXPECT_LE(answer.samples, 200000);
  EXPECT_GT(answer.samples, 100000);
}

// Nothing is sampled of a diagonal matrix but zeros: the error that is left is that of the arithmetic, the same for all
// ways, which so agree.
TEST(log_determinant, of_a_diagonal_matrix_is_off_by_rounding_alone) {
  for (const std::vector<double>& diagonal : {std::vector{4.0}, {1.0, 2.0, 3.0}, {1.0, 1.0}, {1e-7, 1e9, 0.3, 7.0}}) {
    const auto n = static_cast<int64_t>(diagonal.size());
    Matrix a(n, n);
    double exact = 0;
    for (int64_t i = 0; i < n; ++i) {
      a(i, i) = diagonal[i];
      exact += std::log(diagonal[i]);
    }
    Settings settings;
    settings.device = Device::exact;
    const LogDeterminant answer = log_determinant(a, settings);
    for (const LogDeterminant::Method& method : answer.methods) {
      EXPECT_NEAR(method.value, exact, 4 * method.standard_error) << method.name;
      EXPECT_LT(method.standard_error, 1e-13);
    }
    EXPECT_EQ(disagreement(answer, nullptr), "");
  }
}

TEST(log_determinant, euler_steps_are_refused) {
  Settings settings;
  settings.euler = true;
  EXPECT_THROW(log_determinant(identity(2), settings), InputError);
}

}  // namespace
}  // namespace swell::linear
