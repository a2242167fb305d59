#include "swell/entropy/permutation_tests.h"

#include <bzlib.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <new>

#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/entropy/symbols.h"
#include "swell/random/sequence.h"
#include "swell/random/streams.h"

namespace swell::entropy {

namespace {

constexpr int kLags[5] = {1, 2, 8, 16, 32};
constexpr int64_t kFew = 5;  // as many shuffles, or fewer, on one side: the samples are not like their shuffles

constexpr const char* kNames[kStatistics][2] = {
    {"excursion", "excursion"},
    {"directional runs", "directional_runs"},
    {"longest directional run", "longest_directional_run"},
    {"increases and decreases", "increases"},
    {"runs about the median", "median_runs"},
    {"longest run about the median", "longest_median_run"},
    {"average collision time", "average_collision"},
    {"longest collision time", "longest_collision"},
    {"periodicity, lag 1", "periodicity_1"},
    {"periodicity, lag 2", "periodicity_2"},
    {"periodicity, lag 8", "periodicity_8"},
    {"periodicity, lag 16", "periodicity_16"},
    {"periodicity, lag 32", "periodicity_32"},
    {"covariance, lag 1", "covariance_1"},
    {"covariance, lag 2", "covariance_2"},
    {"covariance, lag 8", "covariance_8"},
    {"covariance, lag 16", "covariance_16"},
    {"covariance, lag 32", "covariance_32"},
    {"compression", "compression"},
};

using Values = std::array<double, kStatistics>;
using Wanted = std::array<bool, kStatistics>;  // statistics that are still counted

constexpr size_t at(Statistic statistic) { return static_cast<size_t>(statistic); }

bool wants(const Wanted& wanted, Statistic first, Statistic last) {
  return std::any_of(wanted.begin() + static_cast<int>(first), wanted.begin() + static_cast<int>(last) + 1,
                     [](bool each) { return each; });
}

// What stays the same under any shuffle.
struct Constants {
  bool bits = false;
  double mean = 0;
  double median = 0;
};

// Buffers of one thread.
struct Workspace {
  std::vector<uint8_t> shuffled, ones, bytes;
  std::vector<char> text, compressed;
};

Constants constants_of(std::span<const uint8_t> s, bool bits) {
  std::array<int64_t, 256> count{};
  for (const uint8_t value : s) ++count[value];
  Constants constants{bits, 0, 0.5};
  double sum = 0;
  for (size_t v = 0; v < count.size(); ++v) sum += static_cast<double>(v) * static_cast<double>(count[v]);
  constants.mean = sum / static_cast<double>(s.size());
  if (bits) return constants;
  const auto ranked = [&](int64_t rank) {  // the value of that rank from 0, in ascending order
    int v = 0;
    for (int64_t before = count[0]; before <= rank; before += count[static_cast<size_t>(v)]) ++v;
    return static_cast<double>(v);
  };
  const int64_t n = static_cast<int64_t>(s.size());
  constants.median = 0.5 * (ranked((n - 1) / 2) + ranked(n / 2));
  return constants;
}

double excursion(std::span<const uint8_t> s, double mean) {
  int64_t sum = 0;
  double furthest = 0, taken = 0;
  for (const uint8_t value : s) {
    sum += value;
    taken += 1;
    furthest = std::max(furthest, std::abs(static_cast<double>(sum) - taken * mean));
  }
  return furthest;
}

struct Runs {
  int64_t runs = 0, longest = 0, ups = 0;
};

// Runs of `up(i)` for i from 0 to count - 1.
template <class Up>
Runs runs_of(size_t count, Up up) {
  Runs found;
  int64_t run = 0;
  bool last = false;
  for (size_t i = 0; i < count; ++i) {
    const bool now = up(i);
    const bool same = i > 0 && now == last;
    run = same ? run + 1 : 1;
    found.runs += !same;
    found.ups += now;
    found.longest = std::max(found.longest, run);
    last = now;
  }
  return found;
}

struct Collisions {
  double average = 0, longest = 0;
};

Collisions collisions_of(std::span<const uint8_t> s) {
  int64_t count = 0, sum = 0, longest = 0, length = 0;
  std::array<int64_t, 256> seen{};  // in which of the stretches, counted from 1, each symbol came last
  for (const uint8_t value : s) {
    ++length;
    if (seen[value] == count + 1) {
      sum += length;
      longest = std::max(longest, length);
      length = 0;
      ++count;
    } else {
      seen[value] = count + 1;
    }
  }
  return {count > 0 ? static_cast<double>(sum) / static_cast<double>(count) : 0, static_cast<double>(longest)};
}

void lagged(std::span<const uint8_t> s, const Wanted& wanted, Values& values) {
  for (size_t k = 0; k < std::size(kLags); ++k) {
    const size_t equal = at(Statistic::periodicity_1) + k, product = at(Statistic::covariance_1) + k;
    const size_t lag = static_cast<size_t>(kLags[k]);
    const size_t pairs = s.size() > lag ? s.size() - lag : 0;
    if (wanted[equal]) {
      uint32_t count = 0;
      for (size_t i = 0; i < pairs; ++i) count += s[i] == s[i + lag];
      values[equal] = count;
    }
    if (wanted[product]) {
      uint64_t sum = 0;
      for (size_t i = 0; i < pairs; ++i) sum += uint32_t{s[i]} * s[i + lag];
      values[product] = static_cast<double>(sum);
    }
  }
}

// Length of "3 17 0 ..." after bzip2, in blocks of 900 kB as the program bzip2 makes them, or in one block that is
// large enough, which gives the same length with less memory to clear. Its first step can make five bytes of
// four equal ones.
double compressed_length(std::span<const uint8_t> s, Workspace& space) {
  static const auto kDecimals = [] {
    std::array<std::string, 256> decimals;
    for (size_t v = 0; v < decimals.size(); ++v) decimals[v] = fmt::format("{} ", v);
    return decimals;
  }();
  space.text.clear();
  for (const uint8_t value : s) space.text.insert(space.text.end(), kDecimals[value].begin(), kDecimals[value].end());
  if (!space.text.empty()) space.text.pop_back();
  space.compressed.resize(space.text.size() + space.text.size() / 50 +
                          1000);  // bzip2's manual: 1 percent and 600 bytes
  const int block = static_cast<int>(std::min<size_t>(9, 1 + (space.text.size() * 5 / 4 + 20) / 100'000));
  unsigned length = static_cast<unsigned>(space.compressed.size());
  const int status = BZ2_bzBuffToBuffCompress(space.compressed.data(), &length, space.text.data(),
                                              static_cast<unsigned>(space.text.size()), block, 0, 0);
  if (status != BZ_OK) throw std::bad_alloc();  // the only cause that is left
  return length;
}

// Blocks of eight bits, the last filled up with zeros: their ones (conversion I) and their bytes (conversion II).
void convert(std::span<const uint8_t> bits, Workspace& space) {
  const size_t blocks = (bits.size() + 7) / 8;
  space.ones.assign(blocks, 0);
  space.bytes.assign(blocks, 0);
  for (size_t i = 0; i < bits.size(); ++i) {
    space.bytes[i / 8] = static_cast<uint8_t>(space.bytes[i / 8] | bits[i] << (7 - i % 8));
  }
  for (size_t b = 0; b < blocks; ++b) space.ones[b] = static_cast<uint8_t>(std::popcount(space.bytes[b]));
}

void evaluate(std::span<const uint8_t> s, const Constants& constants, const Wanted& wanted, Workspace& space,
              Values& values) {
  std::span<const uint8_t> for_directions = s, for_collisions = s;
  if (constants.bits) {
    convert(s, space);
    for_directions = space.ones;
    for_collisions = space.bytes;
  }
  if (wanted[at(Statistic::excursion)]) values[at(Statistic::excursion)] = excursion(s, constants.mean);
  if (wants(wanted, Statistic::directional_runs, Statistic::increases)) {
    const size_t steps = for_directions.size() - 1;
    const Runs runs = runs_of(steps, [&](size_t i) { return for_directions[i] <= for_directions[i + 1]; });
    values[at(Statistic::directional_runs)] = static_cast<double>(runs.runs);
    values[at(Statistic::longest_directional_run)] = static_cast<double>(runs.longest);
    values[at(Statistic::increases)] = static_cast<double>(std::max(runs.ups, static_cast<int64_t>(steps) - runs.ups));
  }
  if (wants(wanted, Statistic::median_runs, Statistic::longest_median_run)) {
    const uint8_t least = static_cast<uint8_t>(std::ceil(constants.median));  // of values at or above the median
    const Runs runs = runs_of(s.size(), [&](size_t i) { return s[i] >= least; });
    values[at(Statistic::median_runs)] = static_cast<double>(runs.runs);
    values[at(Statistic::longest_median_run)] = static_cast<double>(runs.longest);
  }
  if (wants(wanted, Statistic::average_collision, Statistic::longest_collision)) {
    const Collisions collisions = collisions_of(for_collisions);
    values[at(Statistic::average_collision)] = collisions.average;
    values[at(Statistic::longest_collision)] = collisions.longest;
  }
  lagged(for_directions, wanted, values);
  if (wanted[at(Statistic::compression)]) values[at(Statistic::compression)] = compressed_length(s, space);
}

// Shuffle number `number` of the seed.
void shuffle(std::span<const uint8_t> samples, uint64_t seed, int64_t number, std::vector<uint8_t>& out) {
  out.assign(samples.begin(), samples.end());
  Sequence draws({seed, stream::kShuffle}, static_cast<uint64_t>(number));
  for (size_t i = out.size() - 1; i > 0; --i) {
    std::swap(out[i], out[static_cast<size_t>(draws.below(static_cast<int64_t>(i) + 1))]);
  }
}

bool settled(const PermutationResult& result) {
  return result.above + result.equal > kFew && result.equal + result.below > kFew;
}

void check(std::span<const uint8_t> samples, const PermutationOptions& options) {
  constexpr size_t kMost = 1'000'000'000;  // whose text bzip2 takes at once
  if (samples.size() < 2 || samples.size() > kMost) {
    throw InputError(fmt::format("permutation tests: {} samples; allowed: 2 to {}", samples.size(), kMost));
  }
  if (options.shuffles <= kFew || options.shuffles >= int64_t{1} << 32) {
    throw InputError(fmt::format("permutation tests: {} shuffles; allowed: {} to {}", options.shuffles, kFew + 1,
                                 (int64_t{1} << 32) - 1));
  }
}

}  // namespace

const char* name_of(Statistic statistic) { return kNames[at(statistic)][0]; }
const char* key_of(Statistic statistic) { return kNames[at(statistic)][1]; }

std::vector<double> permutation_statistics(std::span<const uint8_t> samples, bool bits) {
  Wanted all;
  all.fill(true);
  Values values{};
  Workspace space;
  if (!samples.empty()) evaluate(samples, constants_of(samples, bits), all, space, values);
  return {values.begin(), values.end()};
}

namespace {

// Counts statistics over shuffles, by several threads, in the order of the shuffles.
class Counter {
 public:
  Counter(std::span<const uint8_t> samples, bool bits, const PermutationOptions& options)
      : samples_(samples), options_(options), constants_(constants_of(samples, bits)), results_(kStatistics) {
    batch_ = options.threads > 1 ? 2 * int64_t{options.threads} : 1;
    spaces_.resize(static_cast<size_t>(batch_));
    values_.resize(static_cast<size_t>(batch_));
    Wanted all;
    all.fill(true);
    evaluate(samples_, constants_, all, spaces_[0], values_[0]);
    for (size_t k = 0; k < kStatistics; ++k) {
      results_[k].statistic = static_cast<Statistic>(k);
      results_[k].original = values_[0][k];
    }
  }

  // Shuffles from number `first` on, before `end`, while one of these statistics is wanted and not settled.
  void run(int64_t first, int64_t end, Wanted wanted) {
    const auto keep = [&] {
      for (size_t k = 0; k < kStatistics; ++k) wanted[k] = wanted[k] && counts_on(results_[k]);
      return wants(wanted, Statistic::excursion, Statistic::compression);
    };
    for (int64_t done = first; done < end && keep();) {
      if (!tell(options_.progress, done, options_.shuffles)) throw Interrupted(stopped(done));
      const int64_t now = std::min(batch_, end - done);
      parallel_for(now, options_.threads, [&](int64_t i) {
        Workspace& space = spaces_[static_cast<size_t>(i)];
        shuffle(samples_, options_.seed, done + i, space.shuffled);
        evaluate(space.shuffled, constants_, wanted, space, values_[static_cast<size_t>(i)]);
      });
      // In the order of the shuffles, so that the counts do not depend on the batch.
      for (int64_t i = 0; i < now; ++i) {
        for (size_t k = 0; k < kStatistics; ++k) {
          PermutationResult& result = results_[k];
          if (!wanted[k] || !counts_on(result)) continue;
          const double value = values_[static_cast<size_t>(i)][k];
          ++(value > result.original ? result.above : value == result.original ? result.equal : result.below);
        }
      }
      done += now;
    }
  }

  bool counts_on(const PermutationResult& result) const { return options_.all || !settled(result); }
  std::vector<PermutationResult>& results() { return results_; }

 private:
  std::string stopped(int64_t done) const {
    std::vector<std::string> waiting;
    for (const PermutationResult& result : results_)
      if (!settled(result)) waiting.emplace_back(name_of(result.statistic));
    return fmt::format("stopped after {} of {} shuffles; not passed until then: {}", done, options_.shuffles,
                       fmt::join(waiting, ", "));
  }

  std::span<const uint8_t> samples_;
  const PermutationOptions& options_;
  Constants constants_;
  std::vector<PermutationResult> results_;
  int64_t batch_ = 1;
  std::vector<Workspace> spaces_;
  std::vector<Values> values_;
};

}  // namespace

std::vector<PermutationResult> permutation_tests(std::span<const uint8_t> samples, const PermutationOptions& options) {
  check(samples, options);
  const Symbols symbols = dense(samples);
  const bool bits = symbols.alphabet <= 2;
  Counter counter(bits ? symbols.span() : samples, bits, options);
  const int64_t together = options.all ? options.shuffles : std::min(kFirstCompressions, options.shuffles);
  Wanted wanted;
  wanted.fill(true);
  counter.run(0, together, wanted);
  wanted[at(Statistic::compression)] = false;
  counter.run(together, options.shuffles, wanted);
  std::vector<PermutationResult>& results = counter.results();
  PermutationResult& compression = results[at(Statistic::compression)];
  bool failed = options.failed;
  for (PermutationResult& result : results) {
    result.passed = settled(result);
    failed = failed || (!result.passed && result.statistic != Statistic::compression);
  }
  if (!counter.counts_on(compression) || compression.shuffles() == options.shuffles) return results;
  if (failed) {
    compression.open = true;
    return results;
  }
  wanted.fill(false);
  wanted[at(Statistic::compression)] = true;
  counter.run(together, options.shuffles, wanted);
  compression.passed = settled(compression);
  return results;
}

}  // namespace swell::entropy
