// A run that was stopped and goes on gives the bytes of one that was not: states, books, energies, averages and
// snapshots, for any moment, number of threads, tile and instruction set.

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <thread>

#include "conformance/scenes.h"
#include "swell/base/errors.h"
#include "swell/io/npy.h"
#include "swell/io/npy_stream.h"
#include "swell/io/test_folder.h"
#include "swell/kernels/dispatch.h"

namespace swell::test {

namespace {

template <typename T>
void expect_bytes(const std::vector<T>& a, const std::vector<T>& b, const char* what) {
  ASSERT_EQ(a.size(), b.size()) << what;
  EXPECT_EQ(0, std::memcmp(a.data(), b.data(), a.size() * sizeof(T))) << what;
}

void expect_same(const swell::Run& run, const swell::Run& plain) {
  expect_bytes(run.states, plain.states, "states");
  expect_bytes(run.books, plain.books, "books");
  expect_bytes(run.start_energy, plain.start_energy, "start energies");
  expect_bytes(run.end_energy, plain.end_energy, "end energies");
  expect_bytes(run.observed, plain.observed, "observables");
}

// A scene with several segments, drives, temperatures, coupling sets and a clamped group, under each integrator.
class resumed : public testing::TestWithParam<Integrator> {
 protected:
  resumed() {
    options_.trajectories = 70;
    options_.threads = 1;
    options_.observables = {3, 5, 4, 20, 17};
    plain_ = swell::run(scene_.computer, scene_.protocol, options_);
    options_.checkpoint.path = folder_ / "run.checkpoint";
    options_.checkpoint.every_s = 1e6;
  }

  // Runs until that many looks at the callback have been taken; false where it was stopped before its end.
  bool run_for(int64_t looks) {
    options_.progress = [looks](const Progress&) mutable { return --looks > 0; };
    try {
      result_ = swell::run(scene_.computer, scene_.protocol, options_);
      return true;
    } catch (const Interrupted& error) {
      EXPECT_TRUE(contains(error.what(), "run.checkpoint"));
      return false;
    }
  }

  TestFolder folder_;
  Scene scene_{{20, 11, 6}};
  RunOptions options_ = scene_.with(EngineKind::cpu, GetParam());
  swell::Run plain_, result_;
};

constexpr int kTiles[] = {1, 3, 16, 32, 64, 0};

}  // namespace

TEST_P(resumed, from_any_moment_with_other_threads_and_tiles) {
  std::mt19937 draw(7);
  for (int trial = 0; trial < 12; ++trial) {
    int stops = 0;
    int64_t held = 0;  // trajectory-steps in the file: more after every stop
    options_.checkpoint.on_resume = [&held](int64_t done, int64_t) {
      EXPECT_GT(done, held);
      held = done;
    };
    for (;; ++stops) {
      options_.threads = 1 + static_cast<int>(draw() % 5);
      options_.tile = kTiles[draw() % 6];
      const auto isas = cpu::available_isas();
      options_.isa = isas[draw() % isas.size()];
      // Each stop cuts the trajectories under way into shorter stretches, so later ones are given longer.
      if (run_for(1 + draw() % (12 + stops / 8))) break;
      ASSERT_FALSE(HasFailure());
    }
    EXPECT_GT(stops, 0);
    expect_same(result_, plain_);
    std::filesystem::remove(options_.checkpoint.path);
  }
}

// Snapshots every 7 steps cut the calls of the engine short, so that it stops at steps of every kind.
TEST_P(resumed, snapshots_in_a_file_are_those_of_one_run) {
  options_.snapshots = {7, 3, 5, 20, 40};
  RunOptions at_once = options_;
  at_once.checkpoint = {};
  const auto whole = swell::run(scene_.computer, scene_.protocol, at_once);
  std::mt19937 draw(8);
  const auto count = static_cast<int64_t>(whole.snapshot_times.size());
  EXPECT_EQ(count, count_snapshots(options_.snapshots, whole.steps));
  for (int stops = 0;; ++stops) {
    NpyStream file(folder_ / "snapshots.npy", {count, 40, 20});
    options_.snapshots.file = &file;
    options_.threads = 1 + static_cast<int>(draw() % 3);
    options_.tile = kTiles[draw() % 6];
    if (!run_for(1 + draw() % 60)) continue;
    EXPECT_GT(stops, 2);
    EXPECT_TRUE(result_.snapshots.empty());
    file.finish();
    break;
  }
  expect_same(result_, plain_);
  const NpyArray kept = read_npy(folder_ / "snapshots.npy");
  EXPECT_EQ(kept.shape, (std::vector<int64_t>{count, 40, 20}));
  EXPECT_EQ(kept.values, std::vector<double>(whole.snapshots.begin(), whole.snapshots.end()));
}

// Written while the run goes on: what a killed program leaves. Each copy of the file is a moment of its own.
TEST_P(resumed, from_files_written_on_the_way) {
  options_.checkpoint.every_s = 0;
  options_.threads = 2;
  options_.tile = 16;
  int looks = 0;
  std::vector<std::string> copies;
  options_.progress = [&](const Progress&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));  // for the writer
    if (++looks % 2 == 0 && std::filesystem::exists(options_.checkpoint.path)) {
      copies.push_back(text_of(options_.checkpoint.path));
    }
    return true;
  };
  expect_same(swell::run(scene_.computer, scene_.protocol, options_), plain_);
  options_.checkpoint.every_s = 1e6;
  for (const std::string& copy : copies) {
    write_file_atomically(options_.checkpoint.path, copy);
    options_.threads = 3;
    ASSERT_TRUE(run_for(1 << 20));
    expect_same(result_, plain_);
  }
  EXPECT_GT(copies.size(), 0u);
}

TEST_P(resumed, a_start_other_than_zero_and_numbers_beyond_the_first) {
  std::vector<double> start(70 * scene_.computer.units());
  for (size_t k = 0; k < start.size(); ++k) start[k] = fixed_normal(93, k);
  options_.start = start;
  options_.first_trajectory = 1000;
  RunOptions at_once = options_;
  at_once.checkpoint = {};
  const auto whole = swell::run(scene_.computer, scene_.protocol, at_once);
  ASSERT_FALSE(run_for(4));
  ASSERT_FALSE(run_for(5));
  ASSERT_TRUE(run_for(1 << 20));
  expect_same(result_, whole);
}

INSTANTIATE_TEST_SUITE_P(integrators, resumed,
                         testing::Values(Integrator::euler_maruyama, Integrator::leimkuhler_matthews),
                         [](const auto& info) {
                           return info.param == Integrator::euler_maruyama ? "euler_maruyama" : "leimkuhler_matthews";
                         });

}  // namespace swell::test
