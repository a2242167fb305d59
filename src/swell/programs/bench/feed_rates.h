#pragma once

#include <functional>
#include <vector>

namespace swell::bench {

// What random bits from outside cost: rates with all that a feed does with them (entropy/feed.h), and those that
// nothing of it can exceed, in turn, pair by pair.
struct FeedRates {
  std::vector<double> feed, limit;
};

// As many pairs as so many seconds hold; go_on as in Options of bench.h. Throw IoError where no temporary file can be
// written. The operating system's generator, bytes/s: served by a feed, and the generator alone.
FeedRates system_rates(double seconds, const std::function<bool()>& go_on);
// A tape, bytes/s: served by a feed, and its bytes read where they lie, one after the other.
FeedRates tape_rates(double seconds, const std::function<bool()>& go_on);
// Trajectory-steps/s of 64 trajectories of a dense machine: every draw from a tape, and from a seed.
constexpr int64_t kFeedUnits = 1296, kFeedBatch = 64;
FeedRates run_rates(int threads, double seconds, const std::function<bool()>& go_on);
// The same of a machine without couplings, which does little but draw: keys from the operating system, and a seed; a
// second is one of the processor, all threads together.
FeedRates key_rates(int threads, double seconds, const std::function<bool()>& go_on);

}  // namespace swell::bench
