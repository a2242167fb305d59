#include "swell/programs/bench/feed_rates.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "swell/base/errors.h"
#include "swell/engine/run.h"
#include "swell/entropy/byte_sources.h"
#include "swell/entropy/feed.h"
#include "swell/programs/bench/steady.h"
#include "swell/random/streams.h"

namespace swell::bench {

namespace {

using std::chrono::milliseconds;

constexpr double kDt = 1e-3;

// A tape of so many bytes of the generator, in a file that goes with it.
class TestTape {
 public:
  explicit TestTape(uint64_t bytes) : bytes_(bytes) {
    path_ = (std::filesystem::temp_directory_path() / fmt::format("swell-bench-{}.tape", getpid())).string();
    std::ofstream file(path_, std::ios::binary);
    entropy::TapeInfo info;
    info.source = "swell bench";
    info.health = entropy::FeedOptions().health;
    file << entropy::tape_header(info);
    std::vector<Words4> words(1 << 16);
    for (uint64_t block = 0; block * sizeof(Words4) < bytes; block += words.size()) {
      for (size_t k = 0; k < words.size(); ++k) {
        const uint64_t number = block + k;
        words[k] = noise_words({1, stream::kTesting}, static_cast<uint32_t>(number), number >> 32, 0, 0);
      }
      const uint64_t left = bytes - block * sizeof(Words4);
      file.write(reinterpret_cast<const char*>(words.data()),
                 static_cast<std::streamsize>(std::min<uint64_t>(left, words.size() * sizeof(Words4))));
    }
    if (!file.flush()) throw IoError(fmt::format("cannot write {}", path_));
  }
  ~TestTape() { std::filesystem::remove(path_); }
  TestTape(const TestTape&) = delete;
  TestTape& operator=(const TestTape&) = delete;

  const std::string& path() const { return path_; }
  uint64_t bytes() const { return bytes_; }

 private:
  uint64_t bytes_;
  std::string path_;
};

// Seconds until a feed has served so many bytes. The sum of a tape may come later.
double serve(entropy::Feed& feed, uint64_t bytes, const std::function<bool()>& go_on) {
  return seconds_of([&] {
    while (!feed.wait_for(bytes, milliseconds(50))) {
      if (!go_on()) throw Interrupted("the benchmark was interrupted");
      if (feed.is_lost(bytes)) throw IoError(feed.status().failure);
    }
  });
}

double read_in_place(const TestTape& tape) {
  const int file = open(tape.path().c_str(), O_RDONLY | O_CLOEXEC);
  const size_t length = entropy::kTapeHeader + tape.bytes();
  void* begin = mmap(nullptr, length, PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (begin == MAP_FAILED) throw IoError(fmt::format("cannot read {} in place", tape.path()));
  uint64_t sum = 0;
  const double took = seconds_of([&] {
    for (size_t at = 0; at + sizeof sum <= length; at += sizeof sum) {
      uint64_t word;
      std::memcpy(&word, static_cast<const char*>(begin) + at, sizeof word);
      sum += word;
    }
  });
  munmap(begin, length);
  if (sum == 0) throw IoError(fmt::format("{} holds zeros alone", tape.path()));  // and the sum is not left out
  return took;
}

// Pairs of one rate without and one with a feed, in turn, until the time is over; a first one touches the memory.
FeedRates in_pairs(double seconds, const std::function<double()>& without, const std::function<double()>& with) {
  constexpr size_t kFewest = 3;
  FeedRates rates;
  without();
  double took = 0;
  while (took < seconds || rates.feed.size() < kFewest) {
    took += seconds_of([&] {
      const bool first = rates.feed.size() % 2 == 0;  // which of a pair comes first
      if (first) rates.limit.push_back(without());
      rates.feed.push_back(with());
      if (!first) rates.limit.push_back(without());
    });
  }
  return rates;
}

constexpr double kQuick = 0.1;  // seconds below which things are small

}  // namespace

FeedRates system_rates(double seconds, const std::function<bool()>& go_on) {
  constexpr uint64_t kBytes = 1 << 26;
  std::vector<std::byte> piece(1 << 16);
  const auto alone = [&] {
    const auto source = entropy::open_system_source();
    uint64_t came = 0;
    const double took = seconds_of([&] {
      while (came < kBytes) came += static_cast<uint64_t>(source->read(piece, milliseconds(50)));
    });
    return static_cast<double>(came) / took;
  };
  return in_pairs(seconds, alone, [&] {
    entropy::Feed feed(entropy::open_system_source(), {});
    return static_cast<double>(kBytes) / serve(feed, kBytes, go_on);
  });
}

FeedRates tape_rates(double seconds, const std::function<bool()>& go_on) {
  const TestTape tape(seconds < kQuick ? 1 << 22 : 1 << 27);
  const uint64_t served = tape.bytes() - 4096;  // the last window is not complete before the end
  const auto read = [&] { return static_cast<double>(tape.bytes()) / read_in_place(tape); };
  return in_pairs(seconds, read, [&] {
    entropy::Feed feed(tape.path(), entropy::Conditioning::automatic);
    return static_cast<double>(served) / serve(feed, served, go_on);
  });
}

namespace {

// Seconds of the processor that all threads of this program take for it: other work on the machine disturbs them less.
double processor_seconds_of(const std::function<void()>& work) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  const double before = now();
  work();
  return now() - before;
}

// Trajectory-steps/s of so many steps.
class TimedRun {
 public:
  TimedRun(Kind kind, int64_t steps, int threads, const std::function<bool()>& go_on)
      : machine_(make_workload(kind, kFeedUnits)), protocol_(hold(machine_, steps, kDt)), steps_(steps) {
    options_.dt = kDt;
    options_.trajectories = kFeedBatch;
    options_.threads = threads;
    options_.progress = [go_on](const Progress&) { return go_on(); };
  }
  double rate(Seed seed, double (*seconds)(const std::function<void()>&) = &seconds_of) {
    options_.noise = {seed, stream::kRun};
    const double took = seconds([&] { swell::run(machine_.computer, protocol_, options_); });
    return static_cast<double>(kFeedBatch * steps_) / took;
  }

 private:
  Workload machine_;
  Protocol protocol_;
  int64_t steps_;
  RunOptions options_;
};

}  // namespace

FeedRates run_rates(int threads, double seconds, const std::function<bool()>& go_on) {
  constexpr uint64_t kStepBytes = kFeedUnits * kFeedBatch * sizeof(uint32_t);
  const int64_t steps = seconds < kQuick ? 10 : 200;
  const TestTape tape(static_cast<uint64_t>(steps) * kStepBytes + 4096);
  TimedRun run(Kind::dense, steps, threads, go_on);
  return in_pairs(
      seconds, [&] { return run.rate(Seed(1)); },
      [&] {
        entropy::Feed feed(tape.path(), entropy::Conditioning::automatic);
        feed.use = Entropy::Use::all;
        return run.rate(Seed(1, &feed));
      });
}

FeedRates key_rates(Kind kind, int threads, double seconds, const std::function<bool()>& go_on) {
  constexpr int64_t kSteps = 16;  // of a run, which takes a key: 64 times as many keys as the one in 1024 steps
  TimedRun run(kind, kSteps, threads, go_on);
  entropy::Feed feed(entropy::open_system_source(), {});
  feed.use = Entropy::Use::keys;
  feed.take_seed({});
  return in_pairs(
      seconds, [&] { return run.rate(Seed(1), &processor_seconds_of); },
      [&] { return run.rate(Seed(1, &feed), &processor_seconds_of); });
}

}  // namespace swell::bench
