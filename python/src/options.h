#pragma once

#include <fmt/format.h>
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "swell/base/errors.h"
#include "swell/base/threads.h"

// Options that Python gives by name; one that is not there keeps the library's default.
namespace swell::python {

namespace nb = nanobind;

// Where an option goes. A function of the library has one table of them, which is all that Python can ask of it.
template <class Settings>
struct Option {
  const char* name;
  std::function<void(Settings&, nb::handle)> set;
};
template <class Settings>
using Options = std::vector<Option<Settings>>;

template <class T>
struct Plain {
  using type = T;
};
template <class T>
struct Plain<std::optional<T>> {
  using type = T;
};

// What a value is not: which type is needed, and whether it is a whole number out of range.
struct Unfit {
  std::string needed;
  bool out_of_range;
};

template <class Value>
Value fitting(nb::handle value) {
  Value result;
  if (nb::try_cast(value, result)) return result;
  if constexpr (std::is_same_v<Value, bool>) {
    throw Unfit{"True or False is needed", false};
  } else if constexpr (std::is_integral_v<Value>) {
    if (PyLong_Check(value.ptr()) && !PyBool_Check(value.ptr()))
      throw Unfit{
          std::is_unsigned_v<Value> ? "0 to 2^64 - 1 is" : fmt::format("less than 2^{} is", 8 * sizeof(Value) - 1),
          true};
    throw Unfit{"a whole number is needed", false};
  } else if constexpr (std::is_floating_point_v<Value>) {
    throw Unfit{"a number is needed", false};
  } else if constexpr (std::is_same_v<Value, std::string>) {
    throw Unfit{"text is needed", false};
  } else {
    throw nb::cast_error();
  }
}

// Sets a field of whatever has one of this name; its type says what Python may give.
#define SWELL_INTO(field)                                                                               \
  [](auto& settings, ::nanobind::handle value) {                                                        \
    using Value = typename ::swell::python::Plain<std::remove_cvref_t<decltype(settings.field)>>::type; \
    settings.field = ::swell::python::fitting<Value>(value);                                            \
  }

template <class Settings>
std::string names_of(const Options<Settings>& all) {
  std::string names;
  for (const Option<Settings>& option : all) {
    const std::string_view name = option.name;
    names += (names.empty() ? "" : ", ") + std::string(name == "ranks" ? "comm" : name);  // what Python makes it of
  }
  return names;
}

template <class Settings>
nb::tuple tuple_of(const Options<Settings>& all) {
  nb::list list;
  for (const Option<Settings>& option : all) list.append(option.name);
  return nb::tuple(list);
}

[[noreturn]] inline void refuse(const char* what, auto value, const char* allowed) {
  throw InputError(fmt::format("{} {} is not allowed; {} is", what, value, allowed));
}
inline void require_at_least(int64_t least, const char* what, int64_t value) {
  if (value < least) refuse(what, value, fmt::format("{} or more", least).c_str());
}
// NaN is neither.
inline void require_positive(const char* what, double value) {
  if (!(value > 0 && value < 1e300)) refuse(what, value, "a number above 0");
}
inline void require_not_negative(const char* what, double value) {
  if (!(value >= 0 && value < 1e300)) refuse(what, value, "0 or more");
}

// Options as they are given. `what` has them, for an error; threads are all that the machine has, where none are given.
// Throws TypeError where an option is not known, or its value of a wrong type.
template <class Settings>
void read_options(const nb::dict& given, const Options<Settings>& all, const char* what, Settings& settings,
                  int& threads) {
  threads = hardware_threads();  // as on the command line; results do not depend on it
  for (const auto [key, value] : given) {
    const auto name = nb::cast<std::string_view>(key);
    const auto option = std::ranges::find(all, name, [](const auto& each) { return std::string_view(each.name); });
    if (option == all.end())
      throw nb::type_error(fmt::format("{} has no option '{}'; it has {}", what, name, names_of(all)).c_str());
    try {
      option->set(settings, value);
    } catch (const Unfit& unfit) {
      const std::string given = nb::repr(value).c_str();
      if (unfit.out_of_range) throw InputError(fmt::format("{} {} is not allowed; {}", name, given, unfit.needed));
      throw nb::type_error(fmt::format("{} cannot be {}; {}", name, given, unfit.needed).c_str());
    } catch (const nb::cast_error&) {
      throw nb::type_error(fmt::format("{} cannot be {}", name, nb::repr(value).c_str()).c_str());
    }
  }
  require_at_least(1, "threads", threads);
}

// One of so many words. `what` names the argument.
template <class T>
T one_of(nb::handle value, const char* what, std::initializer_list<std::pair<std::string_view, T>> all) {
  const auto word = nb::cast<std::string>(value);
  std::string names;
  for (const auto& [name, meaning] : all) {
    if (name == word) return meaning;
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  throw InputError(fmt::format("{} '{}' is not known; {} are", what, word, names));
}

}  // namespace swell::python
