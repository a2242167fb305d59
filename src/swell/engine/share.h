#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

#include "swell/base/ranks.h"
#include "swell/engine/run.h"

namespace swell {

// One rank's part of a run: its trajectories, and what it agrees upon with the other ranks while they advance theirs. A
// thread of its own meets those of the other ranks about twenty times a second; what is decided there, every rank knows
// at the same meeting: how far all are, whether to stop, when to write a checkpoint, whose error ends the run.
class Share {
 public:
  // `whole` is the run as it was asked for. Its progress callback is called at every rank, with figures of the whole.
  Share(Ranks& ranks, const RunOptions& whole);
  Share(const Share&) = delete;

  const RunOptions& whole() const { return whole_; }
  const Portion& portion() const { return portion_; }
  Ranks& ranks() const { return ranks_; }

  // How this rank runs its part.
  RunOptions part();

  // Whether the run goes on from its checkpoint: as the first rank found it, before the run.
  bool resumed = false;

  // An engine that keeps checkpoints: `ask` for the stages of all trajectories, whether all were `handed` over, and
  // `write`, which all ranks call together. Before begin().
  struct Checkpoint {
    std::function<void()> ask;
    std::function<bool()> handed;
    std::function<void()> write;
  };
  void set_checkpoint(Checkpoint checkpoint) { checkpoint_ = std::move(checkpoint); }

  // The trajectory-steps of the whole that are left, at every rank before its part begins; `done` were before.
  void begin(int64_t done_here, int64_t total);
  // Waits until all ranks are done with their parts: at the end of the protocol or, with a `failure`, before. Throws at
  // all ranks the error that ends the run, where there is one; returns true where Interrupted was the worst of any.
  // A second call returns what the first did.
  bool conclude(std::exception_ptr failure);

 private:
  void meet_until_all_are_done();
  bool go_on(int64_t done);

  Ranks& ranks_;
  const RunOptions& whole_;
  const Portion portion_;
  Checkpoint checkpoint_;
  int64_t total_ = 0;
  std::atomic<int64_t> done_ = 0;  // here
  std::atomic<bool> stopped_ = false;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false, concluded_ = false, interrupted_ = false, any_failed_ = false;
  std::exception_ptr failure_;  // here
  std::exception_ptr error_;    // that ends the run everywhere
  std::jthread meetings_;
};

// The run that this one is a part of, or is.
inline const RunOptions& whole_of(const RunOptions& options) {
  return options.share ? options.share->whole() : options;
}

// The run shared out among options.ranks, each of which calls this alike and gets the whole result.
Run run_shared(const System& system, const Protocol& protocol, const RunOptions& options,
               const std::function<Run(const RunOptions& part)>& run_part);

}  // namespace swell
