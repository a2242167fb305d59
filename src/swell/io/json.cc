#include "swell/io/json.h"

#include <fmt/format.h>

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

}  // namespace

std::string to_text(const nlohmann::ordered_json& json) {
  refuse_non_finite(json, "");
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

void write_json(const std::filesystem::path& path, const nlohmann::ordered_json& json) {
  if (path == "-") throw InputError("cannot write JSON to \"-\": print to_text() instead");
  write_file_atomically(path, to_text(json));
}

}  // namespace swell
