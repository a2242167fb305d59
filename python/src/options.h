#pragma once

#include <fmt/format.h>
#include <nanobind/nanobind.h>
#include <nanobind/stl/string_view.h>

#include <algorithm>
#include <span>
#include <string_view>

// Options that Python gives by name; one that is not there keeps the library's default.
namespace swell::python {

namespace nb = nanobind;

// Throws TypeError where an option is not of these. `what` has them.
inline void require_known(const nb::dict& given, std::span<const char* const> names, const char* what) {
  for (const auto [key, value] : given) {
    const auto name = nb::cast<std::string_view>(key);
    if (std::ranges::find(names, name) == names.end())
      throw nb::type_error(fmt::format("{} has no option '{}'", what, name).c_str());
  }
}

// False where it is not given.
template <class T>
bool set_option(const nb::dict& given, const char* name, T& place) {
  if (!given.contains(name)) return false;
  try {
    place = nb::cast<T>(given[name]);
  } catch (const nb::cast_error&) {
    throw nb::type_error(fmt::format("{} cannot be {}", name, nb::repr(given[name]).c_str()).c_str());
  }
  return true;
}

inline nb::tuple tuple_of(std::span<const char* const> names) {
  nb::list list;
  for (const char* name : names) list.append(name);
  return nb::tuple(list);
}

}  // namespace swell::python
