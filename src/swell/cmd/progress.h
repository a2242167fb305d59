#pragma once

#include <chrono>
#include <string>

#include "swell/base/progress.h"

namespace swell::cmd {

// Ctrl-C asks the running work to stop at its next look; a second one ends the program at once.
void watch_interrupts();
bool interrupted();
// Of a process that a launcher started with others: SIGUSR1, which launchers pass on, asks for it as well, and the
// signals of one moment are one request.
void watch_interrupts_of_a_job();

// While one of these lives there is nothing to keep, and the first signal ends the program at once: reading a large
// file, preparing, work that is all or nothing. Not in a job, whose processes end together.
class NothingToKeep {
 public:
  explicit NothingToKeep(bool holds = true);  // false: it is none of these after all
  ~NothingToKeep() { end(); }
  NothingToKeep(const NothingToKeep&) = delete;
  NothingToKeep& operator=(const NothingToKeep&) = delete;
  void end();

 private:
  bool ended_;
};

// Takes the progress line off the terminal, where there is one: before anything else is printed.
void clear_progress();

// A progress line on standard error with share, time left, rate and figure, shown only on a terminal and only for work
// longer than a second. It fits the terminal: what has no room is left out, the rate first.
class ProgressLine {
 public:
  explicit ProgressLine(std::string unit = "");
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // Returns false where the user asked to stop. figure: a number worth watching, with its name, or none.
  bool show(const std::string& stage, double done, double total, const std::string& figure = "");
  bool show(const Progress& at, const std::string& figure = "") { return show(at.stage, at.done, at.total, figure); }

 private:
  using Clock = std::chrono::steady_clock;
  std::string unit_, stage_;
  Clock::time_point start_, last_;
  bool terminal_, shown_ = false;
};

}  // namespace swell::cmd
