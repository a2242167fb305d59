#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace swell {

template <size_t kBytes>
using UnsignedOfSize =
    std::conditional_t<kBytes == 1, uint8_t,
                       std::conditional_t<kBytes == 2, uint16_t, std::conditional_t<kBytes == 4, uint32_t, uint64_t>>>;

// The number of type T stored at `from` in the given byte order; the caller has checked that sizeof(T) bytes are there.
template <typename T>
T load(const std::byte* from, std::endian order) {
  using Bits = UnsignedOfSize<sizeof(T)>;
  Bits bits = 0;
  for (size_t i = 0; i < sizeof(T); ++i) {
    const size_t shift = 8 * (order == std::endian::little ? i : sizeof(T) - 1 - i);
    bits = static_cast<Bits>(bits | static_cast<Bits>(std::to_integer<Bits>(from[i]) << shift));
  }
  return std::bit_cast<T>(bits);
}

// Stores `value` little-endian at `to`, which has room for sizeof(T) bytes.
template <typename T>
void store_little(std::byte* to, T value) {
  const auto bits = std::bit_cast<UnsignedOfSize<sizeof(T)>>(value);
  for (size_t i = 0; i < sizeof(T); ++i) to[i] = static_cast<std::byte>((bits >> (8 * i)) & 0xff);
}

// IEEE half precision and bfloat16, given as bits; exact in double.
double half_to_double(uint16_t bits);
double bfloat16_to_double(uint16_t bits);

// Product of extents (each >= 0), or nothing where the product of the nonzero ones does not fit in int64.
std::optional<int64_t> element_count(std::span<const int64_t> shape);

// Text from a file made fit for an error message: at most 60 characters, control and non-ASCII bytes as \xNN, in
// quotes.
std::string printable(std::string_view text);

inline std::span<const std::byte> as_bytes_of(std::string_view text) {
  return std::as_bytes(std::span<const char>(text.data(), text.size()));
}
inline std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace swell
