#include "swell/ledger/diagnostics.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "swell/ledger/diagnose.h"
#include "swell/ledger/to_json.h"
#include "swell/random/streams.h"

namespace swell {

namespace {

Diagnostics with_kT(double mean, double error, int64_t count) {
  Diagnostics diagnostics = no_diagnostics("no course");
  diagnostics.kT = Estimate{mean, error, count};
  diagnostics.kT_set = 1;
  diagnostics.advice = "waiting";
  return diagnostics;
}

// Four chains of eight draws whose means lie `apart`.
Chains apart_by(double apart) {
  Chains chains{4, 8, {}};
  for (int c = 0; c < 4; ++c) {
    for (int k = 0; k < 8; ++k) chains.values.push_back(c * apart + (k % 2 == 0 ? 1 : -1));
  }
  return chains;
}

}  // namespace

// Large samples: 3.9 errors are chance 1e-4, and less than 2 % is never complained of, however sharp.
TEST(diagnostics, temperatures_are_too_far_off_beyond_chance_and_slack) {
  EXPECT_EQ(with_kT(1.1, 0.03, 1000).complaint(), "");
  EXPECT_NE(with_kT(1.1, 0.02, 1000).complaint(), "");
  EXPECT_EQ(with_kT(1.015, 1e-6, 1000).complaint(), "");
  EXPECT_NE(with_kT(0.97, 1e-4, 1000).complaint(), "");
  EXPECT_EQ(with_kT(5, 0.3, 3).complaint(), "");  // of three values 13 errors may be chance
  EXPECT_EQ(with_kT(5, 0, 1).complaint(), "");    // one value has no error
  EXPECT_FALSE(with_kT(5, 0, 1).tells());
  EXPECT_EQ(with_kT(0.97, 1e-4, 1000).complaint(),
            "this has not equilibrated: the units' own temperature is 0.97 +- 0.0001 E0 where 1 is set: their states "
            "are not those of that temperature; what helps: waiting");
}

TEST(diagnostics, a_run_that_claims_no_equilibrium_has_none_to_miss) {
  Diagnostics diagnostics = with_kT(0.5, 0.01, 1000);
  diagnostics.no_claim = "read at a set time";
  EXPECT_EQ(diagnostics.complaint(), "");
  EXPECT_EQ(diagnostics.verdict(), "");
  EXPECT_FALSE(diagnostics.tells());
  EXPECT_EQ(to_json(diagnostics)["note"], "read at a set time");
}

TEST(diagnostics, the_quantity_furthest_above_its_limit_is_told) {
  Diagnostics diagnostics = no_diagnostics("nothing yet");
  watch(diagnostics, "one", apart_by(1), 1.1);
  watch(diagnostics, "two", apart_by(2), 1.1);
  watch(diagnostics, "three", apart_by(0), 1.1);
  watch(diagnostics, "none", {2, 8, std::vector<double>(16, 3.0)}, 1.1);  // it does not vary
  EXPECT_EQ(diagnostics.r_hat_of, "two");
  EXPECT_DOUBLE_EQ(*diagnostics.r_hat, split_r_hat(apart_by(2)));
  EXPECT_DOUBLE_EQ(*diagnostics.effective_draws, effective_draws(apart_by(2)));
  EXPECT_EQ(diagnostics.complaint().find("this has not equilibrated: split R-hat of two is"), 0u);
  EXPECT_EQ(diagnostics.chains, 4);
}

TEST(diagnostics, of_several_runs_the_worst_figures_are_kept) {
  Diagnostics all = with_kT(1.001, 0.01, 100), other = with_kT(0.95, 0.01, 100);
  watch(all, "calm", apart_by(0), 1.1);
  watch(other, "torn", apart_by(2), 1.1);
  take_worse(all, other);
  take_worse(all, with_kT(1.002, 0.01, 100));
  EXPECT_EQ(all.r_hat_of, "torn");
  EXPECT_EQ(all.kT->mean, 0.95);
  EXPECT_EQ(all.temperatures, 3);
}

TEST(diagnostics, what_is_absent_stands_with_its_reason) {
  const nlohmann::ordered_json json = to_json(no_diagnostics("a search that cools has no equilibrium"));
  for (const char* key : {"r_hat", "effective_draws", "kT"}) {
    EXPECT_TRUE(json[key].is_null());
    EXPECT_EQ(json["unknown"][key], "a search that cools has no equilibrium");
  }
  EXPECT_FALSE(json.contains("kT_set"));
}

// 1200 steps with a point of the course every 10: 121 points with both ends, 61 of them from step 600 on, 31 from step
// 900 on, where averages begin.
TEST(diagnostics, a_run_is_watched_from_where_its_averages_begin_or_over_the_second_half_of_its_last_segment) {
  Computer computer;
  computer.groups.push_back({"unit", {1}, 0, 1});
  computer.J2 = {0.5};
  computer.J3 = computer.J4 = {0.0};
  computer.mobility = {1.0};
  computer.kT = 0.05;
  Segment segment;
  segment.name = "settle";
  segment.duration = 60;
  segment.drive = {Schedule{{{0.0, 1.0}}}};
  segment.clamped = {0};
  const Protocol protocol{"settle", {segment}};
  RunOptions options;
  options.dt = 0.05;
  options.trajectories = 32;
  options.noise = {3, stream::kTesting};
  options.observables.course_every = 10;
  const Patterns patterns{1, {8.0}};
  options.patterns = &patterns;
  const Diagnostics late = diagnose(computer, protocol, options, run(computer, protocol, options));
  EXPECT_EQ(late.draws, 61);
  EXPECT_EQ(late.complaint(), "");
  options.observables.every = 10;
  EXPECT_EQ(diagnose(computer, protocol, options, run(computer, protocol, options)).draws, 121);
  options.observables.from_step = 900;
  EXPECT_EQ(diagnose(computer, protocol, options, run(computer, protocol, options)).draws, 31);
}

// 200 trajectories of 40 harmonic units, whose mean relaxes in 1/mu: at rest for 10/mu, then watched for another 10/mu.
// Ten seeds, none of which warns. Units in deep wells, which each trajectory fills in a way of its own, do.
TEST(diagnostics, short_stretches_at_equilibrium_are_no_cause_for_alarm) {
  Computer computer;
  computer.groups.push_back({"units", {40}, 0, 40});
  computer.J2.assign(40, 0.5);
  computer.J3.assign(40, 0.0);
  computer.J4.assign(40, 0.0);
  computer.mobility.assign(40, 1.0);
  Segment segment;
  segment.name = "rest";
  segment.duration = 20;
  segment.drive.resize(1);
  segment.clamped = {0};
  const Protocol protocol{"rest", {segment}};
  RunOptions options;
  options.dt = 0.02;
  options.integrator = Integrator::leimkuhler_matthews;
  options.trajectories = 200;
  options.observables.course_every = 5;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    options.noise = {seed, stream::kTesting};
    const Diagnostics told = diagnose(computer, protocol, options, run(computer, protocol, options));
    EXPECT_EQ(told.complaint(), "") << seed;
    EXPECT_GT(*told.r_hat, 1.05);  // of chance
  }
  computer.J2.assign(40, -20.0);
  computer.J4.assign(40, 10.0);
  options.dt = 0.005;
  options.observables.course_every = 20;
  const Diagnostics torn = diagnose(computer, protocol, options, run(computer, protocol, options));
  EXPECT_NE(torn.complaint().find("R-hat"), std::string::npos) << torn.complaint();
}

}  // namespace swell
