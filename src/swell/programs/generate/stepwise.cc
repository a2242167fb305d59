#include "swell/programs/generate/stepwise.h"

#include <fmt/format.h>

#include <algorithm>

#include "swell/base/errors.h"
#include "swell/engine/patterns.h"

namespace swell::generate {

namespace {

bool is_constant(const Schedule& schedule) {
  return std::ranges::all_of(schedule.knots,
                             [&](const Schedule::Knot& knot) { return knot.value == schedule.knots[0].value; });
}

// Heat and work of a step whose drive is not that of the step before belong to both.
void require_constant_drives(const Protocol& protocol) {
  for (const Segment& segment : protocol.segments) {
    if (!std::ranges::all_of(segment.drive, is_constant)) {
      throw InputError(
          fmt::format("protocol '{}': a drive of segment '{}' changes within it, so it cannot be run in parts",
                      protocol.name, segment.name));
    }
  }
}

// The values that the schedule has at steps `from` to `to` of so many, each at its step of a segment of those steps
// alone: the same bits. From one step to the next it jumps right after the earlier one.
Schedule values_at_steps(const Schedule& schedule, int64_t from, int64_t to, int64_t steps) {
  Schedule cut;
  for (int64_t k = from; k < to; ++k) {
    const double value = schedule(static_cast<double>(k) / static_cast<double>(steps));
    if (k > from) cut.knots.push_back({cut.knots.back().at, value});
    cut.knots.push_back({static_cast<double>(k - from) / static_cast<double>(to - from), value});
  }
  return cut;
}

}  // namespace

StepwiseGeneration::StepwiseGeneration(const Trained& trained, const SampleOptions& options)
    : trained_(trained),
      options_(options),
      patterns_(fixed_patterns(trained.design, options.labels, options.seed)),
      protocol_(find_protocol(trained.design, "generation")),
      run_options_(generation_run(trained, options, patterns_)) {
  require_constant_drives(protocol_);
  const ChipMemory& memory = trained.design.computer.memory;
  if (memory.remembers() || memory.kT_drift != 0)
    throw InputError("a chip with memory, or whose kT drifts, cannot be run in parts");
  run_options_.kept = Kept::nothing;
  for (const Segment& segment : protocol_.segments) ends_.push_back(steps_ += count_steps(segment, trained.design.dt));
  run_.trajectories = options.samples;
  run_.units = trained.design.computer.units();
  run_.segments = static_cast<int64_t>(protocol_.segments.size());
  run_.states.assign(run_.trajectories * run_.units, 0.0);
  run_.books.resize(run_.trajectories * run_.segments);
}

void StepwiseGeneration::advance(int64_t steps) {
  const int64_t first = done();
  int64_t last = std::min(steps_, first + std::max<int64_t>(1, steps));
  // The work of a change of control is booked where one run crosses it.
  if (last < steps_ && std::ranges::find(ends_, last) != ends_.end()) ++last;
  if (last == first) return;
  Protocol part{protocol_.name, {}};
  std::vector<int64_t> segments;
  for (int64_t s = 0; s < run_.segments; ++s) {
    const int64_t from = std::max(first, s == 0 ? 0 : ends_[s - 1]), to = std::min(last, ends_[s]);
    if (from >= to) continue;
    part.segments.push_back(protocol_.segments[s]);
    Segment& cut = part.segments.back();
    cut.duration = static_cast<double>(to - from) * trained_.design.dt;
    const int64_t begin = s == 0 ? 0 : ends_[s - 1];
    if (!is_constant(cut.kT)) cut.kT = values_at_steps(cut.kT, from - begin, to - begin, ends_[s] - begin);
    segments.push_back(s);
  }
  run_options_.first_step = first;
  if (first > 0) run_options_.start = run_.states;
  Run done = swell::run(trained_.design.computer, part, run_options_);
  for (int64_t t = 0; t < run_.trajectories; ++t) {
    for (size_t k = 0; k < segments.size(); ++k) {
      SegmentBooks& book = run_.books[t * run_.segments + segments[k]];
      const SegmentBooks& more = done.book(t, static_cast<int64_t>(k));
      book.work += more.work;
      book.heat += more.heat;
      book.entropy += more.entropy;
    }
  }
  if (first == 0) run_.start_energy = std::move(done.start_energy);
  run_.end_energy = std::move(done.end_energy);
  run_.states = std::move(done.states);
  run_.engine = std::move(done.engine);
  run_.steps = last;
  run_.multiply_adds += done.multiply_adds;
  run_.draws += done.draws;
  run_.wall_s += done.wall_s;
  run_.memory_predicted_bytes = std::max(run_.memory_predicted_bytes, done.memory_predicted_bytes);
}

const std::string& StepwiseGeneration::phase() const {
  size_t s = 0;
  while (s + 1 < ends_.size() && ends_[s] < done()) ++s;
  return protocol_.segments[s].name;
}

}  // namespace swell::generate
