#include "swell/learn/unit_kinds.h"

#include <map>
#include <utility>

namespace swell {

template <typename Value>
void UnitKinds::part_by(std::span<const Value> values) {
  const auto units = static_cast<int64_t>(kind_of_unit_.size());
  bool differ = false;
  for (int64_t i = 0; i < units; ++i) differ |= values[i] != values[leader_[i]];
  if (!differ) return;
  std::map<std::pair<int32_t, Value>, int32_t> known;
  first_.clear();
  for (int64_t i = 0; i < units; ++i) {
    const auto [entry, fresh] = known.emplace(std::pair(kind_of_unit_[i], values[i]), static_cast<int32_t>(count()));
    if (fresh) first_.push_back(i);
    kind_of_unit_[i] = entry->second;
    leader_[i] = first_[entry->second];
  }
}

template void UnitKinds::part_by(std::span<const double>);
template void UnitKinds::part_by(std::span<const int32_t>);

}  // namespace swell
