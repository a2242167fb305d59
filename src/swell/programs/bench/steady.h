#pragma once

#include <functional>
#include <vector>

#include "swell/engine/run.h"
#include "swell/programs/bench/machines.h"

namespace swell::bench {

// Seconds that this takes by the wall clock.
double seconds_of(const std::function<void()>& work);

// Trajectory-steps per second of a run in steady state, at constant control: the run is stopped `seconds` after all
// its threads are at work, so that packing and the first steps do not count. One rate for each of a few windows, summed
// over threads. `step_s`: least seconds of one thread per trajectory and step, to choose lengths by. `go_on` as in
// Options of bench.h.
std::vector<double> steady_rates(const Workload& machine, RunOptions options, double seconds, double step_s,
                                 const std::function<bool()>& go_on);

}  // namespace swell::bench
