#include "swell/programs/linear/answer_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/report/page.h"

namespace swell::linear {

namespace {

constexpr int64_t kRows = 24, kColumns = 8;

std::string entry(const Average& average, int64_t row, int64_t column) {
  const double value = average.value(row, column), error = average.standard_error(row, column);
  if (!std::isfinite(error)) return fmt::format("{:.5g} (no error)", value);
  return fmt::format("{:.5g} &plusmn; {:.2g}", value, error);
}

std::string shown_part(const Average& average) {
  if (average.value.rows <= kRows && average.value.columns <= kColumns) return "The answer";
  return fmt::format("The first {} x {} entries of the answer; all {} x {} are in the answer's file",
                     std::min(average.value.rows, kRows), std::min(average.value.columns, kColumns), average.value.rows,
                     average.value.columns);
}

}  // namespace

std::string answer_table(const Average& average, const Comparison* comparison) {
  const int64_t rows = std::min(average.value.rows, kRows), columns = std::min(average.value.columns, kColumns);
  const bool column = average.value.columns == 1;
  std::vector<std::string> head{"row"};
  for (int64_t j = 0; j < columns; ++j) head.push_back(column ? "by fluctuations" : fmt::format("column {}", j + 1));
  if (column && comparison) {
    head.push_back(escaped(comparison->method));
    head.push_back("off by, errors");
  }
  std::vector<std::vector<std::string>> cells;
  for (int64_t i = 0; i < rows; ++i) {
    auto& line = cells.emplace_back();
    line.push_back(fmt::format("{}", i + 1));
    for (int64_t j = 0; j < columns; ++j) line.push_back(entry(average, i, j));
    if (!column || !comparison) continue;
    const double error = average.standard_error(i, 0), off = average.value(i, 0) - comparison->value(i, 0);
    line.push_back(fmt::format("{:.5g}", comparison->value(i, 0)));
    line.push_back(error > 0 ? fmt::format("{:+.1f}", off / error) : "");
  }
  return number_table(shown_part(average), head, cells);
}

}  // namespace swell::linear
