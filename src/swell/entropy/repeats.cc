#include "swell/entropy/repeats.h"

#include <divsufsort.h>
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <new>

#include "swell/base/errors.h"

namespace swell::entropy {

namespace {

// lcp[i]: length of the common prefix of suffixes i - 1 and i in sorted order; lcp[0] = 0. `order` is given back.
std::vector<int32_t> common_prefixes(std::span<const uint8_t> s, std::vector<int32_t>& order) {
  const int32_t n = static_cast<int32_t>(s.size());
  std::vector<int32_t> before(s.size());  // the suffix sorted before suffix i, then their common prefix
  for (int32_t i = 0; i < n; ++i) before[order[i]] = i > 0 ? order[i - 1] : -1;
  int32_t common = 0;  // of the next suffix it is at most one less
  for (int32_t i = 0; i < n; ++i) {
    const int32_t j = before[i];
    if (j < 0) {
      common = 0;
    } else {
      while (i + common < n && j + common < n && s[i + common] == s[j + common]) ++common;
    }
    before[i] = common;
    if (common > 0) --common;
  }
  for (int32_t i = 0; i < n; ++i) order[i] = before[order[i]];
  return std::move(order);
}

}  // namespace

Repeats repeats_of(std::span<const uint8_t> symbols) {
  if (symbols.size() >= std::numeric_limits<int32_t>::max()) {
    throw InputError(fmt::format("repeated substrings: {} symbols; allowed: at most 2147483646", symbols.size()));
  }
  Repeats repeats;
  const int32_t n = static_cast<int32_t>(symbols.size());
  if (n < 2) {
    repeats.most.assign(1, 0);
    repeats.pairs.assign(1, 0);
    return repeats;
  }
  std::vector<int32_t> order(symbols.size());
  if (divsufsort(symbols.data(), order.data(), n) != 0) throw std::bad_alloc();
  const std::vector<int32_t> lcp = common_prefixes(symbols, order);
  repeats.longest = *std::max_element(lcp.begin(), lcp.end());
  repeats.most.assign(static_cast<size_t>(repeats.longest) + 1, 0);
  std::vector<uint64_t> change(static_cast<size_t>(repeats.longest) + 2, 0);  // of `pairs` from one length to the next

  // Neighbours with common prefixes of length h and more are an interval of sorted suffixes: the occurrences of one
  // substring of each length from that of the interval around it, exclusive, to h.
  struct Interval {
    int32_t prefix, first;
  };
  std::vector<Interval> open = {{0, 0}};
  for (int32_t i = 1; i <= n; ++i) {
    const int32_t common = i < n ? lcp[i] : 0;
    int32_t first = i - 1;
    while (open.back().prefix > common) {
      const Interval interval = open.back();
      open.pop_back();
      const int32_t outer = std::max(open.back().prefix, common);
      const uint64_t occurrences = static_cast<uint64_t>(i - interval.first);
      const uint64_t pairs = occurrences * (occurrences - 1) / 2;
      change[static_cast<size_t>(outer) + 1] += pairs;
      change[static_cast<size_t>(interval.prefix) + 1] -= pairs;  // sums wrap, and unwrap below
      int64_t& most = repeats.most[static_cast<size_t>(interval.prefix)];
      most = std::max(most, static_cast<int64_t>(occurrences));
      first = interval.first;
    }
    if (common > open.back().prefix) open.push_back({common, first});
  }
  for (size_t w = repeats.most.size() - 1; w-- > 0;) repeats.most[w] = std::max(repeats.most[w], repeats.most[w + 1]);
  repeats.pairs.resize(repeats.most.size());
  uint64_t pairs = 0;
  for (size_t w = 1; w < repeats.pairs.size(); ++w) repeats.pairs[w] = pairs += change[w];
  return repeats;
}

}  // namespace swell::entropy
