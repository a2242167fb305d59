#include "swell/io/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/io/atomic_file.h"

namespace swell {
namespace {

void refuse_non_finite(const nlohmann::ordered_json& json, const std::string& key) {
  if (json.is_number_float() && !std::isfinite(json.get<double>())) {
    throw IoError(fmt::format("cannot write JSON: {} is {}, and JSON holds finite numbers only",
                              key.empty() ? "the value" : key, json.get<double>()));
  }
  if (json.is_object()) {
    for (const auto& [name, value] : json.items()) refuse_non_finite(value, key.empty() ? name : key + "." + name);
  } else if (json.is_array()) {
    for (size_t i = 0; i < json.size(); ++i) refuse_non_finite(json[i], fmt::format("{}[{}]", key, i));
  }
}

using Json = nlohmann::ordered_json;

std::string scalar_text(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

void append(std::string& text, const Json& json, size_t indent) {
  const bool list = json.is_array();
  if ((!list && !json.is_object()) || json.empty()) {
    text += scalar_text(json);
    return;
  }
  // Lists of numbers stand on one line, however long.
  const bool flat = list && std::ranges::all_of(json, [](const Json& item) { return item.is_primitive(); });
  const std::string separator = flat ? " " : std::string(1, '\n').append(indent + 2, ' ');
  text += list ? '[' : '{';
  if (!flat) text += separator;
  bool first = true;
  for (auto item = json.begin(); item != json.end(); ++item) {
    if (!first) text += "," + separator;
    first = false;
    if (!list) text += scalar_text(item.key()) + ": ";
    append(text, *item, indent + 2);
  }
  if (!flat) text.append(1, '\n').append(indent, ' ');
  text += list ? ']' : '}';
}

// Letters beyond ASCII are written as \uXXXX, so that a cut leaves no half of one.
template <class Any>
std::string cut(const Any& json) {
  constexpr size_t kMostShown = 60;
  const std::string text = json.dump(-1, ' ', true, Any::error_handler_t::replace);
  return text.size() > kMostShown ? text.substr(0, kMostShown) + "..." : text;
}

}  // namespace

std::string shown(const nlohmann::json& json) { return cut(json); }
std::string shown(const nlohmann::ordered_json& json) { return cut(json); }

std::string to_text(const nlohmann::ordered_json& json) {
  refuse_non_finite(json, "");
  std::string text;
  append(text, json, 0);
  return text + "\n";
}

void write_json(const std::filesystem::path& path, const nlohmann::ordered_json& json) {
  if (path == "-") throw InputError("cannot write JSON to \"-\": print to_text() instead");
  write_file_atomically(path, to_text(json));
}

}  // namespace swell
