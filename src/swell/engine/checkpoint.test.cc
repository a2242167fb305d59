#include "swell/engine/checkpoint.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "conformance/scenes.h"
#include "swell/base/errors.h"
#include "swell/io/safetensors.h"
#include "swell/io/test_folder.h"

namespace swell::test {

namespace {

// A run stopped early, and its checkpoint.
class checkpoint : public testing::Test {
 protected:
  checkpoint() {
    options_.trajectories = 40;
    options_.threads = 2;
    options_.tile = 16;
    options_.checkpoint.path = file_;
    options_.checkpoint.every_s = 1e6;
  }
  void stop_after(int64_t looks) {
    options_.progress = [looks](const Progress&) mutable { return --looks > 0; };
    EXPECT_THROW(again(), Interrupted);
    options_.progress = {};
  }
  swell::Run again() const { return swell::run(scene_.computer, scene_.protocol, options_); }
  void expect_other_run(const std::string& what) {
    const std::string before = text_of(file_), message = error_of<InputError>([&] { again(); });
    EXPECT_TRUE(contains(message, "its " + what + " is "));
    EXPECT_TRUE(contains(message, file_.string()));
    EXPECT_EQ(text_of(file_), before);
  }

  TestFolder folder_;
  const std::filesystem::path file_ = folder_ / "run.checkpoint";
  Scene scene_{{9, 4}};
  RunOptions options_ = scene_.with(EngineKind::cpu);
};

}  // namespace

TEST_F(checkpoint, of_another_run_is_refused_with_what_differs) {
  stop_after(5);
  const RunOptions same = options_;
  options_.noise.seed = 91;
  expect_other_run("seed");
  options_ = same;
  options_.dt = 2.5e-3;
  expect_other_run("dt");
  options_ = same;
  options_.trajectories = 41;
  expect_other_run("number of trajectories");
  options_ = same;
  options_.integrator = Integrator::leimkuhler_matthews;
  expect_other_run("integrator");
  options_ = same;
  scene_.patterns.values[3] += 1e-15;
  expect_other_run("pattern");
  scene_ = Scene({9, 4});
  scene_.computer.sets[1].bias[2] += 1;
  expect_other_run("computer");
  scene_ = Scene({9, 4});
  scene_.protocol.segments[1].kT.knots[1].value = 1.5;
  expect_other_run("protocol");
  scene_ = Scene({9, 4});
  EXPECT_NO_THROW(again());
}

// Every length and every byte changed: never accepted, never a crash.
TEST_F(checkpoint, damaged_is_refused_whatever_the_damage) {
  stop_after(5);
  const std::string whole = text_of(file_);
  for (size_t at = 0; at < whole.size(); at += 1 + whole.size() / 300) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 4);
    for (const std::string& bad : {flipped, whole.substr(0, at)}) {
      write_file_atomically(file_, bad);
      EXPECT_TRUE(contains(error_of<IoError>([&] { again(); }), file_.string())) << at;
      EXPECT_EQ(text_of(file_), bad);
    }
  }
}

TEST_F(checkpoint, other_files_of_that_name_are_left_alone) {
  write_safetensors(file_, {{{"x", {{2}, {1, 2}, Dtype::F32}}}, {}});
  const std::string before = text_of(file_);
  EXPECT_TRUE(contains(error_of<IoError>([&] { again(); }), "is not a checkpoint"));
  EXPECT_EQ(text_of(file_), before);
}

TEST_F(checkpoint, tells_how_much_is_done_and_counts_on_from_there) {
  stop_after(6);
  int64_t told = 0;
  double first = 0;
  options_.checkpoint.on_resume = [&](int64_t done, int64_t) { told = done; };
  options_.progress = [&](const Progress& at) {
    if (first == 0) first = at.done;
    EXPECT_LE(at.done, at.total);
    return true;
  };
  again();
  EXPECT_GT(told, 0);
  EXPECT_GT(static_cast<int64_t>(first), told);
  EXPECT_LE(static_cast<int64_t>(first), told + 16 * 50);  // one look of one tile
}

// A disk that fills up ends the run; the checkpoint before stays.
TEST_F(checkpoint, that_cannot_be_written_ends_the_run) {
  options_.checkpoint.path = folder_ / "nowhere/run.checkpoint";
  options_.checkpoint.every_s = 0;
  options_.trajectories = 200000;  // far longer than a write takes to be tried
  options_.progress = [](const Progress&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));  // however busy the machine is
    return true;
  };
  EXPECT_TRUE(contains(error_of<IoError>([&] { again(); }), "nowhere/run.checkpoint"));
}

TEST_F(checkpoint, needs_the_fast_engine_and_a_file_for_snapshots) {
  options_.snapshots = {10, 0, 0, 2, 2};
  EXPECT_TRUE(contains(error_of<InputError>([&] { again(); }), "file for its snapshots"));
  options_.snapshots = {};
  options_.engine = EngineKind::reference;
  EXPECT_TRUE(contains(error_of<InputError>([&] { again(); }), "reference engine"));
}

}  // namespace swell::test
