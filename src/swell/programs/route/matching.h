#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace swell::route {

// Pairs of 0 .. n - 1 (n even) whose weights add up to the least: minimum-weight perfect matching (J. Edmonds, J. Res.
// NBS 69B, 125 (1965)) by the LEMON library. weights: [n][n], symmetric, whole numbers below 2^40 in size.
std::vector<std::pair<int64_t, int64_t>> least_perfect_matching(int64_t n, const std::vector<int64_t>& weights);

}  // namespace swell::route
