#include "swell/programs/linear/ensembles.h"

#include <gtest/gtest.h>

#include "swell/random/streams.h"

namespace swell::linear {

// A sampling takes many runs, each from where the last one ended. Its replicas end where those of a single run do, bit
// for bit, whether they have one machine or each group one of its own.
TEST(ensembles, of_many_runs_end_where_one_run_does) {
  LinearSystem system{Matrix(3, 3), {0.1, 0, -0.4}, Matrix(3, 3)};
  system.drift.values = {1, 0.3, 0, 0.3, 2, -0.2, 0, -0.2, 1.5};
  system.noise.values = {2, 0, 0, 0, 2, 0, 0, 0, 2};
  for (const size_t machines : {size_t{1}, size_t{kGroups}}) {
    SamplingTask task;
    task.machines.assign(machines, system);
    task.step = 0.05;
    task.observed = 3;
    SamplingOptions options;
    options.replicas = 2 * kGroups;
    options.samples = 40 * options.replicas;
    options.seed = 5;
    options.threads = 2;
    const Average average = sample(task, options);
    RunOptions how;
    how.integrator = task.how;
    how.dt = average.step;
    how.noise = {options.seed, stream::kLinear};
    how.trajectories = options.replicas;
    Segment segment;
    segment.name = "whole";
    segment.duration = static_cast<double>(average.steps) * average.step;
    segment.couplings = 0;
    segment.clamped = {0};
    const swell::Run run = swell::run(system, {"whole", {segment}}, how);
    EXPECT_EQ(average.end_states, run.states) << machines;
    EXPECT_EQ(average.draws, run.draws);
    EXPECT_EQ(average.multiply_adds, run.multiply_adds);
  }
}

}  // namespace swell::linear
