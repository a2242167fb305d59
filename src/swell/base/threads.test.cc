#include "swell/base/threads.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace swell {

TEST(threads, each_index_is_visited_once_with_any_number_of_threads) {
  for (const int threads : {1, 2, 7, 64}) {
    for (const int64_t count : {0, 1, 5, 1000}) {
      std::vector<std::atomic<int>> visits(count);
      parallel_for(count, threads, [&](int64_t i) { ++visits[i]; });
      for (const auto& v : visits) EXPECT_EQ(v, 1);
    }
  }
}

TEST(threads, one_thread_goes_in_ascending_order) {
  std::vector<int64_t> order;
  parallel_for(5, 1, [&](int64_t i) { order.push_back(i); });
  EXPECT_EQ(order, (std::vector<int64_t>{0, 1, 2, 3, 4}));
}

// Indices start in ascending order and started ones are finished, so the lowest failing index always wins.
TEST(threads, the_failure_of_the_lowest_index_is_thrown) {
  for (const int threads : {1, 2, 7}) {
    for (int repeat = 0; repeat < 50; ++repeat) {
      try {
        parallel_for(200, threads, [](int64_t i) {
          if (i >= 20 && i % 5 == 0) throw std::runtime_error(std::to_string(i));
        });
        FAIL() << "nothing was thrown";
      } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(), "20");
      }
    }
  }
}

TEST(threads, a_failure_stops_the_start_of_further_work) {
  std::atomic<int64_t> started = 0;
  const auto fail_at_once = [&](int64_t) {
    ++started;
    throw std::runtime_error("no");
  };
  EXPECT_THROW(parallel_for(100000, 4, fail_at_once), std::runtime_error);
  EXPECT_LT(started, 100000);
}

TEST(threads, the_machine_has_a_thread) { EXPECT_GE(hardware_threads(), 1); }

}  // namespace swell
