#pragma once

#include <chrono>

namespace swell {

// Wall time since then. For bills and budgets only: no answer depends on it, but for those that a budget of time ends.
inline double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace swell
