#include "swell/cmd/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <mutex>
#include <vector>

#include "swell/cmd/console.h"

namespace swell::cmd {

namespace {

// Written by a signal handler, read by any thread.
std::atomic<int> g_interrupts = 0;
static_assert(std::atomic<int>::is_always_lock_free);

// Of a job: within so many seconds, signals of its launcher and of the terminal are one request.
constexpr int64_t kOneMoment = 3;
std::atomic<bool> g_in_job = false;
std::atomic<int> g_nothing_to_keep = 0;
std::atomic<int64_t> g_first_s = 0;

// The first one is answered where the work next asks whether to go on, at once where there is nothing to keep; the
// second at once.
void on_interrupt(int) {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  if (g_interrupts == 0) g_first_s = now.tv_sec;
  if (g_in_job && g_interrupts > 0 && now.tv_sec - g_first_s < kOneMoment) return;
  const bool worthless = g_nothing_to_keep > 0 && !g_in_job;
  if (g_interrupts.fetch_add(1) == 0 && !worthless) return;
  constexpr char kSentence[] = "\nswell: interrupted; only files that were complete are kept\n";
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kSentence, sizeof kSentence - 1);
  _exit(130);
}

std::string duration(double seconds) {
  if (seconds < 100) return fmt::format("{:.0f} s", seconds);
  return seconds < 6000 ? fmt::format("{:.0f} min", seconds / 60) : fmt::format("{:.1f} h", seconds / 3600);
}

// The last column stays empty: terminals wrap in it.
std::string progress_line(const std::string& stage, double share, const std::vector<std::string>& pieces, int columns) {
  constexpr int kWidestBar = 30, kNarrowestBar = 10;
  const int room = columns - 1;
  const std::string percent = fmt::format(" {:3.0f} %", 100 * share);
  int used = static_cast<int>(stage.size() + percent.size());
  if (used > room) return (stage + percent).substr(0, static_cast<size_t>(std::max(room, 0)));
  std::string tail;
  for (const std::string& piece : pieces) {
    const int length = static_cast<int>(piece.size()) + 2;
    if (piece.empty() || used + length > room) continue;
    tail += "  " + piece;
    used += length;
  }
  const int bar = std::min(kWidestBar, room - used - 3);
  if (bar < kNarrowestBar) return stage + percent + tail;
  const int filled = static_cast<int>(bar * share);
  return fmt::format("{} [{}{}]{}{}", stage, std::string(filled, '#'), std::string(bar - filled, '.'), percent, tail);
}

// Two threads may print: one the progress, another a line.
std::mutex g_line;
bool g_visible = false;

}  // namespace

void watch_interrupts() {
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
}

void watch_interrupts_of_a_job() {
  g_in_job = true;
  std::signal(SIGUSR1, on_interrupt);
}

NothingToKeep::NothingToKeep(bool holds) : ended_(!holds) {
  if (ended_) return;
  std::fflush(stdout);  // what was printed is kept
  ++g_nothing_to_keep;
}

void NothingToKeep::end() {
  if (!ended_) --g_nothing_to_keep;
  ended_ = true;
}

bool interrupted() { return g_interrupts > 0; }

void clear_progress() {
  const std::scoped_lock lock(g_line);
  if (!g_visible) return;
  put(stderr, "\r\033[K");
  std::fflush(stderr);
  g_visible = false;
}

ProgressLine::ProgressLine(std::string unit)
    : unit_(std::move(unit)), start_(Clock::now()), last_(start_), terminal_(has_live_terminal() && !console().quiet) {}

ProgressLine::~ProgressLine() { clear_progress(); }

bool ProgressLine::show(const std::string& stage, double done, double total, const std::string& figure) {
  const auto now = Clock::now();
  if (stage != stage_) {
    stage_ = stage;
    start_ = now;
  }
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  const bool due = std::chrono::duration<double>(now - last_).count() > 0.1;
  if (terminal_ && due && (elapsed > 1 || shown_) && total > 0) {
    const double share = std::clamp(done / total, 0.0, 1.0);
    const std::string left = share > 0.01 ? duration(elapsed * (1 - share) / share) + " left" : "";
    const std::string rate = !unit_.empty() && elapsed > 0 ? fmt::format("{:.3g} {}/s", done / elapsed, unit_) : "";
    const std::string line = progress_line(stage, share, {figure, left, rate}, terminal_columns());
    const std::scoped_lock lock(g_line);
    put(stderr, "\r\033[K" + line);
    std::fflush(stderr);
    g_visible = true;
    shown_ = true;
    last_ = now;
  }
  return !interrupted();
}

}  // namespace swell::cmd
