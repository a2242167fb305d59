#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace swell::ising {

struct Problem;

// What an answer is worth, from the file's own data.

// The value of an answer from the file's own data, by code that knows nothing of the p-bits' couplings: exact where
// decimals >= 0 (but for the last bit of a decimal fraction), else to 2^-64 of the sum of magnitudes.
double count_value(const Problem& problem, std::span<const int8_t> spins);
// The same as a whole number of 10^-decimals; nothing where decimals < 0.
std::optional<int64_t> count_exactly(const Problem& problem, std::span<const int8_t> spins);

// Hard clauses that the answer violates.
int64_t violated_hard_clauses(const Problem& problem, std::span<const int8_t> spins);

// The best value known from the literature for this graph, told by its edges whatever the file is called.
struct BestKnown {
  double value;
  std::string_view source;
};
std::optional<BestKnown> best_known(const Problem& problem);

}  // namespace swell::ising
