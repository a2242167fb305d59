#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace swell::entropy {

// How often the substrings of a sequence repeat, for every length at once.
struct Repeats {
  int64_t longest = 0;        // length of the longest substring that occurs twice (occurrences may overlap); 0 for none
  std::vector<int64_t> most;  // [longest + 1] by length W >= 1: occurrences of the commonest substring
  std::vector<uint64_t> pairs;  // [longest + 1] by length W >= 1: pairs of equal substrings, sum of C (C - 1) / 2
};

// By suffix array (libdivsufsort) and common prefixes of neighbours (Karkkainen, Manzini and Puglisi, "Permuted
// longest-common-prefix array", CPM 2009). O(n log n) at worst; 13 bytes a symbol, and 16 a length. At most 2^31 - 2
// symbols, otherwise InputError.
Repeats repeats_of(std::span<const uint8_t> symbols);

}  // namespace swell::entropy
