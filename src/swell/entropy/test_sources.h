#pragma once

// Sources for tests, by address: independent symbols and Markov chains with known min-entropy.

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "swell/random/sequence.h"
#include "swell/random/streams.h"

namespace swell::entropy::test {

inline Sequence draws(uint64_t table) { return Sequence({2018, stream::kTesting}, table); }

// Independent symbols 0, 1, ... with probabilities p.
inline std::vector<uint8_t> independent(std::span<const double> p, int64_t samples, uint64_t table) {
  Sequence sequence = draws(table);
  std::vector<uint8_t> out(static_cast<size_t>(samples));
  for (uint8_t& symbol : out) {
    double left = sequence.uniform();
    size_t i = 0;
    while (i + 1 < p.size() && left >= p[i]) left -= p[i++];
    symbol = static_cast<uint8_t>(i);
  }
  return out;
}

inline std::vector<uint8_t> biased(double one, int64_t samples, uint64_t table) {
  const double p[2] = {1 - one, one};
  return independent(p, samples, table);
}

// 2^bits equally likely symbols.
inline std::vector<uint8_t> uniform(int bits, int64_t samples, uint64_t table) {
  Sequence sequence = draws(table);
  std::vector<uint8_t> out(static_cast<size_t>(samples));
  for (uint8_t& symbol : out) symbol = static_cast<uint8_t>(sequence.bits() >> (32 - bits));
  return out;
}

// Bits, each the same as the one before with probability `stay`. Min-entropy -log2(max(stay, 1 - stay)) a bit.
inline std::vector<uint8_t> sticky(double stay, int64_t samples, uint64_t table) {
  Sequence sequence = draws(table);
  std::vector<uint8_t> out(static_cast<size_t>(samples));
  uint8_t last = static_cast<uint8_t>(sequence.bits() >> 31);
  for (uint8_t& symbol : out) symbol = last = static_cast<uint8_t>(last ^ (sequence.uniform() >= stay));
  return out;
}

}  // namespace swell::entropy::test
