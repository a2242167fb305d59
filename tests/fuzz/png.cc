#include "swell/io/png.h"

#include <zlib.h>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"

namespace {

// The file with the checksum of every chunk made right, since almost no mutation leaves one that the reader accepts.
std::vector<std::byte> with_checksums(std::span<const std::byte> bytes) {
  std::vector<std::byte> repaired(bytes.begin(), bytes.end());
  for (size_t at = 8; repaired.size() >= at + 12;) {
    const auto length = swell::load<uint32_t>(repaired.data() + at, std::endian::big);
    if (length > repaired.size() - at - 12) break;
    const auto* checked = reinterpret_cast<const Bytef*>(repaired.data() + at + 4);
    const auto crc = static_cast<uint32_t>(crc32(0, checked, length + 4));
    for (size_t i = 0; i < 4; ++i) repaired[at + 8 + length + i] = static_cast<std::byte>((crc >> (24 - 8 * i)) & 0xff);
    at += size_t{12} + length;
  }
  return repaired;
}

void parse(std::span<const std::byte> bytes) {
  try {
    swell::parse_png(bytes, "input");
  } catch (const swell::Error&) {
  }
}

}  // namespace

// Any bytes are either read or refused with an error that a user can be told.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  parse(bytes);
  parse(with_checksums(bytes));
  return 0;
}
