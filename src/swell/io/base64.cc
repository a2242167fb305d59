#include "swell/io/base64.h"

#include <openssl/evp.h>

#include <algorithm>

namespace swell {

std::string encode_base64(std::span<const std::byte> bytes) {
  // OpenSSL counts in int, so it gets blocks; a multiple of three keeps the padding at the very end.
  constexpr size_t kBlock = 3 << 20;
  std::string text((bytes.size() + 2) / 3 * 4, '\0');
  char* to = text.data();
  while (!bytes.empty()) {
    const size_t length = std::min(bytes.size(), kBlock);
    // It also writes a final NUL, which std::string has room for.
    to += EVP_EncodeBlock(reinterpret_cast<unsigned char*>(to), reinterpret_cast<const unsigned char*>(bytes.data()),
                          static_cast<int>(length));
    bytes = bytes.subspan(length);
  }
  return text;
}

std::optional<std::vector<std::byte>> decode_base64(std::string_view text) {
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  const auto is_digit = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  };
  if (text.size() % 4 != 0 || !std::ranges::all_of(text.substr(0, text.size() - padding), is_digit)) return {};
  std::vector<std::byte> bytes(text.size() / 4 * 3);
  std::byte* to = bytes.data();
  constexpr size_t kBlock = 4 << 20;
  for (std::string_view left = text; !left.empty();) {
    const std::string_view part = left.substr(0, kBlock);
    left.remove_prefix(part.size());
    to += EVP_DecodeBlock(reinterpret_cast<unsigned char*>(to), reinterpret_cast<const unsigned char*>(part.data()),
                          static_cast<int>(part.size()));
  }
  bytes.resize(bytes.size() - padding);
  return bytes;
}

}  // namespace swell
