// Machines: Langevin units, p-bits and linear stochastic systems.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <cstdint>

#include "arrays.h"
#include "machine.h"
#include "module.h"
#include "swell/base/errors.h"

namespace swell::python {

Machine::Machine(const Machine& other) {
  const std::lock_guard lock(other.turn_);
  builder_ = other.builder_;
  sizes_ = other.sizes_;
  computer_ = other.computer_;
  whole_ = other.whole_;
}

void Machine::add(const std::function<void(MachineBuilder&)>& what) {
  if (whole_) throw InputError("a machine that came from a file or a pickle does not change; describe a new one");
  turn_.lock();
  computer_.reset();
  const nb::gil_scoped_release free;
  const std::lock_guard done(turn_, std::adopt_lock);  // given back before the interpreter's lock is asked for
  what(builder_);
}

std::vector<std::pair<std::string, int64_t>> Machine::sizes() const {
  const std::lock_guard lock(turn_);
  return sizes_;
}

std::shared_ptr<const Computer> Machine::shared() const {
  const std::lock_guard lock(turn_);
  if (!computer_) computer_ = std::make_shared<const Computer>(builder_.computer());
  return computer_;
}

namespace {

template <class Named>
int number_of(const std::vector<Named>& all, std::string_view name, const char* what) {
  std::vector<std::string> names;
  for (size_t k = 0; k < all.size(); ++k) {
    if (all[k].name == name) return static_cast<int>(k);
    names.push_back(all[k].name);
  }
  throw InputError(fmt::format("there is no {} '{}'; the machine has {}", what, name,
                               names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))));
}

// One value for all, or one each.
double at(const In<double, 1>& values, size_t unit) { return values.data()[values.size() == 1 ? 0 : unit]; }

void add_group(Machine& machine, std::string name, std::vector<int64_t> shape, const std::optional<In<double, 1>>& J2,
               const std::optional<In<double, 1>>& J3, const std::optional<In<double, 1>>& J4,
               const std::optional<In<double, 1>>& mobility) {
  const auto of = [&](size_t unit) {
    OnSite energy;
    if (J2) energy.J2 = at(*J2, unit);
    if (J3) energy.J3 = at(*J3, unit);
    if (J4) energy.J4 = at(*J4, unit);
    return energy;
  };
  double size = 1;
  for (const int64_t extent : shape) size *= static_cast<double>(extent);
  bool uniform = true;
  const std::pair<const char*, const std::optional<In<double, 1>>*> given[] = {
      {"J2", &J2}, {"J3", &J3}, {"J4", &J4}, {"mobility", &mobility}};
  for (const auto& [key, values] : given) {
    if (!*values || (*values)->size() == 1) continue;
    uniform = false;
    if (static_cast<double>((*values)->size()) != size)
      throw InputError(fmt::format("{} of group '{}' has {} numbers; one, or one for each of its {} units is allowed",
                                   key, name, (*values)->size(), size));
  }
  machine.add([&](MachineBuilder& builder) {
    machine.note_group(name, size < 0x1p62 ? static_cast<int64_t>(size) : 0);
    if (mobility) {
      builder.group(name, std::move(shape), of(0), at(*mobility, 0));
    } else {
      builder.group(name, std::move(shape), of(0));
    }
    for (size_t u = 0; !uniform && u < static_cast<size_t>(size); ++u) {
      if (mobility) {
        builder.unit(name, static_cast<int64_t>(u), of(u), at(*mobility, u));
      } else {
        builder.unit(name, static_cast<int64_t>(u), of(u));
      }
    }
  });
}

void add_pairs(Machine& machine, std::string_view group_a, const In<int64_t, 1>& a, std::string_view group_b,
               const In<int64_t, 1>& b, const In<double, 1>& J) {
  if (a.size() != b.size() || a.size() != J.size())
    throw InputError(fmt::format("couplings one by one need as many units a ({}) as units b ({}) and values J ({})",
                                 a.size(), b.size(), J.size()));
  machine.add([&](MachineBuilder& builder) {
    for (size_t k = 0; k < J.size(); ++k) builder.couple(group_a, a.data()[k], group_b, b.data()[k], J.data()[k]);
  });
}

nb::dict groups_of(const Machine& machine) {
  nb::dict groups;
  for (const Group& group : machine.computer().groups)
    groups[nb::str(group.name.data(), group.name.size())] = nb::tuple(nb::cast(group.shape));
  return groups;
}

nb::list names_of_sets(const Machine& machine) {
  nb::list names;
  for (const CouplingSet& set : machine.computer().sets) names.append(set.name);
  return names;
}

// A list for each set: name, biases, which groups have any, its blocks, and its own J2 where it has one.
nb::list sets_of(const Computer& computer) {
  nb::list sets;
  for (const CouplingSet& set : computer.sets) {
    nb::list blocks;
    for (const CouplingBlock& block : set.blocks) {
      if (const auto* sparse = std::get_if<SparseWeights>(&block.weights)) {
        blocks.append(nb::make_tuple(block.row_group, block.column_group,
                                     give(sparse->row_start, {static_cast<int64_t>(sparse->row_start.size())}),
                                     give(sparse->column, {static_cast<int64_t>(sparse->column.size())}),
                                     give(sparse->values, {static_cast<int64_t>(sparse->values.size())})));
      } else {
        const auto& dense = std::get<DenseWeights>(block.weights);
        blocks.append(nb::make_tuple(
            block.row_group, block.column_group,
            give(dense.values, {computer.groups[block.row_group].size, computer.groups[block.column_group].size})));
      }
    }
    nb::list biased;
    for (const char each : set.biased) biased.append(each != 0);
    sets.append(nb::make_tuple(set.name, give(set.bias, {computer.units()}), biased, blocks,
                               give(set.J2, {static_cast<int64_t>(set.J2.size())})));
  }
  return sets;
}

nb::tuple state_of(const Machine& machine) {
  const Computer& computer = machine.computer();
  if (!has_potential(computer) || computer.memory.remembers() || computer.memory.kT_drift != 0 ||
      !computer.warmth.empty())
    throw InputError(
        "neither a pickle nor a file holds what this chip's couplings, noise and temperature do; keep the machine as "
        "designed, from which swell.hardware.perturb makes the chip again");
  nb::list groups;
  for (const Group& group : computer.groups) groups.append(nb::make_tuple(group.name, group.shape));
  const int64_t units = computer.units();
  return nb::make_tuple(groups, give(computer.J2, {units}), give(computer.J3, {units}), give(computer.J4, {units}),
                        give(computer.mobility, {units}), computer.kT, sets_of(computer));
}

using Numbers = In<double, 1>;

std::vector<double> numbers_of(nb::handle object) { return to_vector(nb::cast<Numbers>(object)); }

CouplingBlock block_of(nb::handle state) {
  CouplingBlock block{nb::cast<int>(state[0]), nb::cast<int>(state[1]), {}};
  if (nb::len(state) == 3) {
    const auto values = nb::cast<In<double, 2>>(state[2]);
    block.weights = DenseWeights{to_vector(values)};
  } else {
    block.weights = SparseWeights{to_vector(nb::cast<In<int64_t, 1>>(state[2])),
                                  to_vector(nb::cast<In<int32_t, 1>>(state[3])), numbers_of(state[4])};
  }
  return block;
}

Computer computer_of(const nb::tuple& state) {
  Computer computer;
  int64_t first = 0;
  for (nb::handle each : state[0]) {
    Group group{nb::cast<std::string>(each[0]), nb::cast<std::vector<int64_t>>(each[1]), first, 1};
    for (const int64_t extent : group.shape) {
      if (extent < 1 || __builtin_mul_overflow(group.size, extent, &group.size) || group.size > INT32_MAX)
        throw InputError(fmt::format("pickle: group '{}' has a shape of ({}), which no group has", group.name,
                                     fmt::join(group.shape, ", ")));
    }
    first += group.size;
    computer.groups.push_back(std::move(group));
  }
  computer.J2 = numbers_of(state[1]);
  if (computer.units() != first)
    throw InputError(fmt::format("pickle: groups of {} units have {} values of J2", first, computer.units()));
  computer.J3 = numbers_of(state[2]);
  computer.J4 = numbers_of(state[3]);
  computer.mobility = numbers_of(state[4]);
  computer.kT = nb::cast<double>(state[5]);
  for (nb::handle each : state[6]) {
    CouplingSet set{nb::cast<std::string>(each[0]), {}, numbers_of(each[1]), {}};
    for (nb::handle biased : each[2]) set.biased.push_back(nb::cast<bool>(biased));
    for (nb::handle block : each[3]) {
      set.blocks.push_back(block_of(block));
      for (const int group : {set.blocks.back().row_group, set.blocks.back().column_group}) {
        if (group < 0 || group >= static_cast<int>(computer.groups.size()))
          throw InputError(fmt::format("pickle: couplings of group {}; there are {}", group, computer.groups.size()));
      }
    }
    if (nb::len(each) > 4) set.J2 = numbers_of(each[4]);  // not in older pickles
    computer.sets.push_back(std::move(set));
  }
  return computer;
}

// Only what the arrays of a pickle say; validate() holds it to all rules of a Computer.
void set_state(Machine& machine, const nb::tuple& state) {
  Computer computer;
  read_pickle(state, 7, 7, [&] { computer = computer_of(state); });
  validate(computer, "pickle");
  new (&machine) Machine(std::make_shared<const Computer>(std::move(computer)));
}

void add_langevin(nb::module_& module) {
  Class<Machine>(module, "Machine")
      .def(nb::init<>())
      .def(nb::init<const Machine&>())
      .def("_group", &add_group, nb::arg("name"), nb::arg("shape"), nb::arg("J2").none(), nb::arg("J3").none(),
           nb::arg("J4").none(), nb::arg("mobility").none())
      .def("_group_sizes",
           [](const Machine& machine) {
             nb::list sizes;
             for (const auto& [name, size] : machine.sizes()) sizes.append(nb::make_tuple(name, size));
             return sizes;
           })
      .def("_kT", [](Machine& machine, double value) { machine.add([&](MachineBuilder& to) { to.kT(value); }); })
      .def("_couplings",
           [](Machine& machine, std::string name) {
             machine.add([&](MachineBuilder& to) { to.couplings(std::move(name)); });
           })
      .def("_couple_dense",
           [](Machine& machine, std::string_view a, std::string_view b, const In<double, 2>& J) {
             machine.add([&](MachineBuilder& to) { to.couple(a, b, {J.data(), J.size()}); });
           })
      .def("_couple_pairs", &add_pairs)
      .def("_bias", [](Machine& machine, std::string_view group,
                       double value) { machine.add([&](MachineBuilder& to) { to.bias(group, value); }); })
      .def("_bias_each",
           [](Machine& machine, std::string_view group, const Numbers& values) {
             machine.add([&](MachineBuilder& to) { to.bias(group, {values.data(), values.size()}); });
           })
      .def_prop_ro(
          "units", [](const Machine& machine) { return machine.computer().units(); }, "How many units the machine has.")
      .def_prop_ro(
          "kT", [](const Machine& machine) { return machine.computer().kT; },
          "Thermal energy where a protocol says nothing, E0.")
      .def_prop_ro("groups", &groups_of, "Names of the groups and their shapes, in the order of the units.")
      .def_prop_ro("sets", &names_of_sets, "Names of the coupling sets.")
      .def_prop_ro(
          "J2", [](const Machine& m) { return give(m.computer().J2, {m.computer().units()}); },
          "On-site energies J2 x^2, [units], E0.")
      .def_prop_ro(
          "J3", [](const Machine& m) { return give(m.computer().J3, {m.computer().units()}); },
          "On-site energies J3 x^3, [units], E0.")
      .def_prop_ro(
          "J4", [](const Machine& m) { return give(m.computer().J4, {m.computer().units()}); },
          "On-site energies J4 x^4, [units], E0.")
      .def_prop_ro(
          "mobility", [](const Machine& m) { return give(m.computer().mobility, {m.computer().units()}); },
          "Mobilities, [units], 1/(E0 time).")
      .def("_matrix",
           [](const Machine& machine, std::string_view set) {
             const std::shared_ptr<const Computer> computer = machine.shared();  // which no other thread changes
             std::vector<double> matrix;
             {
               const nb::gil_scoped_release free;
               matrix = dense_matrix(*computer, computer->sets[set_number(*computer, set)]);
             }
             return give(std::move(matrix), {computer->units(), computer->units()});
           })
      .def("_biases",
           [](const Machine& machine, std::string_view set) {
             const Computer& computer = machine.computer();
             return give(computer.sets[set_number(computer, set)].bias, {computer.units()});
           })
      .def("_parameters",
           [](const Machine& machine, std::string_view set) {
             const Computer& computer = machine.computer();
             return count_parameters(computer, computer.sets[set_number(computer, set)]);
           })
      .def("_state", &state_of)
      .def("__getstate__", &state_of)
      .def("__setstate__", &set_state);
}

IsingModel ising_of(int64_t units, const In<int64_t, 1>& a, const In<int64_t, 1>& b, const In<double, 1>& J,
                    const std::optional<Numbers>& h) {
  if (a.size() != b.size() || a.size() != J.size())
    throw InputError(fmt::format("couplings need as many units a ({}) as units b ({}) and values J ({})", a.size(),
                                 b.size(), J.size()));
  std::vector<IsingEdge> edges(J.size());
  for (size_t k = 0; k < J.size(); ++k) edges[k] = {a.data()[k], b.data()[k], J.data()[k]};
  return make_ising(units, edges, h ? to_vector(*h) : std::vector<double>());
}

void require_spins(const IsingModel& model, const In<int8_t, 1>& spins) {
  if (static_cast<int64_t>(spins.size()) != model.units)
    throw InputError(fmt::format("{} spins were given for {} p-bits", spins.size(), model.units));
}

nb::tuple state_of_ising(const IsingModel& model) {
  const auto entries = static_cast<int64_t>(model.neighbour.size());
  return nb::make_tuple(give(model.row_start, {model.units + 1}), give(model.neighbour, {entries}),
                        give(model.J, {entries}), give(model.h, {model.units}), model.rows, model.columns,
                        model.directed);
}

IsingModel ising_of_pickle(const nb::tuple& state) {
  const auto starts = to_vector(nb::cast<In<int64_t, 1>>(state[0]));
  const auto neighbour = to_vector(nb::cast<In<int32_t, 1>>(state[1]));
  const std::vector<double> J = numbers_of(state[2]);
  const auto units = static_cast<int64_t>(starts.size()) - 1, entries = static_cast<int64_t>(neighbour.size());
  if (units < 0 || starts.front() != 0 || starts.back() != entries || J.size() != neighbour.size() ||
      !std::is_sorted(starts.begin(), starts.end()))
    throw InputError("pickle: the couplings of p-bits are damaged");
  std::vector<IsingEdge> edges;
  for (int64_t u = 0; u < units; ++u) {
    for (int64_t k = starts[u]; k < starts[u + 1]; ++k) {
      if (neighbour[k] > u) edges.push_back({u, neighbour[k], J[k]});
    }
  }
  IsingModel model = make_ising(units, edges, numbers_of(state[3]));
  model.rows = nb::cast<int64_t>(state[4]);
  model.columns = nb::cast<int64_t>(state[5]);
  // A lattice is laid out by its extents alone.
  if (model.rows != 0 || model.columns != 0) {
    const bool fits = model.rows >= 3 && model.columns >= 3 && model.rows <= units && model.columns <= units &&
                      model.rows * model.columns == units && !J.empty();
    const IsingModel lattice = fits ? square_lattice(model.rows, model.columns, J[0], model.h[0]) : IsingModel();
    if (!fits || lattice.neighbour != model.neighbour || lattice.J != model.J || lattice.h != model.h)
      throw InputError(fmt::format("pickle: {} p-bits are no lattice of {} x {}", units, model.rows, model.columns));
  }
  model.directed = nb::len(state) > 6 && nb::cast<bool>(state[6]);
  if (model.directed) {
    if (model.neighbour != neighbour || model.row_start != starts)
      throw InputError("pickle: the couplings of p-bits are damaged");
    model.J = J;
  }
  return model;
}

void set_ising_state(IsingModel& model, const nb::tuple& state) {
  IsingModel read;
  read_pickle(state, 6, 7, [&] { read = ising_of_pickle(state); });
  new (&model) IsingModel(std::move(read));
}

void add_pbits(nb::module_& module) {
  Class<IsingModel>(module, "Ising")
      .def(nb::init<const IsingModel&>())
      .def(
          "__init__",
          [](IsingModel* self, int64_t units, const In<int64_t, 1>& a, const In<int64_t, 1>& b, const In<double, 1>& J,
             const std::optional<Numbers>& h) { new (self) IsingModel(ising_of(units, a, b, J, h)); },
          nb::arg("units"), nb::arg("a"), nb::arg("b"), nb::arg("J"), nb::arg("h").none())
      .def_static("_lattice", &square_lattice, nb::arg("rows"), nb::arg("columns"), nb::arg("J"), nb::arg("h"))
      .def_ro("units", &IsingModel::units, "How many p-bits there are.")
      .def_prop_ro("edges", &IsingModel::edges, "How many couplings there are, each pair once.")
      .def_prop_ro(
          "h",
          [](nb::handle self) {
            const auto& model = nb::cast<const IsingModel&>(self);
            return view(model.h, {model.units}, self);
          },
          "Fields, [units], in units of the couplings.")
      .def("_energy",
           [](const IsingModel& model, const In<int8_t, 1>& spins) {
             require_spins(model, spins);
             return ising_energy(model, {spins.data(), spins.size()});
           })
      .def("_fields",
           [](const IsingModel& model, const In<int8_t, 1>& spins) {
             require_spins(model, spins);
             std::vector<double> fields(model.units);
             for (int64_t u = 0; u < model.units; ++u) fields[u] = local_field(model, {spins.data(), spins.size()}, u);
             return give(std::move(fields), {model.units});
           })
      .def("_rows", &state_of_ising)
      .def("__getstate__", &state_of_ising)
      .def("__setstate__", &set_ising_state);
}

LinearSystem linear_of(const In<double, 2>& drift, const In<double, 1>& c, const In<double, 2>& noise,
                       const std::optional<In<double, 2>>& stiffness) {
  LinearSystem system{to_matrix(drift), to_vector(c), to_matrix(noise)};
  if (stiffness) system.stiffness = to_matrix(*stiffness);
  validate(system, "linear system");
  return system;
}

void add_linear_systems(nb::module_& module) {
  Class<LinearSystem>(module, "LinearSystem")
      .def(
          "__init__",
          [](LinearSystem* self, const In<double, 2>& drift, const In<double, 1>& c, const In<double, 2>& noise,
             const std::optional<In<double, 2>>& stiffness) {
            new (self) LinearSystem(linear_of(drift, c, noise, stiffness));
          },
          nb::arg("drift"), nb::arg("c"), nb::arg("noise"), nb::arg("stiffness") = nb::none())
      .def_prop_ro("units", &LinearSystem::size, "How many quantities fluctuate.")
      .def_prop_ro(
          "drift",
          [](nb::handle self) {
            const auto& system = nb::cast<const LinearSystem&>(self);
            return view(system.drift.values, {system.size(), system.size()}, self);
          },
          "M, [units, units], 1/time.")
      .def_prop_ro(
          "c",
          [](nb::handle self) {
            const auto& system = nb::cast<const LinearSystem&>(self);
            return view(system.c, {system.size()}, self);
          },
          "c, [units].")
      .def_prop_ro(
          "noise",
          [](nb::handle self) {
            const auto& system = nb::cast<const LinearSystem&>(self);
            return view(system.noise.values, {system.size(), system.size()}, self);
          },
          "B B^T at kT = 1, [units, units].")
      .def_prop_ro(
          "stiffness",
          [](nb::handle self) -> nb::object {
            const auto& system = nb::cast<const LinearSystem&>(self);
            if (system.stiffness.values.empty()) return nb::none();
            return nb::cast(view(system.stiffness.values, {system.size(), system.size()}, self));
          },
          nb::sig("def stiffness(self) -> numpy.typing.NDArray[numpy.float64] | None"),
          "K of the stored energy z K z / 2, [units, units], E0; None where the noise says it.")
      .def("__getstate__",
           [](const LinearSystem& s) {
             nb::list state;
             state.append(give(s.drift));
             state.append(give(s.c, {s.size()}));
             state.append(give(s.noise));
             if (!s.stiffness.values.empty()) state.append(give(s.stiffness));
             return nb::tuple(state);
           })
      .def("__setstate__", [](LinearSystem& self, const nb::tuple& state) {
        LinearSystem read;
        read_pickle(state, 3, 4, [&] {
          std::optional<In<double, 2>> stiffness;
          if (state.size() > 3) stiffness = nb::cast<In<double, 2>>(state[3]);
          read = linear_of(nb::cast<In<double, 2>>(state[0]), nb::cast<In<double, 1>>(state[1]),
                           nb::cast<In<double, 2>>(state[2]), stiffness);
        });
        new (&self) LinearSystem(std::move(read));
      });
}

}  // namespace

int group_number(const Computer& computer, std::string_view name) { return number_of(computer.groups, name, "group"); }
int set_number(const Computer& computer, std::string_view name) {
  return number_of(computer.sets, name, "coupling set");
}

AnySystem::AnySystem(nb::handle object) : owner_(nb::borrow(object)) {
  if (nb::isinstance<Machine>(object)) {
    computer_ = nb::cast<const Machine&>(object).shared();
    for (const CouplingSet& set : computer_->sets) sets.push_back(set.name);
    system_.emplace(*computer_);
  } else if (nb::isinstance<IsingModel>(object)) {
    system_.emplace(nb::cast<const IsingModel&>(object));
  } else if (nb::isinstance<LinearSystem>(object)) {
    system_.emplace(nb::cast<const LinearSystem&>(object));
  } else if (nb::isinstance<nb::sequence>(object) && nb::len(object) > 0) {
    const bool pbits = nb::isinstance<IsingModel>(object[0]);
    for (nb::handle each : object) {
      if (pbits && nb::isinstance<IsingModel>(each)) {
        models_.push_back(nb::cast<const IsingModel&>(each));
      } else if (!pbits && nb::isinstance<LinearSystem>(each)) {
        linear_.push_back(nb::cast<const LinearSystem&>(each));
      } else {
        throw InputError("a list of machines holds swell.Ising models only, or swell.LinearSystem only");
      }
    }
    if (pbits) {
      system_.emplace(std::span<const IsingModel>(models_));
    } else {
      system_.emplace(std::span<const LinearSystem>(linear_));
    }
  } else {
    throw nb::type_error("a swell.Machine, swell.Ising or swell.LinearSystem is needed, or a list of the latter two");
  }
}

void add_machines(nb::module_& module) {
  add_langevin(module);
  add_pbits(module);
  add_linear_systems(module);
}

}  // namespace swell::python
