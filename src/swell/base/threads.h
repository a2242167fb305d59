#pragma once

#include <cstdint>
#include <functional>

namespace swell {

// Calls task(i) for each i in [0, count) on up to `threads` threads, each index once, in ascending order of start.
// The first exception stops the start of further tasks and is thrown again here; of several, the one with the
// lowest index.
void parallel_for(int64_t count, int threads, const std::function<void(int64_t)>& task);

// Threads that the machine runs at once, at least 1.
int hardware_threads();

}  // namespace swell
