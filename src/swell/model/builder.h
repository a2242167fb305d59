#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "swell/model/computer.h"
#include "swell/model/protocol.h"

namespace swell {

// The energy of one unit by itself, U(x) = J2 x^2 + J3 x^3 + J4 x^4, in E0.
struct OnSite {
  double J2 = 0.5, J3 = 0, J4 = 0;
};

// A machine and its protocols in a few lines:
//
//   MachineBuilder machine;
//   machine.group("left", {2}).group("right", {3}, {.J2 = -1, .J4 = 1});
//   machine.couplings("program").couple("left", 0, "right", 2, -0.3).bias("right", 0.1);
//   const Computer computer = machine.computer();
//   const Protocol answer = ProtocolBuilder(computer, "answer")
//                               .segment("settle", 2.0, "program").kT(0.5, 1.0).drive("left", 3.0).protocol();
//
// Errors are InputError, and name the group, set or value.
class MachineBuilder {
 public:
  // Units are numbered group after group. mobility: 1/(E0 time). shape: extents, row-major.
  MachineBuilder& group(std::string name, std::vector<int64_t> shape, OnSite energy = {}, double mobility = 1);
  // The on-site energy of one unit of a group, by its number within it.
  MachineBuilder& unit(std::string_view group, int64_t unit, OnSite energy, double mobility = 1);
  // Where a protocol says nothing, E0.
  MachineBuilder& kT(double value);

  // Opens a coupling set: what follows goes into it. A set that is there is opened again.
  MachineBuilder& couplings(std::string name);
  // One coupling, E0; several of a pair add up.
  MachineBuilder& couple(std::string_view group_a, int64_t a, std::string_view group_b, int64_t b, double J);
  // All of two groups, [size of a][size of b] row-major; of one group with itself symmetric with zero diagonal.
  MachineBuilder& couple(std::string_view group_a, std::string_view group_b, std::span<const double> J);
  // The same bias for a whole group, or one for each of its units, E0: V holds + b x.
  MachineBuilder& bias(std::string_view group, double value);
  MachineBuilder& bias(std::string_view group, std::span<const double> values);

  // The machine, held to all rules of a Computer. Couplings that were given one by one are sparse.
  Computer computer() const;

 private:
  struct Pair {
    int64_t a, b;
    double J;
  };
  struct Set {
    std::string name;
    std::vector<CouplingBlock> dense;
    std::vector<Pair> pairs;  // numbers in the machine
    std::vector<double> bias;
    std::vector<char> biased;
  };
  const Group& find(std::string_view name) const;
  int64_t unit_of(std::string_view group, int64_t unit) const;
  Set& open_set();
  void fill(const Set& set, CouplingSet& result) const;

  Computer computer_;
  std::vector<Set> sets_;
  int open_ = -1;
};

// Segments of a protocol for a machine, one after the other; each setting is of the segment opened last.
class ProtocolBuilder {
 public:
  // Refers to the machine.
  ProtocolBuilder(const Computer& computer, std::string name);

  // duration: units of 1/mu. couplings: name of the set in force; empty for none.
  ProtocolBuilder& segment(std::string name, double duration, std::string_view couplings = {});
  // E0, constant or along a line.
  ProtocolBuilder& kT(double value);
  ProtocolBuilder& kT(double from, double to);
  // Amplitude of the group's drive, constant or along a line.
  ProtocolBuilder& drive(std::string_view group, double amplitude);
  ProtocolBuilder& drive(std::string_view group, double from, double to);
  ProtocolBuilder& drive(std::string_view group, Schedule schedule);
  // The group's units are held at their pattern.
  ProtocolBuilder& clamp(std::string_view group);

  // Held to all rules of a protocol.
  Protocol protocol() const;

 private:
  Segment& last();

  const Computer& computer_;
  Protocol protocol_;
};

}  // namespace swell
