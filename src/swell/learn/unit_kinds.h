#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace swell {

// A partition of units into kinds, numbered by their first units in ascending order. It only ever gets finer.
class UnitKinds {
 public:
  explicit UnitKinds(int64_t units) : kind_of_unit_(units, 0), first_(units > 0 ? 1 : 0, 0), leader_(units, 0) {}

  // Parts units of one kind whose values differ. values: [units].
  template <typename Value>
  void part_by(std::span<const Value> values);

  int64_t count() const { return static_cast<int64_t>(first_.size()); }
  const std::vector<int32_t>& of_units() const { return kind_of_unit_; }
  const std::vector<int64_t>& first_units() const { return first_; }  // [kinds]

 private:
  std::vector<int32_t> kind_of_unit_;
  std::vector<int64_t> first_;
  std::vector<int64_t> leader_;  // [units] the first unit of its kind
};

}  // namespace swell
