#include "swell/programs/neural/classify.h"

#include <gtest/gtest.h>

#include <chrono>

#include <atomic>
#include <cmath>

#include "neural/bars.h"
#include "physics/machines.h"
#include "swell/base/errors.h"
#include "swell/hardware/chip_design.h"
#include "swell/programs/neural/functions.h"
#include "swell/programs/neural/train.h"

namespace swell::neural {

// Clamped units or the force that they exert: the same states, heat and noise, whichever is simulated. f32 states, sums
// in another order.
TEST(classify, force_of_clamped_units_stands_for_the_units) {
  NeuralDesign design = neural_design(parse_design(test::bars_design(), "test"));
  const AdjointMachine machine(design, find_protocol(design, "answer"), design.neural.output);
  machine.write(machine.draw(3.0, 1), design.computer.sets);
  const DataSet examples = test::bars(40, design);
  AnswerOptions asked;
  asked.seed = 5;
  asked.threads = 2;
  asked.run = 3;
  const Answers answers = answer(design, examples, asked);
  Patterns patterns{40, std::vector<double>(40 * design.computer.units(), 0.0)};
  const int64_t n = design.computer.units(), first = design.computer.groups[2].first;
  for (int64_t row = 0; row < 40; ++row) {
    for (int64_t k = 0; k < examples.width(); ++k)
      patterns.values[row * n + first + k] = examples.values[row * examples.width() + k];
  }
  RunOptions options;
  options.dt = design.dt;
  options.noise = {5, stream::kRun};
  options.trajectories = 40;
  options.first_trajectory = 3 * 40;
  options.patterns = &patterns;
  const swell::Run run = swell::run(design.computer, find_protocol(design, "answer"), options);
  for (int64_t row = 0; row < 40; ++row) {
    for (int64_t k = 0; k < 2; ++k) EXPECT_NEAR(answers.x[row * 2 + k], run.state(row)[8 + k], 1e-4);
    EXPECT_NEAR(answers.entropy[row], run.book(row, 0).heat / 0.2, 1e-3 * std::abs(answers.entropy[row]) + 1e-2);
  }
}

// Of a chip as well, whose couplings lag, saturate or differ in direction, without noise: its units behind the
// machine's own have other numbers, and so other noise, where the clamped units are simulated.
TEST(classify, force_of_clamped_units_stands_for_the_units_of_a_chip) {
  NeuralDesign design = neural_design(parse_design(test::bars_design(), "test"));
  const AdjointMachine machine(design, find_protocol(design, "answer"), design.neural.output);
  machine.write(machine.draw(3.0, 1), design.computer.sets);
  const DataSet examples = test::bars(40, design);
  AnswerOptions asked;
  asked.kT = 0;
  const Answers perfect = answer(design, examples, asked);
  hardware::Imperfections late, flat, skew, both;
  late.delay = 0.1;
  flat.saturation = 0.5;
  skew.asymmetry = 0.3;
  both.delay = 0.1;
  both.saturation = 0.5;
  for (const hardware::Imperfections& spec : {late, flat, skew, both}) {
    NeuralDesign chip = design;
    static_cast<Design&>(chip) = hardware::perturb(static_cast<const Design&>(design), spec, 3);
    const Answers answers = answer(chip, examples, asked);
    const int64_t n = design.computer.units(), first = design.computer.groups[2].first;
    Patterns patterns{40, std::vector<double>(40 * n, 0.0)};
    for (int64_t row = 0; row < 40; ++row) {
      for (int64_t k = 0; k < examples.width(); ++k)
        patterns.values[row * n + first + k] = examples.values[row * examples.width() + k];
    }
    RunOptions options;
    options.dt = design.dt;
    options.trajectories = 40;
    options.patterns = &patterns;
    if (spec.saturation > 0) options.engine = EngineKind::reference;
    Protocol cold = find_protocol(design, "answer");
    cold.segments[0].kT = {{{0.0, 0.0}}};
    const swell::Run run = swell::run(chip.computer, cold, options);
    double most = 0;
    for (int64_t row = 0; row < 40; ++row) {
      for (int64_t k = 0; k < 2; ++k) {
        EXPECT_NEAR(answers.x[row * 2 + k], run.state(row)[8 + k], 1e-4);
        most = std::max(most, static_cast<double>(std::abs(answers.x[row * 2 + k] - perfect.x[row * 2 + k])));
      }
    }
    EXPECT_GT(most, 5e-3);  // the fault is in force, by fifty times what is allowed above
  }
}

// What the converter of a chip makes of the outputs: for each run draws of its own.
TEST(classify, answers_of_a_chip_are_read_through_its_converter) {
  NeuralDesign design = neural_design(parse_design(test::bars_design(), "test"));
  const DataSet examples = test::bars(40, design);
  hardware::Imperfections spec;
  spec.readout_noise = 0.1;
  std::vector<std::vector<float>> added;
  for (const int64_t number : {0, 1}) {
    AnswerOptions asked;
    asked.run = number;
    const Answers bare = answer(design, examples, asked);
    asked.readout = &spec;
    asked.chip_seed = 9;
    const Answers read = answer(design, examples, asked);
    std::vector<float>& difference = added.emplace_back();
    double square = 0;
    for (size_t k = 0; k < bare.x.size(); ++k) {
      difference.push_back(read.x[k] - bare.x[k]);
      square += std::pow(difference.back(), 2) / static_cast<double>(bare.x.size());
    }
    EXPECT_NEAR(square, 0.01, 5 * 0.01 * std::sqrt(2.0 / 80));
  }
  double product = 0;  // of draws that are independent: 0 within 1 / sqrt(80) standard errors
  for (size_t k = 0; k < added[0].size(); ++k) product += added[0][k] * added[1][k] / (0.01 * 80);
  EXPECT_LT(std::abs(product), 5 / std::sqrt(80.0));
  AnswerOptions asked;
  spec.readout_bits = 4;
  asked.readout = &spec;
  const double step = 8.0 / 15;
  for (const float x : answer(design, examples, asked).x) {
    const double level = static_cast<double>(x) / step + 0.5;
    EXPECT_NEAR(level, std::round(level), 1e-5);
  }
}

// All three trainers tell horizontal from vertical bars, through one interface; chance is 50 +- 2.5 %.
TEST(classify, three_trainers_tell_bars_apart) {
  for (const Method method : {Method::exact, Method::gradient, Method::genetic}) {
    NeuralDesign design = neural_design(parse_design(test::bars_design(), "test"));
    const DataSet training = test::bars(400, design), others = test::bars(400, design, 1000);
    TrainOptions options;
    options.method = method;
    options.threads = 2;
    options.batch = 50;
    options.updates = 150;
    options.rate = 0.03;
    options.teacher_epochs = 60;
    options.evolution.selection = Selection::average;
    options.evolution.generations = 300;
    options.evolution.population = 40;
    options.evolution.mutation = 0.3;
    options.evolution.rate = 0.2;
    const auto begin = std::chrono::steady_clock::now();
    const TrainReport report = train(design, training, options);
    const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    EXPECT_LE(report.wall_s, took);
    EXPECT_GE(report.wall_s, 0.3 * took);  // it is nearly all that train() does
    EXPECT_GT(report.curve.size(), 5u);
    EXPECT_EQ(report.evaluations, method == Method::exact ? 0 : method == Method::gradient ? 150 * 50 : 300 * 40 * 50);
    TestOptions test;
    test.runs = 3;
    test.times = 4;
    test.temperatures = {0.02, 3.0};
    const TestReport tested = test_classes(design, others, test);
    EXPECT_GT(tested.single.value, 0.9) << name_of(method);
    EXPECT_GE(tested.averaged.value, tested.single.value - 0.03);
    EXPECT_EQ(tested.top2.value, 1);  // there are two
    int64_t sum = 0;
    for (const int64_t count : tested.confusion) sum += count;
    EXPECT_EQ(sum, 400);
    EXPECT_EQ(tested.by_time.size(), 8u);
    EXPECT_GT(tested.by_temperature[0].single.value, tested.by_temperature[1].single.value + 0.05);  // noise drowns it
    // The heat is that of the first run, question by question.
    EXPECT_EQ(tested.bill.heat_kT->mean, estimate(answer(design, others, {}).entropy).mean);
    EXPECT_EQ(tested.bill.heat_kT->count, 400);
  }
}

// With --trainable, gradient and genetic training move what they may, and nothing else.
TEST(classify, training_of_some_couplings_leaves_the_others_as_they_are) {
  NeuralDesign design = neural_design(parse_design(test::bars_design(), "test"));
  const AdjointMachine machine(design, find_protocol(design, "answer"), design.neural.output);
  const DataSet training = test::bars(60, design);
  const int hidden = find_group(design.computer, "hidden"), output = find_group(design.computer, "output");
  ASSERT_GE(hidden, 0);
  ASSERT_GE(output, 0);
  const auto may_move = [&](const CouplingBlock& block) {
    return std::minmax(block.row_group, block.column_group) == std::minmax(hidden, output);
  };
  for (const Method method : {Method::gradient, Method::genetic}) {
    for (const Selection selection : {Selection::average, Selection::elites}) {
      TrainOptions options;
      options.method = method;
      options.batch = 20;
      options.updates = options.evolution.generations = 3;
      options.evolution.population = 8;
      options.evolution.elites = 2;
      options.evolution.selection = selection;
      options.start = machine.draw(3.0, 1);
      options.only = {"hidden-output", "output"};
      machine.write(options.start, design.computer.sets);
      const CouplingSet before = design.computer.sets[0];
      train(design, training, options);
      const CouplingSet& after = design.computer.sets[0];
      int moved = 0;
      for (size_t b = 0; b < after.blocks.size(); ++b) {
        const bool same = std::get<DenseWeights>(after.blocks[b].weights).values ==
                          std::get<DenseWeights>(before.blocks[b].weights).values;
        EXPECT_EQ(same, !may_move(after.blocks[b])) << b;
        moved += same ? 0 : 1;
      }
      EXPECT_EQ(moved, 1);
      for (int64_t i = 0; i < design.computer.units(); ++i) {
        const Group& group = design.computer.groups[output];
        if (i < group.first || i >= group.first + group.size) {
          EXPECT_EQ(after.bias[i], before.bias[i]);
        }
      }
      EXPECT_NE(after.bias, before.bias);
    }
  }
  TrainOptions wrong;
  wrong.only = {"hidden-nowhere"};
  EXPECT_THROW(train(design, training, wrong), InputError);
  wrong.only = {"input-input"};
  EXPECT_THROW(train(design, training, wrong), InputError);
}

// V and kT scaled by lambda: the same process lambda times faster (npj Unconv. Comput. 2025). With dt / lambda and the
// same draws every trajectory is the same; lambda = 4 is exact in binary but for the root of kT dt, which is the same
// number, and for mu dt V', which is.
TEST(classify, clock_runs_faster_with_energies_and_temperature_sample_by_sample) {
  NeuralDesign slow = neural_design(parse_design(test::bars_design(), "test"));
  const AdjointMachine machine(slow, find_protocol(slow, "answer"), slow.neural.output);
  machine.write(machine.draw(3.0, 1), slow.computer.sets);
  NeuralDesign fast = slow;
  constexpr double lambda = 4;
  for (auto* values : {&fast.computer.J2, &fast.computer.J3, &fast.computer.J4, &fast.computer.sets[0].bias}) {
    for (double& value : *values) value *= lambda;
  }
  for (CouplingBlock& block : fast.computer.sets[0].blocks) {
    for (double& value : std::get<DenseWeights>(block.weights).values) value *= lambda;
  }
  fast.dt /= lambda;
  Segment& segment = fast.protocols[0].segments[0];
  segment.duration /= lambda;
  segment.kT.knots[0].value *= lambda;
  const DataSet examples = test::bars(60, slow);
  const Answers a = answer(slow, examples, {}), b = answer(fast, examples, {});
  ASSERT_EQ(a.steps, b.steps);
  for (size_t k = 0; k < a.x.size(); ++k) EXPECT_NEAR(a.x[k], b.x[k], 1e-6 * (1 + std::abs(a.x[k])));
  for (size_t k = 0; k < a.entropy.size(); ++k)
    EXPECT_NEAR(a.entropy[k], b.entropy[k], 1e-5 * (1 + std::abs(a.entropy[k])));
}

TEST(classify, training_goes_on_where_it_was_stopped_whatever_the_threads) {
  const auto learn = [](int threads, int64_t stop) {
    NeuralDesign design = neural_design(parse_design(test::bars_design(), "test"));
    const DataSet examples = test::bars(200, design);
    TrainOptions options;
    options.batch = 70;
    options.updates = 30;
    options.rate = 0.03;
    options.threads = threads;
    options.keep = [](const TrainingState&) {};
    options.progress = [&](const Progress& at) { return at.done != static_cast<double>(stop); };
    TrainReport report = train(design, examples, options);
    EXPECT_EQ(report.interrupted, stop > 0);
    if (stop > 0) {
      options.resumed = report.state;
      options.progress = {};
      report = train(design, examples, options);
    }
    return report.state.parameters;
  };
  const std::vector<float> whole = learn(1, 0);
  EXPECT_EQ(learn(3, 0), whole);
  EXPECT_EQ(learn(2, 11), whole);
}

// Stopped in the middle of an update, by hand or because its time is over, training gives that update up and keeps the
// machine of the last one; before the first there is none.
TEST(classify, training_stopped_within_an_update_keeps_the_last_machine) {
  const DataSet examples = test::bars(200, neural_design(parse_design(test::bars_design(), "test")));
  for (const Method method : {Method::gradient, Method::genetic}) {
    const auto learn = [&](int64_t updates, bool within) {
      NeuralDesign design = neural_design(parse_design(test::bars_design(), "test"));
      TrainOptions options;
      options.method = method;
      options.batch = 0;
      options.threads = 2;
      options.updates = options.evolution.generations = 20;
      std::atomic<int64_t> done = 0, looks = 0;
      options.keep = [&](const TrainingState& state) { done = state.update; };
      options.progress = [&](const Progress& at) { return within || at.done < 3; };
      options.stop = [&] { return within && done == updates && ++looks > 2; };
      const TrainReport report = train(design, examples, options);
      EXPECT_TRUE(report.interrupted);
      EXPECT_EQ(report.state.update, 3);
      EXPECT_EQ(report.curve.size(), 3u);
      return report.state.parameters;
    };
    EXPECT_EQ(learn(3, true), learn(3, false));
    EXPECT_THROW(learn(0, true), Interrupted);
  }
}

// Whatever is under way when a test is stopped, what was done before has the figures of the whole test.
TEST(classify, an_interrupted_test_keeps_what_is_done) {
  NeuralDesign design = neural_design(parse_design(test::bars_design(), "test"));
  const AdjointMachine machine(design, find_protocol(design, "answer"), design.neural.output);
  machine.write(machine.draw(3.0, 1), design.computer.sets);
  const DataSet examples = test::bars(300, design);
  TestOptions options;
  options.runs = 4;
  options.times = 5;
  options.temperatures = {0.1, 1.0};
  const TestReport whole = test_classes(design, examples, options);
  EXPECT_EQ(whole.interruption, "");
  EXPECT_EQ(whole.runs, 4);
  const auto stopped_at = [&](const std::string& where, double done_there) {
    options.progress = [=](const Progress& at) { return at.stage != where || at.done < done_there; };
    return test_classes(design, examples, options);
  };
  TestReport part = stopped_at("runs", 2.5);
  EXPECT_EQ(part.runs, 2);
  EXPECT_EQ(part.single.value, whole.single.value);
  EXPECT_EQ(part.confusion, whole.confusion);
  EXPECT_TRUE(part.by_time.empty() && part.by_temperature.empty());
  EXPECT_NE(part.interruption.find("2 of 4 runs"), std::string::npos) << part.interruption;
  part = stopped_at("read times", 0.5);
  EXPECT_EQ(part.averaged.value, whole.averaged.value);
  EXPECT_TRUE(part.by_time.empty());
  part = stopped_at("temperatures", 1.5);
  EXPECT_EQ(part.by_time.size(), whole.by_time.size());
  ASSERT_EQ(part.by_temperature.size(), 1u);
  EXPECT_EQ(part.by_temperature[0].averaged.value, whole.by_temperature[0].averaged.value);
  // In the first run: the images that were finished, each with its own label.
  part = stopped_at("runs", 0.7);
  EXPECT_GT(part.images, 0);
  EXPECT_LT(part.images, 300);
  int64_t counted = 0;
  for (const int64_t count : part.confusion) counted += count;
  EXPECT_EQ(counted, part.images);
  EXPECT_EQ(part.single.count, part.images);
}

// Answers of several runs at once: all questions, then all again; run by run as one by one.
TEST(classify, repeats_are_the_runs_one_by_one) {
  NeuralDesign design = neural_design(parse_design(test::bars_design(), "test"));
  const DataSet examples = test::bars(30, design);
  AnswerOptions options;
  options.repeats = 3;
  const Answers at_once = answer(design, examples, options);
  options.repeats = 1;
  ASSERT_EQ(at_once.rows, 90);
  for (int64_t run = 0; run < 3; ++run) {
    options.run = run;
    const Answers one = answer(design, examples, options);
    for (int64_t k = 0; k < 30; ++k) EXPECT_EQ(at_once.question[run * 30 + k], k);
    for (size_t k = 0; k < one.x.size(); ++k) EXPECT_EQ(at_once.x[run * one.x.size() + k], one.x[k]);
  }
}

TEST(classify, an_interrupted_test_of_a_function_keeps_what_is_done) {
  NeuralDesign design = neural_design(parse_design(test::bars_design(), "test"));
  DataSet examples = test::bars(20, design);
  for (const int label : examples.labels) examples.targets.insert(examples.targets.end(), {1.0 - label, 1.0 * label});
  examples.labels.clear();
  FunctionOptions options;
  options.samples = 60;
  options.times = 4;
  const FunctionReport whole = test_function(design, examples, options);
  EXPECT_EQ(whole.samples, 60);
  EXPECT_EQ(whole.values.size(), 40u);
  EXPECT_EQ(whole.values.front().answer.count, 60);
  options.progress = [](const Progress& at) { return at.stage == "runs"; };
  const FunctionReport at_end = test_function(design, examples, options);
  EXPECT_EQ(at_end.at_end.of_mean, whole.at_end.of_mean);
  EXPECT_TRUE(at_end.by_time.empty());
  EXPECT_NE(at_end.interruption, "");
  options.progress = [](const Progress& at) { return at.done < 0.7 * at.total; };
  const FunctionReport part = test_function(design, examples, options);
  EXPECT_NE(part.interruption, "");
  EXPECT_GE(part.samples, 2);
  EXPECT_LT(part.samples, 60);
  for (const FunctionReport::Value& value : part.values) EXPECT_GE(value.answer.count, part.samples);
  // At once: the first trajectories may end, but they are too few for two answers to each of so many questions.
  options.progress = [](const Progress&) { return false; };
  const DataSet once = examples;
  for (int k = 0; k < 14; ++k) {
    examples.values.insert(examples.values.end(), once.values.begin(), once.values.end());
    examples.targets.insert(examples.targets.end(), once.targets.begin(), once.targets.end());
  }
  EXPECT_THROW(test_function(design, examples, options), Interrupted);
}

// A genetic trainer asks a device, here one that flips the sign of the second output.
TEST(classify, genetic_training_asks_the_device) {
  NeuralDesign design = neural_design(parse_design(test::bars_design(), "test"));
  const DataSet examples = test::bars(50, design);
  const AdjointMachine machine(design, find_protocol(design, "answer"), design.neural.output);
  TrainOptions options;
  options.method = Method::genetic;
  options.batch = 0;
  options.evolution.generations = 2;
  int asked = 0;
  options.device = [&](std::span<const float> parameters, const AdjointMachine::Batch& batch) {
    ++asked;
    return machine.answer(parameters, batch, 1);
  };
  const TrainReport with = train(design, examples, options);
  EXPECT_EQ(asked, 2 * 50);
  options.device = {};
  EXPECT_EQ(train(design, examples, options).curve, with.curve);
}

TEST(classify, shares_and_ranks) {
  EXPECT_EQ(share_of(9, 10).value, 0.9);
  EXPECT_NEAR(share_of(9, 10).stderr_of_value, std::sqrt(0.09 / 10), 1e-15);
  const float x[] = {1, 3, 2, 3};
  EXPECT_EQ(largest(x, 4), 1);
  EXPECT_TRUE(among(x, 4, 1, 1));
  EXPECT_FALSE(among(x, 4, 3, 1));
  EXPECT_TRUE(among(x, 4, 3, 2));
  EXPECT_FALSE(among(x, 4, 2, 2));
}

}  // namespace swell::neural
