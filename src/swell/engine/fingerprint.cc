#include "swell/engine/fingerprint.h"

#include <fmt/format.h>

#include "swell/engine/cpu/cpu.h"
#include "swell/io/checksum.h"
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
    sum << static_cast<int64_t>(set.blocks.size()) << set.bias;
    for (const CouplingBlock& block : set.blocks) {
      sum << int64_t{block.row_group} << int64_t{block.column_group} << static_cast<int64_t>(block.weights.index());
      std::visit([&](const auto& weights) { sum << weights; }, block.weights);
    }
  }
  return sum.text();
}

std::string sum_of(const Protocol& protocol, const Computer& computer) {
  Sum sum;
  for (const Segment& segment : protocol.segments) {
    sum << segment.duration << int64_t{segment.couplings} << temperature(segment, computer) << segment.clamped;
    for (const Schedule& drive : segment.drive) sum << drive;
  }
  return sum.text();
}

}  // namespace

Fingerprint fingerprint(const Computer& computer, const Protocol& protocol, const RunOptions& options) {
  const Patterns none;
  const Patterns& patterns = options.patterns ? *options.patterns : none;
  const Snapshots& shots = options.snapshots;
  const Observables& seen = options.observables;
  return {
      {"Swell version", kVersion},
      {"number of units", fmt::format("{}", computer.units())},
      {"computer", sum_of(computer)},
      {"protocol", sum_of(protocol, computer)},
      {"integrator", options.integrator == Integrator::euler_maruyama ? "euler-maruyama" : "leimkuhler-matthews"},
      {"precision",
       fmt::format("{}{}", name_of(options.precision), cpu::sums_in_tiles(options) ? ", summed in tiles" : "")},
      {"dt", fmt::format("{}", options.dt)},
      {"seed", fmt::format("{}", options.noise.seed)},
      {"stream", fmt::format("{}", options.noise.stream)},
      {"number of trajectories", fmt::format("{}", options.trajectories)},
      {"first trajectory", fmt::format("{}", options.first_trajectory)},
      {"pattern", patterns.rows == 0 ? "none" : (Sum() << patterns.rows << patterns.values).text()},
      {"start", options.start.empty() ? "x = 0" : (Sum() << options.start).text()},
      {"choice of snapshots", shots.every == 0
                                  ? "none"
                                  : fmt::format("every {} from {}, units from {}, {} x {}", shots.every,
                                                shots.from_step, shots.first_unit, shots.trajectories, shots.units)},
      {"choice of observables", seen.every == 0 ? "none"
                                                : fmt::format("every {} from {}, units from {}, {}", seen.every,
                                                              seen.from_step, seen.first_unit, seen.units)},
      {"points in time", seen.course_every == 0 ? "none" : fmt::format("every {} steps", seen.course_every)},
  };
}

}  // namespace swell
