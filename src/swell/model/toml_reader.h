#pragma once

#include <toml++/toml.h>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "swell/model/computer.h"

namespace swell {

// One TOML table read key by key, so that every message names the file, the line and the key, and a key that nobody
// asked for is an error with the nearest allowed one.
class TomlReader {
 public:
  TomlReader(const toml::table& table, std::string file, std::string path);

  std::string text(std::string_view key, std::optional<std::string> otherwise = {});
  double number(std::string_view key, std::optional<double> otherwise = {});
  bool flag(std::string_view key, bool otherwise);
  // One of `allowed`, by name.
  std::string choice(std::string_view key, const std::vector<std::string>& allowed, std::string_view otherwise);
  std::vector<std::string> texts(std::string_view key, size_t count);
  std::vector<int64_t> extents(std::string_view key);
  // A list of numbers, or rows of numbers of equal length (rows one after the other), or nothing where the key is
  // absent.
  struct Matrix {
    int64_t rows = 0, columns = 0;
    std::vector<double> values;
  };
  std::optional<Matrix> matrix(std::string_view key);
  // The node itself, marked as read; null where absent.
  const toml::node* node(std::string_view key);
  // The tables of an array of tables; empty where absent.
  std::vector<TomlReader> tables(std::string_view key);
  // A sub-table; empty where absent.
  std::optional<TomlReader> table(std::string_view key);
  std::vector<std::string> keys() const;
  // An allowed key that somebody else reads.
  void leave(std::string_view key);

  // Throws where the table has a key that was not read.
  void refuse_unknown_keys() const;
  // "file:line: key 'path.key'"
  std::string where(std::string_view key) const;

 private:
  const toml::table* table_;
  std::string file_;
  std::string path_;
  std::set<std::string, std::less<>> read_;
};

// The tables of a text. Throws InputError where it is not TOML; `file` names it in messages.
toml::table parse_toml(std::string_view text, const std::string& file);

// The group of this name, that `key` names. Throws InputError where the computer has none.
int require_group(TomlReader& reader, const Computer& computer, std::string_view key, const std::string& name);

// A TOML value as text, for messages.
std::string describe(const toml::node& node);

}  // namespace swell
