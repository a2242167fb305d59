// Energies, forces and path probabilities of Langevin units, as functions.

#include <fmt/format.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include "arrays.h"
#include "machine.h"
#include "module.h"
#include "swell/base/errors.h"
#include "swell/physics/path_probability.h"
#include "swell/physics/potential.h"

namespace swell::python {

namespace {

using States = In<double, 2>;
using Force = std::optional<In<double, 1>>;

void require_units(const Computer& computer, size_t numbers, const char* what) {
  if (static_cast<int64_t>(numbers) != computer.units())
    throw InputError(
        fmt::format("{} of {} numbers does not fit a machine of {} units", what, numbers, computer.units()));
}

Control control_of(const Computer& computer, const std::optional<std::string>& set, const Force& force) {
  Control control;
  if (set) control.set = &computer.sets[set_number(computer, *set)];
  if (force) {
    require_units(computer, force->size(), "a force");
    control.force = {force->data(), force->size()};
  }
  return control;
}

std::span<const double> row_of(const States& states, size_t row) {
  return {states.data() + row * states.shape(1), states.shape(1)};
}

Out<double> energies(const Machine& machine, const States& x, const std::optional<std::string>& set,
                     const Force& force) {
  const auto computer = machine.shared();
  require_units(*computer, x.shape(1), "a state");
  const Control control = control_of(*computer, set, force);
  std::vector<double> result(x.shape(0));
  {
    const nb::gil_scoped_release unlocked;
    for (size_t r = 0; r < result.size(); ++r) result[r] = energy(*computer, control, row_of(x, r));
  }
  return give(std::move(result), {static_cast<int64_t>(x.shape(0))});
}

Out<double> gradients(const Machine& machine, const States& x, const std::optional<std::string>& set,
                      const Force& force) {
  const auto computer = machine.shared();
  require_units(*computer, x.shape(1), "a state");
  if (computer->memory.delay > 0)
    throw InputError("the forces of this chip lag behind its states, and so do not follow from one state");
  const Control control = control_of(*computer, set, force);
  std::vector<double> result;
  result.reserve(x.size());
  {
    const nb::gil_scoped_release unlocked;
    for (size_t r = 0; r < x.shape(0); ++r) {
      const std::vector<double> row = gradient(*computer, control, row_of(x, r));
      result.insert(result.end(), row.begin(), row.end());
    }
  }
  return give(std::move(result), {static_cast<int64_t>(x.shape(0)), static_cast<int64_t>(x.shape(1))});
}

// -ln P of each step of a path [points, units], forward or read backwards.
Out<double> path_losses(const Machine& machine, const States& path, double dt, double kT, bool backwards,
                        const std::optional<std::string>& set, const Force& force) {
  const auto computer = machine.shared();
  require_units(*computer, path.shape(1), "a state");
  require_white_noise(*computer);
  if (!(dt > 0) || !(kT > 0)) throw InputError(fmt::format("dt {} and kT {} must be above 0", dt, kT));
  const Control control = control_of(*computer, set, force);
  const size_t steps = path.shape(0) > 0 ? path.shape(0) - 1 : 0;
  std::vector<double> result(steps), moved(path.shape(1));
  {
    const nb::gil_scoped_release unlocked;
    for (size_t k = 0; k < steps; ++k) {
      const auto from = row_of(path, backwards ? k + 1 : k), to = row_of(path, backwards ? k : k + 1);
      for (size_t u = 0; u < moved.size(); ++u) moved[u] = to[u] - from[u];
      result[k] = step_loss(*computer, moved, gradient(*computer, control, from), kT, dt);
    }
  }
  return give(std::move(result), {static_cast<int64_t>(steps)});
}

}  // namespace

void add_physics(nb::module_& module) {
  module.def("_energies", &energies, nb::arg("machine"), nb::arg("x"), nb::arg("couplings").none(),
             nb::arg("force").none());
  module.def("_gradients", &gradients, nb::arg("machine"), nb::arg("x"), nb::arg("couplings").none(),
             nb::arg("force").none());
  module.def("_path_losses", &path_losses, nb::arg("machine"), nb::arg("path"), nb::arg("dt"), nb::arg("kT"),
             nb::arg("backwards"), nb::arg("couplings").none(), nb::arg("force").none());
}

}  // namespace swell::python
