#include "swell/model/system.h"

#include <fmt/format.h>

#include "swell/base/errors.h"

namespace swell {

namespace {

void require_one_size(int64_t first, int64_t other, size_t number) {
  if (first == other) return;
  throw InputError(fmt::format("coupling set {} has {} units and set 0 has {}; all sets of a system have one size",
                               number, other, first));
}

void require_sets(size_t count) {
  if (count == 0) throw InputError("a system has 0 coupling sets; at least one is needed");
}

}  // namespace

System::System(const Computer& computer)
    : kind_(Kind::langevin),
      units_(computer.units()),
      sets_(static_cast<int>(computer.sets.size())),
      kT_(computer.kT),
      computer_(&computer) {}

System::System(const IsingModel& model, const Prepared* prepared)
    : kind_(Kind::pbits), units_(model.units), models_(&model, 1), prepared_(prepared) {
  own({});
}

System::System(const LinearSystem& system, const Prepared* prepared)
    : kind_(Kind::linear), units_(system.size()), prepared_(prepared), linear_(&system, 1) {
  own({});
}

System::System(std::span<const IsingModel> sets, std::vector<Group> groups)
    : kind_(Kind::pbits), sets_(static_cast<int>(sets.size())), models_(sets) {
  require_sets(sets.size());
  units_ = sets[0].units;
  for (size_t k = 1; k < sets.size(); ++k) require_one_size(units_, sets[k].units, k);
  own(std::move(groups));
}

System::System(std::span<const LinearSystem> sets, std::vector<Group> groups)
    : kind_(Kind::linear), sets_(static_cast<int>(sets.size())), linear_(sets) {
  require_sets(sets.size());
  units_ = sets[0].size();
  for (size_t k = 1; k < sets.size(); ++k) require_one_size(units_, sets[k].size(), k);
  own(std::move(groups));
}

void System::own(std::vector<Group> groups) {
  if (groups.empty()) groups = {{"units", {units_}, 0, units_}};
  int64_t next = 0;
  for (const Group& group : groups) {
    if (group.first != next || group.size < 1)
      throw InputError(
          fmt::format("group '{}' has {} units from number {} on; at least one from number {} on are needed",
                      group.name, group.size, group.first, next));
    next += group.size;
  }
  if (next != units_)
    throw InputError(fmt::format("the groups have {} units and the system {}; both must be equal", next, units_));
  own_ = std::move(groups);
}

}  // namespace swell
