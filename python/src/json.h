#pragma once

#include <nanobind/nanobind.h>

#include <nlohmann/json.hpp>

namespace swell::python {

// The same as Python's dictionaries, lists and numbers.
inline nanobind::object to_python(const nlohmann::ordered_json& json) {
  return nanobind::module_::import_("json").attr("loads")(json.dump());
}

}  // namespace swell::python
