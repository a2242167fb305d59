#pragma once

// What the C++ library of Debian's emscripten (LLVM 13) lacks of C++20: algorithms over ranges, here those of range-v3,
// from which they come; std::bit_cast; std::from_chars of numbers with a point; and std::jthread, which a build of one
// thread never starts. Included in front of every file (CMakeLists.txt); to be dropped with a newer emscripten.
#include <version>
#if defined(_LIBCPP_VERSION) && _LIBCPP_VERSION < 15000
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <range/v3/algorithm.hpp>
#include <string>
#include <thread>

namespace std {

namespace ranges {
using ::ranges::adjacent_find;
using ::ranges::all_of;
using ::ranges::any_of;
using ::ranges::binary_search;
using ::ranges::copy;
using ::ranges::copy_if;
using ::ranges::count;
using ::ranges::count_if;
using ::ranges::equal;
using ::ranges::fill;
using ::ranges::find;
using ::ranges::find_if;
using ::ranges::for_each;
using ::ranges::lower_bound;
using ::ranges::max_element;
using ::ranges::min_element;
using ::ranges::minmax;
using ::ranges::none_of;
using ::ranges::replace;
using ::ranges::replace_if;
using ::ranges::reverse;
using ::ranges::sort;
using ::ranges::stable_sort;
using ::ranges::transform;
using ::ranges::upper_bound;
}  // namespace ranges

template <class To, class From>
constexpr To bit_cast(const From& from) noexcept {
  static_assert(sizeof(To) == sizeof(From));
  return __builtin_bit_cast(To, from);
}

// The longest number that the text begins with, in the language's own form: no blanks before it, no plus sign.
inline from_chars_result from_chars(const char* first, const char* last, double& value) {
  const char* digits = first != last && *first == '-' ? first + 1 : first;
  if (digits == last || !(std::isalnum(static_cast<unsigned char>(*digits)) || *digits == '.'))
    return {first, errc::invalid_argument};
  const bool hexadecimal = last - digits > 1 && *digits == '0' && (digits[1] == 'x' || digits[1] == 'X');
  const std::string text(first, hexadecimal ? digits + 1 : last);
  char* end = nullptr;
  errno = 0;
  const double number = std::strtod(text.c_str(), &end);
  if (end == text.c_str()) return {first, errc::invalid_argument};
  const char* const after = first + (end - text.c_str());
  if (errno == ERANGE) return {after, errc::result_out_of_range};
  value = number;
  return {after, errc{}};
}

struct jthread : thread {
  using thread::thread;
  jthread() = default;
  jthread(jthread&&) = default;
  jthread& operator=(jthread&&) = default;
  ~jthread() {
    if (joinable()) join();
  }
};

}  // namespace std
#endif
