#pragma once

#include <chrono>
#include <string>

namespace swell::cmd {

// Ctrl-C asks the running work to stop at its next look; a second one ends the program at once.
void watch_interrupts();
bool interrupted();

// A progress line on standard error with share, rate and time left, shown only on a terminal and only for work longer
// than a second.
class Progress {
 public:
  explicit Progress(std::string unit = "");
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Returns false where the user asked to stop. figure: a number worth watching, with its name, or none.
  bool show(const std::string& stage, double done, double total, const std::string& figure = "");

 private:
  using Clock = std::chrono::steady_clock;
  std::string unit_, stage_;
  Clock::time_point start_, last_;
  bool terminal_, visible_ = false;
};

}  // namespace swell::cmd
