#include "swell/base/quantity.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "swell/base/errors.h"

namespace swell {

namespace {

constexpr size_t kMostDigits = 20;  // of 2^64
constexpr int kMostExponent = 1000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int thousands(char suffix) {
  switch (suffix) {
    case 'k':
    case 'K':
      return 1;
    case 'M':
      return 2;
    case 'G':
      return 3;
    default:
      return 0;
  }
}

[[noreturn]] void refuse_count(std::string_view text) {
  throw InputError(fmt::format("'{}' is not a whole number; 1000, 1e3, 1_000 and 1k are", text));
}

// Digits before and after the point, without the underscores between them.
struct Mantissa {
  std::string digits;
  int behind_point = 0;
};

Mantissa take_mantissa(std::string_view& rest, std::string_view text) {
  Mantissa mantissa;
  bool point = false;
  while (!rest.empty()) {
    const char c = rest.front();
    if (is_digit(c)) {
      mantissa.digits += c;
      mantissa.behind_point += point;
    } else if (c == '.' && !point) {
      point = true;
    } else if (c != '_' || mantissa.digits.empty() || rest.size() < 2 || !is_digit(rest[1])) {
      break;
    }
    rest.remove_prefix(1);
  }
  if (mantissa.digits.empty()) refuse_count(text);
  return mantissa;
}

int take_exponent(std::string_view& rest, std::string_view text) {
  if (rest.empty() || (rest.front() != 'e' && rest.front() != 'E')) return 0;
  rest.remove_prefix(1);
  if (rest.starts_with('+')) rest.remove_prefix(1);
  int exponent = 0;
  const auto [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), exponent);
  if (error == std::errc::result_out_of_range) {
    throw InputError(fmt::format("'{}' is too large for a whole number", text));
  }
  if (error != std::errc()) refuse_count(text);
  rest.remove_prefix(static_cast<size_t>(stop - rest.data()));
  return std::clamp(exponent, -kMostExponent, kMostExponent);
}

struct TimeUnit {
  std::string_view name;
  double seconds;
};

constexpr TimeUnit kTimeUnits[] = {{"ps", 1e-12}, {"ns", 1e-9},  {"us", 1e-6},  {"µs", 1e-6},
                                   {"μs", 1e-6},  {"ms", 1e-3},  {"s", 1},      {"m", 60},
                                   {"min", 60},   {"h", 3600.0}, {"d", 86400.0}};

[[noreturn]] void refuse_time(std::string_view text) {
  throw InputError(fmt::format("'{}' is not a time; 250ms, 10s, 2m, 1h and 1h30m are", text));
}

}  // namespace

std::string plain_count(std::string_view text) {
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  Mantissa mantissa = take_mantissa(rest, text);
  int shift = take_exponent(rest, text) - mantissa.behind_point;
  if (rest.size() == 1 && thousands(rest.front()) > 0) {
    shift += 3 * thousands(rest.front());
  } else if (!rest.empty()) {
    refuse_count(text);
  }
  std::string& digits = mantissa.digits;
  if (const size_t first = digits.find_first_not_of('0'); first == std::string::npos) return "0";
  for (; shift < 0 && digits.ends_with('0'); ++shift) digits.pop_back();
  if (shift < 0) throw InputError(fmt::format("'{}' is not a whole number", text));
  digits.append(static_cast<size_t>(shift), '0');
  digits.erase(0, digits.find_first_not_of('0'));
  if (digits.size() > kMostDigits) throw InputError(fmt::format("'{}' is too large for a whole number", text));
  return (negative ? "-" : "") + digits;
}

double seconds_in(std::string_view text) {
  double total = 0;
  std::string_view rest = text;
  if (rest.empty()) refuse_time(text);
  for (bool first = true; !rest.empty(); first = false) {
    double amount = 0;
    const auto [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), amount);
    if (error != std::errc() || !std::isfinite(amount) || std::signbit(amount)) refuse_time(text);
    rest.remove_prefix(static_cast<size_t>(stop - rest.data()));
    const size_t length = std::min(rest.find_first_of("0123456789."), rest.size());
    const std::string_view name = rest.substr(0, length);
    rest.remove_prefix(length);
    if (name.empty() && first && rest.empty()) return amount;
    const auto* const unit = std::ranges::find(kTimeUnits, name, &TimeUnit::name);
    if (unit == std::end(kTimeUnits)) refuse_time(text);
    total += amount * unit->seconds;
  }
  return total;
}

double amount_in(std::string_view text, std::string_view unit) {
  const auto refuse = [&]() -> double {
    throw InputError(fmt::format("'{}' is no amount in {}; 1.5{}, 20m{} and 3e-9 are", text, unit, unit, unit));
  };
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || !std::isfinite(value)) return refuse();
  std::string_view rest(stop, static_cast<size_t>(end - stop));
  if (rest.starts_with(" ")) rest.remove_prefix(1);
  if (rest.ends_with(unit)) rest.remove_suffix(unit.size());
  if (rest.empty()) return value;
  constexpr std::pair<std::string_view, double> kPrefixes[] = {
      {"a", 1e-18}, {"f", 1e-15}, {"p", 1e-12}, {"n", 1e-9}, {"u", 1e-6},  {"\u00b5", 1e-6},
      {"m", 1e-3},  {"k", 1e3},   {"K", 1e3},   {"M", 1e6},  {"meg", 1e6}, {"G", 1e9}};
  for (const auto& [prefix, factor] : kPrefixes) {
    // Dividing by a power of ten keeps 1p the same double as 1e-12.
    if (rest == prefix) return factor < 1 ? value / std::round(1 / factor) : value * factor;
  }
  return refuse();
}

}  // namespace swell
