#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <string>

namespace swell {

// How far a piece of work is.
struct Progress {
  std::string stage;           // what is being done, in words; empty where there is one thing to do
  double done = 0, total = 1;  // in the work's own unit: trajectory-steps, updates, images, a share of 1
  double figure = NAN;         // a number worth watching: a loss, a distance, the best value so far; NaN for none
};

// Told now and then, by any thread of the work but by one at a time. False stops the work, which throws Interrupted or
// keeps what it did, as its options say.
using ProgressCallback = std::function<bool(const Progress& at)>;

// Tells, where there is somebody to be told.
inline bool tell(const ProgressCallback& progress, const Progress& at) { return !progress || progress(at); }
inline bool tell(const ProgressCallback& progress, int64_t done, int64_t total) {
  return tell(progress, {"", static_cast<double>(done), static_cast<double>(total)});
}

}  // namespace swell
