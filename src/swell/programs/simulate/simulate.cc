#include "swell/programs/simulate/simulate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/io/json.h"
#include "swell/io/npy.h"
#include "swell/ledger/bill.h"
#include "swell/random/streams.h"

namespace swell::simulate {

namespace {

Snapshots choose_snapshots(const Design& design, const Options& options) {
  if (options.snapshot_every == 0) return {};
  Snapshots shots{options.snapshot_every, 0, 0, design.computer.units(), options.trajectories};
  if (options.snapshot_trajectories > 0) shots.trajectories = options.snapshot_trajectories;
  if (shots.trajectories > options.trajectories) {
    throw InputError(fmt::format("snapshots of {} trajectories are not to be had from a run of {}", shots.trajectories,
                                 options.trajectories));
  }
  if (options.snapshot_group.empty()) return shots;
  const int group = find_group(design.computer, options.snapshot_group);
  if (group < 0) {
    std::string names;
    for (const Group& each : design.computer.groups) names += (names.empty() ? "" : ", ") + each.name;
    throw InputError(fmt::format("there is no group '{}' to keep; the design has {}", options.snapshot_group, names));
  }
  shots.first_unit = design.computer.groups[group].first;
  shots.units = design.computer.groups[group].size;
  return shots;
}

void sum_up(const Protocol& protocol, double dt, Outcome& outcome) {
  const Run& run = outcome.run;
  std::vector<double> work(run.trajectories), heat(work.size()), entropy(work.size());
  std::vector<double> change(work.size()), size(work.size());  // by the books, and how large its terms are
  for (int64_t s = 0; s < run.segments; ++s) {
    for (int64_t t = 0; t < run.trajectories; ++t) {
      const SegmentBooks& books = run.book(t, s);
      work[t] = books.work;
      heat[t] = books.heat;
      entropy[t] = books.entropy;
      change[t] += books.work - books.heat;
      size[t] += std::abs(books.work) + std::abs(books.heat);
    }
    const Segment& segment = protocol.segments[s];
    outcome.segments.push_back(
        {segment.name, count_steps(segment, dt), estimate(work), estimate(heat), estimate(entropy)});
  }
  for (int64_t t = 0; t < run.trajectories; ++t) {
    const double residual = std::abs(run.end_energy[t] - run.start_energy[t] - change[t]);
    outcome.first_law_residual = std::max(outcome.first_law_residual, residual);
    const double scale = size[t] + std::abs(run.end_energy[t]) + std::abs(run.start_energy[t]);
    if (residual > 0) outcome.first_law_share = std::max(outcome.first_law_share, residual / scale);
  }
}

}  // namespace

Outcome simulate(const Design& design, const Patterns& patterns, const Options& options,
                 const std::filesystem::path& folder) {
  const Protocol& protocol = find_protocol(design, options.protocol);
  RunOptions how;
  how.engine = options.engine;
  how.precision = options.precision;
  how.isa = options.isa;
  how.integrator = design.integrator;
  how.dt = design.dt;
  how.noise = {options.seed, stream::kRun};
  how.trajectories = options.trajectories;
  how.first_trajectory = options.first_trajectory;
  how.threads = options.threads;
  how.tile = options.tile;
  how.patterns = &patterns;
  how.snapshots = choose_snapshots(design, options);
  how.checkpoint = options.checkpoint;
  how.progress = options.progress;
  how.result_bytes = 5.0 * sizeof(double) * static_cast<double>(options.trajectories);  // of sum_up()
  Outcome outcome;
  outcome.snapshots = count_snapshots(how.snapshots, count_steps(protocol, design.dt));
  if (outcome.snapshots > 0) {
    outcome.snapshot_file = std::make_unique<NpyStream>(
        folder / "snapshots.npy", std::vector{outcome.snapshots, how.snapshots.trajectories, how.snapshots.units});
    how.snapshots.file = outcome.snapshot_file.get();
  }
  outcome.run = swell::run(design.computer, protocol, how);
  sum_up(protocol, design.dt, outcome);
  return outcome;
}

nlohmann::ordered_json to_json(const Outcome& outcome) {
  const Run& run = outcome.run;
  nlohmann::ordered_json json = {{"trajectories", run.trajectories},
                                 {"units", run.units},
                                 {"steps", run.steps},
                                 {"snapshots", outcome.snapshots},
                                 {"wall_s", run.wall_s},
                                 {"unit_steps_per_s", static_cast<double>(run.units) * static_cast<double>(run.steps) *
                                                          static_cast<double>(run.trajectories) / run.wall_s},
                                 {"memory_predicted_bytes", run.memory_predicted_bytes},
                                 {"first_law_residual", outcome.first_law_residual},
                                 {"first_law_share", outcome.first_law_share}};
  json["segments"] = nlohmann::ordered_json::array();
  for (const SegmentSummary& segment : outcome.segments) {
    json["segments"].push_back({{"name", segment.name},
                                {"steps", segment.steps},
                                {"work", swell::to_json(segment.work)},
                                {"heat", swell::to_json(segment.heat)},
                                {"entropy", swell::to_json(segment.entropy)}});
  }
  return json;
}

void write_outputs(const std::filesystem::path& folder, Outcome& outcome, const nlohmann::ordered_json& report) {
  const Run& run = outcome.run;
  write_npy_f32(folder / "states.npy", std::vector{run.trajectories, run.units}, run.states);
  static_assert(sizeof(SegmentBooks) == 3 * sizeof(double));
  write_npy(folder / "ledger.npy", std::vector<int64_t>{run.trajectories, run.segments, 3},
            std::span(&run.books.front().work, 3 * run.books.size()));
  write_json(folder / "report.json", report);
  if (outcome.snapshot_file) outcome.snapshot_file->finish();
}

}  // namespace swell::simulate
