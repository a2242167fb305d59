#include "swell/programs/neural/answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/kernels/clamped_field.h"
#include "swell/ledger/diagnose.h"
#include "swell/physics/potential.h"
#include "swell/random/streams.h"

namespace swell::neural {

namespace {

constexpr uint64_t kAlong =
    uint64_t{1} << 48;  // where the converter's draws along the way stand, behind all at the end

const Segment& answer_segment(const NeuralDesign& design) { return find_protocol(design, "answer").segments.at(0); }

// Couplings between free groups and their biases, by the numbers of the groups that stay.
CouplingSet free_couplings(const Computer& computer, const CouplingSet& set, const std::vector<int>& number,
                           int64_t units) {
  CouplingSet kept{set.name, {}, std::vector<double>(units, 0.0), {}};
  for (const CouplingBlock& block : set.blocks) {
    if (number[block.row_group] < 0 || number[block.column_group] < 0) continue;
    kept.blocks.push_back(block);
    kept.blocks.back().row_group = number[block.row_group];
    kept.blocks.back().column_group = number[block.column_group];
  }
  int64_t at = 0;
  for (size_t g = 0; g < computer.groups.size(); ++g) {
    if (number[g] < 0) continue;
    const Group& group = computer.groups[g];
    std::copy_n(set.bias.begin() + group.first, group.size, kept.bias.begin() + at);
    kept.biased.push_back(set.biased[g]);
    if (!set.J2.empty())
      kept.J2.insert(kept.J2.end(), set.J2.begin() + group.first, set.J2.begin() + group.first + group.size);
    at += group.size;
  }
  return kept;
}

}  // namespace

FreeMachine free_machine(const NeuralDesign& design, double kT, double duration) {
  const Computer& computer = design.computer;
  const Segment& segment = answer_segment(design);
  for (size_t g = 0; g < segment.drive.size(); ++g) {
    if (segment.drive[g].is_zero()) continue;
    throw InputError(fmt::format(
        "design '{}': protocol.answer[0], key 'drive.{}' drives units while they answer; the clamped groups "
        "ask the question, and no drive is allowed",
        design.name, computer.groups[g].name));
  }
  FreeMachine machine;
  std::vector<int> number(computer.groups.size(), -1);
  for (size_t g = 0; g < computer.groups.size(); ++g) {
    if (segment.clamped[g]) continue;
    const Group& group = computer.groups[g];
    number[g] = static_cast<int>(machine.computer.groups.size());
    if (static_cast<int>(g) == design.neural.output) machine.output = number[g];
    machine.computer.groups.push_back({group.name, group.shape, machine.computer.units(), group.size});
    const auto take = [&](const std::vector<double>& from, std::vector<double>& to) {
      to.insert(to.end(), from.begin() + group.first, from.begin() + group.first + group.size);
    };
    take(computer.J2, machine.computer.J2);
    take(computer.J3, machine.computer.J3);
    take(computer.J4, machine.computer.J4);
    take(computer.mobility, machine.computer.mobility);
    if (!computer.warmth.empty()) take(computer.warmth, machine.computer.warmth);
  }
  machine.computer.memory = computer.memory;
  machine.computer.kT = kT >= 0 ? kT : temperature(segment, computer)(0);
  machine.computer.sets.push_back(
      free_couplings(computer, computer.sets[segment.couplings], number, machine.computer.units()));
  Segment held{segment.name, duration > 0 ? duration : segment.duration, 0, {}, {}, {}};
  held.drive.assign(machine.computer.groups.size(), Schedule{{{0.0, 1.0}}});
  held.kT = {{{0.0, machine.computer.kT}}};
  held.clamped.assign(machine.computer.groups.size(), 0);
  machine.protocol = {"answer", {held}};
  return machine;
}

std::vector<double> input_forces(const NeuralDesign& design, const DataSet& examples, int threads) {
  const Computer& computer = design.computer;
  const Segment& segment = answer_segment(design);
  const std::vector<double> J = dense_matrix(computer, computer.sets[segment.couplings]);
  const int64_t n = computer.units(), inputs = examples.width();
  std::vector<int64_t> clamped, free;
  for (size_t g = 0; g < computer.groups.size(); ++g) {
    const Group& group = computer.groups[g];
    for (int64_t i = group.first; i < group.first + group.size; ++i) (segment.clamped[g] ? clamped : free).push_back(i);
  }
  const auto units = static_cast<int64_t>(free.size());
  std::vector<double> weights(inputs * units), forces(examples.rows() * units, 0.0);
  for (int64_t a = 0; a < inputs; ++a) {
    for (int64_t b = 0; b < units; ++b) weights[a * units + b] = J[free[b] * n + clamped[a]];
  }
  // What the clamped units put into couplings that saturate; those of a chip are alike.
  std::vector<double> put = examples.values;
  const std::vector<CouplingBlock>& blocks = computer.sets[segment.couplings].blocks;
  const double X = blocks.empty() ? 0 : blocks.front().saturation;
  for (size_t k = 0; X > 0 && k < put.size(); ++k) put[k] = saturated(put[k], X);
  add_clamped_field(examples.rows(), units, inputs, put.data(), inputs, weights.data(), units, forces.data(), units,
                    threads);
  for (double& force : forces) force = -force;
  return forces;
}

Answers answer(const NeuralDesign& design, const DataSet& examples, const AnswerOptions& options) {
  const FreeMachine machine = free_machine(design, options.kT, options.duration);
  const Group& output = machine.computer.groups[machine.output];
  const int64_t questions = examples.rows(), asked = questions * options.repeats, units = machine.computer.units();
  const std::vector<double> forces = input_forces(design, examples, options.threads);
  RunOptions run_options;
  static_cast<RunSettings&>(run_options) = options;
  run_options.integrator = design.integrator;
  run_options.dt = design.dt;
  run_options.noise = {options.seed, stream::kRun};
  run_options.trajectories = asked;
  // A multiple of the patterns, so that trajectory t asks question t modulo their number.
  run_options.first_trajectory = options.run * asked;
  if (options.keeps_part) run_options.kept = Kept::finished;
  const Patterns patterns{questions, forces};
  run_options.patterns = &patterns;
  const int64_t steps = count_steps(machine.protocol, design.dt);
  if (options.snapshots > 0) {
    const int64_t every = std::max<int64_t>(1, steps / options.snapshots);
    run_options.snapshots = {every, every, output.first, output.size, asked};
  }
  const Run run = swell::run(machine.computer, machine.protocol, run_options);
  Answers answers;
  const int64_t rows = run.trajectories;
  answers.rows = rows;
  answers.interrupted = run.interrupted;
  answers.outputs = output.size;
  answers.steps = steps;
  for (int64_t t = 0; t < rows; ++t) {
    answers.question.push_back((run.interrupted ? run.kept[t] : t) % questions);
    for (int64_t k = 0; k < output.size; ++k) answers.x.push_back(static_cast<float>(run.state(t)[output.first + k]));
    answers.entropy.push_back(run.books_known ? run.book(t, 0).entropy : NAN);  // of a chip without a potential
  }
  answers.times = run.snapshot_times;
  answers.snapshots = run.snapshots;
  if (options.readout) {
    const std::vector<double> diffusion = hardware::diffusion_of(machine.computer, output.first, output.size);
    const auto numbers = static_cast<uint64_t>(output.size), first = static_cast<uint64_t>(options.run * asked);
    hardware::read_out(answers.x, *options.readout, options.chip_seed, diffusion, first * numbers);
    hardware::read_out(answers.snapshots, *options.readout, options.chip_seed, diffusion, kAlong + first * numbers);
  }
  answers.multiply_adds = static_cast<double>(run.multiply_adds) + static_cast<double>(rows) *
                                                                       static_cast<double>(examples.width()) *
                                                                       static_cast<double>(units);
  answers.draws = static_cast<double>(run.draws);
  answers.wall_s = run.wall_s;
  answers.engine = run.engine;
  answers.diagnostics = diagnose(machine.computer, machine.protocol, run_options, run);
  answers.diagnostics.no_claim = "answers are read at a set time, at equilibrium or not";
  return answers;
}

Bill price(const NeuralDesign& design, const Answers& answers, int64_t inputs, const Prices& prices) {
  Bill bill;
  bill.prices = prices;
  bill.per = "answer";
  bill.results = answers.rows;
  bill.heat_kT = estimate(answers.entropy);
  bill.preparation_kT = Known<Estimate>::none("an answer begins with the units at rest");
  bill.work_kT = Known<Estimate>::unknown("clamped units are simulated as a constant force, whose work is not booked");
  bill.flips = Known<Estimate>::none("no p-bits");
  bill.time_s = static_cast<double>(answers.steps) * design.dt * prices.time_unit_s;
  bill.side_by_side_s = bill.time_s;
  bill.readouts = static_cast<double>(answers.outputs);
  bill.inputs = static_cast<double>(inputs);
  bill.writes = static_cast<double>(count_parameters(design.computer));
  bill.engine = answers.engine;
  bill.host_flips = Known<double>::none("no digital host takes part");
  bill.training_wall_s = Known<double>::unknown("the machine was trained elsewhere");
  bill.digital_wall_s = Known<double>::unknown("not run here");
  return bill;
}

void add_costs(Bill& bill, const Answers& answers) {
  const auto add = [](Known<double>& sum, double more) { sum = (sum ? *sum : 0) + more; };
  add(bill.multiply_adds, answers.multiply_adds);
  add(bill.draws, answers.draws);
  add(bill.wall_s, answers.wall_s);
}

}  // namespace swell::neural
