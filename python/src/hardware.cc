// Machines as circuits, boards from netlists, chips with faults.

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "arrays.h"
#include "design.h"
#include "machine.h"
#include "module.h"
#include "options.h"
#include "swell/base/errors.h"
#include "swell/hardware/chip_files.h"
#include "swell/hardware/circuit/board_system.h"
#include "swell/hardware/spice/check.h"
#include "swell/hardware/spice/folder.h"
#include "swell/programs/generate/on_chips.h"
#include "watch.h"

namespace swell::python {

namespace {

nb::object perturb_any(nb::handle machine, const std::string& spec, const std::string& name, uint64_t seed) {
  const hardware::Imperfections faults = hardware::parse_imperfections(spec, name);
  if (nb::isinstance<Machine>(machine)) {
    const auto chip =
        std::make_shared<const Computer>(hardware::perturb(nb::cast<const Machine&>(machine).computer(), faults, seed));
    return nb::cast(Machine(chip));
  }
  if (nb::isinstance<IsingModel>(machine))
    return nb::cast(hardware::perturb(nb::cast<const IsingModel&>(machine), faults, seed));
  if (nb::isinstance<LinearSystem>(machine))
    return nb::cast(hardware::perturb(nb::cast<const LinearSystem&>(machine), faults, seed));
  if (nb::isinstance<NamedDesign>(machine)) {
    return nb::cast(NamedDesign{std::make_shared<const Trained>(
        generate::on_chip(*nb::cast<const NamedDesign&>(machine).trained, faults, seed))});
  }
  throw InputError("chips are made of a Machine, an Ising, a LinearSystem or a Design");
}

const Options<DeviceTrainingOptions>& options_of_device_training() {
  static const Options<DeviceTrainingOptions> all = {{"paths", SWELL_INTO(paths)},
                                                     {"rounds", SWELL_INTO(rounds)},
                                                     {"settling", SWELL_INTO(settling)},
                                                     {"every", SWELL_INTO(every)},
                                                     {"threads", SWELL_INTO(threads)}};
  return all;
}

nb::dict reads(const NamedDesign& design, int64_t every) {
  const Reads reads = reads_of(design.design(), every);
  nb::dict told;
  told["first_step"] = reads.first_step;
  told["every"] = reads.every;
  told["count"] = reads.count;
  return told;
}

// One answer of a simulated chip, [reads][paths][units].
Out<float> run_chip(const NamedDesign& design, const std::string& spec, uint64_t seed, int64_t every, int threads,
                    const In<double, 2>& J, const In<double, 1>& bias, int64_t paths, int64_t first) {
  const Design& machine = design.design();
  const int64_t n = machine.computer.units();
  require_at_least(1, "paths", paths);
  require_at_least(0, "first", first);
  if (static_cast<int64_t>(J.shape(0)) != n || static_cast<int64_t>(J.shape(1)) != n ||
      static_cast<int64_t>(bias.shape(0)) != n)
    throw InputError(fmt::format("the chip has {} units; J [units, units] and bias [units] are needed", n));
  const hardware::Imperfections faults = hardware::parse_imperfections(spec, "spec");
  const Reads plan = reads_of(machine, every);
  std::vector<float> states;
  {
    const nb::gil_scoped_release others_run;
    states = simulated_device(machine, faults, seed, plan, threads > 0 ? threads : hardware_threads())(
        {J.data(), J.size()}, {bias.data(), bias.size()}, paths, first);
  }
  return give(std::move(states), {plan.count, paths, n});
}

nb::dict retrain(const NamedDesign& design, const nb::object& device, const nb::dict& given, nb::object progress) {
  DeviceTrainingOptions options;
  read_options(given, options_of_device_training(), "retraining", options, options.threads);
  const int64_t n = design.design().computer.units();
  Watch watch(std::move(progress));
  options.progress = [&](const Progress& at) { return watch.tell("rounds", at.done, at.total); };
  const PathDevice ask = [&](std::span<const double> J, std::span<const double> bias, int64_t paths, int64_t first) {
    std::vector<float> answer;
    watch.call([&] {
      const nb::object array = device(give(std::vector<double>(J.begin(), J.end()), {n, n}),
                                      give(std::vector<double>(bias.begin(), bias.end()), {n}), paths, first);
      answer = to_vector(nb::cast<In<float, 3>>(array));
    });
    return answer;
  };
  DeviceTraining found;
  watch.run(false, [&] { found = train_on_device(design.design(), ask, options); });
  Trained trained = *design.trained;
  Computer& machine = trained.design.computer;
  assign_from_dense(machine, found.J.values, machine.sets[0]);
  machine.sets[0].bias = found.bias;
  round_parameters(machine);
  nb::dict told;
  told["design"] = nb::cast(NamedDesign{std::make_shared<const Trained>(std::move(trained))});
  told["before"] = found.excess_before;
  told["after"] = found.excess_after;
  told["nearer"] = found.nearer;
  told["stderr"] = found.excess_stderr;
  told["parameters"] = found.parameters;
  told["paths"] = found.paths;
  told["interrupted"] = found.interrupted;
  told["interruption"] = watch.was_interrupted() ? watch.pending() : nb::none();
  return told;
}

nb::dict board_of(const std::string& text, const std::string& name) {
  const circuit::BoardSystem board = circuit::make_system(circuit::parse_board(text, name));
  nb::dict told;
  told["outputs"] = board.outputs;
  told["mean"] = give(board.mean(), {static_cast<int64_t>(board.outputs.size())});
  told["covariance"] = give(board.covariance());
  told["read"] = give(Matrix(board.read));
  told["rest"] = give(std::vector<double>(board.rest), {static_cast<int64_t>(board.rest.size())});
  told["system"] = nb::cast(LinearSystem(board.system));
  return told;
}

void export_machine(const Machine& machine, const std::optional<std::string>& couplings, const std::string& name,
                    const std::string& folder, const std::string& picture, const std::string& unit, double C, double t0,
                    std::optional<double> V0, std::optional<double> temperature, bool resistors, double saturation) {
  const Computer& computer = machine.computer();
  if (computer.sets.empty()) throw InputError("the machine has no couplings");
  const auto chosen = spice::picture_named(picture);
  const auto law = spice::law_named(unit);
  if (!chosen) throw InputError("picture must be conductance, charge or flux, not " + picture);
  if (!law) throw InputError("unit must be quartic, cosh, latch or josephson, not " + unit);
  const int set = couplings ? set_number(computer, *couplings) : 0;
  const spice::Options options{*chosen, *law, C, t0, V0, temperature, 1, resistors, saturation};
  spice::write_folder(folder, spice::make_circuit(computer, computer.sets[set], name, options));
}

nb::list check_folder(const std::string& folder, uint64_t seed) {
  spice::CheckOptions options;
  options.plan.seed = seed;
  spice::CheckReport report;
  {
    const nb::gil_scoped_release others_run;
    report = spice::check(spice::read_folder(folder), options);
  }
  nb::list layers;
  for (const spice::Layer& layer : report.layers) {
    nb::dict one;
    one["layer"] = layer.name;
    one["ran"] = layer.ran;
    one["passed"] = layer.passed;
    one["error"] = layer.error;
    one["allowed"] = layer.allowed;
    one["what"] = layer.what;
    one["message"] = layer.message;
    layers.append(one);
  }
  return layers;
}

}  // namespace

void add_hardware(nb::module_& module) {
  module.def("_perturb", &perturb_any, nb::arg("machine"), nb::arg("spec"), nb::arg("name"), nb::arg("seed"));
  module.def("_chip_seed", &hardware::chip_seed, nb::arg("seed"), nb::arg("chip"));
  module.attr("_retrain_options") = tuple_of(options_of_device_training());
  module.def("_reads", &reads, nb::arg("design"), nb::arg("every"));
  module.def("_run_chip", &run_chip, nb::arg("design"), nb::arg("spec"), nb::arg("seed"), nb::arg("every"),
             nb::arg("threads"), nb::arg("J"), nb::arg("bias"), nb::arg("paths"), nb::arg("first"));
  module.def("_retrain", &retrain, nb::arg("design"), nb::arg("device"), nb::arg("options"),
             nb::arg("progress").none());
  module.def("_board", &board_of, nb::arg("text"), nb::arg("name"));
  module.def("_spice_export", &export_machine, nb::arg("machine"), nb::arg("couplings").none(), nb::arg("name"),
             nb::arg("folder"), nb::arg("picture"), nb::arg("unit"), nb::arg("C"), nb::arg("t0"), nb::arg("V0").none(),
             nb::arg("temperature").none(), nb::arg("resistors"), nb::arg("saturation"));
  module.def("_spice_check", &check_folder, nb::arg("folder"), nb::arg("seed"));
}

}  // namespace swell::python
