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

}  // namespace swell
