#include "swell/base/sort_by_row.h"

#include <gtest/gtest.h>

#include <random>
#include <tuple>

namespace swell {
namespace {

struct Item {
  int64_t row = 0, column = 0;
  int64_t place = 0;
  bool operator==(const Item&) const = default;
};

bool before(const Item& p, const Item& q) { return std::tie(p.row, p.column) < std::tie(q.row, q.column); }

// What a plain stable sort gives, and the items in their first order.
std::vector<Item> sorted_here(std::vector<Item> items) {
  sort_by_row(
      items, [](const Item& item) { return item.row; }, before);
  return items;
}

std::vector<Item> some_items(int64_t count, int64_t rows, uint64_t seed) {
  std::mt19937_64 draws(seed);
  std::vector<Item> items;
  for (int64_t k = 0; k < count; ++k)
    items.push_back(
        {static_cast<int64_t>(draws() % static_cast<uint64_t>(rows)), static_cast<int64_t>(draws() % 9), k});
  return items;
}

TEST(sort_by_row, is_a_stable_sort_of_dense_and_scattered_rows) {
  for (const int64_t rows : {1, 7, 400, 1'000'000}) {
    for (const int64_t count : {0, 1, 2, 500}) {
      const std::vector<Item> items = some_items(count, rows, static_cast<uint64_t>(rows + count));
      std::vector<Item> expected = items;
      std::stable_sort(expected.begin(), expected.end(), before);
      EXPECT_EQ(sorted_here(items), expected) << rows << " rows, " << count << " items";
    }
  }
}

TEST(sort_by_row, a_diagonal_before_the_rest_and_order_by_column) {
  std::vector<Item> items, expected;
  for (int64_t i = 0; i < 20; ++i) items.push_back({i, i, i});
  for (int64_t column = 0; column < 20; ++column) {
    for (int64_t row = 0; row < column; ++row) items.push_back({row, column, 20 + column});
  }
  expected = items;
  std::stable_sort(expected.begin(), expected.end(), before);
  EXPECT_EQ(sorted_here(items), expected);
}

}  // namespace
}  // namespace swell
