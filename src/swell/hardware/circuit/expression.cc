#include "swell/hardware/circuit/expression.h"

#include <fmt/format.h>

#include <cctype>
#include <charconv>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "swell/hardware/circuit/board.h"
#include "swell/io/bytes.h"

namespace swell::circuit {
namespace {

using Parameters = std::map<std::string, double, std::less<>>;

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

class Parser {
 public:
  Parser(std::string_view text, const Parameters& parameters) : rest_(text), parameters_(parameters) {}

  double all() {
    const double value = sum(0);
    skip();
    if (!rest_.empty()) fail(fmt::format("{} is left over", printable(rest_)));
    return value;
  }

 private:
  static constexpr int kDeepest = 50;

  [[noreturn]] static void fail(const std::string& what) { throw std::invalid_argument(what); }
  void skip() {
    while (!rest_.empty() && rest_[0] == ' ') rest_.remove_prefix(1);
  }
  char next() {
    skip();
    return rest_.empty() ? '\0' : rest_[0];
  }
  double sum(int depth) {
    double value = product(depth);
    while (next() == '+' || next() == '-') {
      const char sign = rest_[0];
      rest_.remove_prefix(1);
      const double term = product(depth);
      value = sign == '+' ? value + term : value - term;
    }
    return value;
  }
  double product(int depth) {
    double value = factor(depth);
    while (next() == '*' || next() == '/') {
      const char sign = rest_[0];
      rest_.remove_prefix(1);
      if (sign == '*' && next() == '*') fail("a power (**) is not read; write products out");
      const double by = factor(depth);
      value = sign == '*' ? value * by : value / by;
    }
    return value;
  }
  double factor(int depth) {
    if (depth > kDeepest) fail(fmt::format("it is nested deeper than {}", kDeepest));
    const char c = next();
    if (c == '-' || c == '+') {
      rest_.remove_prefix(1);
      return c == '-' ? -factor(depth + 1) : factor(depth + 1);
    }
    if (c == '(') {
      rest_.remove_prefix(1);
      const double value = sum(depth + 1);
      if (next() != ')') fail("a ')' is missing");
      rest_.remove_prefix(1);
      return value;
    }
    return atom();
  }
  double atom() {
    size_t end = 0;
    const bool number = std::isdigit(static_cast<unsigned char>(next())) || next() == '.';
    while (end < rest_.size() &&
           (is_word(rest_[end]) || (number && rest_[end] == '.') ||
            (number && end > 0 && (rest_[end] == '+' || rest_[end] == '-') && rest_[end - 1] == 'e' && end >= 2 &&
             std::isdigit(static_cast<unsigned char>(rest_[end - 2])))))
      ++end;
    const std::string_view word = rest_.substr(0, end);
    if (word.empty()) fail(rest_.empty() ? "it ends too early" : fmt::format("{} is no number", printable(rest_)));
    rest_.remove_prefix(end);
    if (number) return spice_number(word);
    const auto found = parameters_.find(word);
    if (found == parameters_.end()) fail(fmt::format("there is no parameter {}", printable(word)));
    return found->second;
  }

  std::string_view rest_;
  const Parameters& parameters_;
};

}  // namespace

double spice_number(std::string_view text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || !std::isfinite(value))
    throw std::invalid_argument(fmt::format("{} is no number", printable(text)));
  const std::string_view suffix(stop, static_cast<size_t>(end - stop));
  for (const char c : suffix) {
    if (!std::isalpha(static_cast<unsigned char>(c)))
      throw std::invalid_argument(fmt::format("{} is no number", printable(text)));
  }
  // The longer ones first; letters behind are a unit ("10uF").
  constexpr std::pair<std::string_view, double> kSuffixes[] = {{"meg", 1e6}, {"mil", 25.4e-6}, {"t", 1e12}, {"g", 1e9},
                                                               {"k", 1e3},   {"m", 1e-3},      {"u", 1e-6}, {"n", 1e-9},
                                                               {"p", 1e-12}, {"f", 1e-15},     {"a", 1e-18}};
  for (const auto& [word, factor] : kSuffixes) {
    if (suffix.starts_with(word)) return factor < 1 && word != "mil" ? value / std::round(1 / factor) : value * factor;
  }
  return value;
}

double evaluate(std::string_view expression, const Parameters& parameters) {
  constexpr size_t kLongest = 2000;
  if (expression.size() > kLongest)
    throw std::invalid_argument(
        fmt::format("an expression of {} characters is too long; {} are allowed", expression.size(), kLongest));
  const double value = Parser(expression, parameters).all();
  if (!std::isfinite(value)) throw std::invalid_argument("its value is not finite");
  return value;
}

}  // namespace swell::circuit
