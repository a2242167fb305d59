#include "swell/entropy/symbols.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

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
  const size_t per_byte = 8 / static_cast<size_t>(bits_per_symbol), before = out.size();
  // The symbols of each byte side by side; whole eights are written, of which the next ones overwrite the rest.
  std::array<std::array<uint8_t, 8>, 256> symbols_of{};
  for (size_t byte = 0; byte < symbols_of.size(); ++byte) {
    for (size_t k = 0; k < per_byte; ++k) {
      const size_t shift = 8 - (k + 1) * static_cast<size_t>(bits_per_symbol);
      symbols_of[byte][k] = static_cast<uint8_t>(byte >> shift & ((1u << bits_per_symbol) - 1));
    }
  }
  out.resize(before + raw.size() * per_byte + 8);
  uint8_t* next = out.data() + before;
  for (size_t k = 0; k < raw.size(); ++k, next += per_byte) std::memcpy(next, symbols_of[bytes[k]].data(), 8);
  out.resize(before + raw.size() * per_byte);
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
