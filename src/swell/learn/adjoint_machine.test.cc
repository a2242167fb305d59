#include "swell/learn/adjoint_machine.h"

#include <gtest/gtest.h>

#include <cmath>

#include "physics/machines.h"
#include "swell/base/errors.h"

namespace swell {

namespace {

// 5 hidden, 3 output and 7 clamped units; everything coupled but input to input and input to output.
std::string small_design(double duration = 0.5, const std::string& more = "") {
  return fmt::format(R"(name = "small"
kT = 0.3
dt = 0.01
[[group]]
name = "hidden"
shape = [5]
J2 = 1.0
J3 = 0.2
J4 = 0.7
[[group]]
name = "output"
shape = [3]
J2 = 0.5
J4 = 1.0
mobility = 1.5
[[group]]
name = "input"
shape = [7]
J2 = 1.0
[[coupling]]
between = ["input", "hidden"]
[[coupling]]
between = ["hidden", "hidden"]
[[coupling]]
between = ["output", "hidden"]
[[coupling]]
between = ["output", "output"]
[[bias]]
group = "hidden"
[[bias]]
group = "output"
[[protocol.answer]]
duration = {}
couplings = "learned"
clamp = ["input"]
{})",
                     duration, more);
}

std::vector<float> some_inputs(int64_t rows, int64_t inputs) {
  std::vector<float> values(rows * inputs);
  for (size_t k = 0; k < values.size(); ++k) values[k] = static_cast<float>(test::fixed_normal(300, k));
  return values;
}

// A loss that tells outputs apart and is not linear in them.
double weighted_squares(int64_t first, int64_t rows, const float* x, float* slope) {
  double loss = 0;
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t k = 0; k < 3; ++k) {
      const double off = static_cast<double>(x[row * 3 + k]) - 0.1 * static_cast<double>((first + row) % 5) + 0.2;
      loss += static_cast<double>(k + 1) * off * off;
      if (slope) slope[row * 3 + k] = static_cast<float>(2 * static_cast<double>(k + 1) * off);
    }
  }
  return loss;
}

}  // namespace

// The engine with clamped units in place draws the same noise; both round states to f32, and 50 steps of sums in
// another order differ by some 1e-6.
TEST(adjoint_machine, answers_are_those_of_the_engine_trajectory_by_trajectory) {
  Design design = parse_design(small_design(), "test");
  const Protocol& protocol = find_protocol(design, "answer");
  const AdjointMachine machine(design, protocol, 1);
  EXPECT_EQ(machine.parameters(), 7 * 5 + 10 + 15 + 3 + 5 + 3);
  const std::vector<float> parameters = machine.draw(2.0, 5);
  machine.write(parameters, design.computer.sets);
  EXPECT_EQ(machine.read(design.computer.sets), parameters);
  const int64_t rows = 100;
  const std::vector<float> inputs = some_inputs(rows, 7);
  const AdjointMachine::Batch batch{inputs.data(), rows, {9, stream::kTesting}, 1000};
  const std::vector<float> answers = machine.answer(parameters, batch, 2);
  Patterns patterns{rows, std::vector<double>(rows * 15, 0.0)};
  for (int64_t row = 0; row < rows; ++row)
    std::copy_n(inputs.begin() + row * 7, 7, patterns.values.begin() + row * 15 + 8);
  RunOptions options;
  options.dt = design.dt;
  options.noise = batch.noise;
  options.trajectories = rows;
  options.first_trajectory = 1000;
  options.patterns = &patterns;
  const swell::Run run = swell::run(design.computer, protocol, options);
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t k = 0; k < 3; ++k) EXPECT_NEAR(answers[row * 3 + k], run.state(row)[5 + k], 2e-5);
  }
}

// Central differences of the loss of the same trajectories, step h = 1e-2 in f32: off by 1e-4 of the largest derivative
// by rounding (1e-6 / h) and by h^2. A wrong sign, factor or index anywhere in the adjoint is off by the derivative
// itself.
TEST(adjoint_machine, gradient_is_that_of_finite_differences) {
  Design design = parse_design(small_design(), "test");
  const AdjointMachine machine(design, find_protocol(design, "answer"), 1);
  std::vector<float> parameters = machine.draw(2.0, 6);
  for (float& value : parameters) value *= 1.5f;
  const int64_t rows = 70;  // one whole tile and a part
  const std::vector<float> inputs = some_inputs(rows, 7);
  const AdjointMachine::Batch batch{inputs.data(), rows, {9, stream::kTesting}, 0};
  std::vector<float> gradient;
  const double loss = machine.loss_and_gradient(parameters, batch, weighted_squares, 2, gradient);
  EXPECT_NEAR(loss, machine.mean_loss(machine.answer(parameters, batch, 1), weighted_squares), 1e-9);
  ASSERT_EQ(gradient.size(), parameters.size());
  double scale = 0;
  for (const float value : gradient) scale = std::max(scale, std::abs(static_cast<double>(value)));
  EXPECT_GT(scale, 0.05);
  for (size_t k = 0; k < parameters.size(); ++k) {
    constexpr float h = 1e-2f;
    std::vector<float> up = parameters, down = parameters;
    up[k] += h;
    down[k] -= h;
    const double slope = (machine.mean_loss(machine.answer(up, batch, 1), weighted_squares) -
                          machine.mean_loss(machine.answer(down, batch, 1), weighted_squares)) /
                         static_cast<double>(up[k] - down[k]);
    EXPECT_NEAR(gradient[k], slope, 1e-3 * scale) << k;
  }
}

TEST(adjoint_machine, results_do_not_depend_on_threads) {
  Design design = parse_design(small_design(), "test");
  const AdjointMachine machine(design, find_protocol(design, "answer"), 1);
  const std::vector<float> parameters = machine.draw(1.0, 7), inputs = some_inputs(300, 7);
  const AdjointMachine::Batch batch{inputs.data(), 300, {9, stream::kTesting}, 0};
  std::vector<float> one, three;
  const double loss = machine.loss_and_gradient(parameters, batch, weighted_squares, 1, one);
  EXPECT_EQ(machine.loss_and_gradient(parameters, batch, weighted_squares, 3, three), loss);
  EXPECT_EQ(one, three);
  EXPECT_EQ(machine.answer(parameters, batch, 1), machine.answer(parameters, batch, 3));
}

TEST(adjoint_machine, refuses_what_it_cannot_follow) {
  const auto refused = [](const std::string& text, int output, const std::string& part) {
    const Design design = parse_design(text, "test");
    try {
      AdjointMachine(design, find_protocol(design, "answer"), output);
      ADD_FAILURE() << part;
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
  };
  refused(small_design(), 2, "read at the end");
  refused("integrator = \"leimkuhler-matthews\"\n" + small_design(), 1, "euler-maruyama");
  std::string text = small_design();
  text.replace(text.find("couplings = \"learned\""), 21, "");
  refused(text, 1, "no segment has couplings");
}

// Driven without couplings while it cools; then one set with the inputs clamped; then another, sparse one with other
// units clamped; then the first again, with a drive that fades. Every unit is free somewhere.
std::string staged_design() {
  std::string text = small_design();
  text.replace(text.find("[[protocol.answer]]"), std::string::npos, "");
  return text + R"([[coupling]]
set = "second"
between = ["input", "output"]
edges = [[0, 0, 0.3], [2, 0, -0.4], [3, 1, 0.2], [6, 2, 0.5]]
[[coupling]]
set = "second"
between = ["hidden", "output"]
[[bias]]
set = "second"
group = "input"
[[protocol.staged]]
duration = 0.2
kT = [[0.0, 0.6], [1.0, 0.2]]
drive = { output = [[0.0, 1.0], [1.0, 0.5]], input = 0.7 }
[[protocol.staged]]
duration = 0.15
couplings = "learned"
clamp = ["input"]
[[protocol.staged]]
duration = 0.1
couplings = "second"
clamp = ["hidden"]
kT = 0
[[protocol.staged]]
duration = 0.12
couplings = "learned"
drive = { hidden = [[0.0, 1.0], [1.0, 0.0]] }
)";
}

struct Staged {
  Staged() {
    parameters = machine.draw(1.5, 11);
    for (size_t k = 0; k < parameters.size(); ++k)
      parameters[k] += 0.2f * static_cast<float>(test::fixed_normal(301, k));
    start.resize(rows * machine.units());
    for (size_t k = 0; k < start.size(); ++k) start[k] = 0.3f * static_cast<float>(test::fixed_normal(302, k));
    batch = {patterns.data(), rows, {9, stream::kTesting}, 50, {}, start.data()};
  }
  Design design = parse_design(staged_design(), "test");
  AdjointMachine machine{design, find_protocol(design, "staged"), 1};
  int64_t rows = 70;
  std::vector<float> parameters, start, patterns = some_inputs(70, 15);
  AdjointMachine::Batch batch;
};

TEST(adjoint_machine, follows_any_protocol_as_the_engine_does) {
  Staged staged;
  EXPECT_EQ(staged.machine.pattern_width(), 15);
  EXPECT_EQ(staged.machine.parameters(), (7 * 5 + 10 + 15 + 3 + 5 + 3) + (4 + 15 + 7));
  staged.machine.write(staged.parameters, staged.design.computer.sets);
  EXPECT_EQ(staged.machine.read(staged.design.computer.sets), staged.parameters);
  const std::vector<float> answers = staged.machine.answer(staged.parameters, staged.batch, 2);
  const Patterns patterns{staged.rows, {staged.patterns.begin(), staged.patterns.end()}};
  const std::vector<double> start(staged.start.begin(), staged.start.end());
  RunOptions options;
  options.engine = EngineKind::reference;
  options.dt = staged.design.dt;
  options.noise = staged.batch.noise;
  options.trajectories = staged.rows;
  options.start = start;
  options.first_trajectory = 70 * 5;  // a multiple of the patterns
  options.patterns = &patterns;
  AdjointMachine::Batch batch = staged.batch;
  batch.first_trajectory = 70 * 5;
  const std::vector<float> same = staged.machine.answer(staged.parameters, batch, 1);
  EXPECT_NE(same, answers);
  const swell::Run run = swell::run(staged.design.computer, find_protocol(staged.design, "staged"), options);
  for (int64_t row = 0; row < staged.rows; ++row) {
    for (int64_t k = 0; k < 3; ++k) EXPECT_NEAR(same[row * 3 + k], run.state(row)[5 + k], 2e-5);
  }
}

// As above: central differences, in f32.
TEST(adjoint_machine, gradient_of_any_protocol_is_that_of_finite_differences) {
  const Staged staged;
  const AdjointMachine& machine = staged.machine;
  std::vector<float> gradient, other;
  const double loss = machine.loss_and_gradient(staged.parameters, staged.batch, weighted_squares, 2, gradient);
  EXPECT_NEAR(loss, machine.mean_loss(machine.answer(staged.parameters, staged.batch, 1), weighted_squares), 1e-9);
  EXPECT_EQ(machine.loss_and_gradient(staged.parameters, staged.batch, weighted_squares, 1, other), loss);
  EXPECT_EQ(gradient, other);
  double scale = 0;
  for (const float value : gradient) scale = std::max(scale, std::abs(static_cast<double>(value)));
  EXPECT_GT(scale, 0.05);
  int64_t felt = 0;
  for (size_t k = 0; k < staged.parameters.size(); ++k) {
    constexpr float h = 1e-2f;
    std::vector<float> up = staged.parameters, down = staged.parameters;
    up[k] += h;
    down[k] -= h;
    const double slope = (machine.mean_loss(machine.answer(up, staged.batch, 1), weighted_squares) -
                          machine.mean_loss(machine.answer(down, staged.batch, 1), weighted_squares)) /
                         static_cast<double>(up[k] - down[k]);
    EXPECT_NEAR(gradient[k], slope, 1e-3 * scale) << k;
    felt += std::abs(gradient[k]) > 1e-3 * scale;
  }
  EXPECT_GT(felt, 60);  // most of 97 parameters matter
}

}  // namespace swell
