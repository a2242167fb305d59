#include "swell/io/matrix_market.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "swell/base/errors.h"
#include "swell/base/sort_by_row.h"
#include "swell/io/atomic_file.h"
#include "swell/io/bytes.h"
#include "swell/io/gzip.h"
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
  if (same_word(words[3], "real") || same_word(words[3], "double")) {
    header.field = Field::real;
  } else if (same_word(words[3], "integer") || same_word(words[3], "unsigned-integer")) {
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

// Fortran writes 1.0D+00, and 1.0-100 where the exponent has three digits.
double number_of(const TextLines& lines, std::string_view word) {
  const size_t letter = word.find_first_of("dDqQ");
  const size_t sign = word.find_last_of("+-");
  if (letter != std::string_view::npos) {
    std::string plain(word);
    plain[letter] = 'e';
    return lines.real(plain, "the value");
  }
  if (sign != std::string_view::npos && sign > 0 && word[sign - 1] >= '0' && word[sign - 1] <= '9' &&
      word.find_first_of("eE") == std::string_view::npos)
    return lines.real(fmt::format("{}e{}", word.substr(0, sign), word.substr(sign)), "the value");
  return lines.real(word, "the value");
}

using Entry = MarketMatrix::Entry;

// Entries at one place, as finite elements leave them, become their sum, where the first of them stood.
void sum_duplicates(std::vector<Entry>& entries) {
  std::vector<size_t> order(entries.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto place = [&](size_t k) { return std::pair{entries[k].row, entries[k].column}; };
  sort_by_row(
      order, [&](size_t k) { return entries[k].row; }, [&](size_t k, size_t l) { return place(k) < place(l); });
  std::vector<bool> gone(entries.size());
  bool any = false;
  for (size_t at = 0, first = 0; at < order.size(); ++at) {
    if (at == 0 || place(order[at]) != place(order[first])) {
      first = at;
      continue;
    }
    entries[order[first]].value += entries[order[at]].value;
    gone[order[at]] = any = true;
  }
  if (!any) return;
  size_t kept = 0;
  for (size_t k = 0; k < entries.size(); ++k) {
    if (!gone[k]) entries[kept++] = entries[k];
  }
  entries.resize(kept);
}

// A symmetric file should hold one half only. Where it holds the upper one, or both, each pair of places counts once;
// the two must agree.
void fold(std::vector<Entry>& entries, Symmetry symmetry, const TextLines& lines) {
  const double sign = symmetry == Symmetry::skew ? -1 : 1;
  const auto is_upper = [](const Entry& entry) { return entry.row < entry.column; };
  if (std::ranges::none_of(entries, is_upper)) return;
  const auto before = [](const Entry& a, const Entry& b) {
    return std::pair{a.row, a.column} < std::pair{b.row, b.column};
  };
  std::vector<Entry> lower;
  std::ranges::copy_if(entries, std::back_inserter(lower), [&](const Entry& entry) { return !is_upper(entry); });
  sort_by_row(
      lower, [](const Entry& entry) { return entry.row; }, before);
  size_t kept = 0;
  for (Entry entry : entries) {
    if (is_upper(entry)) {
      entry = {entry.column, entry.row, sign * entry.value};
      const auto twin = std::ranges::lower_bound(lower, entry, before);
      if (twin != lower.end() && !before(entry, *twin)) {
        if (twin->value == entry.value) continue;
        lines.fail(fmt::format("the file is called {}, and its entries ({}, {}) and ({}, {}) are {} and {}",
                               symmetry == Symmetry::skew ? "skew-symmetric" : "symmetric", entry.row + 1,
                               entry.column + 1, entry.column + 1, entry.row + 1, twin->value, sign * entry.value));
      }
    }
    entries[kept++] = entry;
  }
  entries.resize(kept);
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
  std::vector<Entry> entries;
  entries.reserve(count);
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
    const double value = header.field == Field::pattern ? 1 : number_of(lines, words[2]);
    if (header.symmetry == Symmetry::skew && row == column && value != 0)
      lines.fail(
          fmt::format("entry ({}, {}) is on the diagonal, which is zero in a skew-symmetric matrix", row, column));
    entries.push_back({row - 1, column - 1, value});
  }
  sum_duplicates(entries);
  if (header.symmetry != Symmetry::general) fold(entries, header.symmetry, lines);
  matrix.entries.reserve(header.symmetry == Symmetry::general ? entries.size() : 2 * entries.size());
  for (const Entry& entry : entries) add(matrix, entry.row, entry.column, entry.value, header.symmetry);
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
      add(matrix, row, column, number_of(lines, words[0]), header.symmetry);
      ++read;
    }
  }
}

// Lines may end in a lone carriage return, as old Macintosh programs write them.
std::string with_line_feeds(std::string_view text) {
  std::string result(text);
  for (size_t k = 0; k < result.size(); ++k) {
    if (result[k] == '\r' && (k + 1 == result.size() || result[k + 1] != '\n')) result[k] = '\n';
  }
  return result;
}

MarketMatrix parse_text(std::string_view text, std::string_view name) {
  TextLines lines(text, name);
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

}  // namespace

MarketMatrix parse_matrix_market(std::span<const std::byte> bytes, std::string_view name) {
  const std::vector<std::byte> inflated =
      is_gzip(bytes) ? inflate_gzip(bytes, name, kMaxBytes) : std::vector<std::byte>();
  std::string_view text = as_text(inflated.empty() ? bytes : std::span<const std::byte>(inflated));
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const std::string_view first_line = text.substr(0, text.find('\n'));
  const size_t carriage_return = first_line.find('\r');
  if (carriage_return != std::string_view::npos && carriage_return + 1 < first_line.size())
    return parse_text(with_line_feeds(text), name);
  return parse_text(text, name);
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
