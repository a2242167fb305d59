#include "swell/entropy/feed.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

#include "swell/base/errors.h"
#include "swell/entropy/byte_sources.h"
#include "swell/io/test_folder.h"
#include "swell/random/normal.h"
#include "swell/random/streams.h"

namespace swell::entropy {

namespace {

using std::chrono::milliseconds;

std::vector<std::byte> sound(size_t count) {
  std::vector<std::byte> bytes(count);
  for (size_t k = 0; k < count; k += sizeof(Words4)) {
    const Words4 words = noise_words({5, stream::kTesting}, static_cast<uint32_t>(k / sizeof(Words4)), 0, 0, 0);
    std::memcpy(bytes.data() + k, &words, std::min(sizeof words, count - k));
  }
  return bytes;
}

// Gives these bytes in pieces of odd sizes, or all of one, then ends.
std::unique_ptr<Source> giver(std::vector<std::byte> bytes, size_t size = 0) {
  return make_source(
      "bytes of a test",
      [bytes, size, at = size_t{0}, piece = size_t{1}](std::span<std::byte> into, milliseconds) mutable -> int64_t {
        if (at == bytes.size()) return -1;
        piece = size > 0 ? size : piece * 7 % 4999 + 1;
        const size_t count = std::min({piece, into.size(), bytes.size() - at});
        std::memcpy(into.data(), bytes.data() + at, count);
        at += count;
        return static_cast<int64_t>(count);
      });
}

// All that it serves until it ends.
std::vector<std::byte> all_of(Feed& feed) {
  uint64_t end = 0;
  for (uint64_t step = uint64_t{1} << 30; step > 0; step /= 2) {
    while (true) {
      if (feed.wait_for(end + step, milliseconds(20))) {
        end += step;
        continue;
      }
      if (feed.is_lost(end + step)) break;
    }
  }
  if (end == 0) return {};
  const std::byte* bytes = feed.bytes(0, end);
  return {bytes, bytes + end};
}

FeedOptions bits_of_bytes(int bits, double min_entropy) {
  FeedOptions options;
  options.health = {bits, min_entropy, 0x1p-20};
  options.conditioning = Conditioning::none;
  return options;
}

}  // namespace

TEST(feed, serves_all_bytes_of_a_sound_source_in_order) {
  const std::vector<std::byte> bytes = sound(100003);
  Feed feed(giver(bytes), {});
  EXPECT_EQ(all_of(feed), bytes);
  EXPECT_TRUE(feed.status().ended);
  EXPECT_EQ(feed.status().failure, "");
  EXPECT_EQ(feed.status().raw_bytes, bytes.size());
}

// Bytes are symbols: their window is 512. The run of zeros begins at byte 20000, in the window that begins at 19968.
TEST(feed, serves_nothing_of_the_window_in_which_a_test_fails) {
  std::vector<std::byte> bytes = sound(40000);
  std::fill(bytes.begin() + 20000, bytes.end(), std::byte{0});
  for (const size_t piece : {0, 100, 10}) {  // 100 and 10: some end within that window
    Feed feed(giver(bytes, piece), {});
    const std::vector<std::byte> served = all_of(feed);
    EXPECT_EQ(served.size(), 20000u / 512 * 512) << piece;
    EXPECT_TRUE(std::equal(served.begin(), served.end(), bytes.begin()));
    EXPECT_NE(feed.status().failure.find("repetition count"), std::string::npos) << feed.status().failure;
  }
}

// The first window is sound, and a test fails before the start-up test has seen its 1024 samples.
TEST(feed, serves_nothing_before_the_start_up_test_is_over) {
  std::vector<std::byte> bytes = sound(4000);
  std::fill(bytes.begin() + 700, bytes.end(), std::byte{0});
  Feed feed(giver(bytes, 100), {});
  EXPECT_TRUE(all_of(feed).empty());
  EXPECT_NE(feed.status().failure, "");
}

// A source that ends before its start-up test is over was never found to be sound.
TEST(feed, serves_nothing_of_a_source_that_ends_within_the_start_up_test) {
  Feed feed(giver(sound(1000), 100), {});
  EXPECT_TRUE(all_of(feed).empty());
  EXPECT_TRUE(feed.status().ended);
}

// One bit in 16 is one: -log2(15/16) = 0.093 where 1 is claimed. The first window of 1024 bits fails, and the start-up
// test with it.
TEST(feed, serves_nothing_where_the_start_up_test_fails) {
  std::vector<std::byte> bytes(4000);
  for (size_t k = 0; k < bytes.size(); k += 2) bytes[k] = std::byte{1};
  Feed feed(giver(bytes), bits_of_bytes(1, 1));
  EXPECT_TRUE(all_of(feed).empty());
  EXPECT_NE(feed.status().failure, "");
}

TEST(feed, packs_symbols_that_come_one_in_a_byte) {
  std::vector<std::byte> bytes = sound(9000), packed;
  for (std::byte& byte : bytes) byte &= std::byte{7};
  FeedOptions options = bits_of_bytes(3, 3);
  options.symbol_per_byte = true;
  Feed feed(giver(bytes), options);
  const std::vector<std::byte> served = all_of(feed);
  ASSERT_EQ(served.size(), 9000u * 3 / 8);
  for (size_t bit = 0; bit < 8 * served.size(); ++bit) {
    const int wanted = std::to_integer<int>(bytes[bit / 3]) >> (2 - bit % 3) & 1;
    ASSERT_EQ(std::to_integer<int>(served[bit / 8]) >> (7 - bit % 8) & 1, wanted) << bit;
  }
}

TEST(feed, conditions_by_sha_256_as_many_bytes_as_hold_320_bits) {
  const std::vector<std::byte> bytes = sound(10000);
  FeedOptions options = bits_of_bytes(8, 5);
  options.conditioning = Conditioning::automatic;
  Feed feed(giver(bytes), options);
  EXPECT_TRUE(feed.is_conditioned());
  const std::vector<std::byte> served = all_of(feed);
  ASSERT_EQ(served.size(), 10000u / 64 * 32);  // 320 / 5 bytes
  for (size_t block = 0; 32 * block < served.size(); ++block)
    EXPECT_EQ(hex(std::span(served).subspan(32 * block, 32)), sha256_hex(std::span(bytes).subspan(64 * block, 64)));
  EXPECT_EQ(feed.raw_bytes_for(33), 128u);
}

TEST(feed, a_tape_gives_the_bytes_that_it_recorded) {
  const test::TestFolder folder;
  const std::vector<std::byte> bytes = sound(50000);
  FeedOptions options;
  options.tape = folder / "a.tape";
  options.device = "a test";
  {
    Feed live(giver(bytes), options);
    EXPECT_EQ(all_of(live), bytes);
    live.finish();
  }
  const TapeInfo info = read_tape_info(folder / "a.tape");
  EXPECT_EQ(info.bytes, bytes.size());
  EXPECT_EQ(info.sha256, sha256_hex(bytes));
  EXPECT_EQ(info.device, "a test");
  Feed again(folder / "a.tape", Conditioning::automatic);
  EXPECT_EQ(all_of(again), bytes);
  again.finish();
  EXPECT_EQ(again.status().failure, "");
  Feed conditioned(folder / "a.tape", Conditioning::sha256);
  EXPECT_EQ(all_of(conditioned).size(), 50000u / 40 * 32);
  EXPECT_THROW(again.require(50001, "a run"), InputError);
}

TEST(feed, a_tape_with_a_changed_byte_is_found_at_its_end) {
  const test::TestFolder folder;
  FeedOptions options;
  options.tape = folder / "a.tape";
  {
    Feed live(giver(sound(50000)), options);
    all_of(live);
  }
  std::fstream file(folder / "a.tape", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(kTapeHeader + 777);
  file.put('x');
  file.close();
  Feed again(folder / "a.tape", Conditioning::automatic);
  all_of(again);
  again.finish();
  EXPECT_NE(again.status().failure.find("SHA-256"), std::string::npos);
}

// Nothing is read but what somebody asked for, and a little ahead.
TEST(feed, reads_no_more_than_is_needed) {
  Feed feed(open_system_source(), {});
  while (!feed.wait_for(1000, milliseconds(20))) EXPECT_FALSE(feed.is_lost(1000));
  feed.finish();
  EXPECT_LT(feed.status().raw_bytes, 300000u);
}

TEST(feed, a_source_that_throws_ends_with_its_reason) {
  Feed feed(make_source("a broken one",
                        [](std::span<std::byte>, milliseconds) -> int64_t { throw IoError("the cable is out"); }),
            {});
  EXPECT_TRUE(all_of(feed).empty());
  EXPECT_EQ(feed.status().failure, "the cable is out");
}

TEST(feed, symbols_that_do_not_fill_a_byte_come_one_in_each) {
  EXPECT_THROW(Feed(giver({}), bits_of_bytes(3, 3)), InputError);
  EXPECT_THROW(Feed(giver({}), bits_of_bytes(1, 2)), InputError);
}

// What the source or its description makes impossible leaves a file that is there as it was.
TEST(feed, a_recording_that_cannot_begin_leaves_the_file_that_is_there) {
  const test::TestFolder folder;
  const auto text_of = [](const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  const std::string bytes = "the only copy";
  std::ofstream(folder / "noise", std::ios::binary) << bytes;
  std::filesystem::create_symlink("noise", folder / "link");
  FeedOptions options;
  for (const char* name : {"noise", "link"}) {
    options.tape = folder / name;
    EXPECT_THROW(Feed(open_file_source((folder / "noise").string()), options), InputError) << name;
  }
  options.device = std::string(5000, 'x');
  EXPECT_THROW(Feed(open_system_source(), options), InputError);
  EXPECT_EQ(text_of(folder / "noise"), bytes);
}

// A byte that changed behind what a run took is seen as well.
TEST(feed, a_damaged_tape_is_told_even_where_a_run_took_little_of_it) {
  const test::TestFolder folder;
  const std::filesystem::path tape = folder / "x.tape";
  {
    FeedOptions options;
    options.tape = tape;
    Feed feed(open_system_source(), options);
    ASSERT_TRUE(feed.record(1000000, {}));
    feed.finish();
  }
  const auto trouble = [&] {
    Feed feed(tape, Conditioning::automatic);
    feed.take_seed({});
    feed.finish();
    EXPECT_LT(feed.status().raw_bytes, 200000u);
    return feed.trouble();
  };
  EXPECT_EQ(trouble(), "");
  std::fstream file(tape, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(900000);
  const char changed = static_cast<char>(file.get() ^ 1);
  file.seekp(900000);
  file.put(changed);
  file.close();
  EXPECT_NE(trouble().find("damaged tape"), std::string::npos) << trouble();
}

TEST(tape_file, headers_that_are_damaged_are_refused) {
  const test::TestFolder folder;
  const auto refused = [&](std::string header, const std::string& part) {
    header.resize(kTapeHeader, ' ');
    std::ofstream(folder / "x.tape", std::ios::binary) << header << "bytes";
    try {
      read_tape_info(folder / "x.tape");
      ADD_FAILURE() << part;
    } catch (const IoError& error) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
  };
  TapeInfo info;
  info.health = {8, 8, 0.01};
  info.bytes = 5;
  info.sha256 = std::string(64, 'a');
  std::string header = tape_header(info);
  ASSERT_EQ(header.size(), kTapeHeader);
  std::ofstream(folder / "good.tape", std::ios::binary) << header << "bytes";
  EXPECT_EQ(read_tape_info(folder / "good.tape").bytes, 5u);
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = header;
    return text.replace(text.find(from), from.size(), to);
  };
  refused("", "is not a tape");
  refused("swell tape 1\n{", "damaged header");
  refused("swell tape 1\n[]", "damaged header");
  refused(with("\"bytes\": 5", "\"bytes\": 6"), "says 6 bytes, it has 5");
  refused(with("\"bits_per_symbol\": 8", "\"bits_per_symbol\": 9"), "1 to 8");
  refused(with("\"min_entropy\": 8.0", "\"min_entropy\": 9.0"), "min_entropy is 9");
  refused(with("\"alpha\": 0.01", "\"alpha\": 1.01"), "alpha is 1.01");
  // Numbers are not rounded or wrapped around into allowed ones, and what is wrong is named.
  refused("swell tape 1\n[]", "no JSON object");
  refused(with("\"bits_per_symbol\": 8", "\"bits_per_symbol\": 8.5"),
          "bits_per_symbol is 8.5; a whole number from 1 to 8");
  refused(with("\"bits_per_symbol\": 8", "\"bits_per_symbol\": 1e300"), "bits_per_symbol is 1e+300");
  refused(with("\"bits_per_symbol\": 8", "\"bits_per_symbol\": true"), "bits_per_symbol is true");
  refused(with("\"bits_per_symbol\": 8", "\"bits_per_symbol\": 3"), "");
  refused(with("\"bytes\": 5", "\"bytes\": -1"), "bytes is -1");
  refused(with("\"bytes\": 5", "\"bytes\": 5.5"), "bytes is 5.5");
  refused(with("\"device\": \"\"", "\"device\": 7"), "device is 7; text is needed");
  refused(with("\"device\"", "\"devise\""), "device is missing");
  refused(with("\"symbol_per_byte\": false", "\"symbol_per_byte\": 0"), "symbol_per_byte is 0; true or false");
  refused(with(std::string(64, 'a'), std::string(64, 'g')), "sha256 is");
  refused(with(std::string(64, 'a'), "x"), "sha256 is \"x\"");
  info.device = std::string(5000, 'x');
  EXPECT_THROW(tape_header(info), InputError);
}

}  // namespace swell::entropy
