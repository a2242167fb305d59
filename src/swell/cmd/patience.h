#pragma once

#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace swell::cmd {

// Runs `work` on a thread of its own and waits for it; where `is_over` is true, it has `grace_s` seconds to end by
// itself. Nothing where it did not: its thread then works on until the program ends, and must not be waited for. What
// it throws is thrown again here.
template <class Result>
std::optional<Result> wait_for(std::function<Result()> work, const std::function<bool()>& is_over, double grace_s) {
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<Result> result;
    std::exception_ptr failure;
    bool done = false;
  };
  const auto state = std::make_shared<State>();
  std::thread([state, work = std::move(work)] {
    std::optional<Result> result;
    std::exception_ptr failure;
    try {
      result.emplace(work());
    } catch (...) {
      failure = std::current_exception();
    }
    const std::lock_guard lock(state->mutex);
    state->result = std::move(result);
    state->failure = failure;
    state->done = true;
    state->changed.notify_all();
  }).detach();
  using Clock = std::chrono::steady_clock;
  std::optional<Clock::time_point> end;
  std::unique_lock lock(state->mutex);
  while (!state->done && !(end && Clock::now() > *end)) {
    state->changed.wait_for(lock, std::chrono::milliseconds(20));
    if (!end && is_over())
      end = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(grace_s));
  }
  if (state->failure) std::rethrow_exception(state->failure);
  return std::move(state->result);
}

}  // namespace swell::cmd
