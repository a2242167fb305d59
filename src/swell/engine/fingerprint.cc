#include "swell/engine/fingerprint.h"

#include <fmt/format.h>

#include "swell/base/errors.h"
#include "swell/io/checksum.h"
#include "swell/kernels/dispatch.h"
#include "swell/version.h"

namespace swell {

namespace {

class Sum {
 public:
  template <typename T>
  Sum& operator<<(std::span<const T> values) {
    static_assert(std::is_arithmetic_v<T>);
    const auto count = static_cast<uint64_t>(values.size());
    sum_.update(std::as_bytes(std::span(&count, 1)));
    sum_.update(std::as_bytes(values));
    return *this;
  }
  template <typename T>
  Sum& operator<<(const std::vector<T>& values) {
    return *this << std::span<const T>(values);
  }
  Sum& operator<<(int64_t value) { return *this << std::span<const int64_t>(&value, 1); }
  Sum& operator<<(double value) { return *this << std::span<const double>(&value, 1); }
  Sum& operator<<(const Schedule& schedule) {
    *this << static_cast<int64_t>(schedule.knots.size());
    if (schedule.geometric) *this << int64_t{1};
    for (const Schedule::Knot& knot : schedule.knots) *this << knot.at << knot.value;
    return *this;
  }
  Sum& operator<<(const DenseWeights& weights) { return *this << weights.values; }
  Sum& operator<<(const SparseWeights& weights) {
    return *this << weights.row_start << weights.column << weights.values;
  }
  std::string text() { return hex(sum_.digest()); }

 private:
  Sha256 sum_;
};

std::string sum_of(const Computer& computer) {
  Sum sum;
  for (const Group& group : computer.groups) sum << group.first << group.size;
  sum << computer.J2 << computer.J3 << computer.J4 << computer.mobility;
  for (const CouplingSet& set : computer.sets) {
    sum << static_cast<int64_t>(set.blocks.size()) << set.bias << set.J2;
    for (const CouplingBlock& block : set.blocks) {
      sum << int64_t{block.row_group} << int64_t{block.column_group} << static_cast<int64_t>(block.weights.index());
      std::visit([&](const auto& weights) { sum << weights; }, block.weights);
      if (block.directed) sum << int64_t{1} << block.back;
      if (block.saturation > 0) sum << block.saturation;
    }
  }
  if (!computer.warmth.empty()) sum << computer.warmth;
  if (computer.memory.kT_drift != 0) sum << computer.memory.kT_drift;
  return sum.text();
}

std::string sum_of(const System& system) {
  if (system.computer()) return sum_of(*system.computer());
  Sum sum;
  for (const Group& group : system.groups()) sum << group.first << group.size;
  for (const IsingModel& model : system.models()) sum << model.row_start << model.neighbour << model.J << model.h;
  for (const LinearSystem& one : system.linear()) {
    sum << one.drift.values << one.c << one.noise.values;
    if (!one.stiffness.values.empty()) sum << one.stiffness.values;
  }
  return sum.text();
}

std::string sum_of(const Protocol& protocol, const System& system) {
  Sum sum;
  for (const Segment& segment : protocol.segments) {
    sum << segment.duration << int64_t{segment.couplings} << temperature(segment, system) << segment.clamped;
    for (const Schedule& drive : segment.drive) sum << drive;
  }
  return sum.text();
}

std::string length_of_steps(const RunOptions& options) {
  if (options.turns.empty()) return fmt::format("{}", options.dt);
  std::string text;
  for (const Turn& turn : options.turns)
    text += fmt::format("{}{} x {}", text.empty() ? "" : ", ", turn.steps, turn.dt);
  return text;
}

// Checkpoints that do not say these are older: of the whole work, of trajectories at the protocol's temperature.
const std::string kTemperatures = "choice of temperatures", kOfProtocol = "of the protocol";
const std::string kExtent = "extent", kWhole = "the whole work";
std::string unsaid(const std::string& what) {
  return what == kTemperatures ? kOfProtocol : what == kExtent ? kWhole : "unknown";
}

}  // namespace

Fingerprint fingerprint(const System& system, const Protocol& protocol, const RunOptions& options) {
  const Patterns none;
  const Patterns& patterns = options.patterns ? *options.patterns : none;
  const Snapshots& shots = options.snapshots;
  const Observables& seen = options.observables;
  // A tile unit sums in an order that other instruction sets do not keep.
  const bool in_tiles = options.precision != Precision::f32 && cpu::has_tiles(cpu::find_isa(options.isa));
  return {
      {"Swell version", kVersion},
      {"number of units", fmt::format("{}", system.units())},
      {system.computer() ? "computer" : "machine", sum_of(system)},
      {"protocol", sum_of(protocol, system)},
      {system.kind() == System::Kind::pbits ? "rule" : "integrator",
       std::string(system.kind() == System::Kind::pbits ? name_of(options.rule) : name_of(options.integrator))},
      {"precision", fmt::format("{}{}", name_of(options.precision), in_tiles ? ", summed in tiles" : "")},
      {"dt", length_of_steps(options)},
      {"seed", fmt::format("{}", options.noise.seed)},
      {"stream", fmt::format("{}", options.noise.stream)},
      {"random bits", options.noise.entropy ? options.noise.entropy->identity() : "of the generator"},
      {"number of trajectories", fmt::format("{}", options.trajectories)},
      {"earlier run", options.came_from ? sum_of(Protocol{"", {*options.came_from}}, system) : "none"},
      {"first step", fmt::format("{}", options.first_step)},
      {"first trajectory", fmt::format("{}", options.first_trajectory)},
      {"pattern", patterns.rows == 0 ? "none" : (Sum() << patterns.rows << patterns.values).text()},
      {kTemperatures, options.kT_of_trajectory.empty() ? kOfProtocol : (Sum() << options.kT_of_trajectory).text()},
      {"start", options.start.empty() ? "none" : (Sum() << options.start).text()},
      {"start of p-bits", options.start_spins.empty() ? "none" : (Sum() << options.start_spins).text()},
      {"choice of snapshots", shots.every == 0
                                  ? "none"
                                  : fmt::format("every {} from {}, units from {}, {} x {}", shots.every,
                                                shots.from_step, shots.first_unit, shots.trajectories, shots.units)},
      {"choice of observables", seen.every == 0 ? "none"
                                                : fmt::format("every {} from {}, units from {}, {}", seen.every,
                                                              seen.from_step, seen.first_unit, seen.units)},
      {"points in time", seen.course_every == 0 ? "none"
                                                : fmt::format("every {} steps{}", seen.course_every,
                                                              seen.by_group ? ", books of each group" : "")},
      {kExtent, options.checkpoint.extent.empty() ? kWhole : options.checkpoint.extent},
  };
}

void require_same_run(const std::map<std::string, std::string>& metadata, const std::string& format_key,
                      const std::string& format, const Fingerprint& fingerprint, const std::string& name) {
  const auto stated = metadata.find(format_key);
  if (stated == metadata.end())
    throw IoError(fmt::format("{} is not a checkpoint; name another file, this one is left as it is", name));
  if (stated->second != format)
    throw IoError(fmt::format("{}: checkpoint format {} is not known; {} is", name, stated->second, format));
  for (const auto& [what, value] : fingerprint) {
    const auto found = metadata.find(what);
    const std::string there = found != metadata.end() ? found->second : unsaid(what);
    if (there == value) continue;
    throw InputError(
        fmt::format("the checkpoint {} is of another run: its {} is {}, that of this run is {}; name another file, or "
                    "remove it to begin again",
                    name, what, there, value));
  }
}

}  // namespace swell
