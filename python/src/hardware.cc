// Machines as circuits, boards from netlists, chips with faults.

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "arrays.h"
#include "machine.h"
#include "module.h"
#include "swell/base/errors.h"
#include "swell/hardware/chip_files.h"
#include "swell/hardware/circuit/board_system.h"
#include "swell/hardware/spice/check.h"
#include "swell/hardware/spice/folder.h"

namespace swell::python {

namespace {

nb::object perturb_any(nb::handle machine, const std::string& spec, const std::string& name, uint64_t seed) {
  const hardware::Imperfections faults = hardware::parse_imperfections(spec, name);
  if (nb::isinstance<Machine>(machine)) {
    const auto chip = std::make_shared<const Computer>(
        hardware::perturb(nb::cast<const Machine&>(machine).computer(), faults, seed));
    return nb::cast(Machine(chip));
  }
  if (nb::isinstance<IsingModel>(machine))
    return nb::cast(hardware::perturb(nb::cast<const IsingModel&>(machine), faults, seed));
  if (nb::isinstance<LinearSystem>(machine))
    return nb::cast(hardware::perturb(nb::cast<const LinearSystem&>(machine), faults, seed));
  throw InputError("chips are made of a Machine, an Ising or a LinearSystem");
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
                    std::optional<double> V0, std::optional<double> temperature, bool resistors) {
  const Computer& computer = machine.computer();
  if (computer.sets.empty()) throw InputError("the machine has no couplings");
  const auto chosen = spice::picture_named(picture);
  const auto law = spice::law_named(unit);
  if (!chosen) throw InputError("picture must be conductance, charge or flux, not " + picture);
  if (!law) throw InputError("unit must be quartic, cosh, latch or josephson, not " + unit);
  const int set = couplings ? set_number(computer, *couplings) : 0;
  const spice::Options options{*chosen, *law, C, t0, V0, temperature, 1, resistors};
  spice::write_folder(folder, spice::make_machine(computer, computer.sets[set], name, options));
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
  module.def("_board", &board_of, nb::arg("text"), nb::arg("name"));
  module.def("_spice_export", &export_machine, nb::arg("machine"), nb::arg("couplings").none(), nb::arg("name"),
             nb::arg("folder"), nb::arg("picture"), nb::arg("unit"), nb::arg("C"), nb::arg("t0"), nb::arg("V0").none(),
             nb::arg("temperature").none(), nb::arg("resistors"));
  module.def("_spice_check", &check_folder, nb::arg("folder"), nb::arg("seed"));
}

}  // namespace swell::python
