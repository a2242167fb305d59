#include "swell/entropy/symbols.h"

#include <fmt/format.h>

#include <algorithm>

#include "swell/base/errors.h"

namespace swell::entropy {

void check_symbols(std::span<const uint8_t> samples, int bits_per_symbol, const char* what) {
  if (bits_per_symbol < 1 || bits_per_symbol > 8) {
    throw InputError(fmt::format("{}: {} bits per symbol; allowed: 1 to 8", what, bits_per_symbol));
  }
  const auto bad = std::find_if(samples.begin(), samples.end(), [&](uint8_t s) { return s >> bits_per_symbol; });
  if (bad != samples.end()) {
    throw InputError(fmt::format("{}: sample {} is {}; allowed: 0 to {}, symbols of {} bits", what,
                                 bad - samples.begin(), *bad, (1 << bits_per_symbol) - 1, bits_per_symbol));
  }
}

Symbols dense(std::span<const uint8_t> samples) {
  bool occurs[256] = {};
  for (const uint8_t sample : samples) occurs[sample] = true;
  Symbols symbols;
  uint8_t number[256] = {};
  for (int value = 0; value < 256; ++value) {
    if (occurs[value]) number[value] = static_cast<uint8_t>(symbols.alphabet++);
  }
  symbols.values.resize(samples.size());
  std::transform(samples.begin(), samples.end(), symbols.values.begin(), [&](uint8_t s) { return number[s]; });
  return symbols;
}

void unpack(std::span<const std::byte> raw, int bits_per_symbol, bool symbol_per_byte, std::vector<uint8_t>& out) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(raw.data());
  if (symbol_per_byte || bits_per_symbol == 8) {
    out.insert(out.end(), bytes, bytes + raw.size());
    return;
  }
  for (size_t k = 0; k < raw.size(); ++k) {
    for (int shift = 8 - bits_per_symbol; shift >= 0; shift -= bits_per_symbol)
      out.push_back(static_cast<uint8_t>(bytes[k] >> shift & ((1 << bits_per_symbol) - 1)));
  }
}

std::vector<uint8_t> bits_of(std::span<const uint8_t> samples, int bits_per_symbol, int64_t most) {
  const size_t all = samples.size() * static_cast<size_t>(bits_per_symbol);
  std::vector<uint8_t> bits(most > 0 ? std::min(all, static_cast<size_t>(most)) : all);
  size_t next = 0;
  for (const uint8_t sample : samples) {
    for (int shift = bits_per_symbol - 1; shift >= 0 && next < bits.size(); --shift) {
      bits[next++] = static_cast<uint8_t>(sample >> shift & 1);
    }
  }
  return bits;
}

}  // namespace swell::entropy
