#include "swell/io/csv_streets.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <unordered_map>

#include "swell/base/errors.h"
#include "swell/base/lower_case.h"
#include "swell/io/bytes.h"
#include "swell/io/street_builder.h"

namespace swell {

namespace {

enum Column { kFrom, kTo, kLength, kBack, kOneWay, kDuty, kReward, kName, kX1, kY1, kX2, kY2, kColumns };

// Names of the columns, in lower case. Degrees are told by their names.
const std::array<std::vector<std::string_view>, kColumns> kNames = {{
    {"from", "source", "u", "a", "node1", "start", "from_node", "tail"},
    {"to", "target", "v", "b", "node2", "end", "to_node", "head"},
    {"length", "weight", "distance", "dist", "cost", "len", "metres", "meters", "length_m"},
    {"back", "length_back", "back_length"},
    {"oneway", "one_way", "one-way"},
    {"duty", "required"},
    {"reward", "prize", "profit"},
    {"name", "street", "street_name"},
    {"x1", "from_x", "lon1", "from_lon", "longitude1"},
    {"y1", "from_y", "lat1", "from_lat", "latitude1"},
    {"x2", "to_x", "lon2", "to_lon", "longitude2"},
    {"y2", "to_y", "lat2", "to_lat", "latitude2"},
}};

class Reader {
 public:
  Reader(std::string_view text, std::string_view name) : text_(text), name_(name) {}

  StreetNetwork read() {
    if (!next()) throw IoError(fmt::format("{}: the table is empty", name_));
    if (header()) {
      while (next()) row();
    } else {
      do row();
      while (next());
    }
    if (network_.streets.empty()) throw IoError(fmt::format("{}: there is no street", name_));
    const bool placed = column_[kX1] >= 0;
    network_.placed = placed;
    if (placed && geographic_) to_metres();
    return std::move(network_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw IoError(fmt::format("{}, line {}: {}", name_, line_, what));
  }

  // The next row that holds anything, as fields without blanks around them; "" in quotes is one quote.
  bool next() {
    while (at_ < text_.size()) {
      ++line_;
      const size_t end = std::min(text_.find_first_of("\r\n", at_), text_.size());
      std::string_view line = text_.substr(at_, end - at_);
      at_ = std::min(text_.size(), end + (text_.substr(end).starts_with("\r\n") ? 2 : 1));
      if (line.find_first_not_of(" \t") == std::string_view::npos || line.starts_with('#')) continue;
      if (separator_ == 0)
        separator_ = line.find(';') != std::string_view::npos    ? ';'
                     : line.find('\t') != std::string_view::npos ? '\t'
                                                                 : ',';
      split(line);
      return true;
    }
    return false;
  }

  void split(std::string_view line) {
    fields_.assign(1, "");
    bool quoted = false;
    for (size_t k = 0; k < line.size(); ++k) {
      if (line[k] == '"' && quoted && k + 1 < line.size() && line[k + 1] == '"') {
        fields_.back() += '"';
        ++k;
      } else if (line[k] == '"') {
        quoted = !quoted;
      } else if (line[k] == separator_ && !quoted) {
        fields_.emplace_back();
      } else {
        fields_.back() += line[k];
      }
    }
    if (quoted) fail("a field begins with a quote and does not end with one");
    for (std::string& field : fields_) {
      const size_t first = field.find_first_not_of(" \t"), last = field.find_last_not_of(" \t");
      field = first == std::string::npos ? "" : field.substr(first, last - first + 1);
    }
  }

  static std::optional<double> number_in(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || stop != text.data() + text.size() || !std::isfinite(value)) return {};
    return value;
  }

  // Takes the row as a header where it names columns; else the columns are from, to, length.
  bool header() {
    width_ = fields_.size();
    column_.fill(-1);
    for (size_t k = 0; k < fields_.size(); ++k) {
      const std::string lower = lower_case(fields_[k]);
      for (int column = 0; column < kColumns; ++column) {
        const auto& names = kNames[column];
        if (std::find(names.begin(), names.end(), lower) == names.end()) continue;
        if (column_[column] >= 0) fail(fmt::format("two columns are named like {}", names[0]));
        column_[column] = static_cast<int>(k);
        geographic_ = geographic_ || (column >= kX1 && lower.find('l') != std::string::npos);
      }
    }
    const bool ends = column_[kFrom] >= 0 && column_[kTo] >= 0;
    const bool places = column_[kX1] >= 0 && column_[kY1] >= 0 && column_[kX2] >= 0 && column_[kY2] >= 0;
    if ((ends && column_[kLength] >= 0) || places) {
      if (!places) std::fill(column_.begin() + kX1, column_.end(), -1);
      return true;
    }
    if (fields_.size() < 3 || !number_in(fields_[2]))
      fail(
          "no columns of a street network; a header names from, to and length (or x1, y1, x2, y2), and a table without "
          "one has from, to, length");
    column_.fill(-1);
    column_[kFrom] = 0;
    column_[kTo] = 1;
    column_[kLength] = 2;
    return false;
  }

  // A row that is longer than the one above it is shifted somewhere: by a comma in a number, or in a name without
  // quotes.
  void check_width() const {
    for (size_t k = width_; k < fields_.size(); ++k) {
      if (!fields_[k].empty())
        fail(fmt::format("{} fields, the first row has {}; a field with a comma in it stands in quotes", fields_.size(),
                         width_));
    }
  }

  std::string_view field(Column column) const {
    if (column_[column] < 0) return {};
    if (column_[column] >= static_cast<int>(fields_.size()))
      fail(fmt::format("{} fields; the column {} is field {}", fields_.size(), kNames[column][0], column_[column] + 1));
    return fields_[column_[column]];
  }

  double amount(Column column, double low) const {
    const auto value = number_in(field(column));
    if (!value || *value < low || std::abs(*value) > 1e12)
      fail(fmt::format("{} is {}; allowed are numbers from {} to 1e12", kNames[column][0], printable(field(column)),
                       low));
    return *value;
  }

  bool flag(Column column) const {
    const auto value = yes_or_no(field(column));
    if (!value) fail(fmt::format("{} is {}; allowed are yes and no", kNames[column][0], printable(field(column))));
    return *value;
  }

  int64_t junction(Column name_column, Column x, Column y) {
    StreetNetwork::Junction junction;
    if (column_[x] >= 0) junction.place = {amount(x, -1e12), amount(y, -1e12)};
    if (geographic_ && (std::abs(junction.place.x) > 180 || std::abs(junction.place.y) > 90))
      fail(fmt::format("longitude {}, latitude {}; allowed are up to 180 and 90", junction.place.x, junction.place.y));
    const std::string_view given = field(name_column);
    junction.name = given.empty() ? fmt::format("{:.10g},{:.10g}", junction.place.x, junction.place.y) : given;
    if (given.empty() && column_[x] < 0) fail(fmt::format("{} is empty", kNames[name_column][0]));
    const auto [found, fresh] = numbers_.try_emplace(junction.name, network_.junctions.size());
    if (fresh) network_.junctions.push_back(std::move(junction));
    return static_cast<int64_t>(found->second);
  }

  void row() {
    check_width();
    StreetNetwork::Street street;
    street.a = junction(kFrom, kX1, kY1);
    street.b = junction(kTo, kX2, kY2);
    if (!field(kLength).empty()) {
      street.length = amount(kLength, 0);
    } else if (column_[kX1] >= 0) {
      const auto &from = network_.junctions[street.a].place, &to = network_.junctions[street.b].place;
      street.length =
          geographic_ ? metres_between({from.x, from.y}, {to.x, to.y}) : std::hypot(to.x - from.x, to.y - from.y);
    } else {
      fail("the length is empty");
    }
    const bool against = field(kOneWay) == "-1";
    const bool one_way = against || flag(kOneWay);
    street.back = one_way ? INFINITY : field(kBack).empty() ? street.length : amount(kBack, 0);
    if (against) std::swap(street.a, street.b);
    street.duty = flag(kDuty);
    if (!field(kReward).empty()) street.reward = amount(kReward, 0);
    street.name = field(kName);
    network_.streets.push_back(std::move(street));
  }

  void to_metres() {
    double x = 0, y = 0;
    for (const auto& junction : network_.junctions) {
      x += junction.place.x / static_cast<double>(network_.junctions.size());
      y += junction.place.y / static_cast<double>(network_.junctions.size());
    }
    network_.origin = {x, y};
    for (auto& junction : network_.junctions)
      junction.place = project(*network_.origin, junction.place.x, junction.place.y);
  }

  const std::string_view text_, name_;
  size_t at_ = 0;
  int64_t line_ = 0;
  char separator_ = 0;
  bool geographic_ = false;
  std::vector<std::string> fields_;
  size_t width_ = 0;  // fields of the first row
  std::array<int, kColumns> column_{};
  std::unordered_map<std::string, size_t> numbers_;
  StreetNetwork network_;
};

}  // namespace

StreetNetwork parse_csv_streets(std::span<const std::byte> bytes, std::string_view name) {
  std::string_view text = as_text(bytes);
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  return Reader(text, name).read();
}

}  // namespace swell
