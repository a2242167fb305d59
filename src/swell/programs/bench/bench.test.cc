#include "swell/programs/bench/bench.h"

#include <gtest/gtest.h>

#include <set>

#include "swell/base/errors.h"
#include "swell/programs/bench/steady.h"

namespace swell::bench {

TEST(bench, machines_are_valid_and_have_the_couplings_they_say) {
  for (const Kind kind : {Kind::uncoupled, Kind::dense, Kind::lattice, Kind::graph}) {
    const Workload machine = make_workload(kind, 400);
    EXPECT_EQ(machine.computer.units(), 400);
    EXPECT_NO_THROW(validate(machine.computer, "bench"));
    EXPECT_NO_THROW(validate(hold(machine, 10, 1e-3), machine.computer, "bench"));
    if (kind == Kind::lattice) {
      EXPECT_EQ(machine.multiply_adds, 12 * 400);
    }
    if (kind == Kind::graph) {
      // A unit meets a given other one again, or itself, in one of six permutations with a chance of about 1/400 each.
      EXPECT_LE(machine.multiply_adds, 12 * 400);
      EXPECT_GT(machine.multiply_adds, 11 * 400);
    }
  }
}

TEST(bench, cases_have_names_of_their_own_and_are_found_by_them) {
  const std::vector<Case> cases = all_cases(2, false);
  std::set<std::string> names;
  for (const Case& each : cases) EXPECT_TRUE(names.insert(each.name()).second) << each.name();
  EXPECT_EQ(choose(cases, "").size(), cases.size());
  EXPECT_EQ(choose(cases, "dense/1296/batch64/threads2").size(), 1u);
  EXPECT_THROW(choose(cases, "dense/1297"), InputError);
  EXPECT_LT(all_cases(1, true).size(), all_cases(2, true).size());
}

TEST(bench, a_steady_run_gives_rates_and_can_be_interrupted) {
  const Workload machine = make_workload(Kind::dense, 64);
  RunOptions options;
  options.trajectories = 48;
  options.threads = 2;
  std::vector<double> rates;
  const double took = seconds_of([&] { rates = steady_rates(machine, options, 0.02, 1e-6, [] { return true; }); });
  ASSERT_FALSE(rates.empty());
  // Each of two threads reports a step of its 24 trajectories or more in a window, which is shorter than the whole; and
  // no core makes 1e12 multiply-adds a second, of which a step has 64 x 64.
  for (const double rate : rates) {
    EXPECT_GE(rate, 2 * 24 / took);
    EXPECT_LE(rate, 2 * 1e12 / (64 * 64));
  }
  EXPECT_THROW(steady_rates(machine, options, 0.02, 1e-6, [] { return false; }), Interrupted);
}

}  // namespace swell::bench
