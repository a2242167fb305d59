#include "swell/io/zip.h"

#include <gtest/gtest.h>

#include "swell/base/errors.h"
#include "swell/io/test_folder.h"

namespace swell::test {
namespace {

std::string content(std::span<const std::byte> archive, size_t number) {
  return std::string(as_text(read_member(archive, list_zip(archive, "x.zip").at(number), "x.zip", 1000)));
}

std::vector<std::byte> bytes_of_hex(std::string_view digits) {
  std::vector<std::byte> bytes;
  for (size_t k = 0; k + 1 < digits.size(); k += 2)
    bytes.push_back(static_cast<std::byte>(std::stoi(std::string(digits.substr(k, 2)), nullptr, 16)));
  return bytes;
}

// "hello hello hello hello" deflated as "t", as Python's zipfile writes it: plain, and with the 64-bit extension in all
// its records.
constexpr std::string_view kDeflated =
    "504b03042d000000080000002100e3513d8dffffffffffffffff01001400740100100017000000000000000a000000000000"
    "00cb48cdc9c957c8402701504b01022d032d000000080000002100e3513d8d0a000000170000000100000000000000000000"
    "0080010000000074504b050600000000010001002f0000003d0000000000";
constexpr std::string_view kDeflated64 =
    "504b03042d000000080000002100e3513d8dffffffffffffffff01001400740100100017000000000000000a000000000000"
    "00cb48cdc9c957c8402701504b01022d002d000000080000002100e3513d8dffffffffffffffff01001c0000000000000000"
    "000000ffffffff740100180017000000000000000a000000000000000000000000000000504b06062c000000000000002d00"
    "2d000000000000000000010000000000000001000000000000004b000000000000003d00000000000000504b060700000000"
    "880000000000000001000000504b050600000000ffffffffffffffffffffffff0000";

}  // namespace

TEST(zip, members_are_listed_and_read) {
  const auto archive = stored_zip({{"a", bytes_of("first")}, {"folder/b", bytes_of("")}, {"c", bytes_of("third")}});
  const auto members = list_zip(archive, "x.zip");
  ASSERT_EQ(members.size(), 3u);
  EXPECT_EQ(members[1].name, "folder/b");
  EXPECT_EQ(content(archive, 0), "first");
  EXPECT_EQ(content(archive, 1), "");
  EXPECT_EQ(content(archive, 2), "third");
}

TEST(zip, deflated_members_and_64_bit_records_are_read) {
  for (const std::string_view digits : {kDeflated, kDeflated64}) {
    const auto archive = bytes_of_hex(digits);
    EXPECT_EQ(list_zip(archive, "x")[0].name, "t");
    EXPECT_EQ(content(archive, 0), "hello hello hello hello");
    expect_truncation_refused(archive, [](std::span<const std::byte> bytes, const char* name) {
      read_member(bytes, list_zip(bytes, name).at(0), name, 1000);
    });
  }
}

TEST(zip, every_truncation_is_refused) {
  expect_truncation_refused(stored_zip({{"a", bytes_of("first")}}),
                            [](std::span<const std::byte> bytes, const char* name) {
                              read_member(bytes, list_zip(bytes, name).at(0), name, 1000);
                            });
}

TEST(zip, damage_is_told) {
  const auto refusal = [](std::span<const std::byte> archive) { return error_of([&] { content(archive, 0); }); };
  auto archive = stored_zip({{"a", bytes_of("first")}});
  auto changed = archive;
  changed[31] ^= std::byte{1};
  EXPECT_TRUE(contains(refusal(changed), "x.zip: bad zip archive: \"a\" does not have the checksum"));
  changed = archive;
  changed[36 + 10] = std::byte{12};  // method of the entry in the directory
  EXPECT_TRUE(contains(refusal(changed), "packed by method 12"));
  changed = archive;
  changed[36 + 8] = std::byte{1};
  EXPECT_TRUE(contains(refusal(changed), "encrypted"));
  EXPECT_TRUE(contains(error_of([&] { read_member(archive, list_zip(archive, "x")[0], "x", 4); }), "at most 4"));
}

}  // namespace swell::test
