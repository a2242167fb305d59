#include "swell/programs/bench/steady.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

#include "swell/base/errors.h"

namespace swell::bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kWindows = 9;
constexpr size_t kLeastEvents = 4;       // of each thread: three windows
constexpr int64_t kMostSteps = 2000000;  // the timeline of a run takes memory
constexpr int64_t kStepsPerCall = 50;    // the engine reports at least so often

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

// Which thread had done how many trajectory-steps when. The engine reports from its threads, one at a time.
class Log {
 public:
  // Returns false where the run has been watched long enough.
  bool add(int64_t done, int threads, double seconds) {
    const auto now = Clock::now();
    std::vector<Event>& events = events_[std::this_thread::get_id()];
    const int64_t before = events.empty() ? 0 : events.back().done;
    events.push_back({now, before + done - done_});
    done_ = done;
    if (static_cast<int>(events_.size()) < threads) return true;
    if (!started_) start_ = now;
    started_ = true;
    if (seconds_between(start_, now) < seconds) return true;
    return std::any_of(events_.begin(), events_.end(),
                       [](const auto& each) { return each.second.size() < kLeastEvents; });
  }

  std::vector<double> rates() const {
    int64_t windows = kWindows;
    for (const auto& [thread, events] : events_) windows = std::min(windows, static_cast<int64_t>(events.size()) - 1);
    std::vector<double> sums(windows, 0.0);
    for (const auto& [thread, events] : events_) {
      const auto last = static_cast<int64_t>(events.size()) - 1;
      for (int64_t w = 0; w < windows; ++w) {
        const Event &from = events[last * w / windows], &to = events[last * (w + 1) / windows];
        sums[w] += static_cast<double>(to.done - from.done) / seconds_between(from.when, to.when);
      }
    }
    return sums;
  }

 private:
  struct Event {
    Clock::time_point when;
    int64_t done;
  };
  std::map<std::thread::id, std::vector<Event>> events_;
  int64_t done_ = 0;
  bool started_ = false;
  Clock::time_point start_;
};

}  // namespace

double seconds_of(const std::function<void()>& work) {
  const auto start = Clock::now();
  work();
  return seconds_between(start, Clock::now());
}

std::vector<double> steady_rates(const Workload& machine, RunOptions options, double seconds, double step_s,
                                 const std::function<bool()>& go_on) {
  // Trajectories that a thread takes through a step between two reports: no tile holds more than 64.
  const int64_t tile = std::min<int64_t>(64, (options.trajectories + options.threads - 1) / options.threads);
  const double call_s = step_s * static_cast<double>(tile);
  const int64_t steps = std::clamp(static_cast<int64_t>(4 * seconds / call_s), 4 * kStepsPerCall, kMostSteps);
  // Snapshots of one unit make long steps be reported more often.
  const auto every = static_cast<int64_t>(seconds / (4 * kWindows * call_s));
  if (every < kStepsPerCall) options.snapshots = {std::max<int64_t>(1, every), 0, 0, 1, 1};
  Log log;
  bool interrupted = false;
  options.progress = [&](const Progress& at) {
    interrupted = interrupted || !go_on();
    return !interrupted && log.add(static_cast<int64_t>(at.done), options.threads, seconds);
  };
  try {
    run(machine.computer, hold(machine, steps, options.dt), options);
  } catch (const Interrupted&) {
    if (interrupted) throw;
  }
  return log.rates();
}

}  // namespace swell::bench
