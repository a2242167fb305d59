#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace swell::entropy {

// Samples as the estimators take them: the symbols that occur, numbered 0, 1, ... in the order of their values.
struct Symbols {
  std::vector<uint8_t> values;  // [samples]
  int alphabet = 0;             // distinct symbols

  std::span<const uint8_t> span() const { return values; }
  int64_t size() const { return static_cast<int64_t>(values.size()); }
};

// Throws InputError where a sample has more than `bits_per_symbol` bits (1 to 8); `what` stands in the message.
void check_symbols(std::span<const uint8_t> samples, int bits_per_symbol, const char* what);

// Without those that never occur.
Symbols dense(std::span<const uint8_t> samples);

// Adds the symbols of raw bytes to `out`: one in the low bits of each byte, or packed, the highest bits of a byte
// first, where bits_per_symbol is 1, 2, 4 or 8.
void unpack(std::span<const std::byte> raw, int bits_per_symbol, bool symbol_per_byte, std::vector<uint8_t>& out);

// The bits of all symbols, the highest of each first, up to `most` bits (0 for all): section 3.1.3.
std::vector<uint8_t> bits_of(std::span<const uint8_t> samples, int bits_per_symbol, int64_t most);

}  // namespace swell::entropy
