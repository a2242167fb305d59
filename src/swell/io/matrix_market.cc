#include "swell/io/matrix_market.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/io/atomic_file.h"
#include "swell/io/bytes.h"

namespace swell {
namespace {

constexpr size_t kMaxBytes = size_t{4} << 30;
constexpr int64_t kMaxExtent = int64_t{1} << 40;
constexpr int64_t kMaxDense = int64_t{1} << 28;

enum class Symmetry { general, symmetric, skew };
enum class Field { real, integer, pattern };

// Words of one line after another, with the line's number for messages.
class Lines {
 public:
  Lines(std::string_view text, std::string_view name) : text_(text), name_(name) {}

  // The next line that has words and is no comment; false at the end.
  bool next(std::vector<std::string_view>& words) {
    while (at_ < text_.size()) {
      const size_t end = std::min(text_.find('\n', at_), text_.size());
      const std::string_view line = text_.substr(at_, end - at_);
      at_ = end + 1;
      ++number_;
      if (number_ > 1 && line.starts_with('%')) continue;
      split(line, words);
      if (!words.empty()) return true;
    }
    return false;
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw IoError(fmt::format("{}, line {}: {}", name_, number_, what));
  }
  size_t left() const { return text_.size() - std::min(at_, text_.size()); }

 private:
  static void split(std::string_view line, std::vector<std::string_view>& words) {
    constexpr std::string_view kBlank = " \t\r";
    words.clear();
    size_t at = line.find_first_not_of(kBlank);
    while (at != std::string_view::npos) {
      const size_t end = std::min(line.find_first_of(kBlank, at), line.size());
      words.push_back(line.substr(at, end - at));
      at = line.find_first_not_of(kBlank, end);
    }
  }
  std::string_view text_, name_;
  size_t at_ = 0;
  int64_t number_ = 0;
};

bool same_word(std::string_view word, std::string_view lower) {
  return std::ranges::equal(word, lower,
                            [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

int64_t parse_count(std::string_view word, const Lines& lines, std::string_view what) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size() || value < 0 || value > kMaxExtent)
    lines.fail(fmt::format("{} is {}, allowed are whole numbers from 0 to 2^40", what, printable(word)));
  return value;
}

double parse_value(std::string_view word, const Lines& lines) {
  double value = 0;
  if (word.starts_with('+')) word.remove_prefix(1);
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  const bool tiny = error == std::errc::result_out_of_range && end == word.data() + word.size();
  if ((error != std::errc() && !tiny) || end != word.data() + word.size() || !std::isfinite(value))
    lines.fail(fmt::format("the value {} is not a finite number", printable(word)));
  if (tiny) lines.fail(fmt::format("the value {} does not fit in double precision", printable(word)));
  return value;
}

struct Header {
  bool coordinate;
  Field field;
  Symmetry symmetry;
};

Header parse_header(const std::vector<std::string_view>& words, const Lines& lines) {
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
void expect_room(int64_t entries, size_t bytes_each, const Lines& lines) {
  // The last line may lack its end.
  if (static_cast<uint64_t>(entries) > (lines.left() + 1) / bytes_each)
    lines.fail(
        fmt::format("{} entries are promised, the {} bytes that follow cannot hold them", entries, lines.left()));
}

void read_coordinates(MarketMatrix& matrix, int64_t count, const Header& header, Lines& lines) {
  const size_t words_each = header.field == Field::pattern ? 2 : 3;
  expect_room(count, 2 * words_each, lines);
  matrix.entries.reserve(header.symmetry == Symmetry::general ? count : 2 * count);
  std::vector<std::string_view> words;
  for (int64_t k = 0; k < count; ++k) {
    if (!lines.next(words)) lines.fail(fmt::format("cut short: {} of {} entries", k, count));
    if (words.size() != words_each)
      lines.fail(fmt::format("an entry has {} words, expected {}", words.size(), words_each));
    const int64_t row = parse_count(words[0], lines, "the row"), column = parse_count(words[1], lines, "the column");
    if (row < 1 || row > matrix.rows || column < 1 || column > matrix.columns) {
      lines.fail(fmt::format("entry ({}, {}) lies outside the {} x {} matrix, counted from 1", row, column, matrix.rows,
                             matrix.columns));
    }
    if (header.symmetry != Symmetry::general && row < column)
      lines.fail(
          fmt::format("entry ({}, {}) lies above the diagonal, and a symmetric file holds the rest only", row, column));
    const double value = header.field == Field::pattern ? 1 : parse_value(words[2], lines);
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
void read_array(MarketMatrix& matrix, const Header& header, Lines& lines) {
  const int64_t n = matrix.rows;
  const int64_t skip = header.symmetry == Symmetry::skew ? 1 : 0;
  if (n > 0 && matrix.columns > kMaxExtent / n) lines.fail(fmt::format("{} x {} is too large", n, matrix.columns));
  const int64_t count = header.symmetry == Symmetry::general ? n * matrix.columns
                        : n == 0                             ? 0
                                                             : n * (n - 1) / 2 + (skip == 1 ? 0 : n);
  expect_room(count, 2, lines);
  matrix.entries.reserve(n * matrix.columns);
  std::vector<std::string_view> words;
  int64_t read = 0;
  for (int64_t column = 0; column < matrix.columns; ++column) {
    for (int64_t row = header.symmetry == Symmetry::general ? 0 : column + skip; row < n; ++row) {
      if (!lines.next(words)) lines.fail(fmt::format("cut short: {} of {} values", read, count));
      if (words.size() != 1) lines.fail(fmt::format("{} words, expected one value", words.size()));
      add(matrix, row, column, parse_value(words[0], lines), header.symmetry);
      ++read;
    }
  }
}

}  // namespace

MarketMatrix parse_matrix_market(std::span<const std::byte> bytes, std::string_view name) {
  Lines lines(as_text(bytes), name);
  std::vector<std::string_view> words;
  if (!lines.next(words)) throw IoError(fmt::format("{}: empty, expected a Matrix Market file", name));
  const Header header = parse_header(words, lines);
  if (!lines.next(words)) lines.fail("cut short: the line of sizes is missing");
  if (words.size() != (header.coordinate ? 3u : 2u)) {
    lines.fail(fmt::format("{} sizes, expected {}", words.size(),
                           header.coordinate ? "rows, columns and entries" : "rows and columns"));
  }
  MarketMatrix matrix;
  matrix.coordinate = header.coordinate;
  matrix.rows = parse_count(words[0], lines, "the number of rows");
  matrix.columns = parse_count(words[1], lines, "the number of columns");
  if (header.symmetry != Symmetry::general && matrix.rows != matrix.columns)
    lines.fail(fmt::format("a symmetric matrix is square, not {} x {}", matrix.rows, matrix.columns));
  if (header.coordinate) {
    read_coordinates(matrix, parse_count(words[2], lines, "the number of entries"), header, lines);
  } else {
    read_array(matrix, header, lines);
  }
  if (lines.next(words)) lines.fail(fmt::format("{} follows the last entry", printable(words[0])));
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
