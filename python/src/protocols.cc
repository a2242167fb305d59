// Protocols: what changes in time.

#include "protocol.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/variant.h>
#include <nanobind/stl/vector.h>

#include <cmath>

#include "arrays.h"
#include "module.h"
#include "swell/base/errors.h"

namespace swell::python {

namespace {

size_t group_of(std::span<const Group> groups, const std::string& name, const NamedSegment& segment) {
  std::vector<std::string> names;
  for (size_t g = 0; g < groups.size(); ++g) {
    if (groups[g].name == name) return g;
    names.push_back(groups[g].name);
  }
  throw InputError(fmt::format("segment '{}': there is no group '{}'; the machine has {}", segment.name, name,
                               fmt::join(names, ", ")));
}

int set_of(const NamedSegment& segment, const AnySystem& system) {
  if (std::holds_alternative<std::monostate>(segment.couplings)) return kNoCouplings;
  if (const int* number = std::get_if<int>(&segment.couplings)) return *number;
  const std::string& name = std::get<std::string>(segment.couplings);
  for (size_t s = 0; s < system.sets.size(); ++s) {
    if (system.sets[s] == name) return static_cast<int>(s);
  }
  if (system.system().kind() != System::Kind::langevin)
    throw InputError(
        fmt::format("segment '{}': couplings '{}' are not known; the sets of such a machine have numbers "
                    "from 0 to {}",
                    segment.name, name, system.system().sets() - 1));
  throw InputError(fmt::format("segment '{}': there is no coupling set '{}'; the machine has {}", segment.name, name,
                               system.sets.empty() ? "none" : fmt::format("{}", fmt::join(system.sets, ", "))));
}

// Knots in order, within the segment. A single number is a constant.
Schedule schedule_of(const In<double, 2>& knots, bool geometric) {
  if (knots.shape(1) != 2)
    throw InputError(fmt::format("knots are rows of two numbers, fraction and value; these have {}", knots.shape(1)));
  Schedule schedule;
  schedule.geometric = geometric;
  for (size_t k = 0; k < knots.shape(0); ++k) schedule.knots.push_back({knots.data()[2 * k], knots.data()[2 * k + 1]});
  return schedule;
}

Out<double> knots_of(const Schedule& schedule) {
  std::vector<double> values;
  for (const auto& [at, value] : schedule.knots) values.insert(values.end(), {at, value});
  return give(std::move(values), {static_cast<int64_t>(schedule.knots.size()), 2});
}

}  // namespace

Protocol bind(const NamedProtocol& protocol, const AnySystem& system) {
  const std::span<const Group> groups = system.system().groups();
  Protocol bound{protocol.name, {}};
  for (const NamedSegment& segment : protocol.segments) {
    Segment numbered;
    numbered.name = segment.name;
    numbered.duration = segment.duration;
    numbered.couplings = set_of(segment, system);
    numbered.kT = segment.kT;
    numbered.drive.resize(groups.size());
    numbered.clamped.assign(groups.size(), 0);
    for (const auto& [group, schedule] : segment.drive) numbered.drive[group_of(groups, group, segment)] = schedule;
    for (const std::string& group : segment.clamped) numbered.clamped[group_of(groups, group, segment)] = 1;
    bound.segments.push_back(std::move(numbered));
  }
  validate(bound, system.system(), protocol.name.empty() ? "protocol" : protocol.name);
  return bound;
}

NamedProtocol unbind(const Protocol& protocol, const Computer& computer) {
  NamedProtocol named{protocol.name, {}};
  for (const Segment& segment : protocol.segments) {
    NamedSegment& each = named.segments.emplace_back();
    each.name = segment.name;
    each.duration = segment.duration;
    if (segment.couplings != kNoCouplings) each.couplings = computer.sets[segment.couplings].name;
    each.kT = segment.kT;
    for (size_t g = 0; g < segment.drive.size(); ++g) {
      if (!segment.drive[g].is_zero()) each.drive.emplace_back(computer.groups[g].name, segment.drive[g]);
    }
    for (size_t g = 0; g < segment.clamped.size(); ++g) {
      if (segment.clamped[g]) each.clamped.push_back(computer.groups[g].name);
    }
  }
  return named;
}

void add_protocols(nb::module_& module) {
  Class<Schedule>(module, "Schedule")
      .def(
          "__init__",
          [](Schedule* self, const In<double, 2>& knots, bool geometric) {
            new (self) Schedule(schedule_of(knots, geometric));
          },
          nb::arg("knots"), nb::arg("geometric"))
      .def_prop_ro("knots", &knots_of, "Fraction of the segment and value, [knots, 2].")
      .def_ro("geometric", &Schedule::geometric, "Whether lines are straight in the logarithm of the value.")
      .def("__call__", &Schedule::operator(), nb::arg("fraction"), "The value at this fraction of the segment.")
      .def("__getstate__", [](const Schedule& s) { return nb::make_tuple(knots_of(s), s.geometric); })
      .def("__setstate__", [](Schedule& self, const nb::tuple& state) {
        Schedule read;
        read_pickle(state, 2, 2,
                    [&] { read = schedule_of(nb::cast<In<double, 2>>(state[0]), nb::cast<bool>(state[1])); });
        new (&self) Schedule(std::move(read));
      });
  Class<NamedSegment>(module, "Segment")
      .def(
          "__init__",
          [](NamedSegment* self, std::string name, double duration,
             std::variant<std::monostate, int, std::string> couplings, const Schedule& kT,
             std::vector<std::pair<std::string, Schedule>> drive, std::vector<std::string> clamped) {
            NamedSegment segment{std::move(name), duration, {}, kT, std::move(drive), std::move(clamped)};
            if (const int* number = std::get_if<int>(&couplings)) segment.couplings = *number;
            if (const auto* set = std::get_if<std::string>(&couplings)) segment.couplings = *set;
            new (self) NamedSegment(std::move(segment));
          },
          nb::arg("name"), nb::arg("duration"), nb::arg("couplings").none(), nb::arg("kT"), nb::arg("drive"),
          nb::arg("clamped"))
      .def("__getstate__",
           [](const NamedSegment& s) {
             return nb::make_tuple(s.name, s.duration, s.couplings, s.kT, s.drive, s.clamped);
           })
      .def("__setstate__",
           [](NamedSegment& self, const nb::tuple& state) {
             NamedSegment read;
             read_pickle(state, 6, 6, [&] {
               read = {nb::cast<std::string>(state[0]),
                       nb::cast<double>(state[1]),
                       nb::cast<std::variant<std::monostate, std::string, int>>(state[2]),
                       nb::cast<Schedule>(state[3]),
                       nb::cast<std::vector<std::pair<std::string, Schedule>>>(state[4]),
                       nb::cast<std::vector<std::string>>(state[5])};
             });
             new (&self) NamedSegment(std::move(read));
           })
      .def("__repr__",
           [](const NamedSegment& s) { return fmt::format("Segment('{}', duration {:g})", s.name, s.duration); })
      .def_ro("name", &NamedSegment::name)
      .def_ro("duration", &NamedSegment::duration, "1/mu; of p-bits, sweeps.")
      .def_prop_ro(
          "couplings",
          [](const NamedSegment& segment) -> nb::object {
            if (const int* number = std::get_if<int>(&segment.couplings)) return nb::int_(*number);
            if (const auto* set = std::get_if<std::string>(&segment.couplings)) return nb::str(set->c_str());
            return nb::none();
          },
          "The set in force: its name or number, or None.")
      .def_ro("kT", &NamedSegment::kT, "Thermal energy, E0; without knots that of the machine holds.")
      .def_ro("drive", &NamedSegment::drive, "Amplitude of the drive on each group that has one, E0.")
      .def_ro("clamped", &NamedSegment::clamped, "Groups that are held at their pattern.");
  Class<NamedProtocol>(module, "Protocol")
      .def(nb::init<const NamedProtocol&>())
      .def("__init__",
           [](NamedProtocol* self, std::string name) {
             new (self) NamedProtocol{std::move(name), {}};
           })
      .def_ro("name", &NamedProtocol::name)
      .def_ro("segments", &NamedProtocol::segments, nb::rv_policy::copy)
      .def("__getstate__", [](const NamedProtocol& self) { return nb::make_tuple(self.name, self.segments); })
      .def("__setstate__",
           [](NamedProtocol& self, const nb::tuple& state) {
             NamedProtocol read;
             read_pickle(state, 2, 2, [&] {
               read = {nb::cast<std::string>(state[0]), nb::cast<std::vector<NamedSegment>>(state[1])};
             });
             new (&self) NamedProtocol(std::move(read));
           })
      .def("_add", [](NamedProtocol& self, const NamedSegment& segment) { self.segments.push_back(segment); })
      .def("_steps", [](const NamedProtocol& self, nb::handle system, double dt) {
        const AnySystem any(system);
        return count_steps(bind(self, any), dt);
      });
}

}  // namespace swell::python
