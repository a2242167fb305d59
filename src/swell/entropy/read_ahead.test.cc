#include "swell/entropy/read_ahead.h"

#include <gtest/gtest.h>

#include <atomic>

#include "swell/base/errors.h"
#include "swell/entropy/byte_sources.h"

namespace swell::entropy {
namespace {

using std::chrono::milliseconds;

// Bytes 0, 1, 2, ... modulo 251, at most `most` of them in a read, `total` in all.
std::unique_ptr<Source> counting(std::atomic<uint64_t>& given, uint64_t most, uint64_t total) {
  return make_source("counting", [&given, most, total](std::span<std::byte> into, milliseconds) -> int64_t {
    if (given == total) return -1;
    const uint64_t count = std::min({most, static_cast<uint64_t>(into.size()), total - given});
    for (uint64_t k = 0; k < count; ++k) into[k] = static_cast<std::byte>((given + k) % 251);
    given += count;
    return static_cast<int64_t>(count);
  });
}

// Reads until nothing more comes; checks the order.
uint64_t drain(ReadAhead& ahead, uint64_t from, size_t room) {
  std::vector<std::byte> into(room);
  uint64_t at = from;
  while (true) {
    const int64_t count = ahead.read(into, milliseconds(100));
    if (count == 0) return at - from;
    for (int64_t k = 0; k < count; ++k, ++at) {
      if (std::to_integer<uint64_t>(into[k]) != at % 251) {
        ADD_FAILURE() << "byte " << at;
        return at - from;
      }
    }
  }
}

TEST(read_ahead, hands_out_all_bytes_in_order_and_then_ends) {
  for (const uint64_t most : {uint64_t{1000}, uint64_t{1} << 20}) {
    for (const size_t room : {size_t{700}, size_t{1} << 18}) {
      std::atomic<uint64_t> given = 0;
      ReadAhead ahead(counting(given, most, 1'000'000));
      EXPECT_EQ(ahead.name(), "counting");
      ahead.allow(UINT64_MAX);
      EXPECT_EQ(drain(ahead, 0, room), 1'000'000u);
      EXPECT_TRUE(ahead.ended());
    }
  }
}

TEST(read_ahead, takes_no_more_than_it_is_allowed) {
  std::atomic<uint64_t> given = 0;
  ReadAhead ahead(counting(given, 1 << 20, 10'000'000));
  std::byte none[16];
  EXPECT_EQ(ahead.read(none, milliseconds(20)), 0);
  EXPECT_EQ(given, 0u);
  ahead.allow(100'001);
  EXPECT_EQ(drain(ahead, 0, 1 << 16), 100'001u);
  EXPECT_EQ(given, 100'001u);
  ahead.allow(50);
  ahead.allow(100'002);
  EXPECT_EQ(drain(ahead, 100'001, 1 << 16), 1u);
  EXPECT_FALSE(ahead.ended());
  // However much is allowed, little is read before somebody asks for it.
  ahead.allow(UINT64_MAX);
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_LE(given, 100'002u + (1u << 20));
  ahead.stop();
  const uint64_t stopped = given;
  EXPECT_EQ(drain(ahead, 100'002, 1 << 16), stopped - 100'002);
  EXPECT_EQ(given, stopped);
}

TEST(read_ahead, throws_what_the_source_throws_after_the_bytes_before) {
  int calls = 0;
  ReadAhead ahead(make_source("failing", [&](std::span<std::byte> into, milliseconds) -> int64_t {
    if (++calls == 4) throw IoError("it burns");
    into[0] = std::byte{7};
    return 1;
  }));
  ahead.allow(100);
  std::byte into[8];
  int64_t came = 0;
  try {
    for (int looks = 0; looks < 50 && came < 100; ++looks) came += ahead.read(into, milliseconds(100));
    ADD_FAILURE();
  } catch (const IoError& error) {
    EXPECT_STREQ(error.what(), "it burns");
  }
  EXPECT_EQ(came, 3);
}

}  // namespace
}  // namespace swell::entropy
