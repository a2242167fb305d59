#pragma once

#include <nanobind/nanobind.h>

#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <string>

#include "swell/base/progress.h"

// Work without the interpreter's lock, while the calling thread looks out for Ctrl-C and tells how far it is.
namespace swell::python {

namespace nb = nanobind;

class Watch {
 public:
  // progress: None, or called as progress(stage, done, total) by the calling thread; False ends the work.
  explicit Watch(nb::object progress) : progress_(std::move(progress)) {}

  // From any thread of the work. False: it is to end.
  bool tell(const char* stage, double done, double total);
  bool go_on() const { return !stop_; }

  // From one thread of the work, not of brief work: `task` is done by the thread that called run(), with the
  // interpreter's lock. Throws what it throws; where that is Python's, or the work is to end, Interrupted.
  void call(const std::function<void()>& task);

  // Runs the work and throws what it throws, if anything. Work that is over at once is done by the calling thread.
  void run(bool brief, const std::function<void()>& work);

  // The exception of a signal handler or of `progress` that ended the work, or null. Raises it in Python.
  bool was_interrupted() const { return pending_.is_valid(); }
  nb::object pending() const { return pending_; }
  void raise_pending();

 private:
  void look();
  void answer();

  nb::object progress_, pending_;
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;
  std::string stage_;
  double done_ = 0, total_ = 0;
  bool news_ = false;

  std::mutex turn_;  // of what follows
  std::condition_variable changed_;
  bool over_ = false;
  const std::function<void()>* task_ = nullptr;
  std::exception_ptr failure_;  // of the task
};

}  // namespace swell::python
