#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace swell {

// A table of numbers as text: one row a line, its cells between commas, semicolons, tabs or blanks (told by the first
// line). Cells may stand in double quotes, lines end as on any system, a byte order mark, empty lines and lines that
// begin with # are passed over.
struct CsvTable {
  std::vector<std::string> names;  // [columns] of the columns; empty where the file does not name them
  int64_t rows = 0, columns = 0;
  std::vector<double> values;  // [rows][columns]

  double operator()(int64_t row, int64_t column) const { return values[row * columns + column]; }
};

// The first line names the columns where none of its cells is a number or looks like a damaged one (1.5.2). Throws
// InputError with line and column where a cell is not a finite number or a row has another number of cells, IoError
// where the file is not text.
CsvTable parse_csv(std::span<const std::byte> bytes, std::string_view name);
// gzip or not.
CsvTable read_csv(const std::filesystem::path& path);

// Whether a file is taken for such a table: its name ends in .csv, .tsv, .txt or .dat, or in one of these and .gz.
bool has_table_name(const std::filesystem::path& path);

}  // namespace swell
