#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <vector>

#include "swell/base/progress.h"
#include "swell/engine/timeline.h"

namespace swell {

// Counts trajectory-steps over all threads and asks the caller whether to go on. Where not, and the run is to keep its
// part (RunOptions::kept), it decides where the run ends: trajectories that have finished are kept and those under way
// are dropped; where none has, those under way go on to the step of the one that is furthest, so that all end at one
// time. Which are kept follows from the clock and not from what they did, so averages over them stay true.
class Meter {
 public:
  Meter(const RunOptions& options, int64_t done, int64_t total);

  // Trajectories that one thread advances together, told by the first, are at this step of the run and about to go on
  // to `to`. Returns how far they may; `now` where they end here. Throws Interrupted where they are dropped.
  int64_t reach(int64_t first, int64_t now, int64_t to);
  // So many trajectory-steps are done. False where the run was stopped and keeps nothing.
  bool add(int64_t amount);
  // These have ended, at the end of the protocol or where reach() said.
  void finish(int64_t first, int64_t count);

  bool stopped();
  // Ends the run as if the callback had asked for it. Throws Interrupted where nothing is to be kept.
  void stop();
  // What is left of a stopped run: which trajectories, and the step at which they ended, or -1 for the end of the
  // protocol. After all threads are done.
  const std::vector<char>& finished() const { return finished_; }
  int64_t last_step() const { return end_; }

 private:
  void end_now();  // with the mutex held

  const ProgressCallback& callback_;
  Kept kept_;
  int64_t done_, total_;
  std::mutex mutex_;
  bool stopped_ = false;
  int64_t end_ = -1;
  std::chrono::steady_clock::time_point deadline_;
  // Kept in place: small pieces that come and go among those of the threads would scatter the memory.
  struct Running {
    int64_t first, step;  // that is being gone to
  };
  std::vector<Running> running_;  // of at most as many threads
  std::vector<char> finished_;    // [trajectories]
};

// The file of snapshots keeps the first so many, of those among these trajectories that it has.
void keep_filmed(const Snapshots& shots, int64_t count, const std::vector<int64_t>& trajectories, NpyStream& file);

// Makes the result that of these trajectories, of a protocol that ended after so many steps.
void cut_run(const std::vector<SegmentTimeline>& timelines, const RunOptions& options,
             const std::vector<int64_t>& trajectories, int64_t steps, Run& result);

// Makes the result that of the trajectories that have ended, up to the step where they did. Throws Interrupted where
// there are none.
void keep_part(const std::vector<SegmentTimeline>& timelines, const RunOptions& options, const Meter& meter,
               Run& result);

}  // namespace swell
