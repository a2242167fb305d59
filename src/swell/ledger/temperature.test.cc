#include "swell/ledger/temperature.h"

#include <gtest/gtest.h>

#include <cmath>

#include "swell/engine/pbits/pbits.h"
#include "swell/random/normal.h"
#include "swell/random/streams.h"

namespace swell {

namespace {

double normal(int64_t a, int64_t b) { return draw_normal({19, stream::kTesting}, a, b, 0); }

// A frustrated ring with fields: 40 units, couplings of either sign.
IsingModel ring() {
  std::vector<IsingEdge> edges;
  std::vector<double> h;
  for (int64_t i = 0; i < 40; ++i) {
    edges.push_back({i, (i + 1) % 40, i % 3 == 0 ? -1.3 : 0.8});
    edges.push_back({i, (i + 5) % 40, 0.4});
    h.push_back(i % 2 == 0 ? 0.5 : -0.2);
  }
  return make_ising(40, edges, h);
}

std::vector<int8_t> sampled(const IsingModel& model, double kT, FlipRule rule, int64_t replicas, int64_t sweeps) {
  PbitOptions options;
  options.engine = EngineKind::reference;
  options.update = rule;
  options.noise = {7, stream::kTesting};
  options.replicas = replicas;
  options.beta.assign(sweeps, 1 / kT);
  return Pbits(model).sample(options).spins;
}

}  // namespace

// x = (1, 2, 5), slopes (3, 4, 6), the last unit held: (1 x 3 + 2 x 4) / 2, and (dt/2)(mu 9 + mu 16) / 2.
TEST(temperature, equipartition_is_a_mean_over_units_that_move) {
  Computer computer;
  computer.J2.assign(3, 1.0);
  computer.mobility = {1, 2, 1};
  const Equipartition found = equipartition(computer, std::vector<double>{1, 2, 5}, std::vector<double>{3, 4, 6},
                                            std::vector<char>{1, 1, 0}, 0.1);
  EXPECT_NEAR(found.virial, 5.5, 1e-14);
  EXPECT_NEAR(found.step_share, 0.05 * (9 + 2 * 16) / 2, 1e-14);
}

// States drawn from the stationary law itself, covariance kT / a (1 - a h / 2)^-1 in each direction: 2000 replicas of 2
// units, error 1/sqrt(2000) = 2.2 %; 5 errors. A temperature that is off by 15 % is caught.
TEST(temperature, of_linear_states_is_that_of_their_law) {
  LinearSystem system{Matrix(2, 2), {0, 0}, Matrix(2, 2)};
  system.drift.values = {3, 0, 0, 1};
  system.noise.values = {2, 0, 0, 2};
  for (const double h : {0.0, 0.3}) {
    for (const double kT : {1.0, 0.25}) {
      std::vector<double> states;
      for (int64_t t = 0; t < 2000; ++t) {
        for (int64_t i = 0; i < 2; ++i) {
          const double a = system.drift(i, i);
          states.push_back(40 + std::sqrt(kT / a / (1 - 0.5 * a * h)) * normal(t, i));  // about any mean
        }
      }
      const Estimate found = linear_temperature(system, states, h);
      EXPECT_NEAR(found.mean, kT, 5 * found.stderr_of_mean) << h;
      EXPECT_NEAR(found.stderr_of_mean / kT, 1 / std::sqrt(2000.0), 0.006);
    }
  }
}

// A free unit in fields +-2: of its spins a share 1 / (1 + e^(-4/kT)) lies along the field. Counts of kT = 2 exactly:
// 880797 in a million, so kT = 4 / ln(p / (1 - p)); the error is that of a proportion, sqrt(p (1 - p) / n), times
// dkT/dp = kT^2 / 4 / (p (1 - p)).
TEST(temperature, of_free_pbits_is_that_of_their_proportion) {
  std::vector<int8_t> spins;
  std::vector<double> fields;
  for (int k = 0; k < 1000; ++k) {
    const int8_t sign = k % 2 == 0 ? 1 : -1;
    spins.push_back(static_cast<int8_t>(k < 881 ? sign : -sign));
    fields.push_back(2 * sign);
  }
  const Estimate found = pbit_temperature(spins, fields, 1000);
  const double p = 0.881;
  EXPECT_NEAR(found.mean, 4 / std::log(p / (1 - p)), 1e-9);
  const double error = std::sqrt(p * (1 - p) / 999) * found.mean * found.mean / 4 / (p * (1 - p));
  EXPECT_NEAR(found.stderr_of_mean, error, 1e-6);
}

TEST(temperature, of_pbits_at_equilibrium_is_the_one_set_by_either_rule) {
  const IsingModel model = ring();
  for (const double kT : {0.8, 2.5}) {
    for (const FlipRule rule : {FlipRule::gibbs, FlipRule::metropolis}) {
      const Estimate found = pbit_temperature(model, sampled(model, kT, rule, 512, 200));
      EXPECT_NEAR(found.mean, kT, 5 * found.stderr_of_mean);
      EXPECT_LT(found.stderr_of_mean, 0.03 * kT);  // of a sharp estimate: 15 % off is caught
    }
  }
}

// One sweep from random states is not kT = 0.8 yet.
TEST(temperature, of_pbits_that_have_just_begun_is_another) {
  const IsingModel model = ring();
  const Estimate found = pbit_temperature(model, sampled(model, 0.8, FlipRule::gibbs, 512, 1));
  EXPECT_GT(std::abs(found.mean - 0.8), 6 * found.stderr_of_mean);
}

TEST(temperature, of_frozen_pbits_is_not_made_up) {
  EXPECT_EQ(pbit_temperature(std::vector<int8_t>{1, -1}, std::vector<double>{2, -1}, 2).count, 0);
  EXPECT_EQ(pbit_temperature(std::vector<int8_t>{-1, 1}, std::vector<double>{2, -1}, 2).count, 0);  // against them
  EXPECT_EQ(pbit_temperature(std::vector<int8_t>{-1, 1}, std::vector<double>{0, 0}, 2).count, 0);   // none
}

}  // namespace swell
