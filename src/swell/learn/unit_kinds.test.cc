#include "swell/learn/unit_kinds.h"

#include <gtest/gtest.h>

namespace swell {

TEST(kinds, units_stay_together_while_no_value_tells_them_apart) {
  UnitKinds kinds(6);
  EXPECT_EQ(kinds.count(), 1);
  kinds.part_by(std::span<const double>(std::vector<double>{0.5, 0.5, 0.5, 0.5, 0.5, 0.5}));
  EXPECT_EQ(kinds.count(), 1);
  kinds.part_by(std::span<const double>(std::vector<double>{1, 2, 1, 2, 1, 1}));
  EXPECT_EQ(kinds.of_units(), (std::vector<int32_t>{0, 1, 0, 1, 0, 0}));
  // The same value in different kinds joins nothing again.
  kinds.part_by(std::span<const int32_t>(std::vector<int32_t>{7, 7, 7, 7, 8, 7}));
  EXPECT_EQ(kinds.of_units(), (std::vector<int32_t>{0, 1, 0, 1, 2, 0}));
  EXPECT_EQ(kinds.first_units(), (std::vector<int64_t>{0, 1, 4}));
}

TEST(kinds, are_numbered_by_their_first_units) {
  UnitKinds kinds(5);
  kinds.part_by(std::span<const double>(std::vector<double>{9, 3, 9, -1, 3}));
  EXPECT_EQ(kinds.of_units(), (std::vector<int32_t>{0, 1, 0, 2, 1}));
  kinds.part_by(std::span<const double>(std::vector<double>{5, 1, 4, 0, 0}));
  EXPECT_EQ(kinds.of_units(), (std::vector<int32_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(UnitKinds(0).count(), 0);
}

}  // namespace swell
