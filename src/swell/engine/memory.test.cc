#include "swell/engine/memory.h"

#include <gtest/gtest.h>

#include "conformance/scenes.h"
#include "swell/base/errors.h"
#include "swell/io/npy_stream.h"
#include "swell/io/test_folder.h"

namespace swell::test {

// 37 units and four segments: by hand, 296 bytes of state and 4 x 24 + 16 of books for each trajectory.
TEST(memory_plan, grows_by_state_and_books_with_each_trajectory) {
  const Scene scene({20, 11, 6});
  RunOptions options = scene.with(EngineKind::cpu);
  options.tile = 64;
  options.trajectories = 1000;
  const double thousand = plan_memory(scene.computer, scene.protocol, options).bytes();
  options.trajectories = 1001000;
  const double more = plan_memory(scene.computer, scene.protocol, options).bytes();
  EXPECT_DOUBLE_EQ(more - thousand, 1e6 * (37 * 8 + 4 * 24 + 16));
}

// In memory they all count, in a file only those that wait for the disk.
TEST(memory_plan, snapshots_in_a_file_are_bounded) {
  const Scene scene({20, 11, 6});
  RunOptions options = scene.with(EngineKind::cpu);
  options.trajectories = 100000;
  const double none = plan_memory(scene.computer, scene.protocol, options).bytes();
  options.snapshots = {10, 0, 0, 37, 100000};
  const double inside = plan_memory(scene.computer, scene.protocol, options).bytes();
  EXPECT_DOUBLE_EQ(inside - none, (240 / 10 + 1) * 1e5 * 37 * 4);
  NpyStream file("unused.npy", {25, 100000, 37});
  options.snapshots.file = &file;
  EXPECT_DOUBLE_EQ(plan_memory(scene.computer, scene.protocol, options).bytes() - none,
                   static_cast<double>(NpyStream::kQueueBytes));
}

TEST(memory_plan, a_run_that_does_not_fit_is_refused_before_it_begins) {
  const Scene scene({20, 11, 6});
  RunOptions options = scene.with(EngineKind::cpu);
  options.trajectories = int64_t{1} << 45;
  const std::string message = error_of<InputError>([&] { swell::run(scene.computer, scene.protocol, options); });
  EXPECT_TRUE(contains(message, "the run needs 1.3"));  // 2^45 x 408 bytes: 1.34e7 GiB
  EXPECT_TRUE(contains(message, "e+07 GiB of memory"));
  EXPECT_TRUE(contains(message, "end states: fewer trajectories at once would help"));
}

TEST(memory_plan, what_is_largest_is_named) {
  MemoryPlan plan;
  plan.parts = {{"end states", 1 << 30, "fewer trajectories"}, {"couplings", 3.0 * (1 << 30), "fewer units"}};
  EXPECT_NO_THROW(check_memory(plan, int64_t{4} << 30));
  EXPECT_EQ(error_of<InputError>([&] { check_memory(plan, (int64_t{4} << 30) - 1); }),
            "the run needs 4 GiB of memory, 4 GiB are available; 3 GiB are couplings: fewer units would help");
}

}  // namespace swell::test
