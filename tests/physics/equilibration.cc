// What runs say about their own equilibrium (ledger/diagnose.h), against machines whose equilibrium is known.

#include <gtest/gtest.h>

#include "physics/machines.h"
#include "swell/ledger/diagnose.h"

namespace swell::test {

namespace {

// So many relaxation times of about 1, with points of the course 0.25 apart.
RunOptions watched(double dt, int64_t trajectories, Integrator integrator, uint64_t seed) {
  RunOptions options = run_options(dt, trajectories, seed);
  options.integrator = integrator;
  options.observables.course_every = std::llround(0.25 / dt);
  options.threads = 2;
  return options;
}

Diagnostics held(const Computer& computer, double duration, const RunOptions& options) {
  const Protocol protocol{"held", {hold(computer, duration, computer.sets.empty() ? kNoCouplings : 0)}};
  return diagnose(computer, protocol, options, run(computer, protocol, options));
}

// Independent units of 2 wells, x = +-1, barrier kT / kT_of_barrier high.
Computer two_wells(int64_t units, double kT) {
  Computer computer = machine({units});
  computer.kT = kT;
  computer.J2.assign(units, -2.0);
  computer.J4.assign(units, 1.0);
  return computer;
}

}  // namespace

// Harmonic modes of stiffness 1 to 4 and quartic ones, both schemes, at dt = 0.05 where Euler-Maruyama is too warm by
// kT a dt / (2 - a dt), 2.6 to 11 %: told apart from the temperature. 4 standard errors of about 1.5 %, seeds fixed.
TEST(equilibration, long_runs_have_the_temperature_that_was_set) {
  for (const double kT : {0.5, 2.0}) {
    Computer quartic = quartic_machine({8, 8}, 0.3);
    quartic.kT = kT;
    const Computer harmonic = harmonic_machine(random_stiffness(16, 1, 4, 5), kT);
    for (const Computer& computer : {harmonic, quartic}) {
      for (const Integrator integrator : {Integrator::euler_maruyama, Integrator::leimkuhler_matthews}) {
        const Diagnostics found = held(computer, 40, watched(0.05, 256, integrator, 3));
        EXPECT_NEAR(found.kT->mean, kT, 4 * found.kT->stderr_of_mean);
        EXPECT_LT(found.kT->stderr_of_mean, 0.04 * kT);
        EXPECT_LT(*found.r_hat, 1.1);
        EXPECT_EQ(found.complaint(), "");
        EXPECT_EQ(found.kT_of_step > 0, integrator == Integrator::euler_maruyama);
        EXPECT_LT(found.first_law->share, 1e-7);
      }
    }
  }
}

// One mode of stiffness a: what Euler's step adds is kT a dt / (2 - a dt), within 4 errors of 256 x 16 values.
TEST(equilibration, what_a_step_adds_is_known_in_a_harmonic_mode) {
  Computer computer = machine({16});
  computer.J2.assign(16, 1.0);  // a = 2
  const Diagnostics found = held(computer, 20, watched(0.1, 256, Integrator::euler_maruyama, 4));
  const double expected = 2 * 0.1 / (2 - 2 * 0.1);
  EXPECT_NEAR(found.kT_of_step, expected, 4 * expected * std::sqrt(2.0 / 4096));
}

// From x = 0, after a tenth of a relaxation time, units are colder than kT: 1 - e^-0.2 = 0.18 of it.
TEST(equilibration, a_run_that_is_stopped_early_says_so) {
  const Computer computer = machine({32});
  const Diagnostics found = held(computer, 0.1, watched(0.001, 64, Integrator::leimkuhler_matthews, 5));
  EXPECT_NEAR(found.kT->mean, -std::expm1(-0.2), 4 * found.kT->stderr_of_mean);
  EXPECT_TRUE(found.complaint().starts_with("this has not equilibrated: the units' own temperature is 0.1"))
      << found.complaint();
  EXPECT_TRUE(found.complaint().ends_with("what helps: " + found.advice));
}

// Barriers of 20 kT are not crossed: each trajectory stays in the well where it began. At 2/3 kT they are.
TEST(equilibration, two_wells_agree_only_where_they_are_crossed) {
  const Diagnostics cold = held(two_wells(1, 0.05), 40, watched(0.01, 32, Integrator::leimkuhler_matthews, 6));
  EXPECT_GT(*cold.r_hat, 3);
  EXPECT_LT(*cold.effective_draws, 64);
  EXPECT_NE(cold.complaint().find("split R-hat of the mean of group 'g0'"), std::string::npos) << cold.complaint();
  const Diagnostics warm = held(two_wells(1, 1.5), 40, watched(0.01, 32, Integrator::leimkuhler_matthews, 6));
  EXPECT_LT(*warm.r_hat, 1.1);
  EXPECT_EQ(warm.complaint(), "");
}

TEST(equilibration, what_an_answer_has_not_is_absent_with_its_reason) {
  const Computer computer = machine({4});
  const RunOptions options = watched(0.01, 8, Integrator::euler_maruyama, 7);
  const std::vector<double> ones(4, 1.0);
  const Patterns patterns{1, ones};
  RunOptions driven = options;
  driven.patterns = &patterns;
  const Protocol rising{"ramp", {ramp(computer, 1, 0, 1)}};
  const Diagnostics moved = diagnose(computer, rising, driven, run(computer, rising, driven));
  EXPECT_FALSE(moved.kT);
  EXPECT_FALSE(moved.r_hat);
  EXPECT_FALSE(moved.tells());
  EXPECT_NE(moved.kT.why().find("a driven machine has no equilibrium"), std::string::npos);
  EXPECT_TRUE(moved.first_law);
  Protocol still{"still", {hold(computer, 1)}};
  still.segments[0].clamped = {1};
  EXPECT_EQ(diagnose(computer, still, driven, run(computer, still, driven)).kT.why(), "no unit moves");
  RunOptions blind = options;
  blind.observables.course_every = 0;
  const Protocol plain{"plain", {hold(computer, 1)}};
  EXPECT_FALSE(diagnose(computer, plain, blind, run(computer, plain, blind)).r_hat);
}

// p-bits by either rule through run(): a frustrated ring with a drive, at two temperatures, and one stopped early.
TEST(equilibration, pbits_have_the_temperature_that_was_set) {
  std::vector<IsingEdge> edges;
  for (int64_t i = 0; i < 60; ++i) {
    edges.push_back({i, (i + 1) % 60, i % 3 == 0 ? -1.0 : 1.0});
    edges.push_back({i, (i + 7) % 60, 0.5});
  }
  const IsingModel model = make_ising(60, edges);
  const Patterns patterns{1, std::vector<double>(60, 2.0)};
  for (const double kT : {1.5, 4.0}) {
    for (const FlipRule rule : {FlipRule::gibbs, FlipRule::metropolis}) {
      Segment segment;
      segment.name = "held";
      segment.duration = 400;
      segment.couplings = 0;
      segment.drive = {Schedule{{{0.0, 1.0}}}};
      segment.kT = {{{0.0, kT}}};
      RunOptions options = run_options(1, 48, 8);
      options.rule = rule;
      options.patterns = &patterns;
      options.observables.course_every = 4;
      Protocol protocol{"held", {segment}};
      const Diagnostics found = diagnose(model, protocol, options, run(model, protocol, options));
      EXPECT_NEAR(found.kT->mean, kT, 4 * found.kT->stderr_of_mean);
      EXPECT_LT(found.kT->stderr_of_mean, 0.1 * kT);
      EXPECT_LT(*found.r_hat, 1.1);
      EXPECT_EQ(found.complaint(), "");
      protocol.segments[0].duration = 1;
      protocol.segments[0].kT = {{{0.0, 0.5}}};
      options.trajectories = 400;
      const Diagnostics early = diagnose(model, protocol, options, run(model, protocol, options));
      EXPECT_NE(early.complaint(), "") << kT;
    }
  }
}

// Of 50 seeds of a good run none, or at most two, warn: R-hat leaves room, and temperatures warn once in 10^4.
TEST(equilibration, good_runs_warn_seldom) {
  Computer computer = quartic_machine({8}, 0.3);
  int warned = 0;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const int64_t trajectories = seed % 2 == 0 ? 2 : 64;
    warned +=
        !held(computer, 40, watched(0.05, trajectories, Integrator::euler_maruyama, 100 + seed)).complaint().empty();
  }
  EXPECT_LE(warned, 2);
}

}  // namespace swell::test
