#pragma once

#include <map>
#include <string>
#include <string_view>

namespace swell::circuit {

// The value of an expression of numbers (with suffixes), parameters, + - * / and parentheses. Throws
// std::invalid_argument with a clause that says what is wrong; nesting and length are bounded.
double evaluate(std::string_view expression, const std::map<std::string, double, std::less<>>& parameters);

}  // namespace swell::circuit
