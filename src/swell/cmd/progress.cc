#include "swell/cmd/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>

namespace swell::cmd {

namespace {

// Written by a signal handler, read by any thread.
std::atomic<int> g_interrupts = 0;
static_assert(std::atomic<int>::is_always_lock_free);

// The first one is answered where the work next asks whether to go on, the second at once.
void on_interrupt(int) {
  if (g_interrupts.fetch_add(1) == 0) return;
  constexpr char kSentence[] = "\nswell: interrupted; only files that were complete are kept\n";
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kSentence, sizeof kSentence - 1);
  _exit(130);
}

std::string duration(double seconds) {
  if (seconds < 100) return fmt::format("{:.0f} s", seconds);
  return seconds < 6000 ? fmt::format("{:.0f} min", seconds / 60) : fmt::format("{:.1f} h", seconds / 3600);
}

}  // namespace

void watch_interrupts() {
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
}

bool interrupted() { return g_interrupts > 0; }

Progress::Progress(std::string unit)
    : unit_(std::move(unit)), start_(Clock::now()), last_(start_), terminal_(isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() {
  if (visible_) fmt::print(stderr, "\r\033[K");
}

bool Progress::show(const std::string& stage, double done, double total, const std::string& figure) {
  const auto now = Clock::now();
  if (stage != stage_) {
    stage_ = stage;
    start_ = now;
  }
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  const bool due = std::chrono::duration<double>(now - last_).count() > 0.1;
  if (terminal_ && due && (elapsed > 1 || visible_) && total > 0) {
    const double share = std::clamp(done / total, 0.0, 1.0);
    const int filled = static_cast<int>(30 * share);
    std::string line = fmt::format("\r\033[K{:<20} [{}{}] {:3.0f} %", stage, std::string(filled, '#'),
                                   std::string(30 - filled, '.'), 100 * share);
    if (!unit_.empty() && elapsed > 0) line += fmt::format("  {:.3g} {}/s", done / elapsed, unit_);
    if (share > 0.01) line += "  " + duration(elapsed * (1 - share) / share) + " left";
    if (!figure.empty()) line += "  " + figure;
    fmt::print(stderr, "{}", line);
    std::fflush(stderr);
    visible_ = true;
    last_ = now;
  }
  return !interrupted();
}

}  // namespace swell::cmd
