#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace swell {

// A member of a zip archive, from its central directory.
struct ZipMember {
  std::string name;
  uint16_t method = 0;  // 0 stored, 8 deflated
  bool encrypted = false;
  uint32_t crc = 0;           // of the content
  uint64_t stored_bytes = 0;  // in the archive
  uint64_t bytes = 0;         // of the content
  uint64_t at = 0;            // of its local header in the archive
};

// Reads archives of one part, with or without the 64-bit extension (PKWARE APPNOTE 6.3). Throws IoError with `name`
// where the archive is damaged or cut short.
std::vector<ZipMember> list_zip(std::span<const std::byte> bytes, std::string_view name);

// The content of a member, its checksum checked. Throws IoError where it is damaged, encrypted, packed by a method
// other than stored and deflated, or longer than max_bytes.
std::vector<std::byte> read_member(std::span<const std::byte> bytes, const ZipMember& member, std::string_view name,
                                   size_t max_bytes);

}  // namespace swell
