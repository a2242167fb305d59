#include "swell/io/npy_stream.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <numeric>
#include <thread>

#include "swell/io/npy.h"
#include "swell/io/test_folder.h"

namespace swell::test {
namespace {

using Names = std::vector<std::string>;

std::vector<float> count_from(int64_t first, int64_t count) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), static_cast<float>(first));
  return values;
}

TEST(npy_stream, pieces_of_many_threads_in_any_order_make_the_file_that_one_write_makes) {
  const TestFolder folder;
  NpyStream stream(folder / "a.npy", {8, 25, 3});
  stream.open(NpyStream::Mode::fresh);
  {
    std::vector<std::jthread> threads;
    for (int64_t t = 0; t < 4; ++t) {
      threads.emplace_back([&stream, t] {
        for (int64_t k = 7; k >= 0; --k) stream.put((k * 4 + t) * 18 + k * 3, count_from((k * 4 + t) * 18 + k * 3, 18));
      });
    }
  }
  for (int64_t k = 0; k < 8; ++k) stream.put(k * 75 + 72, count_from(k * 75 + 72, 3));
  EXPECT_EQ(folder.names(), Names{"a.npy.part"});
  stream.finish();
  write_npy(folder / "b.npy", std::vector<int64_t>{8, 25, 3}, count_from(0, 600));
  EXPECT_EQ(text_of(folder / "a.npy"), text_of(folder / "b.npy"));
}

// More than fits in the queue, in pieces larger than the queue as well.
TEST(npy_stream, what_waits_is_bounded_and_all_arrives) {
  const TestFolder folder;
  constexpr int64_t kPiece = NpyStream::kQueueBytes / 4 + 5;
  NpyStream stream(folder / "a.npy", {2, kPiece});
  stream.open(NpyStream::Mode::fresh);
  for (int64_t k = 0; k < 2; ++k) stream.put(k * kPiece, std::vector<float>(kPiece, static_cast<float>(k + 1)));
  stream.finish();
  const std::string text = text_of(folder / "a.npy");
  ASSERT_GT(text.size(), static_cast<size_t>(8 * kPiece));
  float ends[2];
  std::memcpy(&ends[0], text.data() + text.size() - 8 * kPiece, 4);
  std::memcpy(&ends[1], text.data() + text.size() - 4, 4);
  EXPECT_EQ(ends[0], 1);
  EXPECT_EQ(ends[1], 2);
}

TEST(npy_stream, unfinished_files_go_unless_they_are_kept) {
  const TestFolder folder;
  {
    NpyStream never(folder / "never.npy", {3});
    NpyStream fresh(folder / "fresh.npy", {3});
    fresh.open(NpyStream::Mode::fresh);
    NpyStream kept(folder / "kept.npy", {3});
    kept.open(NpyStream::Mode::kept);
    kept.put(1, {5.0f});
  }
  EXPECT_EQ(folder.names(), Names{"kept.npy.part"});
  NpyStream on(folder / "kept.npy", {3});
  on.open(NpyStream::Mode::resumed);
  on.put(2, {7.0f});
  on.finish();
  EXPECT_EQ(read_npy(folder / "kept.npy").values, (std::vector<double>{0, 5, 7}));
}

TEST(npy_stream, only_the_unfinished_file_of_the_same_shape_is_resumed) {
  const TestFolder folder;
  {
    NpyStream kept(folder / "a.npy", {3, 2});
    kept.open(NpyStream::Mode::kept);
  }
  NpyStream other(folder / "a.npy", {2, 3}), none(folder / "b.npy", {2, 3});
  EXPECT_TRUE(contains(error_of([&] { other.open(NpyStream::Mode::resumed); }), "a.npy.part is not the unfinished"));
  EXPECT_TRUE(contains(error_of([&] { none.open(NpyStream::Mode::resumed); }), "b.npy.part is missing"));
}

TEST(npy_stream, a_disk_without_room_is_known_before_the_work) {
  const TestFolder folder;
  NpyStream huge(folder / "a.npy", {int64_t{1} << 50});
  EXPECT_TRUE(contains(error_of([&] { huge.open(NpyStream::Mode::kept); }), (folder / "a.npy.part").string()));
}

}  // namespace
}  // namespace swell::test
