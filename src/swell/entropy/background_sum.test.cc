#include "swell/entropy/background_sum.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace swell::entropy {

namespace {

std::vector<std::byte> counted(size_t count) {
  std::vector<std::byte> bytes(count);
  for (size_t k = 0; k < count; ++k) bytes[k] = static_cast<std::byte>(k * 31 + k / 251);
  return bytes;
}

}  // namespace

TEST(background_sum, is_that_of_all_bytes_in_their_order) {
  const std::vector<std::byte> bytes = counted(300007);
  BackgroundSum sum;
  std::vector<std::byte> buffer(1000);
  size_t at = 0;
  while (at < bytes.size()) {  // some that last, two pieces side by side, some in buffers
    for (const size_t count : {size_t{777}, size_t{1}}) {
      const auto part = std::span(bytes).subspan(at, std::min(count, bytes.size() - at));
      sum.add(part);
      at += part.size();
    }
    const size_t count = std::min<size_t>(at % 1000 + 1, bytes.size() - at);
    std::copy_n(bytes.begin() + static_cast<int64_t>(at), count, buffer.begin());
    sum.add_buffer(buffer, std::min(count, buffer.size()));
    ASSERT_EQ(buffer.size(), 1000u);
    at += std::min(count, buffer.size());
  }
  EXPECT_EQ(hex(sum.digest()), sha256_hex(bytes));
  sum.add(bytes);
  EXPECT_EQ(hex(sum.digest()), sha256_hex(bytes));
}

// Pieces that last and come one right after the other are one piece; those from elsewhere are not.
TEST(background_sum, of_pieces_that_lie_apart_is_that_of_the_pieces) {
  const std::vector<std::byte> bytes = counted(3000);
  const auto first = std::span(bytes).first(1000), last = std::span(bytes).last(500);
  BackgroundSum sum;
  sum.add(last);
  sum.add(first);
  std::vector<std::byte> joined(last.begin(), last.end());
  joined.insert(joined.end(), first.begin(), first.end());
  EXPECT_EQ(hex(sum.digest()), sha256_hex(joined));
}

// A sum that is asked for while the last piece is on its way, which takes tens of milliseconds.
TEST(background_sum, waits_for_the_piece_that_is_being_summed) {
  const std::vector<std::byte> bytes = counted(size_t{1} << 25);
  BackgroundSum sum;
  sum.add(bytes);
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  EXPECT_EQ(hex(sum.digest()), sha256_hex(bytes));
}

TEST(background_sum, of_nothing_is_that_of_no_bytes) {
  BackgroundSum sum;
  EXPECT_EQ(hex(sum.digest()), sha256_hex({}));
}

}  // namespace swell::entropy
