#pragma once

#include <functional>
#include <vector>

#include "swell/programs/bench/machines.h"

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
// The same with keys from the operating system, and with a seed; a second is one of the processor, all threads
// together. A machine without couplings does little but draw.
FeedRates key_rates(Kind kind, int threads, double seconds, const std::function<bool()>& go_on);

}  // namespace swell::bench
