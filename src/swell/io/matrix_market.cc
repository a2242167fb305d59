#include "swell/io/matrix_market.h"

#include <fmt/format.h>

#include <algorithm>

#include "swell/base/errors.h"
#include "swell/io/atomic_file.h"
#include "swell/io/bytes.h"
#include "swell/io/text_lines.h"

namespace swell {
namespace {

constexpr size_t kMaxBytes = size_t{4} << 30;
constexpr int64_t kMaxExtent = int64_t{1} << 40;
constexpr int64_t kMaxDense = int64_t{1} << 28;

enum class Symmetry { general, symmetric, skew };
enum class Field { real, integer, pattern };

// Goes to the next line that has words and is no comment; false at the end.
bool next(TextLines& lines) {
  while (lines.next()) {
    if (lines.number() == 1 || !lines.line().starts_with('%')) return true;
  }
  return false;
}

bool same_word(std::string_view word, std::string_view lower) {
  return std::ranges::equal(word, lower,
                            [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

int64_t count_of(const TextLines& lines, size_t word, std::string_view what) {
  return lines.whole(lines.words()[word], 0, kMaxExtent, what);
}

struct Header {
  bool coordinate;
  Field field;
  Symmetry symmetry;
};

Header parse_header(const TextLines& lines) {
  const std::vector<std::string_view>& words = lines.words();
  if (words.size() != 5 || !same_word(words[0], "%%matrixmarket") || !same_word(words[1], "matrix")) {
    lines.fail(
        fmt::format("not a Matrix Market matrix: it begins with {}, expected '%%MatrixMarket matrix "
                    "coordinate|array real|integer|pattern general|symmetric|skew-symmetric'",
                    printable(words[0])));
  }
  Header header{};
  header.coordinate = same_word(words[2], "coordinate");
  if (!header.coordinate && !same_word(words[2], "array"))
    lines.fail(fmt::format("the layout is {}, allowed are coordinate and array", printable(words[2])));
  if (same_word(words[3], "real")) {
    header.field = Field::real;
  } else if (same_word(words[3], "integer")) {
    header.field = Field::integer;
  } else if (same_word(words[3], "pattern") && header.coordinate) {
    header.field = Field::pattern;
  } else {
    lines.fail(
        fmt::format("the field is {}, allowed are real, integer and, with coordinate, pattern", printable(words[3])));
  }
  if (same_word(words[4], "general")) {
    header.symmetry = Symmetry::general;
  } else if (same_word(words[4], "symmetric")) {
    header.symmetry = Symmetry::symmetric;
  } else if (same_word(words[4], "skew-symmetric")) {
    header.symmetry = Symmetry::skew;
  } else {
    lines.fail(
        fmt::format("the symmetry is {}, allowed are general, symmetric and skew-symmetric", printable(words[4])));
  }
  return header;
}

void add(MarketMatrix& matrix, int64_t row, int64_t column, double value, Symmetry symmetry) {
  matrix.entries.push_back({row, column, value});
  if (symmetry == Symmetry::general || row == column) return;
  matrix.entries.push_back({column, row, symmetry == Symmetry::skew ? -value : value});
}

// A file with so few bytes left cannot hold so many entries: told before memory is asked for.
void expect_room(int64_t entries, size_t bytes_each, const TextLines& lines) {
  // The last line may lack its end.
  if (static_cast<uint64_t>(entries) > (lines.bytes_left() + 1) / bytes_each)
    lines.fail(
        fmt::format("{} entries are promised, the {} bytes that follow cannot hold them", entries, lines.bytes_left()));
}

void read_coordinates(MarketMatrix& matrix, int64_t count, const Header& header, TextLines& lines) {
  const size_t words_each = header.field == Field::pattern ? 2 : 3;
  expect_room(count, 2 * words_each, lines);
  matrix.entries.reserve(header.symmetry == Symmetry::general ? count : 2 * count);
  const std::vector<std::string_view>& words = lines.words();
  for (int64_t k = 0; k < count; ++k) {
    if (!next(lines)) lines.fail(fmt::format("cut short: {} of {} entries", k, count));
    if (words.size() != words_each)
      lines.fail(fmt::format("an entry has {} words, expected {}", words.size(), words_each));
    const int64_t row = count_of(lines, 0, "the row"), column = count_of(lines, 1, "the column");
    if (row < 1 || row > matrix.rows || column < 1 || column > matrix.columns) {
      lines.fail(fmt::format("entry ({}, {}) lies outside the {} x {} matrix, counted from 1", row, column, matrix.rows,
                             matrix.columns));
    }
    if (header.symmetry != Symmetry::general && row < column)
      lines.fail(
          fmt::format("entry ({}, {}) lies above the diagonal, and a symmetric file holds the rest only", row, column));
    const double value = header.field == Field::pattern ? 1 : lines.real(words[2], "the value");
    if (header.symmetry == Symmetry::skew && row == column)
      lines.fail(fmt::format("entry ({}, {}) is on the diagonal, which a skew-symmetric file leaves out", row, column));
    add(matrix, row - 1, column - 1, value, header.symmetry);
  }
  std::vector<std::pair<int64_t, int64_t>> places;
  places.reserve(matrix.entries.size());
  for (const MarketMatrix::Entry& entry : matrix.entries) places.emplace_back(entry.row, entry.column);
  std::ranges::sort(places);
  const auto twice = std::ranges::adjacent_find(places);
  if (twice != places.end())
    lines.fail(fmt::format("entry ({}, {}) is given twice", twice->first + 1, twice->second + 1));
}

// Column by column; of symmetric matrices the part from the diagonal down.
void read_array(MarketMatrix& matrix, const Header& header, TextLines& lines) {
  const int64_t n = matrix.rows;
  const int64_t skip = header.symmetry == Symmetry::skew ? 1 : 0;
  if (n > 0 && matrix.columns > kMaxExtent / n) lines.fail(fmt::format("{} x {} is too large", n, matrix.columns));
  const int64_t count = header.symmetry == Symmetry::general ? n * matrix.columns
                        : n == 0                             ? 0
                                                             : n * (n - 1) / 2 + (skip == 1 ? 0 : n);
  expect_room(count, 2, lines);
  matrix.entries.reserve(n * matrix.columns);
  const std::vector<std::string_view>& words = lines.words();
  int64_t read = 0;
  for (int64_t column = 0; column < matrix.columns; ++column) {
    for (int64_t row = header.symmetry == Symmetry::general ? 0 : column + skip; row < n; ++row) {
      if (!next(lines)) lines.fail(fmt::format("cut short: {} of {} values", read, count));
      if (words.size() != 1) lines.fail(fmt::format("{} words, expected one value", words.size()));
      add(matrix, row, column, lines.real(words[0], "the value"), header.symmetry);
      ++read;
    }
  }
}

}  // namespace

MarketMatrix parse_matrix_market(std::span<const std::byte> bytes, std::string_view name) {
  TextLines lines(as_text(bytes), name);
  const std::vector<std::string_view>& words = lines.words();
  if (!next(lines)) lines.fail_at_end("empty, expected a Matrix Market file");
  const Header header = parse_header(lines);
  if (!next(lines)) lines.fail("cut short: the line of sizes is missing");
  if (words.size() != (header.coordinate ? 3u : 2u)) {
    lines.fail(fmt::format("{} sizes, expected {}", words.size(),
                           header.coordinate ? "rows, columns and entries" : "rows and columns"));
  }
  MarketMatrix matrix;
  matrix.coordinate = header.coordinate;
  matrix.rows = count_of(lines, 0, "the number of rows");
  matrix.columns = count_of(lines, 1, "the number of columns");
  if (header.symmetry != Symmetry::general && matrix.rows != matrix.columns)
    lines.fail(fmt::format("a symmetric matrix is square, not {} x {}", matrix.rows, matrix.columns));
  if (header.coordinate) {
    read_coordinates(matrix, count_of(lines, 2, "the number of entries"), header, lines);
  } else {
    read_array(matrix, header, lines);
  }
  if (next(lines)) lines.fail(fmt::format("{} follows the last entry", printable(words[0])));
  return matrix;
}

MarketMatrix read_matrix_market(const std::filesystem::path& path) {
  return parse_matrix_market(read_file(path, kMaxBytes), path.string());
}

std::vector<double> to_dense(const MarketMatrix& matrix, std::string_view name) {
  if (matrix.columns > 0 && matrix.rows > kMaxDense / matrix.columns) {
    throw InputError(
        fmt::format("{}: {} x {} as a full matrix has more than 2^28 entries", name, matrix.rows, matrix.columns));
  }
  std::vector<double> values(matrix.rows * matrix.columns);
  for (const MarketMatrix::Entry& entry : matrix.entries)
    values[entry.row * matrix.columns + entry.column] = entry.value;
  return values;
}

std::string encode_matrix_market(std::span<const double> values, int64_t rows, int64_t columns,
                                 std::string_view comment) {
  if (static_cast<int64_t>(values.size()) != rows * columns)
    throw InputError(fmt::format("{} values are not a {} x {} matrix", values.size(), rows, columns));
  std::string text = "%%MatrixMarket matrix array real general\n";
  while (!comment.empty()) {
    const size_t end = std::min(comment.find('\n'), comment.size());
    text += fmt::format("% {}\n", comment.substr(0, end));
    comment.remove_prefix(std::min(end + 1, comment.size()));
  }
  text += fmt::format("{} {}\n", rows, columns);
  for (int64_t column = 0; column < columns; ++column) {
    for (int64_t row = 0; row < rows; ++row) text += fmt::format("{:.17g}\n", values[row * columns + column]);
  }
  return text;
}

}  // namespace swell
