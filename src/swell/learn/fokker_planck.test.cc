#include "swell/learn/fokker_planck.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "physics/machines.h"
#include "physics/statistics.h"
#include "swell/base/errors.h"
#include "swell/physics/onsite.h"

namespace swell {

namespace {

// Driven into shape, then released while the temperature falls: the second segment is learned.
LearnedProtocol noising(const Computer& computer, double duration = 1.0) {
  LearnedProtocol protocol{
      {"noising", {test::ramp(computer, duration, 1.5, 2.0), test::ramp(computer, duration, 2.0, -0.5)}}, {0, 1}};
  protocol.segments[1].kT = {{{0.0, computer.kT}, {1.0, 0.5 * computer.kT}}};
  return protocol;
}

LearnedProtocol held(const Computer& computer, double duration, double force) {
  LearnedProtocol protocol{{"held", {test::ramp(computer, duration, force, force)}}, {1}};
  return protocol;
}

double error_against(const OneUnitTable& coarse, const OneUnitTable& fine,
                     const std::vector<double> OneUnitTable::*values) {
  double largest = 0;
  for (size_t k = 0; k < (coarse.*values).size(); ++k) {
    largest = std::max(largest, std::abs((coarse.*values)[k] - (fine.*values)[k]));
  }
  return largest;
}

}  // namespace

// An Ornstein-Uhlenbeck unit under a force that is constant during each step: mean, variance and the mean of the target
// follow exactly from step to step. Cells of h = 0.013 are off by (V' h / 2 kT)^2 / 6 in the drift, up to 1e-3
// of it at the edge of the law and 1e-4 in its mean; any wrong factor is 1e-2 or more.
TEST(fokker_planck, moments_of_a_harmonic_unit_are_those_of_a_driven_ornstein_uhlenbeck_process) {
  Computer computer = test::machine({1});
  computer.kT = 0.2;
  const OneUnitParameters unit{0.8, 0, 0, 1.7};
  const LearnedProtocol protocol = noising(computer);
  const double dt = 1e-3, k = 2 * unit.J2 * unit.mobility, decay = std::exp(-k * dt);
  const OneUnitTable table = solve_fokker_planck(unit, protocol, 0, -1, 1, {5, 600, dt, 2});
  ASSERT_EQ(table.steps, 1000);
  ASSERT_EQ(table.patterns.size(), 5u);
  for (size_t c = 0; c < 5; ++c) {
    double mean = 0, variance = 0;
    int64_t row = 0;
    for (size_t s = 0; s < protocol.segments.size(); ++s) {
      const Segment& segment = protocol.segments[s];
      for (int step = 0; step < 1000; ++step) {
        const double kT = segment.kT(step / 1000.0), force = segment.drive[0](step / 1000.0) * table.patterns[c];
        const double before = mean;
        mean = mean * decay + force / (2 * unit.J2) * (1 - decay);
        variance = variance * decay * decay + kT / (2 * unit.J2) * (1 - decay * decay);
        if (!protocol.learned[s]) continue;
        const size_t at = row * 5 + c;
        ASSERT_NEAR(table.mean[at], mean, 1e-4);
        ASSERT_NEAR(table.square[at], variance + mean * mean, 1e-4);
        ASSERT_NEAR(table.target[at], (mean - before) / (unit.mobility * dt) - 2 * unit.J2 * mean, 4e-4);
        ASSERT_NEAR(table.weight[row], computer.kT / kT, 1e-12);
        ++row;
      }
    }
    ASSERT_EQ(row, table.steps);
  }
}

// 48 x 4096 quartic units simulated by the engine: means to 4e-3 at six standard errors (300 comparisons at most:
// false-alarm rate below 1e-6). Euler-Maruyama is off by order dt: less than dt (in units where all is of order 1).
TEST(fokker_planck, moments_of_a_quartic_unit_are_those_of_simulated_trajectories) {
  Computer computer = test::machine({48});
  computer.kT = 0.15;
  const OneUnitParameters unit{-0.4, 0.3, 0.9, 0.7};
  computer.J2.assign(48, unit.J2);
  computer.J3.assign(48, unit.J3);
  computer.J4.assign(48, unit.J4);
  computer.mobility.assign(48, unit.mobility);
  const LearnedProtocol protocol = noising(computer);
  const Patterns patterns{1, std::vector<double>(48, 0.6)};
  RunOptions options = test::run_options(2e-3, 4096, 81);
  options.patterns = &patterns;
  options.threads = 2;
  options.snapshots = test::all_units(computer, options, 100, 500);
  const auto run = swell::run(computer, protocol, options);
  const OneUnitTable table = solve_fokker_planck(unit, protocol, 0, 0.6, 0.6, {1, 400, options.dt, 1});
  const int64_t kept = 4096 * 48;
  ASSERT_EQ(run.snapshot_times.size(), 6u);
  for (int64_t shot = 1; shot < 6; ++shot) {
    const int64_t row = 100 * shot - 1;
    std::vector<double> x(run.snapshots.begin() + shot * kept, run.snapshots.begin() + (shot + 1) * kept), square;
    for (const double value : x) square.push_back(value * value);
    const auto mean = test::estimate(x), second = test::estimate(square);
    test::expect_equal(mean, table.mean[row], options.dt);
    test::expect_equal(second, table.square[row], options.dt);
    EXPECT_LT(test::kSigmas * mean.error, 6e-3);
  }
}

// Doubling the cells quarters the distance to the limit: 4 within the next order (a few per cent), far from 2 or 8.
TEST(fokker_planck, converges_to_second_order_in_the_cell) {
  Computer computer = test::machine({1});
  computer.kT = 0.1;
  const OneUnitParameters unit{1, 0.2, 1, 1};
  const auto solve = [&](int cells) {
    return solve_fokker_planck(unit, noising(computer, 0.5), 0, 0.8, 0.8, {1, cells + 1, 2e-3, 1});
  };
  const OneUnitTable coarse = solve(60), middle = solve(120), fine = solve(240);
  for (const auto values : {&OneUnitTable::mean, &OneUnitTable::square, &OneUnitTable::target}) {
    const double ratio = error_against(coarse, middle, values) / error_against(middle, fine, values);
    EXPECT_NEAR(ratio, 4, 0.4);
  }
}

// A bistable unit under a constant force, after many escape times. Rates that keep detailed balance have the Boltzmann
// weights at the cells as their stationary state, and a sum over equal cells of a smooth, vanishing function is exact
// to rounding; what is left is the tail that the grid leaves out (e^-40) and the last of the relaxation.
TEST(fokker_planck, stationary_state_is_boltzmann) {
  Computer computer = test::machine({1});
  computer.kT = 0.3;
  const OneUnitParameters unit{-0.6, 0.1, 0.8, 1.3};
  const double force = 0.25;
  const OneUnitTable table = solve_fokker_planck(unit, held(computer, 200, 1), 0, force, force, {1, 200, 0.05, 1});
  double weight = 0, first = 0, second = 0, slope = 0;
  for (double x = -6; x <= 6; x += 1e-3) {
    const double w = std::exp(-(onsite_energy(x, unit.J2, unit.J3, unit.J4) - force * x) / computer.kT);
    weight += w;
    first += w * x;
    second += w * x * x;
    slope += w * onsite_gradient(x, unit.J2, unit.J3, unit.J4);
  }
  EXPECT_NEAR(table.mean.back(), first / weight, 1e-9);
  EXPECT_NEAR(table.square.back(), second / weight, 1e-9);
  // <V'> = force at rest, so the target is force - 2 <V'> = -force.
  EXPECT_NEAR(table.target.back(), -force, 1e-8);
  EXPECT_NEAR(slope / weight, force, 1e-8);
}

// The law is a smooth function of the pattern, so 33 Chebyshev points give it to many digits between them. The direct
// solution spans [p, 1], so that both use the same grid: cells cancel and only the interpolation is left.
TEST(fokker_planck, patterns_between_the_columns_are_interpolated) {
  Computer computer = test::machine({1});
  computer.kT = 0.1;
  const OneUnitParameters unit{1, 0, 1, 1};
  const LearnedProtocol protocol = noising(computer, 0.5);
  const OneUnitTable table = solve_fokker_planck(unit, protocol, 0, -1, 1, {33, 200, 2e-3, 2});
  for (const double pattern : {-0.9137, -0.21, 0.003, 0.3721, 0.98}) {
    const OneUnitTable direct = solve_fokker_planck(unit, protocol, 0, pattern, 1, {2, 200, 2e-3, 1});
    const std::vector<double> weights = interpolation_weights(table.patterns, pattern);
    for (const auto values : {&OneUnitTable::mean, &OneUnitTable::square, &OneUnitTable::target}) {
      for (const int64_t row : {int64_t{0}, table.steps / 2, table.steps - 1}) {
        double value = 0;
        for (size_t c = 0; c < weights.size(); ++c) value += weights[c] * (table.*values)[row * 33 + c];
        EXPECT_NEAR(value, (direct.*values)[row * 2], 1e-8) << pattern;
      }
    }
  }
}

TEST(fokker_planck, interpolation_is_exact_for_polynomials_and_at_the_columns) {
  std::vector<double> points;
  for (int c = 0; c < 6; ++c) points.push_back(2.5 - 1.5 * std::cos(M_PI * c / 5));
  for (const double p : {1.0, 1.3, 2.5, points[1], 3.99}) {
    const std::vector<double> weights = interpolation_weights(points, p);
    double sum = 0, fifth = 0;
    for (int c = 0; c < 6; ++c) {
      sum += weights[c];
      fifth += weights[c] * std::pow(points[c], 5);
    }
    EXPECT_NEAR(sum, 1, 1e-13);
    EXPECT_NEAR(fifth, std::pow(p, 5), 1e-10);  // up to 1e3, a dozen operations
  }
  EXPECT_EQ(interpolation_weights(points, points[3]), (std::vector<double>{0, 0, 0, 1, 0, 0}));
  EXPECT_EQ(interpolation_weights({0.4}, 0.4), std::vector<double>{1});
}

TEST(fokker_planck, threads_do_not_change_a_bit) {
  Computer computer = test::machine({1});
  computer.kT = 0.1;
  const auto solve = [&](int threads) {
    return solve_fokker_planck({1, 0, 1, 1}, noising(computer, 0.2), 0, -1, 1, {33, 100, 1e-2, threads});
  };
  const OneUnitTable one = solve(1);
  for (const int threads : {2, 7}) {
    const OneUnitTable many = solve(threads);
    EXPECT_EQ(one.mean, many.mean);
    EXPECT_EQ(one.square, many.square);
    EXPECT_EQ(one.target, many.target);
  }
}

// Of two tasks of 2 x 5000 steps, each looks every 256 steps; shares ascend.
TEST(fokker_planck, tells_how_far_it_is_and_stops_when_asked) {
  Computer computer = test::machine({1});
  computer.kT = 0.1;
  FokkerPlanckOptions options{17, 20, 2e-4, 2, {}};
  std::vector<double> shares;
  options.progress = [&](const Progress& at) {
    shares.push_back(at.done);
    return true;
  };
  const LearnedProtocol protocol = noising(computer);
  solve_fokker_planck({1, 0, 1, 1}, protocol, 0, -1, 1, options);
  EXPECT_EQ(shares.size(), 2u * 40);
  EXPECT_TRUE(std::is_sorted(shares.begin(), shares.end()));
  EXPECT_EQ(shares.back(), 1);
  int calls = 0;
  options.progress = [&](const Progress&) { return ++calls < 5; };
  EXPECT_THROW(solve_fokker_planck({1, 0, 1, 1}, protocol, 0, -1, 1, options), Interrupted);
  EXPECT_LT(calls, 8);
}

TEST(fokker_planck, refuses_a_process_whose_law_it_cannot_know) {
  Computer computer = test::machine({1});
  computer.kT = 0.1;
  test::add_set(computer, {0.0});
  const auto solve = [](const LearnedProtocol& protocol) { solve_fokker_planck({1, 0, 1, 1}, protocol, 0, -1, 1, {}); };
  LearnedProtocol cold = noising(computer), coupled = cold, clamped = cold, idle = cold, unset = cold;
  cold.segments[0].kT = {{{0.0, 0.1}, {1.0, 0.0}}};
  coupled.segments[1].couplings = 0;
  clamped.segments[0].clamped[0] = 1;
  idle.learned = {0, 0};
  unset.segments[1].kT = {};  // no knots: zero everywhere
  for (const LearnedProtocol& protocol : {cold, coupled, clamped, idle, unset})
    EXPECT_THROW(solve(protocol), InputError);
}

}  // namespace swell
