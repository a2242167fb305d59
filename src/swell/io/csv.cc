#include "swell/io/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "swell/base/errors.h"
#include "swell/io/atomic_file.h"
#include "swell/io/bytes.h"
#include "swell/io/file_kind.h"
#include "swell/io/gzip.h"

namespace swell {
namespace {

constexpr size_t kMaxBytes = size_t{4} << 30;
constexpr std::string_view kBlank = " \t\r\f\v";

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlank), text.size()));
  return text.substr(0, text.find_last_not_of(kBlank) + 1);
}

// A finite or infinite number, or nothing where the cell is none.
std::optional<double> number_in(std::string_view cell) {
  if (cell.starts_with('+')) cell.remove_prefix(1);
  double value = 0;
  const char* end = cell.data() + cell.size();
  const auto [stop, error] = std::from_chars(cell.data(), end, value);
  if (stop != end || cell.empty()) return {};
  // Out of range: too small to be told from zero, or too large.
  if (error == std::errc::result_out_of_range)
    return cell.find("e-") != std::string_view::npos || cell.find("E-") != std::string_view::npos ? 0.0 : HUGE_VAL;
  if (error != std::errc()) return {};
  return value;
}

// Neither a number nor one with a slip in it, as 1.5.2 or 3-4.
bool is_name(std::string_view cell) {
  if (number_in(cell)) return false;
  const bool digits = cell.find_first_of("0123456789") != std::string_view::npos;
  return !cell.empty() && !(digits && cell.find_first_not_of("0123456789.,+-eE ") == std::string_view::npos);
}

class Reader {
 public:
  Reader(std::string_view text, std::string_view name) : text_(without_bom(text)), name_(name) {}

  CsvTable read() {
    CsvTable table;
    while (next_line()) {
      if (separator_ == '\0') separator_ = find_separator();
      split();
      if (table.columns == 0) {
        table.columns = static_cast<int64_t>(cells_.size());
        first_line_ = number_;
        if (std::ranges::all_of(cells_, is_name)) {
          table.names.assign(cells_.begin(), cells_.end());
          continue;
        }
      }
      read_row(table);
    }
    return table;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw InputError(fmt::format("{}:{}: {}", name_, number_, what));
  }

  // Goes to the next line that holds something; \n, \r\n and \r end a line.
  bool next_line() {
    while (at_ < text_.size()) {
      const size_t end = std::min(text_.find_first_of("\r\n", at_), text_.size());
      line_ = text_.substr(at_, end - at_);
      at_ = end + 1;
      if (end < text_.size() && text_[end] == '\r' && at_ < text_.size() && text_[at_] == '\n') ++at_;
      ++number_;
      const std::string_view content = trimmed(line_);
      if (!content.empty() && content.front() != '#') return true;
    }
    return false;
  }

  char find_separator() const {
    for (const char separator : {'\t', ';', ','}) {
      if (line_.find(separator) != std::string_view::npos) return separator;
    }
    // Blanks separate numbers, but may stand within a name.
    std::string_view rest = trimmed(line_);
    while (!rest.empty()) {
      const size_t end = std::min(rest.find(' '), rest.size());
      if (!number_in(rest.substr(0, end))) return ',';
      rest = trimmed(rest.substr(end));
    }
    return ' ';
  }

  void split() {
    cells_.clear();
    std::string_view rest = separator_ == '\t' ? line_ : trimmed(line_);
    while (true) {
      size_t end = 0;
      const size_t quote = rest.find_first_not_of(' ');
      if (quote != std::string_view::npos && rest[quote] == '"') {
        const size_t closing = rest.find('"', quote + 1);
        if (closing == std::string_view::npos) {
          fail(fmt::format("column {} begins with a quote that the line does not close", cells_.size() + 1));
        }
        end = std::min(rest.find(separator_, closing), rest.size());
        cells_.push_back(trimmed(rest.substr(quote + 1, closing - quote - 1)));
        if (!trimmed(rest.substr(closing + 1, end - closing - 1)).empty())
          fail(fmt::format("column {} has text after its closing quote", cells_.size()));
      } else {
        end = std::min(rest.find(separator_), rest.size());
        cells_.push_back(trimmed(rest.substr(0, end)));
      }
      if (end == rest.size()) return;
      rest.remove_prefix(end + 1);
      if (separator_ == ' ') rest = trimmed(rest);
    }
  }

  void read_row(CsvTable& table) {
    if (static_cast<int64_t>(cells_.size()) != table.columns) {
      fail(fmt::format("{} is a row of {} cells, but line {} has {}", printable(line_), cells_.size(), first_line_,
                       table.columns));
    }
    for (size_t k = 0; k < cells_.size(); ++k) {
      const std::optional<double> value = number_in(cells_[k]);
      if (value && std::isfinite(*value)) {
        table.values.push_back(*value);
        continue;
      }
      fail(fmt::format("column {} of {} is {}; a finite number is needed{}", k + 1, printable(line_),
                       cells_[k].empty() ? "empty" : printable(cells_[k]),
                       number_ == first_line_ ? " (a line that names the columns has no numbers in it)" : ""));
    }
    ++table.rows;
  }

  std::string_view text_, name_, line_;
  std::vector<std::string_view> cells_;
  size_t at_ = 0;
  int64_t number_ = 0, first_line_ = 0;
  char separator_ = '\0';
};

}  // namespace

CsvTable parse_csv(std::span<const std::byte> bytes, std::string_view name) {
  const FileKind kind = file_kind(bytes);
  if (kind == FileKind::utf16)
    throw IoError(fmt::format("{}: UTF-16 text; save the table as UTF-8 (CSV UTF-8 in spreadsheets)", name));
  const bool text = kind == FileKind::text || kind == FileKind::empty || kind == FileKind::json;
  if (!text) throw IoError(fmt::format("{}: not a table of numbers as text ({})", name, looks_like(bytes)));
  return Reader(as_text(bytes), name).read();
}

CsvTable read_csv(const std::filesystem::path& path) {
  std::vector<std::byte> bytes = read_file(path, kMaxBytes);
  if (is_gzip(bytes)) bytes = inflate_gzip(bytes, path.string(), kMaxBytes);
  return parse_csv(bytes, path.string());
}

bool has_table_name(const std::filesystem::path& path) {
  const std::filesystem::path inner = path.extension() == ".gz" ? path.stem() : path;
  std::string ending = inner.extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return ending == ".csv" || ending == ".tsv" || ending == ".txt" || ending == ".dat";
}

}  // namespace swell
