#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "swell/engine/run.h"
#include "swell/io/npy_stream.h"
#include "swell/ledger/statistics.h"
#include "swell/model/design.h"

// Any protocol of any design, run as it stands: states, books and snapshots as files.
namespace swell::simulate {

struct Options {
  std::string protocol;
  int64_t trajectories = 100;
  int64_t first_trajectory = 0;
  uint64_t seed = 1;
  int threads = 1;
  int tile = 0;
  EngineKind engine = EngineKind::cpu;
  Precision precision = Precision::f32;
  std::string isa;                    // as in RunOptions
  int64_t snapshot_every = 0;         // steps, 0 for none
  std::string snapshot_group;         // empty for all units
  int64_t snapshot_trajectories = 0;  // the first so many, 0 for all
  CheckpointFile checkpoint;
  ProgressCallback progress;
};

struct SegmentSummary {
  std::string name;
  int64_t steps = 0;
  Estimate work, heat;  // E0, over trajectories
  Estimate entropy;     // k
};

struct Outcome {
  Run run;
  std::vector<SegmentSummary> segments;
  // Largest |change of V - work + heat| of a trajectory, E0, and that as a share of the energies in it.
  double first_law_residual = 0, first_law_share = 0;
  int64_t snapshots = 0;
  std::unique_ptr<NpyStream> snapshot_file;  // null without snapshots; write_outputs() finishes it
};

// From x = 0. Snapshots go to FOLDER/snapshots.npy while the run goes on.
Outcome simulate(const Design& design, const Patterns& patterns, const Options& options,
                 const std::filesystem::path& folder);

nlohmann::ordered_json to_json(const Outcome& outcome);

// states.npy f32 [trajectories][units], ledger.npy f64 [trajectories][segments][work, heat, entropy], snapshots.npy
// f32 [snapshots][kept trajectories][kept units] where there are any, report.json with `report` in it.
void write_outputs(const std::filesystem::path& folder, Outcome& outcome, const nlohmann::ordered_json& report);

}  // namespace swell::simulate
