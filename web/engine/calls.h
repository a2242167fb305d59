#pragma once

// What the functions for JavaScript share: errors as sentences, answers and options as JSON.

#include <fmt/format.h>

#include <cmath>
#include <new>
#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>

#include "swell/base/errors.h"

namespace swell::web {

using Json = nlohmann::ordered_json;

// The sentence of the last function that failed; empty where the last one did not.
inline std::string& last_error() {
  static std::string sentence;
  return sentence;
}

template <class Body>
auto attempt(const Body& body) -> decltype(body()) {
  using Result = decltype(body());
  last_error().clear();
  try {
    return body();
  } catch (const std::bad_alloc&) {
    last_error() = "there is not enough memory for this here";
  } catch (const std::exception& error) {
    last_error() = error.what();
  }
  if constexpr (std::is_pointer_v<Result>)
    return nullptr;
  else
    return -1;
}

// Valid until the next call.
inline const char* say(const Json& json) {
  static std::string text;
  text = json.dump(-1, ' ', false, Json::error_handler_t::replace);  // a file's texts need not be UTF-8
  return text.c_str();
}

inline Json options_of(const char* json) {
  Json options = Json::parse(json, nullptr, false);
  if (!options.is_object()) throw InputError("options are to be a JSON object");
  return options;
}

inline int64_t whole(const Json& options, const char* key, int64_t otherwise, int64_t least, int64_t most) {
  const Json value = options.value(key, Json(otherwise));
  if (!value.is_number() || !(value.get<double>() >= static_cast<double>(least)) ||
      !(value.get<double>() <= static_cast<double>(most)) || value.get<double>() != std::floor(value.get<double>()))
    throw InputError(fmt::format("{} is {}; a whole number from {} to {} is allowed", key, value.dump(), least, most));
  return static_cast<int64_t>(value.get<double>());
}

inline double number(const Json& options, const char* key, double otherwise, double least, double most) {
  const Json value = options.value(key, Json(otherwise));
  if (!value.is_number() || !(value.get<double>() >= least) || !(value.get<double>() <= most))
    throw InputError(fmt::format("{} is {}; a number from {} to {} is allowed", key, value.dump(), least, most));
  return value.get<double>();
}

inline std::string text(const Json& options, const char* key, const char* otherwise) {
  const Json value = options.value(key, Json(otherwise));
  if (!value.is_string()) throw InputError(fmt::format("{} is {}; a text is allowed", key, value.dump()));
  return value.get<std::string>();
}

// How far to go at once.
inline int at_least_one(int count, const char* what) {
  if (count < 1) throw InputError(fmt::format("{} is {}; 1 and more are allowed", what, count));
  return count;
}

}  // namespace swell::web
