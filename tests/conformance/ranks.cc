// Work shared among ranks has the bytes of work that is not, whatever their number.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "conformance/scenes.h"
#include "conformance/thread_ranks.h"
#include "swell/base/errors.h"
#include "swell/base/parcel.h"
#include "swell/engine/pbits/pbits.h"
#include "swell/io/npy_stream.h"
#include "swell/io/test_folder.h"
#include "swell/learn/moments.h"
#include "swell/programs/ising/search.h"
#include "swell/programs/linear/sampler.h"

namespace swell::test {

namespace {

constexpr int kSizes[] = {1, 2, 3, 7};

RunOptions watched(const Scene& scene, int64_t trajectories) {
  RunOptions options = scene.with(EngineKind::cpu);
  options.trajectories = trajectories;
  options.threads = 1;
  options.observables = {3, 0, 0, 4};
  options.observables.course_every = 20;
  options.snapshots = {60, 0, 1, 3, trajectories * 2 / 3};
  return options;
}

void expect_same(const swell::Run& a, const swell::Run& b) {
  EXPECT_EQ(a.trajectories, b.trajectories);
  EXPECT_EQ(a.states, b.states);
  EXPECT_EQ(a.start_energy, b.start_energy);
  EXPECT_EQ(a.end_energy, b.end_energy);
  EXPECT_EQ(a.observed, b.observed);
  EXPECT_EQ(a.snapshots, b.snapshots);
  EXPECT_EQ(a.snapshot_times, b.snapshot_times);
  EXPECT_EQ(a.course_steps, b.course_steps);
  EXPECT_EQ(a.filmed, b.filmed);
  EXPECT_EQ(a.multiply_adds, b.multiply_adds);
  EXPECT_EQ(a.draws, b.draws);
  ASSERT_EQ(a.books.size(), b.books.size());
  for (size_t k = 0; k < a.books.size(); ++k) {
    EXPECT_EQ(a.books[k].work, b.books[k].work);
    EXPECT_EQ(a.books[k].heat, b.books[k].heat);
    EXPECT_EQ(a.books[k].entropy, b.books[k].entropy);
  }
}

// At every rank of so many; each has the whole result.
std::vector<swell::Run> run_at(int size, const Scene& scene, const RunOptions& options) {
  std::vector<swell::Run> runs(size);
  for (const std::exception_ptr& failure : ThreadRanks(size).each([&](Ranks& ranks) {
         RunOptions mine = options;
         mine.ranks = &ranks;
         runs[ranks.rank()] = run(scene.computer, scene.protocol, mine);
       })) {
    if (failure) std::rethrow_exception(failure);
  }
  return runs;
}

}  // namespace

TEST(ranks, portions_cover_everything_once_in_whole_grains) {
  for (const int64_t count : {0, 1, 5, 64, 1000}) {
    for (const int64_t grain : {1, 16}) {
      for (const int size : {1, 2, 3, 7}) {
        int64_t next = 0, most = 0, least = count + 1;
        for (int r = 0; r < size; ++r) {
          const Portion part = portion(count, grain, r, size);
          EXPECT_EQ(part.first, next);
          EXPECT_TRUE(part.first % grain == 0 || part.count == 0);
          next += part.count;
          most = std::max(most, part.count);
          least = std::min(least, part.count);
        }
        EXPECT_EQ(next, count);
        EXPECT_LE(most - least, 2 * grain - 1);
      }
    }
  }
}

TEST(ranks, a_parcel_gives_what_was_put_in_and_no_more) {
  Parcel parcel;
  parcel.put(int64_t{-3});
  parcel.put_text("heat");
  parcel.put_all(std::vector<double>{0.5, -0.25});
  parcel.put_all(std::vector<float>{});
  Parcel other(parcel.bytes());
  EXPECT_EQ(other.take<int64_t>(), -3);
  EXPECT_EQ(other.take_text(), "heat");
  EXPECT_EQ(other.take_all<double>(), (std::vector<double>{0.5, -0.25}));
  EXPECT_TRUE(other.take_all<float>().empty());
  EXPECT_THROW(other.take<char>(), std::logic_error);
}

// Lane blocks, narrow tiles, fewer trajectories than ranks; every layout and both engines.
TEST(ranks, a_run_that_they_share_has_the_bytes_of_one) {
  const Scene scene({9, 4});
  for (const int64_t trajectories : {3, 40, 150}) {
    for (const EngineKind engine : {EngineKind::cpu, EngineKind::reference}) {
      RunOptions options = watched(scene, trajectories);
      options.engine = engine;
      const swell::Run alone = run(scene.computer, scene.protocol, options);
      for (const int size : kSizes) {
        for (const swell::Run& shared : run_at(size, scene, options)) expect_same(shared, alone);
      }
    }
  }
}

// One or two trajectories in bf16 are multiplied in an order of their own: the run decides, not the rank's part.
TEST(ranks, each_multiplies_as_the_whole_run_does) {
  const Scene scene({40, 30});
  for (const int64_t trajectories : {2, 3}) {
    RunOptions options = watched(scene, trajectories);
    options.precision = Precision::bf16;
    options.isa = "portable";
    const swell::Run alone = run(scene.computer, scene.protocol, options);
    for (const int size : {2, 3}) expect_same(run_at(size, scene, options).back(), alone);
  }
}

TEST(ranks, all_write_their_snapshots_into_one_file) {
  const Scene scene({9, 4});
  RunOptions options = watched(scene, 50);
  const swell::Run alone = run(scene.computer, scene.protocol, options);
  const TestFolder folder;
  const std::vector<int64_t> shape{static_cast<int64_t>(alone.snapshot_times.size()), 33, 3};
  std::string bytes;
  for (const int size : kSizes) {
    const auto path = folder / "film.npy";
    for (const std::exception_ptr& failure : ThreadRanks(size).each([&](Ranks& ranks) {
           NpyStream file(path, shape);
           RunOptions mine = options;
           mine.ranks = &ranks;
           mine.snapshots.file = &file;
           run(scene.computer, scene.protocol, mine);
           file.finish();
         }))
      EXPECT_FALSE(failure);
    if (bytes.empty()) bytes = text_of(path);
    EXPECT_EQ(text_of(path), bytes);
    std::filesystem::remove(path);
  }
  EXPECT_EQ(bytes.substr(bytes.size() - alone.snapshots.size() * 4),
            std::string(reinterpret_cast<const char*>(alone.snapshots.data()), alone.snapshots.size() * 4));
}

// A state that is not finite, at the last rank: all say which trajectory it was.
TEST(ranks, an_error_of_one_ends_the_run_of_all) {
  const Scene scene({9, 4});
  RunOptions options = watched(scene, 40);
  std::vector<double> start(40 * 13, 0.0);
  start[37 * 13 + 2] = std::numeric_limits<double>::infinity();
  options.start = start;
  for (const int size : {2, 7}) {
    const auto failures = ThreadRanks(size).each([&](Ranks& ranks) {
      RunOptions mine = options;
      mine.ranks = &ranks;
      run(scene.computer, scene.protocol, mine);
    });
    for (const std::exception_ptr& failure : failures) {
      ASSERT_TRUE(failure);
      try {
        std::rethrow_exception(failure);
      } catch (const Diverged& error) {
        EXPECT_EQ(error.trajectory, 37);
        EXPECT_EQ(error.unit, 2);
      }
    }
  }
}

// What is wrong with the run as a whole is said of it as a whole.
TEST(ranks, a_wrong_run_is_refused_by_all) {
  const Scene scene({9, 4});
  RunOptions options = watched(scene, 40);
  const std::vector<double> start(5);
  options.start = start;
  for (const std::exception_ptr& failure : ThreadRanks(3).each([&](Ranks& ranks) {
         RunOptions mine = options;
         mine.ranks = &ranks;
         run(scene.computer, scene.protocol, mine);
       }))
    EXPECT_TRUE(
        contains(error_of<InputError>([&] { std::rethrow_exception(failure); }), "40 trajectories of 13 units"));
}

// Stopped at one rank, the run stops at all, and any number of ranks goes on from the one checkpoint.
TEST(ranks, a_checkpoint_of_some_goes_on_with_others) {
  const Scene scene({9, 4});
  const TestFolder folder;
  RunOptions options = watched(scene, 30000);
  options.snapshots = {};
  const swell::Run alone = run(scene.computer, scene.protocol, options);
  options.checkpoint.path = folder / "run.checkpoint";
  options.checkpoint.every_s = 0;
  int stops = 0;
  const int sizes[] = {3, 1, 7, 2};
  for (int turn = 0; turn < 40; ++turn) {
    const int size = sizes[turn % 4];
    std::vector<swell::Run> runs(size);
    const bool last = turn == 39;
    const auto failures = ThreadRanks(size).each([&](Ranks& ranks) {
      RunOptions mine = options;
      mine.ranks = &ranks;
      mine.progress = [&](const Progress&) { return last || ranks.rank() != size - 1; };
      runs[ranks.rank()] = run(scene.computer, scene.protocol, mine);
    });
    if (failures[0]) {
      for (const std::exception_ptr& failure : failures) EXPECT_TRUE(is_interruption(failure));
      ++stops;
      continue;
    }
    for (const swell::Run& one : runs) expect_same(one, alone);
    break;
  }
  EXPECT_GE(stops, 2);
}

// Without one, those that have finished are kept, with their numbers in the whole run.
TEST(ranks, an_interrupted_run_keeps_what_has_finished) {
  const Scene scene({9, 4});
  RunOptions options = watched(scene, 60000);
  options.observables.course_every = 0;
  options.tile = 16;
  options.kept = Kept::finished;
  const swell::Run alone = run(scene.computer, scene.protocol, options);
  std::vector<swell::Run> runs(3);
  for (const std::exception_ptr& failure : ThreadRanks(3).each([&](Ranks& ranks) {
         RunOptions mine = options;
         mine.ranks = &ranks;
         mine.progress = [&](const Progress& at) { return at.done < at.total / 10; };
         runs[ranks.rank()] = run(scene.computer, scene.protocol, mine);
       })) {
    EXPECT_FALSE(failure);
  }
  for (const swell::Run& one : runs) {
    ASSERT_TRUE(one.interrupted);
    EXPECT_EQ(one.kept, runs[0].kept);
    ASSERT_EQ(static_cast<int64_t>(one.kept.size()), one.trajectories);
    EXPECT_LT(one.trajectories, 60000);
    for (int64_t t = 0; t < one.trajectories; ++t) {
      const std::span<const double> kept = one.state(t), whole = alone.state(one.kept[t]);
      EXPECT_TRUE(std::ranges::equal(kept, whole));
      EXPECT_EQ(one.end_energy[t], alone.end_energy[one.kept[t]]);
    }
  }
}

TEST(ranks, moments_that_they_share_have_the_bits_of_one) {
  Computer computer = machine({30, 25});
  computer.kT = 0.2;
  for (int64_t i = 0; i < 55; ++i) {
    computer.J4[i] = 1;
    computer.mobility[i] = 0.5 + 0.05 * static_cast<double>(i % 5);
  }
  const LearnedProtocol noising{{"noising", {ramp(computer, 0.2, 2.0, 2.0), ramp(computer, 0.2, 2.0, 0.0)}}, {0, 1}};
  Patterns patterns{4200, {}};  // eight portions, of which the second of three ranks begins in the middle of two
  for (int64_t k = 0; k < 4200 * 55; ++k) patterns.values.push_back(std::tanh(fixed_normal(41, k)));
  // Two units alike in all images, two but for one image, which one rank alone sees.
  for (int64_t row = 0; row < 4200; ++row) {
    double* const of = patterns.values.data() + row * 55;
    of[45] = of[40];
    if (row != 4100) of[35] = of[30];
  }
  MomentOptions options;
  options.dt = 0.01;
  options.fokker_planck_cells = 100;
  options.fokker_planck_patterns = 9;
  const Moments alone = exact_moments(computer, noising, patterns, options);
  EXPECT_EQ(alone.kind[40], alone.kind[45]);
  EXPECT_NE(alone.kind[30], alone.kind[35]);
  for (const int size : kSizes) {
    std::vector<Moments> shared(size, Moments(55));
    ThreadRanks(size).each([&](Ranks& ranks) {
      MomentOptions mine = options;
      mine.ranks = &ranks;
      shared[ranks.rank()] = exact_moments(computer, noising, patterns, mine);
    });
    for (const Moments& one : shared) {
      EXPECT_EQ(one.kind, alone.kind);
      EXPECT_EQ(one.xx, alone.xx);
      EXPECT_EQ(one.yx, alone.yx);
      EXPECT_EQ(one.x, alone.x);
      EXPECT_EQ(one.y, alone.y);
    }
  }
}

// All readouts; couplings alike for all groups, and couplings of its own for each.
TEST(ranks, averages_that_they_share_have_the_bits_of_one) {
  for (const linear::Readout readout :
       {linear::Readout::mean, linear::Readout::second_moment, linear::Readout::lagged}) {
    for (const int machines : {1, linear::kGroups}) {
      linear::SamplingTask task;
      for (int k = 0; k < machines; ++k) {
        LinearSystem one{Matrix(3, 3), {1, 2, 3}, Matrix(3, 3)};
        for (int i = 0; i < 3; ++i) {
          one.drift(i, i) = 2 + 0.01 * k;
          one.noise(i, i) = 1;
        }
        one.drift(0, 1) = one.drift(1, 0) = 0.5;
        task.machines.push_back(one);
      }
      task.how = Integrator::exact;
      task.observed = 3;
      task.readout = readout;
      if (readout == linear::Readout::lagged) {
        task.lag = 0.3;
        if (machines > 1) continue;
      }
      if (readout == linear::Readout::second_moment) {
        task.form = Matrix(3, 3);
        for (int i = 0; i < 3; ++i) task.form(i, i) = 1;
      }
      task.keep = true;
      linear::SamplingOptions options;
      options.samples = 2000;
      const linear::Average alone = linear::sample(task, options);
      for (const int size : {1, 2, 3, 7, 40}) {
        std::vector<linear::Average> shared(size);
        for (const std::exception_ptr& failure : ThreadRanks(size).each([&](Ranks& ranks) {
               linear::SamplingOptions mine = options;
               mine.ranks = &ranks;
               shared[ranks.rank()] = linear::sample(task, mine);
             })) {
          if (failure) std::rethrow_exception(failure);
        }
        for (const linear::Average& one : shared) {
          EXPECT_EQ(one.value.values, alone.value.values);
          EXPECT_EQ(one.standard_error.values, alone.standard_error.values);
          EXPECT_EQ(one.kept.values, alone.kept.values);
          EXPECT_EQ(one.end_states, alone.end_states);
          EXPECT_EQ(one.mean_square, alone.mean_square);
          EXPECT_EQ(one.samples_per_independent, alone.samples_per_independent);
          EXPECT_EQ(one.form.mean, alone.form.mean);
          EXPECT_EQ(one.multiply_adds, alone.multiply_adds);
          EXPECT_EQ(one.draws, alone.draws);
        }
      }
    }
  }
}

TEST(ranks, a_search_of_so_many_runs_finds_what_one_finds) {
  std::vector<IsingEdge> edges;
  for (int32_t i = 0; i < 60; ++i) {
    for (int32_t j = i + 1; j < 60; ++j) {
      if ((i * 7 + j * 13) % 9 == 0) edges.push_back({i, j, fixed_normal(77, i * 60 + j)});
    }
  }
  const Pbits pbits(make_ising(60, edges));
  ising::SearchOptions options;
  options.seconds = 0;
  options.runs = 11;
  options.sweeps = 60;
  const ising::SearchResult alone = ising::search(pbits, options);
  for (const int size : kSizes) {
    std::vector<ising::SearchResult> shared(size);
    ThreadRanks(size).each([&](Ranks& ranks) {
      ising::SearchOptions mine = options;
      mine.ranks = &ranks;
      shared[ranks.rank()] = ising::search(pbits, mine);
    });
    for (const ising::SearchResult& one : shared) {
      EXPECT_EQ(one.spins, alone.spins);
      EXPECT_EQ(one.energy, alone.energy);
      EXPECT_EQ(one.runs, alone.runs);
      EXPECT_EQ(one.sweeps, alone.sweeps);
      EXPECT_EQ(one.flips, alone.flips);
      EXPECT_EQ(one.heat, alone.heat);
      EXPECT_EQ(one.host_flips, alone.host_flips);
      EXPECT_EQ(one.best_by, alone.best_by);
    }
  }
}

}  // namespace swell::test
