#include "swell/engine/pbits/colouring.h"

#include <algorithm>

namespace swell {

Colouring colour(const IsingModel& model) {
  std::vector<int32_t> colour_of(model.units, -1);
  std::vector<int64_t> taken_by;  // the last unit that saw this colour at a neighbour
  std::vector<std::vector<int32_t>> members;
  for (int64_t i = 0; i < model.units; ++i) {
    for (int64_t k = model.row_start[i]; k < model.row_start[i + 1]; ++k) {
      const int32_t seen = colour_of[model.neighbour[k]];
      if (seen >= 0) taken_by[seen] = i;
    }
    size_t free = 0;
    while (free < members.size() && taken_by[free] == i) ++free;
    if (free == members.size()) {
      members.emplace_back();
      taken_by.push_back(-1);
    }
    colour_of[i] = static_cast<int32_t>(free);
    members[free].push_back(static_cast<int32_t>(i));
  }
  Colouring colouring;
  colouring.slot_of.resize(model.units);
  colouring.first.push_back(0);
  const auto degree = [&](int32_t unit) { return model.row_start[unit + 1] - model.row_start[unit]; };
  for (auto& units : members) {
    std::ranges::stable_sort(units, {}, degree);
    for (const int32_t unit : units) {
      colouring.slot_of[unit] = colouring.slots();
      colouring.unit.push_back(unit);
    }
    while (colouring.slots() % pbits::kSlotBlock != 0) colouring.unit.push_back(kNoUnit);
    colouring.first.push_back(colouring.slots());
    colouring.count.push_back(static_cast<int64_t>(units.size()));
  }
  return colouring;
}

}  // namespace swell
