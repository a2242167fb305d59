#include "swell/model/toml_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "swell/base/errors.h"

namespace swell {

namespace {

// Edit distance, to name the key that was probably meant.
size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::optional<double> finite_number(const toml::node& node) {
  if (!node.is_number()) return {};
  const double value = node.is_integer() ? static_cast<double>(*node.value<int64_t>()) : *node.value<double>();
  if (!std::isfinite(value)) return {};
  return value;
}

}  // namespace

toml::table parse_toml(std::string_view text, const std::string& file) {
  try {
    return toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    throw InputError(fmt::format("{}:{}: not valid TOML: {}", file, error.source().begin.line, error.description()));
  }
}

std::string describe(const toml::node& node) {
  std::ostringstream out;
  node.visit([&](const auto& value) { out << value; });
  std::string text = out.str();
  std::replace(text.begin(), text.end(), '\n', ' ');
  if (text.size() > 60) text = text.substr(0, 57) + "...";
  return text;
}

TomlReader::TomlReader(const toml::table& table, std::string file, std::string path)
    : table_(&table), file_(std::move(file)), path_(std::move(path)) {}

std::string TomlReader::where(std::string_view key) const {
  const toml::node* node = table_->get(key);
  const auto line = node ? node->source().begin.line : table_->source().begin.line;
  return fmt::format("{}:{}: key '{}{}{}'", file_, line, path_, path_.empty() ? "" : ".", key);
}

void TomlReader::leave(std::string_view key) { read_.emplace(key); }

const toml::node* TomlReader::node(std::string_view key) {
  read_.emplace(key);
  return table_->get(key);
}

std::string TomlReader::text(std::string_view key, std::optional<std::string> otherwise) {
  const toml::node* found = node(key);
  if (!found && otherwise) return *otherwise;
  if (!found) throw InputError(fmt::format("{} is missing; a text is needed", where(key)));
  if (!found->is_string())
    throw InputError(fmt::format("{} is {}; a text in quotes is needed", where(key), describe(*found)));
  return *found->value<std::string>();
}

double TomlReader::number(std::string_view key, std::optional<double> otherwise) {
  const toml::node* found = node(key);
  if (!found && otherwise) return *otherwise;
  if (!found) throw InputError(fmt::format("{} is missing; a finite number is needed", where(key)));
  const auto value = finite_number(*found);
  if (!value) throw InputError(fmt::format("{} is {}; a finite number is needed", where(key), describe(*found)));
  return *value;
}

bool TomlReader::flag(std::string_view key, bool otherwise) {
  const toml::node* found = node(key);
  if (!found) return otherwise;
  if (!found->is_boolean())
    throw InputError(fmt::format("{} is {}; true or false is needed", where(key), describe(*found)));
  return *found->value<bool>();
}

std::string TomlReader::choice(std::string_view key, const std::vector<std::string>& allowed,
                               std::string_view otherwise) {
  const std::string value = text(key, std::string(otherwise));
  if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
    throw InputError(fmt::format("{} is '{}'; allowed is '{}'", where(key), value, fmt::join(allowed, "', '")));
  }
  return value;
}

std::vector<std::string> TomlReader::texts(std::string_view key, size_t count) {
  const toml::node* found = node(key);
  std::vector<std::string> values;
  if (found && found->is_array()) {
    for (const toml::node& item : *found->as_array()) {
      if (item.is_string()) values.push_back(*item.value<std::string>());
    }
    if (values.size() == count && found->as_array()->size() == count) return values;
  }
  throw InputError(
      fmt::format("{} is {}; a list of {} texts is needed", where(key), found ? describe(*found) : "missing", count));
}

std::vector<int64_t> TomlReader::extents(std::string_view key) {
  const toml::node* found = node(key);
  std::vector<int64_t> values;
  double total = 1;
  bool good = found && found->is_array() && !found->as_array()->empty() && found->as_array()->size() <= 4;
  for (size_t k = 0; good && k < found->as_array()->size(); ++k) {
    const auto value = found->as_array()->get(k)->value_exact<int64_t>();
    good = value && *value >= 1;
    if (!good) break;
    values.push_back(*value);
    total *= static_cast<double>(*value);
  }
  if (!good || total > 1e8) {
    throw InputError(
        fmt::format("{} is {}; a list of one to four whole numbers >= 1 with a product of at most 1e8 is needed",
                    where(key), found ? describe(*found) : "missing"));
  }
  return values;
}

std::optional<TomlReader::Matrix> TomlReader::matrix(std::string_view key) {
  const toml::node* found = node(key);
  if (!found) return {};
  const auto fail = [&](std::string_view got) -> InputError {
    return InputError(
        fmt::format("{} has {}; a list of finite numbers, or of rows of equal length, is needed", where(key), got));
  };
  if (!found->is_array() || found->as_array()->empty()) throw fail(describe(*found));
  Matrix result;
  const bool rows = found->as_array()->front().is_array();
  for (const toml::node& item : *found->as_array()) {
    const toml::array single;
    const toml::array* row = rows ? item.as_array() : &single;
    if (!row) throw fail(describe(item));
    if (!rows) {
      const auto value = finite_number(item);
      if (!value) throw fail(describe(item));
      result.values.push_back(*value);
      continue;
    }
    if (result.rows > 0 && static_cast<int64_t>(row->size()) != result.columns) throw fail("rows of different lengths");
    for (const toml::node& entry : *row) {
      const auto value = finite_number(entry);
      if (!value) throw fail(describe(entry));
      result.values.push_back(*value);
    }
    result.columns = static_cast<int64_t>(row->size());
    ++result.rows;
  }
  if (!rows) {
    result.rows = 1;
    result.columns = static_cast<int64_t>(result.values.size());
  }
  return result;
}

std::vector<TomlReader> TomlReader::tables(std::string_view key) {
  std::vector<TomlReader> result;
  const toml::node* found = node(key);
  if (!found) return result;
  const toml::array* list = found->as_array();
  bool good = list != nullptr;
  for (size_t k = 0; good && k < list->size(); ++k) {
    good = list->get(k)->is_table();
    if (good) {
      result.emplace_back(*list->get(k)->as_table(), file_,
                          fmt::format("{}{}{}[{}]", path_, path_.empty() ? "" : ".", key, k));
    }
  }
  if (!good)
    throw InputError(fmt::format("{} is {}; tables written [[{}]] are needed", where(key), describe(*found), key));
  return result;
}

std::optional<TomlReader> TomlReader::table(std::string_view key) {
  const toml::node* found = node(key);
  if (!found) return {};
  if (!found->is_table()) throw InputError(fmt::format("{} is {}; a table is needed", where(key), describe(*found)));
  return TomlReader(*found->as_table(), file_, fmt::format("{}{}{}", path_, path_.empty() ? "" : ".", key));
}

std::vector<std::string> TomlReader::keys() const {
  std::vector<std::string> result;
  for (const auto& [key, value] : *table_) result.emplace_back(key.str());
  return result;
}

void TomlReader::refuse_unknown_keys() const {
  for (const auto& [key, value] : *table_) {
    if (read_.contains(key.str())) continue;
    std::string nearest;
    for (const std::string& known : read_) {
      if (nearest.empty() || distance(known, key.str()) < distance(nearest, key.str())) nearest = known;
    }
    const std::string guess = distance(nearest, key.str()) <= 2 ? fmt::format(" (did you mean '{}'?)", nearest) : "";
    throw InputError(fmt::format("{} = {} is not known{}; allowed here are {}", where(key.str()), describe(value),
                                 guess, fmt::join(read_, ", ")));
  }
}

}  // namespace swell
