#include "swell/model/builder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "swell/base/errors.h"
#include "swell/model/sparse.h"

namespace swell {

namespace {

std::string names_of(const std::vector<Group>& groups) {
  std::vector<std::string> names;
  for (const Group& group : groups) names.push_back(group.name);
  return names.empty() ? "there are none" : fmt::format("there are {}", fmt::join(names, ", "));
}

int group_number(const Computer& computer, std::string_view name) {
  const int found = find_group(computer, name);
  if (found < 0) throw InputError(fmt::format("there is no group '{}'; {}", name, names_of(computer.groups)));
  return found;
}

// Couplings number units by 32 bits.
constexpr int64_t kMostUnits = (int64_t{1} << 31) - 1;

}  // namespace

MachineBuilder& MachineBuilder::group(std::string name, std::vector<int64_t> shape, OnSite energy, double mobility) {
  if (!sets_.empty())
    throw InputError(fmt::format("group '{}' comes after a coupling set; all groups come first", name));
  if (find_group(computer_, name) >= 0) throw InputError(fmt::format("there is a group '{}' already", name));
  int64_t size = 1;
  for (const int64_t extent : shape) {
    if (extent < 1) throw InputError(fmt::format("group '{}' has an extent of {}; 1 or more is allowed", name, extent));
    if (__builtin_mul_overflow(size, extent, &size) || size > kMostUnits - computer_.units())
      throw InputError(fmt::format("group '{}' of {} units is too large; a machine has {} units at the most", name,
                                   fmt::join(shape, " x "), kMostUnits));
  }
  if (shape.empty()) throw InputError(fmt::format("group '{}' has no extents; at least one is needed", name));
  const int64_t first = computer_.units();
  computer_.groups.push_back({std::move(name), std::move(shape), first, size});
  computer_.J2.resize(first + size, energy.J2);
  computer_.J3.resize(first + size, energy.J3);
  computer_.J4.resize(first + size, energy.J4);
  computer_.mobility.resize(first + size, mobility);
  return *this;
}

MachineBuilder& MachineBuilder::unit(std::string_view group, int64_t unit, OnSite energy, double mobility) {
  const int64_t i = unit_of(group, unit);
  computer_.J2[i] = energy.J2;
  computer_.J3[i] = energy.J3;
  computer_.J4[i] = energy.J4;
  computer_.mobility[i] = mobility;
  return *this;
}

MachineBuilder& MachineBuilder::kT(double value) {
  computer_.kT = value;
  return *this;
}

MachineBuilder& MachineBuilder::couplings(std::string name) {
  const auto found = std::ranges::find(sets_, name, &Set::name);
  open_ = static_cast<int>(found - sets_.begin());
  if (found == sets_.end()) {
    sets_.push_back({std::move(name),
                     {},
                     {},
                     std::vector<double>(computer_.units(), 0.0),
                     std::vector<char>(computer_.groups.size(), 0)});
  }
  return *this;
}

MachineBuilder& MachineBuilder::couple(std::string_view group_a, int64_t a, std::string_view group_b, int64_t b,
                                       double J) {
  const int64_t i = unit_of(group_a, a), j = unit_of(group_b, b);
  if (i == j) throw InputError(fmt::format("unit {} of group '{}' is coupled to itself", a, group_a));
  open_set().pairs.push_back({std::min(i, j), std::max(i, j), J});
  return *this;
}

MachineBuilder& MachineBuilder::couple(std::string_view group_a, std::string_view group_b, std::span<const double> J) {
  const Group &a = find(group_a), &b = find(group_b);
  if (static_cast<int64_t>(J.size()) != a.size * b.size)
    throw InputError(fmt::format("groups '{}' and '{}' of {} and {} units are coupled by {} values; {} are needed",
                                 group_a, group_b, a.size, b.size, J.size(), a.size * b.size));
  int row = group_number(computer_, group_a), column = group_number(computer_, group_b);
  std::vector<double> values(J.begin(), J.end());
  if (row > column) {
    for (int64_t i = 0; i < b.size; ++i) {
      for (int64_t j = 0; j < a.size; ++j) values[i * a.size + j] = J[j * b.size + i];
    }
    std::swap(row, column);
  }
  Set& set = open_set();
  for (const CouplingBlock& block : set.dense) {
    if (block.row_group == row && block.column_group == column)
      throw InputError(fmt::format("groups '{}' and '{}' are coupled twice in set '{}'", group_a, group_b, set.name));
  }
  set.dense.push_back({row, column, DenseWeights{std::move(values)}});
  return *this;
}

MachineBuilder& MachineBuilder::bias(std::string_view group, double value) {
  return bias(group, std::vector<double>(find(group).size, value));
}

MachineBuilder& MachineBuilder::bias(std::string_view group, std::span<const double> values) {
  const Group& which = find(group);
  if (static_cast<int64_t>(values.size()) != which.size)
    throw InputError(fmt::format("group '{}' of {} units is given {} biases; one for each is needed", group, which.size,
                                 values.size()));
  Set& set = open_set();
  std::ranges::copy(values, set.bias.begin() + which.first);
  set.biased[group_number(computer_, group)] = 1;
  return *this;
}

Computer MachineBuilder::computer() const {
  Computer result = computer_;
  for (const Set& set : sets_) {
    CouplingSet& made = result.sets.emplace_back();
    made.name = set.name;
    fill(set, made);
  }
  validate(result, "machine");
  return result;
}

// Single couplings by pair of groups, added into a dense block where the pair has one.
void MachineBuilder::fill(const Set& set, CouplingSet& result) const {
  result.blocks = set.dense;
  result.bias = set.bias;
  result.biased = set.biased;
  std::map<std::pair<int, int>, std::map<std::pair<int64_t, int64_t>, double>> sparse;
  for (const Pair& pair : set.pairs) {
    const int row = group_of_unit(computer_, pair.a), column = group_of_unit(computer_, pair.b);
    const Group &rows = computer_.groups[row], &columns = computer_.groups[column];
    const int64_t r = pair.a - rows.first, c = pair.b - columns.first;
    const auto dense = std::ranges::find_if(result.blocks, [&](const CouplingBlock& block) {
      return block.row_group == row && block.column_group == column;
    });
    if (dense != result.blocks.end()) {
      auto& values = std::get<DenseWeights>(dense->weights).values;
      values[r * columns.size + c] += pair.J;
      if (row == column) values[c * columns.size + r] += pair.J;
      continue;
    }
    auto& entries = sparse[{row, column}];
    entries[{r, c}] += pair.J;
    if (row == column) entries[{c, r}] += pair.J;
  }
  for (const auto& [groups, entries] : sparse) {
    SparseWeights weights;
    weights.row_start.assign(computer_.groups[groups.first].size + 1, 0);
    for (const auto& [place, J] : entries) {
      ++weights.row_start[place.first + 1];
      weights.column.push_back(static_cast<int32_t>(place.second));
      weights.values.push_back(J);
    }
    for (size_t r = 1; r < weights.row_start.size(); ++r) weights.row_start[r] += weights.row_start[r - 1];
    result.blocks.push_back({groups.first, groups.second, std::move(weights)});
  }
}

const Group& MachineBuilder::find(std::string_view name) const {
  return computer_.groups[group_number(computer_, name)];
}

int64_t MachineBuilder::unit_of(std::string_view group, int64_t unit) const {
  const Group& which = find(group);
  if (unit < 0 || unit >= which.size)
    throw InputError(fmt::format("group '{}' has no unit {}; it has 0 to {}", group, unit, which.size - 1));
  return which.first + unit;
}

MachineBuilder::Set& MachineBuilder::open_set() {
  if (open_ < 0) throw InputError("a coupling or bias belongs to a set; call couplings(name) first");
  return sets_[open_];
}

ProtocolBuilder::ProtocolBuilder(const Computer& computer, std::string name) : computer_(computer) {
  protocol_.name = std::move(name);
}

ProtocolBuilder& ProtocolBuilder::segment(std::string name, double duration, std::string_view couplings) {
  Segment segment;
  segment.name = std::move(name);
  segment.duration = duration;
  segment.drive.resize(computer_.groups.size());
  segment.clamped.assign(computer_.groups.size(), 0);
  if (!couplings.empty()) {
    segment.couplings = find_set(computer_, couplings);
    if (segment.couplings < 0)
      throw InputError(fmt::format("segment '{}': the machine has no coupling set '{}'", segment.name, couplings));
  }
  protocol_.segments.push_back(std::move(segment));
  return *this;
}

ProtocolBuilder& ProtocolBuilder::kT(double value) {
  last().kT = {{{0.0, value}}};
  return *this;
}
ProtocolBuilder& ProtocolBuilder::kT(double from, double to) {
  last().kT = {{{0.0, from}, {1.0, to}}};
  return *this;
}
ProtocolBuilder& ProtocolBuilder::drive(std::string_view group, double amplitude) {
  return drive(group, Schedule{{{0.0, amplitude}}});
}
ProtocolBuilder& ProtocolBuilder::drive(std::string_view group, double from, double to) {
  return drive(group, Schedule{{{0.0, from}, {1.0, to}}});
}
ProtocolBuilder& ProtocolBuilder::drive(std::string_view group, Schedule schedule) {
  last().drive[group_number(computer_, group)] = std::move(schedule);
  return *this;
}
ProtocolBuilder& ProtocolBuilder::clamp(std::string_view group) {
  last().clamped[group_number(computer_, group)] = 1;
  return *this;
}

Protocol ProtocolBuilder::protocol() const {
  validate(protocol_, computer_, "machine");
  return protocol_;
}

Segment& ProtocolBuilder::last() {
  if (protocol_.segments.empty())
    throw InputError(fmt::format("protocol '{}' has no segment yet; call segment() first", protocol_.name));
  return protocol_.segments.back();
}

}  // namespace swell
