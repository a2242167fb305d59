#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace swell {

// Sorts by `before`, which compares row_of(item), a whole number >= 0, first. For long lists that are in order already,
// or are once they are laid out row by row (a diagonal that stands before the rest; columns of a matrix): both are
// tried before items are compared in pairs. Equal items keep their order.
template <class Item, class RowOf, class Before>
void sort_by_row(std::vector<Item>& items, RowOf row_of, Before before) {
  if (std::is_sorted(items.begin(), items.end(), before)) return;
  int64_t rows = 0;
  for (const Item& item : items) rows = std::max<int64_t>(rows, row_of(item) + 1);
  if (rows > 8 * static_cast<int64_t>(items.size())) {
    std::stable_sort(items.begin(), items.end(), before);
    return;
  }
  std::vector<int64_t> start(rows + 1, 0);
  for (const Item& item : items) ++start[row_of(item) + 1];
  std::partial_sum(start.begin(), start.end(), start.begin());
  std::vector<Item> laid(items.size());
  std::vector<int64_t> next(start.begin(), start.end() - 1);
  for (const Item& item : items) laid[next[row_of(item)]++] = item;
  for (int64_t row = 0; row < rows; ++row) {
    const auto from = laid.begin() + start[row], to = laid.begin() + start[row + 1];
    if (!std::is_sorted(from, to, before)) std::stable_sort(from, to, before);
  }
  items = std::move(laid);
}

}  // namespace swell
