#include "swell/learn/gradient.h"

#include <gtest/gtest.h>

#include <cmath>

#include "physics/machines.h"
#include "physics/statistics.h"
#include "swell/base/errors.h"
#include "swell/learn/path_least_squares.h"
#include "swell/physics/path_probability.h"
#include "swell/physics/potential.h"

namespace swell {

namespace {

constexpr double kDt = 1e-2;

// Three visible and two hidden units; couplings visible-hidden and hidden-hidden, biases on the hidden ones.
Computer small_machine() {
  Computer computer = test::machine({3, 2});
  computer.kT = 0.3;
  for (int64_t i = 0; i < 5; ++i) {
    computer.J3[i] = 0.1 * test::fixed_normal(60, i);
    computer.J4[i] = 0.5;
    computer.mobility[i] = 0.7 + 0.2 * static_cast<double>(i);
  }
  CouplingSet set{"learned", {}, {0, 0, 0, 0.2, -0.1}, {0, 1}};
  set.blocks.push_back({0, 1, DenseWeights{{0.1, -0.2, 0.3, 0.05, -0.15, 0.2}}});
  set.blocks.push_back({1, 1, DenseWeights{{0, 0.25, 0.25, 0}}});
  computer.sets.push_back(set);
  return computer;
}

LearnedProtocol noising(const Computer& computer) {
  LearnedProtocol protocol{{"noising", {test::ramp(computer, 0.5, 2.0, 2.0), test::ramp(computer, 1.0, 2.0, 0.0)}},
                           {0, 1}};
  protocol.segments[1].kT = {{{0.0, 0.3}, {1.0, 0.4}}};
  return protocol;
}

Patterns images() { return {2, {1, -1, 0.5, 1, 0.2, -0.4, 0.8, 1, -1, 0.9}}; }

GradientOptions options(int updates, double rate) {
  GradientOptions result;
  result.run.dt = kDt;
  result.run.noise = {83, stream::kTesting};
  result.updates = updates;
  result.rate = rate;
  return result;
}

// Trains `set` from its values; the state in the end, and whether training was stopped.
struct Learned {
  TrainingState state;
  bool stopped = false;
};
Learned learn(const Computer& computer, const LearnedProtocol& protocol, const GradientOptions& options,
              CouplingSet& set) {
  Learned learned;
  learned.stopped = !train_by_gradient(computer, protocol, images(), options, set, learned.state);
  return learned;
}

// -ln P~ of one reversed noising trajectory under a set, from snapshots of the engine, step by step.
double reverse_loss(const Computer& computer, const CouplingSet& set, int64_t trajectory) {
  const LearnedProtocol protocol = noising(computer);
  const Patterns patterns = images();
  RunOptions run_options = test::run_options(kDt, 1, 83);
  run_options.first_trajectory = trajectory;
  run_options.patterns = &patterns;
  run_options.snapshots = test::all_units(computer, run_options, 1, 50);
  const auto run = swell::run(computer, protocol, run_options);
  double sum = 0;
  for (int k = 0; k < 100; ++k) {
    const auto before = test::snapshot(run, k, 0), after = test::snapshot(run, k + 1, 0);
    std::vector<double> back(5);
    for (int i = 0; i < 5; ++i) back[i] = before[i] - after[i];
    sum += step_loss(computer, back, gradient(computer, {&set, {}}, after), protocol.segments[1].kT(k / 100.0), kDt);
  }
  return sum;
}

// The set's independent parameters one after the other: J and b as full arrays.
struct Theta {
  std::vector<double> J, b;
};
Theta theta_of(const Computer& computer, const CouplingSet& set) { return {dense_matrix(computer, set), set.bias}; }

CouplingSet moved(const Computer& computer, CouplingSet set, int64_t i, int64_t j, double by) {
  Theta theta = theta_of(computer, set);
  if (j == 5) {
    theta.b[i] += by;
  } else {
    theta.J[i * 5 + j] += by;
    theta.J[j * 5 + i] += by;
  }
  assign_from_dense(computer, theta.J, set);
  set.bias = theta.b;
  return set;
}

double value(const Theta& theta, int64_t i, int64_t j) { return j == 5 ? theta.b[i] : theta.J[i * 5 + j]; }

constexpr std::pair<int64_t, int64_t> kFree[] = {{0, 3}, {0, 4}, {1, 3}, {1, 4}, {2, 3},
                                                 {2, 4}, {3, 4}, {3, 5}, {4, 5}};

// One gradient step on this trajectory by central differences, exact for a quadratic up to rounding.
CouplingSet stepped(const Computer& computer, const CouplingSet& set, int64_t trajectory, double rate) {
  CouplingSet result = set;
  const double h = 1e-2;
  for (const auto& [i, j] : kFree) {
    const double slope = (reverse_loss(computer, moved(computer, set, i, j, h), trajectory) -
                          reverse_loss(computer, moved(computer, set, i, j, -h), trajectory)) /
                         (2 * h);
    result = moved(computer, result, i, j, -rate * slope);
  }
  return result;
}

}  // namespace

// The rounding of a loss of about 300 over the step 1e-2 and times the rate: 1e-13 and a margin. The second update uses
// the second trajectory (and so the second image) and starts from what the first one learned.
TEST(gradient, updates_are_the_gradient_of_the_reversed_path_probability) {
  const Computer computer = small_machine();
  CouplingSet expected = computer.sets[0];
  const double first_loss = reverse_loss(computer, expected, 0) / (100 * 5);
  for (int updates = 1; updates <= 2; ++updates) {
    expected = stepped(computer, expected, updates - 1, 0.01);
    CouplingSet set = computer.sets[0];
    const auto result = learn(computer, noising(computer), options(updates, 0.01), set);
    EXPECT_NEAR(result.state.loss[0], first_loss, 1e-10);
    const Theta learned = theta_of(computer, set), truth = theta_of(computer, expected);
    for (const auto& [i, j] : kFree) EXPECT_NEAR(value(learned, i, j), value(truth, i, j), 1e-9) << i << ' ' << j;
    for (int64_t i = 0; i < 3; ++i) {
      for (int64_t j = 0; j < 3; ++j) EXPECT_EQ(learned.J[i * 5 + j], 0);
      EXPECT_EQ(learned.b[i], 0);
    }
  }
}

// Update k sees trajectory k and so image k mod 2, across the portions in which trajectories are simulated. At a
// vanishing rate its loss is that of the untouched couplings, to the rounding of 500 squares.
TEST(gradient, each_update_has_its_own_trajectory) {
  const Computer computer = small_machine();
  CouplingSet set = computer.sets[0];
  const auto loss = learn(computer, noising(computer), options(40, 1e-14), set).state.loss;
  ASSERT_EQ(loss.size(), 40u);
  for (const int k : {0, 15, 16, 33}) EXPECT_NEAR(loss[k], reverse_loss(computer, computer.sets[0], k) / 500, 1e-10);
}

// The published rate is dt / tf, one over the number of learned steps.
TEST(gradient, rate_of_zero_is_one_over_the_learned_steps) {
  const Computer computer = small_machine();
  CouplingSet published = computer.sets[0], said = published;
  learn(computer, noising(computer), options(3, 0), published);
  learn(computer, noising(computer), options(3, 0.01), said);
  EXPECT_EQ(dense_matrix(computer, published), dense_matrix(computer, said));
}

// Both kinds of training have the same minimum. What is left of the loss above the exact minimum, as a share of what
// there was: 4000 small steps leave the noise of the last ones and the order dt between the engine and the
// Fokker-Planck equation, together below 2 %.
TEST(gradient, many_small_updates_come_to_the_exact_minimum) {
  Computer computer = small_machine();
  const LearnedProtocol protocol = noising(computer);
  MomentOptions moment_options;
  moment_options.dt = kDt;
  const Moments moments = exact_moments(computer, protocol, images(), moment_options);
  CouplingSet exact = computer.sets[0], learned = exact, none = exact;
  fit_couplings(computer, moments, {1e-10, 1000, 1, {}}, exact);
  learn(computer, protocol, options(4000, 1e-3), learned);
  // loss(a) - loss(exact) = (a - exact) . gradient(a) / 2 for a quadratic with its minimum at `exact`.
  const auto excess = [&](const CouplingSet& set) {
    const Theta at = theta_of(computer, set), best = theta_of(computer, exact);
    const Parameters slope = loss_gradient(computer, set, moments, {at.J, at.b}, 1);
    double sum = 0;
    for (size_t k = 0; k < at.J.size(); ++k) sum += 0.25 * (at.J[k] - best.J[k]) * slope.J[k];
    for (size_t k = 0; k < at.b.size(); ++k) sum += 0.5 * (at.b[k] - best.b[k]) * slope.b[k];
    return sum;
  };
  assign_from_dense(computer, std::vector<double>(25, 0.0), none);
  none.bias.assign(5, 0.0);
  EXPECT_GT(excess(none), 1.0);
  EXPECT_LT(excess(learned), 0.02 * excess(none));
}

// Undriven units at rest run backwards like forwards, so zero couplings are a perfect match: half a chi-square of one,
// 1/2 per step and unit, up to (V'' dt)^2. 400 x 200 x 5 squares: sees 1.3 %.
TEST(gradient, loss_of_a_matched_process_is_one_half) {
  Computer computer = small_machine();
  computer.sets[0].bias.assign(5, 0.0);
  assign_from_dense(computer, std::vector<double>(25, 0.0), computer.sets[0]);
  LearnedProtocol protocol{{"rest", {test::hold(computer, 4.0), test::hold(computer, 2.0)}}, {0, 1}};
  CouplingSet set = computer.sets[0];
  const auto result = learn(computer, protocol, options(400, 1e-12), set);
  const auto loss = test::estimate(result.state.loss);
  test::expect_equal(loss, 0.5, 1e-3);
  test::expect_power(loss, 0.5, 0.013);
}

TEST(gradient, threads_do_not_change_a_bit) {
  const Computer computer = small_machine();
  CouplingSet one = computer.sets[0];
  const auto loss = learn(computer, noising(computer), options(20, 0.01), one).state.loss;
  for (const int threads : {2, 7}) {
    CouplingSet many = computer.sets[0];
    GradientOptions how = options(20, 0.01);
    how.run.threads = threads;
    EXPECT_EQ(learn(computer, noising(computer), how, many).state.loss, loss);
    EXPECT_EQ(dense_matrix(computer, many), dense_matrix(computer, one));
    EXPECT_EQ(many.bias, one.bias);
  }
}

// Stopped after 18 of 40: exactly what 18 updates learn, though trajectories are simulated several at a time.
TEST(gradient, interruption_keeps_what_was_learned) {
  const Computer computer = small_machine();
  CouplingSet stopped = computer.sets[0], short_one = stopped;
  GradientOptions how = options(40, 0.01);
  how.after_update = [](const TrainingState& state) { return state.update < 18; };
  const auto result = learn(computer, noising(computer), how, stopped);
  EXPECT_TRUE(result.stopped);
  EXPECT_EQ(result.state.loss.size(), 18u);
  const auto whole = learn(computer, noising(computer), options(18, 0.01), short_one);
  EXPECT_FALSE(whole.stopped);
  EXPECT_EQ(whole.state.loss, result.state.loss);
  EXPECT_EQ(dense_matrix(computer, stopped), dense_matrix(computer, short_one));
  EXPECT_EQ(stopped.bias, short_one.bias);
}

// The state of a stopped training holds all that the next updates depend on.
TEST(gradient, a_stopped_training_goes_on_with_the_same_bytes) {
  const Computer computer = small_machine();
  CouplingSet parts = computer.sets[0], at_once = parts;
  const Learned whole = learn(computer, noising(computer), options(40, 0.01), at_once);
  TrainingState state;
  GradientOptions how = options(40, 0.01);
  for (const int64_t stop : {1, 15, 16, 17, 33}) {
    how.after_update = [stop](const TrainingState& now) { return now.update < stop; };
    CouplingSet again = computer.sets[0];
    EXPECT_FALSE(train_by_gradient(computer, noising(computer), images(), how, again, state));
    EXPECT_EQ(state.update, stop);
  }
  how.after_update = {};
  EXPECT_TRUE(train_by_gradient(computer, noising(computer), images(), how, parts, state));
  EXPECT_EQ(state.loss, whole.state.loss);
  EXPECT_EQ(state.exact, whole.state.exact);
  EXPECT_EQ(dense_matrix(computer, parts), dense_matrix(computer, at_once));
  TrainingState other;
  other.exact.assign(7, 0.0);
  EXPECT_THROW(train_by_gradient(computer, noising(computer), images(), how, parts, other), InputError);
}

TEST(gradient, too_high_a_rate_is_reported_as_divergence_and_changes_nothing) {
  const Computer computer = small_machine();
  CouplingSet set = computer.sets[0];
  EXPECT_THROW(learn(computer, noising(computer), options(500, 1e3), set), Diverged);
  EXPECT_EQ(dense_matrix(computer, set), dense_matrix(computer, computer.sets[0]));
}

TEST(gradient, refuses_a_process_that_is_not_free_noising) {
  const Computer computer = small_machine();
  const auto train = [&](const LearnedProtocol& protocol) {
    CouplingSet set = computer.sets[0];
    learn(computer, protocol, options(1, 0.01), set);
  };
  LearnedProtocol coupled = noising(computer), clamped = coupled, idle = coupled, parted = coupled;
  coupled.segments[0].couplings = 0;
  clamped.segments[1].clamped[1] = 1;
  idle.learned = {0, 0};
  parted.segments.push_back(parted.segments[0]);
  parted.segments.push_back(parted.segments[1]);
  parted.learned = {0, 1, 0, 1};  // learned, not learned, learned
  for (const LearnedProtocol& protocol : {coupled, clamped, idle, parted}) EXPECT_THROW(train(protocol), InputError);
}

}  // namespace swell
