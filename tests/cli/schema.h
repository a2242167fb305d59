#pragma once

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <stdexcept>
#include <string>
#include <vector>

#include "swell/io/test_folder.h"

namespace swell::test {

// JSON Schema, as far as docs/report.schema.json uses it: a keyword that stands there and not here throws.
class Schema {
 public:
  using Json = nlohmann::json;
  explicit Schema(Json schema) : root_(std::move(schema)) {}

  // What is wrong, each with its place; empty where all is right.
  std::vector<std::string> complaints(const Json& value) const {
    std::vector<std::string> all;
    hold(value, root_, "", all);
    compare_lists(value, "", all);
    return all;
  }

 private:
  using Complaints = std::vector<std::string>;

  // What no schema can say: an estimate that is a list has an error for each entry.
  static void compare_lists(const Json& value, const std::string& at, Complaints& all) {
    if (!value.is_structured()) return;
    if (value.is_object() && value.contains("value") && value.contains("stderr")) {
      const Json &values = value["value"], &errors = value["stderr"];
      if (values.is_array() != errors.is_array() && !errors.is_null())
        all.push_back(at + ": one of value and stderr is a list");
      if (values.is_array() && errors.is_array() && values.size() != errors.size())
        all.push_back(fmt::format("{}: {} values have {} errors", at, values.size(), errors.size()));
    }
    for (const auto& [name, part] : value.items()) compare_lists(part, at + "/" + name, all);
  }

  bool fits(const Json& value, const Json& schema) const {
    Complaints all;
    hold(value, schema, "", all);
    return all.empty();
  }

  static bool is(const Json& value, const std::string& type) {
    if (type == "integer") return value.is_number_integer() || value.is_number_unsigned();
    if (type == "number") return value.is_number();
    return type == (value.is_boolean() ? "boolean" : value.is_null() ? "null" : value.type_name());
  }

  void hold(const Json& value, const Json& schema, const std::string& at, Complaints& all) const {
    for (const auto& [key, rule] : schema.items()) {
      if (key == "$schema" || key == "title" || key == "description" || key == "$defs" || key == "then" ||
          key == "else")
        continue;
      if (key == "$ref") {
        hold(value, root_.at(Json::json_pointer(rule.get<std::string>().substr(1))), at, all);
      } else if (key == "if") {
        const char* branch = fits(value, rule) ? "then" : "else";
        if (schema.contains(branch)) hold(value, schema[branch], at, all);
      } else if (key == "anyOf") {
        hold_one(value, rule, at, all);
      } else if (key == "not") {
        if (fits(value, rule)) all.push_back(at + ": " + value.dump() + " is what must not be");
      } else if (!hold_scalar(value, key, rule, at, all) && !hold_parts(value, schema, key, rule, at, all)) {
        throw std::logic_error("no such keyword in the validator: " + key);
      }
    }
  }

  // Complaints of the alternative that comes nearest.
  void hold_one(const Json& value, const Json& rules, const std::string& at, Complaints& all) const {
    Complaints nearest(1000);
    for (const Json& rule : rules) {
      Complaints these;
      hold(value, rule, at, these);
      if (these.size() < nearest.size()) nearest = std::move(these);
    }
    all.insert(all.end(), nearest.begin(), nearest.end());
  }

  static bool hold_scalar(const Json& value, const std::string& key, const Json& rule, const std::string& at,
                          Complaints& all) {
    if (key == "type") {
      const Json types = rule.is_array() ? rule : Json::array({rule});
      if (std::none_of(types.begin(), types.end(), [&](const Json& type) { return is(value, type); }))
        all.push_back(fmt::format("{}: {} is no {}", at, value.dump().substr(0, 60), rule.dump()));
    } else if (key == "const") {
      if (value != rule) all.push_back(at + ": is not " + rule.dump());
    } else if (key == "minimum") {
      if (value.is_number() && value.get<double>() < rule.get<double>()) all.push_back(at + ": is less than it may be");
    } else if (key == "pattern") {
      if (value.is_string() && !std::regex_search(value.get<std::string>(), std::regex(rule.get<std::string>())))
        all.push_back(fmt::format("{}: {} does not match {}", at, value.dump(), rule.dump()));
    } else {
      return false;
    }
    return true;
  }

  bool hold_parts(const Json& value, const Json& schema, const std::string& key, const Json& rule,
                  const std::string& at, Complaints& all) const {
    if (key == "items") {
      for (size_t k = 0; value.is_array() && k < value.size(); ++k)
        hold(value[k], rule, fmt::format("{}/{}", at, k), all);
      return true;
    }
    const Json object = value.is_object() ? value : Json::object();
    if (key == "required") {
      for (const Json& name : rule) {
        if (value.is_object() && !object.contains(name))
          all.push_back(fmt::format("{}: {} is missing", at, name.dump()));
      }
    } else if (key == "properties") {
      for (const auto& [name, part] : rule.items()) {
        if (object.contains(name)) hold(object[name], part, at + "/" + name, all);
      }
    } else if (key == "additionalProperties") {
      for (const auto& [name, part] : object.items()) {
        if (schema.contains("properties") && schema["properties"].contains(name)) continue;
        if (rule.is_boolean() && !rule) all.push_back(fmt::format("{}: no key '{}' is known", at, name));
        if (rule.is_object()) hold(part, rule, at + "/" + name, all);
      }
    } else if (key == "propertyNames") {
      for (const auto& [name, part] : object.items()) hold(name, rule, at + "/" + name, all);
    } else {
      return false;
    }
    return true;
  }

  Json root_;
};

// That of docs/report.schema.json.
inline const Schema& report_schema_of_docs() {
  static const Schema schema(
      nlohmann::json::parse(text_of(std::string(SWELL_SOURCE_DIR) + "/docs/report.schema.json")));
  return schema;
}

}  // namespace swell::test
