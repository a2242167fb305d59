#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "swell/engine/fingerprint.h"
#include "swell/engine/timeline.h"
#include "swell/io/atomic_file.h"

namespace swell {

// Where some consecutive trajectories stand, side by side at the same step of the same segment. An engine that begins
// there gives the same bits as one that never stopped.
struct Stage {
  int64_t first = 0, count = 0;     // numbers in the run, from 0
  int64_t segment = 0, step = 0;    // steps of the segment that are done, at least 1
  std::vector<float> x;             // [count][units]
  std::vector<SegmentBooks> books;  // [count] of the running segment; the heat of the last step is not in yet
  std::vector<double> last_energy;  // [count] V before the last step, under its control: what that heat starts from
  std::vector<double> observed;     // [count][sums] as in the result so far; empty without observables
};

// Trajectories for one thread: from a stage, or from the start where that is null.
struct Stretch {
  int64_t first = 0, count = 0;
  std::shared_ptr<const Stage> from;
};

// The checkpoint of a run that goes on. Workers hand over copies when they next look and go on at once; a thread of its
// own writes. Trajectories are independent, so the copies need not be of one moment.
//
// The file is safetensors: "segment", "step" I64 [trajectories] say where each stands (0, 0: not begun; segments, 0:
// finished), and of those begun, in order, "x" F32 [begun][units], "books" F64 [begun][segments][work, heat, entropy],
// "start_energy" and "last_energy" F64 [begun], "observed" F64 [begun][sums]. So it knows nothing of threads and tiles.
// "sha256" U8 [32] is of all bytes before it; the metadata hold the fingerprint and the time used.
//
// Of a run that ranks share (engine/share.h), each has the stages of its own trajectories, and all write the one file
// together, as one process would. Any number of ranks goes on from it.
class Checkpoints {
 public:
  // Reads the file where there is one, fills `result` with what it holds, and opens the file of the snapshots. Throws
  // InputError where it is of another run, IoError where it is damaged or something else.
  Checkpoints(const RunOptions& options, const std::vector<SegmentTimeline>& timelines, Fingerprint fingerprint,
              Run& result);
  ~Checkpoints();

  // What is left to do, in stretches of at most `tile` trajectories; before start().
  std::vector<Stretch> cut(int64_t tile);
  int64_t done() const { return done_; }  // trajectory-steps that the file held of the trajectories here

  // Between start() and stop() the file is written every options.checkpoint.every_s; where ranks share the run, when
  // they agree to.
  void start();
  void stop();
  // The last one, with what was handed over, after stop(); returns the trajectory-steps that it holds.
  int64_t write();

  // For workers. begin() and finish() enclose a stretch; its books of earlier segments and, at the end, its states and
  // energies lie in the result. hand_over() is due when wave() has changed since the last; it throws the error of a
  // checkpoint that could not be written.
  int64_t wave() const { return wave_; }
  void begin(int64_t first);
  void hand_over(Stage stage);
  void finish(int64_t first, int64_t count);

 private:
  struct Source {
    int64_t trajectory;
    const Stage* stage;  // null where finished
  };
  // Per trajectory; 0 without observables.
  int64_t sums() const { return result_.observed.empty() ? 0 : result_.sums.size(); }
  // Rows of the file, of all trajectories of a run, one array behind the other.
  struct Rows {
    std::vector<Source> sources;
    std::vector<std::shared_ptr<const Stage>> stages;  // that they point to
    std::vector<std::byte> segment, step;
    int64_t done = 0;
  };
  static constexpr int kArrays = 7;

  void read(const std::string& name);
  void write_on_time();
  void ask();  // under the mutex
  Rows rows();
  void append_array(int array, const Rows& rows, const Append& append) const;
  int64_t write_shared();
  void write_file(int64_t trajectories, int64_t begun,
                  const std::function<void(int array, const Append&)>& array) const;
  void answer(int64_t first);

  const RunOptions& options_;
  const std::vector<SegmentTimeline>& timelines_;
  Fingerprint fingerprint_;
  Run& result_;
  int64_t done_ = 0, done_in_file_ = 0;
  double earlier_s_ = 0;
  double began_s_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<int64_t> wave_ = 0;
  std::map<int64_t, std::shared_ptr<const Stage>> stages_;  // by first trajectory
  std::vector<char> finished_;                              // [trajectories]
  std::set<int64_t> running_, awaited_;                     // first trajectories of stretches
  std::exception_ptr failure_;
  bool stopping_ = false;
  std::jthread writer_;
};

}  // namespace swell
