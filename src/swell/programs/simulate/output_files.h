#pragma once

#include <filesystem>
#include <string>

#include "swell/programs/simulate/simulate.h"

namespace swell::simulate {

// states.npy f32 [trajectories][units], ledger.npy f64 [trajectories][segments][work, heat, entropy], course.csv
// (course.h), snapshots.npy f32 [snapshots][kept trajectories][kept units] where there are any, averages.npy f64
// [kept units][mean, its error, variance, its error] where there are any (errors of one trajectory are NaN: unknown),
// report.html with `page`.
void write_outputs(const std::filesystem::path& folder, Outcome& outcome, const std::string& page);

}  // namespace swell::simulate
