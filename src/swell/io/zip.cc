#include "swell/io/zip.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"
#include "swell/io/gzip.h"

namespace swell {
namespace {

constexpr uint32_t kLocal = 0x04034b50, kCentral = 0x02014b50, kEnd = 0x06054b50, kEnd64 = 0x06064b50,
                   kLocator64 = 0x07064b50;
constexpr size_t kLocalBytes = 30, kCentralBytes = 46, kEndBytes = 22, kEnd64Bytes = 56, kLocatorBytes = 20;
constexpr uint32_t kSeeExtra = 0xffffffff;  // the number stands in the 64-bit extension

// Numbers of the archive at checked places.
class Archive {
 public:
  Archive(std::span<const std::byte> bytes, std::string_view name) : bytes_(bytes), name_(name) {}

  [[noreturn]] void fail(std::string_view what) const {
    throw IoError(fmt::format("{}: bad zip archive: {}", name_, what));
  }
  std::span<const std::byte> part(uint64_t at, uint64_t size, std::string_view what) const {
    if (at > bytes_.size() || size > bytes_.size() - at) fail(fmt::format("cut short in {}", what));
    return bytes_.subspan(at, size);
  }
  size_t size() const { return bytes_.size(); }

 private:
  std::span<const std::byte> bytes_;
  std::string_view name_;
};

template <typename T>
T at(std::span<const std::byte> part, size_t offset) {
  return load<T>(part.data() + offset, std::endian::little);
}

struct Directory {
  uint64_t first = 0;  // byte of the first entry
  uint64_t entries = 0;
};

// The record at the end of the archive, before a comment of at most 65535 bytes.
Directory find_directory(const Archive& archive) {
  const uint64_t lowest = archive.size() > kEndBytes + 65535 ? archive.size() - kEndBytes - 65535 : 0;
  for (uint64_t place = archive.size() < kEndBytes ? 0 : archive.size() - kEndBytes + 1; place-- > lowest;) {
    const auto end = archive.part(place, kEndBytes, "its end");
    if (at<uint32_t>(end, 0) != kEnd || at<uint16_t>(end, 20) != archive.size() - place - kEndBytes) continue;
    Directory directory{at<uint32_t>(end, 16), at<uint16_t>(end, 10)};
    if (directory.first != kSeeExtra && directory.entries != 0xffff) return directory;
    if (place < kLocatorBytes) archive.fail("the 64-bit end record is missing");
    const auto locator = archive.part(place - kLocatorBytes, kLocatorBytes, "its 64-bit locator");
    if (at<uint32_t>(locator, 0) != kLocator64) return directory;
    const auto end64 = archive.part(at<uint64_t>(locator, 8), kEnd64Bytes, "its 64-bit end record");
    if (at<uint32_t>(end64, 0) != kEnd64) archive.fail("the 64-bit end record is missing");
    return {at<uint64_t>(end64, 48), at<uint64_t>(end64, 32)};
  }
  archive.fail("its directory, which stands at the end, is missing: the file was probably cut short");
}

// Sizes and place where the entry leaves them to the extra field 1.
void read_extra(const Archive& archive, std::span<const std::byte> extra, ZipMember& member) {
  for (size_t place = 0; place + 4 <= extra.size();) {
    const uint16_t id = at<uint16_t>(extra, place), size = at<uint16_t>(extra, place + 2);
    place += 4;
    if (size > extra.size() - place) archive.fail("an extra field is longer than its entry");
    if (id == 1) {
      size_t next = place;
      for (uint64_t* number : {&member.bytes, &member.stored_bytes, &member.at}) {
        if (*number != kSeeExtra) continue;
        if (next + 8 > place + size) archive.fail("a 64-bit size is missing");
        *number = at<uint64_t>(extra, next);
        next += 8;
      }
    }
    place += size;
  }
}

}  // namespace

std::vector<ZipMember> list_zip(std::span<const std::byte> bytes, std::string_view name) {
  const Archive archive(bytes, name);
  const Directory directory = find_directory(archive);
  if (directory.entries > bytes.size() / kCentralBytes) archive.fail("more entries than it has room for");
  std::vector<ZipMember> members;
  uint64_t place = directory.first;
  for (uint64_t k = 0; k < directory.entries; ++k) {
    const auto entry = archive.part(place, kCentralBytes, "its directory");
    if (at<uint32_t>(entry, 0) != kCentral) archive.fail("an entry of its directory is damaged");
    const uint16_t name_bytes = at<uint16_t>(entry, 28), extra_bytes = at<uint16_t>(entry, 30);
    ZipMember member;
    member.name = as_text(archive.part(place + kCentralBytes, name_bytes, "its directory"));
    member.encrypted = (at<uint16_t>(entry, 8) & 1) != 0;
    member.method = at<uint16_t>(entry, 10);
    member.crc = at<uint32_t>(entry, 16);
    member.stored_bytes = at<uint32_t>(entry, 20);
    member.bytes = at<uint32_t>(entry, 24);
    member.at = at<uint32_t>(entry, 42);
    read_extra(archive, archive.part(place + kCentralBytes + name_bytes, extra_bytes, "its directory"), member);
    members.push_back(std::move(member));
    place += kCentralBytes + name_bytes + extra_bytes + at<uint16_t>(entry, 32);
  }
  return members;
}

std::vector<std::byte> read_member(std::span<const std::byte> bytes, const ZipMember& member, std::string_view name,
                                   size_t max_bytes) {
  const Archive archive(bytes, name);
  const std::string shown = printable(member.name);
  if (member.encrypted) archive.fail(fmt::format("{} is encrypted", shown));
  if (member.method != 0 && member.method != 8) {
    archive.fail(fmt::format("{} is packed by method {}; stored (0) and deflated (8) are read", shown, member.method));
  }
  if (member.bytes > max_bytes)
    archive.fail(fmt::format("{} has {} bytes; at most {} are read", shown, member.bytes, max_bytes));
  const auto local = archive.part(member.at, kLocalBytes, "a member");
  if (at<uint32_t>(local, 0) != kLocal) archive.fail(fmt::format("{} is not where its directory says", shown));
  const uint64_t first = member.at + kLocalBytes + at<uint16_t>(local, 26) + at<uint16_t>(local, 28);
  const auto stored = archive.part(first, member.stored_bytes, "a member");
  std::vector<std::byte> content;
  if (member.method == 8) {
    content = inflate_raw(stored, fmt::format("{}:{}", name, member.name), member.bytes);
  } else {
    content.assign(stored.begin(), stored.end());
  }
  if (content.size() != member.bytes) archive.fail(fmt::format("{} does not have the size that it should", shown));
  const uLong crc = crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size());
  if (crc != member.crc) archive.fail(fmt::format("{} does not have the checksum that it should", shown));
  return content;
}

}  // namespace swell
