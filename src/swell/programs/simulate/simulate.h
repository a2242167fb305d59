#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "swell/engine/run.h"
#include "swell/io/npy_stream.h"
#include "swell/ledger/bill.h"
#include "swell/ledger/diagnostics.h"
#include "swell/ledger/statistics.h"
#include "swell/ledger/to_json.h"
#include "swell/model/design.h"
#include "swell/programs/simulate/course.h"

// Any protocol of any design, run as it stands: states, books and snapshots as files.
namespace swell::simulate {

enum class Start {
  zero,       // x = 0
  dispersed,  // engine/starts.h, each trajectory its own
};

struct Options : RunSettings {
  std::string protocol;
  int64_t trajectories = 100;
  int64_t first_trajectory = 0;
  Start start = Start::zero;
  Seed seed = 1;
  int64_t snapshot_every = 0;         // steps, 0 for none
  std::string snapshot_group;         // of snapshots and averages; empty for all units
  int64_t snapshot_trajectories = 0;  // the first so many, 0 for all
  int64_t observe_every = 0;          // steps between observations for the averages, 0 for none
  int64_t observe_from = 0;           // steps left out at the beginning
  int64_t points = 100;               // of the course in time, about; 0 for none
  bool by_group = false;              // with heat and work of each group
  Prices prices;
  CheckpointFile checkpoint;
};

struct SegmentSummary {
  std::string name;
  int64_t steps = 0;
  Estimate work, heat;  // E0, over trajectories
  Estimate entropy;     // k
};

// Of whole trajectories.
struct Totals {
  Estimate work, heat;  // E0, over trajectories
  Estimate entropy;     // k: each step's heat over its kT
};

// Averages over observations and trajectories, with standard errors over trajectories.
struct Averages {
  int64_t first_unit = 0;
  std::vector<Estimate> mean, variance;  // [units kept] of x
  Estimate energy, energy_variance;      // E0, E0^2
  // Of the mean of x over a group: [groups], and [groups (groups + 1)/2], pairs (g, h <= g) row by row.
  std::vector<Estimate> group_mean, group_covariance;
};

// Of a run with observations, whose observed units begin with this one.
Averages average(const Run& run, int64_t first_unit);

struct Outcome {
  Run run;
  Averages averages;  // with observations only
  Course course;      // without points where none were wanted
  Totals totals;
  Bill bill;  // of a trajectory: all of its heat and work, its end states read, what was in force written once
  std::vector<SegmentSummary> segments;
  FirstLaw first_law;
  Diagnostics diagnostics;
  int64_t snapshots = 0;
  int64_t planned_trajectories = 0, planned_steps = 0;  // more than in `run` where that was interrupted
  std::unique_ptr<NpyStream> snapshot_file;             // null without snapshots; write_outputs() finishes it
};

// What simulate() and write_outputs() write, at its largest.
std::vector<PlannedFile> planned_files(const Design& design, const Options& options,
                                       const std::filesystem::path& folder);

// Snapshots go to FOLDER/snapshots.npy while the run goes on. Stopped without a checkpoint, it returns what
// was done (engine/part.h): the trajectories that have finished, or all that have begun up to one step.
Outcome simulate(const Design& design, const Patterns& patterns, const Options& options,
                 const std::filesystem::path& folder);

nlohmann::ordered_json to_json(const Design& design, const Outcome& outcome);

// How far an interrupted run came, in a sentence; empty for a whole one.
std::string interruption(const Outcome& outcome);

}  // namespace swell::simulate
