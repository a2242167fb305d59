#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "swell/base/errors.h"
#include "swell/io/atomic_file.h"
#include "swell/io/bytes.h"

// What the tests of this folder share.
namespace swell::test {

// A new folder, removed with all it holds.
class TestFolder {
 public:
  TestFolder() {
    std::string name = testing::TempDir() + "swell-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw IoError("no temporary folder for the test");
    path_ = name;
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) names.push_back(entry.path().filename());
    return names;
  }

 private:
  std::filesystem::path path_;
};

// The message of the error of type E that `action` throws; the test fails where it throws none.
template <typename E = IoError, typename Action>
std::string error_of(Action&& action) {
  try {
    std::forward<Action>(action)();
  } catch (const E& error) {
    return error.what();
  }
  ADD_FAILURE() << "expected an error";
  return {};
}

inline testing::AssertionResult contains(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "no \"" << part << "\" in: " << text;
}

inline std::vector<std::byte> bytes_of(std::string_view text) {
  const auto bytes = as_bytes_of(text);
  return {bytes.begin(), bytes.end()};
}

inline std::string text_of(const std::filesystem::path& path) {
  return std::string(as_text(read_file(path, size_t{1} << 30)));
}

// `parse` refuses every proper beginning of a file that it accepts.
template <typename Parse>
void expect_truncation_refused(std::span<const std::byte> bytes, Parse&& parse) {
  EXPECT_NO_THROW(parse(bytes, "whole"));
  for (size_t length = 0; length < bytes.size(); ++length) {
    // A copy of just this length, so that the address sanitizer sees a read beyond it.
    const std::vector<std::byte> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_TRUE(contains(error_of([&] { parse(cut, "cut.file"); }), "cut.file")) << "length " << length;
  }
}

// CRC-32 as zip and gzip have it, bit by bit.
inline uint32_t crc_of(std::span<const std::byte> bytes) {
  uint32_t crc = 0xffffffff;
  for (const std::byte byte : bytes) {
    crc ^= std::to_integer<uint32_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320 : 0);
  }
  return ~crc;
}

inline std::string little_endian(uint64_t value, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += static_cast<char>((value >> (8 * i)) & 0xff);
  return text;
}

// A zip archive whose members are stored.
inline std::vector<std::byte> stored_zip(const std::vector<std::pair<std::string, std::vector<std::byte>>>& members) {
  std::string body, directory;
  for (const auto& [name, bytes] : members) {
    const std::string common = little_endian(0, 2) + little_endian(0, 2) + little_endian(0, 4) +
                               little_endian(crc_of(bytes), 4) + little_endian(bytes.size(), 4) +
                               little_endian(bytes.size(), 4) + little_endian(name.size(), 2) + little_endian(0, 2);
    directory += "PK\1\2" + little_endian(20, 2) + little_endian(20, 2) + common + little_endian(0, 10) +
                 little_endian(body.size(), 4) + name;
    body += "PK\3\4" + little_endian(20, 2) + common + name + std::string(as_text(bytes));
  }
  const std::string end = "PK\5\6" + little_endian(0, 4) + little_endian(members.size(), 2) +
                          little_endian(members.size(), 2) + little_endian(directory.size(), 4) +
                          little_endian(body.size(), 4) + little_endian(0, 2);
  return bytes_of(body + directory + end);
}

// A gzip member that holds `bytes` (fewer than 65536) in one stored block.
inline std::vector<std::byte> stored_gzip(std::span<const std::byte> bytes) {
  const auto size = static_cast<uint32_t>(bytes.size());
  std::string gzip("\x1f\x8b\x08\0\0\0\0\0\0\xff\x01", 11);
  gzip += little_endian(size, 2) + little_endian(~size, 2);
  gzip += as_text(bytes);
  gzip += little_endian(crc_of(bytes), 4) + little_endian(size, 4);
  return bytes_of(gzip);
}

}  // namespace swell::test
