#include "swell/learn/relaxation.h"

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
TEST(relaxation, answers_are_those_of_the_engine_trajectory_by_trajectory) {
  Design design = parse_design(small_design(), "test");
  const Protocol& protocol = find_protocol(design, "answer");
  const Relaxation machine(design, protocol, 1);
  EXPECT_EQ(machine.parameters(), 7 * 5 + 10 + 15 + 3 + 5 + 3);
  const std::vector<float> parameters = machine.draw(2.0, 5);
  machine.write(parameters, design.computer.sets[0]);
  EXPECT_EQ(machine.read(design.computer.sets[0]), parameters);
  const int64_t rows = 100;
  const std::vector<float> inputs = some_inputs(rows, 7);
  const Relaxation::Batch batch{inputs.data(), rows, {9, stream::kTesting}, 1000};
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
TEST(relaxation, gradient_is_that_of_finite_differences) {
  Design design = parse_design(small_design(), "test");
  const Relaxation machine(design, find_protocol(design, "answer"), 1);
  std::vector<float> parameters = machine.draw(2.0, 6);
  for (float& value : parameters) value *= 1.5f;
  const int64_t rows = 70;  // one whole tile and a part
  const std::vector<float> inputs = some_inputs(rows, 7);
  const Relaxation::Batch batch{inputs.data(), rows, {9, stream::kTesting}, 0};
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

TEST(relaxation, results_do_not_depend_on_threads) {
  Design design = parse_design(small_design(), "test");
  const Relaxation machine(design, find_protocol(design, "answer"), 1);
  const std::vector<float> parameters = machine.draw(1.0, 7), inputs = some_inputs(300, 7);
  const Relaxation::Batch batch{inputs.data(), 300, {9, stream::kTesting}, 0};
  std::vector<float> one, three;
  const double loss = machine.loss_and_gradient(parameters, batch, weighted_squares, 1, one);
  EXPECT_EQ(machine.loss_and_gradient(parameters, batch, weighted_squares, 3, three), loss);
  EXPECT_EQ(one, three);
  EXPECT_EQ(machine.answer(parameters, batch, 1), machine.answer(parameters, batch, 3));
}

TEST(relaxation, protocols_that_do_not_answer_are_refused) {
  const auto refused = [](const std::string& text, int output, const std::string& part) {
    const Design design = parse_design(text, "test");
    try {
      Relaxation(design, find_protocol(design, "answer"), output);
      ADD_FAILURE() << part;
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
  };
  refused(small_design(0.5, "[[protocol.answer]]\nduration = 0.1\n"), 1, "2 segments");
  refused(small_design(0.5, "drive = { hidden = 1.0 }"), 1, "drive");
  refused(small_design(0.5, "kT = [[0.0, 1.0], [1.0, 0.5]]"), 1, "kT changes");
  refused(small_design(), 2, "read as the answer");
  std::string text = small_design();
  text.replace(text.find("clamp = [\"input\"]"), 17, "");
  refused(text, 1, "no group is clamped");
}

}  // namespace swell
