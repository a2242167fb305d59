#include "swell/programs/simulate/simulate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/engine/patterns.h"
#include "swell/engine/starts.h"
#include "swell/engine/timeline.h"
#include "swell/ledger/bill.h"
#include "swell/ledger/diagnose.h"
#include "swell/ledger/to_json.h"
#include "swell/programs/simulate/price.h"
#include "swell/random/streams.h"

namespace swell::simulate {

namespace {

// Units that snapshots and averages keep.
Group kept_units(const Design& design, const Options& options) {
  if (options.snapshot_group.empty()) {
    Group all;
    all.size = design.computer.units();
    return all;
  }
  const int group = find_group(design.computer, options.snapshot_group);
  if (group < 0) {
    std::string names;
    for (const Group& each : design.computer.groups) names += (names.empty() ? "" : ", ") + each.name;
    throw InputError(fmt::format("there is no group '{}' to keep; the design has {}", options.snapshot_group, names));
  }
  return design.computer.groups[group];
}

Snapshots choose_snapshots(const Group& kept, const Options& options) {
  if (options.snapshot_every == 0) return {};
  Snapshots shots{options.snapshot_every, 0, kept.first, kept.size, options.trajectories};
  if (options.snapshot_trajectories > 0) shots.trajectories = options.snapshot_trajectories;
  if (shots.trajectories > options.trajectories) {
    throw InputError(fmt::format("snapshots of {} trajectories are not to be had from a run of {}", shots.trajectories,
                                 options.trajectories));
  }
  return shots;
}

void sum_up(const Protocol& protocol, double dt, Outcome& outcome) {
  const Run& run = outcome.run;
  int64_t left = run.steps;  // fewer than the protocol's where it was interrupted
  std::vector<double> work(run.trajectories), heat(work.size()), entropy(work.size());
  for (int64_t s = 0; s < run.segments; ++s) {
    for (int64_t t = 0; t < run.trajectories; ++t) {
      const SegmentBooks& books = run.book(t, s);
      work[t] = books.work;
      heat[t] = books.heat;
      entropy[t] = books.entropy;
    }
    const Segment& segment = protocol.segments[s];
    const int64_t steps = std::min(count_steps(segment, dt), left);
    left -= steps;
    outcome.segments.push_back({segment.name, steps, estimate(work), estimate(heat), estimate(entropy)});
  }
}

}  // namespace

Averages average(const Run& run, int64_t first_unit) {
  const auto over_observations = [&](int64_t sum) {
    std::vector<double> means(run.trajectories);
    for (int64_t t = 0; t < run.trajectories; ++t)
      means[t] = run.observed[t * run.sums.size() + sum] / static_cast<double>(run.observations);
    return means;
  };
  Averages averages;
  averages.first_unit = first_unit;
  for (int64_t u = 0; u < run.sums.units; ++u) {
    const std::vector<double> x = over_observations(run.sums.unit(u)), square = over_observations(run.sums.unit(u) + 1);
    averages.mean.push_back(estimate(x));
    averages.variance.push_back(covariance(x, x, square));
  }
  const std::vector<double> energy = over_observations(run.sums.energy);
  averages.energy = estimate(energy);
  averages.energy_variance = covariance(energy, energy, over_observations(run.sums.energy_square));
  std::vector<std::vector<double>> groups;
  for (int64_t g = 0; g < run.sums.groups; ++g) {
    groups.push_back(over_observations(run.sums.group(g)));
    averages.group_mean.push_back(estimate(groups.back()));
    for (int64_t h = 0; h <= g; ++h)
      averages.group_covariance.push_back(covariance(groups[g], groups[h], over_observations(run.sums.product(g, h))));
  }
  return averages;
}

std::vector<PlannedFile> planned_files(const Design& design, const Options& options,
                                       const std::filesystem::path& folder) {
  const Protocol& protocol = find_protocol(design, options.protocol);
  const Group kept = kept_units(design, options);
  const Snapshots shots = choose_snapshots(kept, options);
  const auto trajectories = static_cast<double>(options.trajectories);
  const char* fewer = "fewer trajectories";
  std::vector<PlannedFile> files = {
      {folder / "states.npy", trajectories * static_cast<double>(design.computer.units()) * sizeof(float), fewer},
      {folder / "ledger.npy", trajectories * static_cast<double>(protocol.segments.size()) * sizeof(SegmentBooks),
       fewer}};
  const double snapshots = static_cast<double>(count_snapshots(shots, count_steps(protocol, design.dt)));
  if (snapshots > 0) {
    files.push_back(
        {folder / "snapshots.npy",
         snapshots * static_cast<double>(shots.trajectories) * static_cast<double>(shots.units) * sizeof(float),
         "a longer time between snapshots, or fewer trajectories or units in them"});
  }
  if (options.observe_every > 0)
    files.push_back({folder / "averages.npy", 4.0 * static_cast<double>(kept.size) * sizeof(double), "one group"});
  return files;
}

Outcome simulate(const Design& design, const Patterns& patterns, const Options& options,
                 const std::filesystem::path& folder) {
  if (!keeps_books(design.computer))
    throw InputError(
        "a simulation books work and heat, and this chip has none: its forces have no potential, or its noise is no "
        "bath's; run() advances it without books");
  Protocol protocol = find_protocol(design, options.protocol);
  require_patterns(design, protocol, patterns);
  RunOptions how;
  static_cast<RunSettings&>(how) = options;
  how.integrator = design.integrator;
  how.dt = design.dt;
  how.noise = {options.seed, stream::kRun};
  how.trajectories = options.trajectories;
  how.first_trajectory = options.first_trajectory;
  how.patterns = &patterns;
  const Group kept = kept_units(design, options);
  how.snapshots = choose_snapshots(kept, options);
  if (options.observe_every > 0) how.observables = {options.observe_every, options.observe_from, kept.first, kept.size};
  how.observables.course_every =
      course_every(design.computer, protocol, design.dt, options.trajectories, options.points, options.by_group);
  how.observables.by_group = options.by_group;
  how.checkpoint = options.checkpoint;
  how.files = planned_files(design, options, folder);
  if (how.checkpoint.path.empty()) how.kept = Kept::part;
  how.result_bytes = 5.0 * sizeof(double) * static_cast<double>(options.trajectories);  // of sum_up()
  Outcome outcome;
  outcome.planned_trajectories = options.trajectories;
  outcome.snapshots = count_snapshots(how.snapshots, count_steps(protocol, design.dt));
  if (outcome.snapshots > 0) {
    outcome.snapshot_file = std::make_unique<NpyStream>(
        folder / "snapshots.npy", std::vector{outcome.snapshots, how.snapshots.trajectories, how.snapshots.units});
    how.snapshots.file = outcome.snapshot_file.get();
  }
  outcome.planned_steps = count_steps(protocol, design.dt);
  std::vector<double> start;
  if (options.start == Start::dispersed) {
    const double kT = lay_out(design.computer, protocol, design.dt).front().kT.front();
    start = dispersed_starts(design.computer, kT, options.seed.number, options.first_trajectory, options.trajectories);
    how.start = start;
  }
  outcome.run = swell::run(design.computer, protocol, how);
  protocol.segments.resize(outcome.run.segments);
  if (outcome.snapshots > 0) outcome.snapshots = static_cast<int64_t>(outcome.run.snapshot_times.size());
  sum_up(protocol, design.dt, outcome);
  outcome.diagnostics = diagnose(design.computer, protocol, how, outcome.run);
  outcome.first_law = *outcome.diagnostics.first_law;
  if (outcome.run.observations > 0) outcome.averages = average(outcome.run, kept.first);
  outcome.course = course_of(design, protocol, outcome.run);
  outcome.totals = total(outcome.run);
  outcome.bill = price(design, protocol, outcome.run, outcome.totals, options.prices);
  return outcome;
}

std::string interruption(const Outcome& outcome) {
  const Run& run = outcome.run;
  if (!run.interrupted) return "";
  const std::string steps =
      run.steps < outcome.planned_steps ? fmt::format(" up to step {} of {}", run.steps, outcome.planned_steps) : "";
  return fmt::format("interrupted: what was done is kept, {} of {} trajectories{}", run.trajectories,
                     outcome.planned_trajectories, steps);
}

nlohmann::ordered_json to_json(const Design& design, const Outcome& outcome) {
  const Run& run = outcome.run;
  nlohmann::ordered_json json = {{"trajectories", run.trajectories},
                                 {"units", run.units},
                                 {"steps", run.steps},
                                 {"snapshots", outcome.snapshots},
                                 {"wall_s", run.wall_s},
                                 {"unit_steps_per_s", static_cast<double>(run.units) * static_cast<double>(run.steps) *
                                                          static_cast<double>(run.trajectories) / run.wall_s},
                                 {"interrupted", run.interrupted},
                                 {"memory_predicted_bytes", run.memory_predicted_bytes},
                                 {"first_law_residual", outcome.first_law.residual},
                                 {"first_law_share", outcome.first_law.share}};
  if (run.interrupted)
    json["planned"] = {{"trajectories", outcome.planned_trajectories}, {"steps", outcome.planned_steps}};
  json["work"] = swell::to_json(outcome.totals.work, "E0");
  json["heat"] = swell::to_json(outcome.totals.heat, "E0");
  json["entropy"] = swell::to_json(outcome.totals.entropy, "k");
  json["segments"] = nlohmann::ordered_json::array();
  for (const SegmentSummary& segment : outcome.segments) {
    json["segments"].push_back({{"name", segment.name},
                                {"steps", segment.steps},
                                {"work", swell::to_json(segment.work, "E0")},
                                {"heat", swell::to_json(segment.heat, "E0")},
                                {"entropy", swell::to_json(segment.entropy, "k")}});
  }
  if (!outcome.course.points.empty()) json["course"] = to_json(outcome.course);
  if (run.observations == 0) return json;
  const Averages& averages = outcome.averages;
  const std::vector<Group>& groups = design.computer.groups;
  nlohmann::ordered_json means, covariances;
  for (size_t g = 0, pair = 0; g < groups.size(); ++g) {
    means[groups[g].name] = swell::to_json(averages.group_mean[g], "1");
    for (size_t h = 0; h <= g; ++h, ++pair)
      covariances[groups[g].name][groups[h].name] = swell::to_json(averages.group_covariance[pair], "1");
  }
  json["averages"] = {{"observations", run.observations},
                      {"first_unit", averages.first_unit},
                      {"units", run.sums.units},
                      {"energy", swell::to_json(averages.energy, "E0")},
                      {"energy_variance", swell::to_json(averages.energy_variance, "E0^2")},
                      {"group_mean", means},
                      {"group_covariance", covariances}};
  return json;
}

}  // namespace swell::simulate
