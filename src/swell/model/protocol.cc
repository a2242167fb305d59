#include "swell/model/protocol.h"

#include <fmt/format.h>

#include <cmath>

#include "swell/base/errors.h"

namespace swell {

double geometric_at(double first, double last, double share) { return first * std::pow(last / first, share); }

double Schedule::operator()(double fraction) const {
  if (knots.empty()) return 0;
  if (fraction <= knots.front().at) return knots.front().value;
  for (size_t k = 1; k < knots.size(); ++k) {
    const Knot &left = knots[k - 1], &right = knots[k];
    if (fraction > right.at) continue;
    if (right.at == left.at) return right.value;
    if (geometric) return geometric_at(left.value, right.value, (fraction - left.at) / (right.at - left.at));
    return left.value + (right.value - left.value) * (fraction - left.at) / (right.at - left.at);
  }
  return knots.back().value;
}

bool Schedule::is_zero() const {
  for (const Knot& knot : knots) {
    if (knot.value != 0) return false;
  }
  return true;
}

Schedule temperature(const Segment& segment, const System& system) {
  return segment.kT.knots.empty() ? Schedule{{{0.0, system.kT()}}} : segment.kT;
}

int64_t count_steps(const Segment& segment, double dt) {
  const double steps = segment.duration / dt;
  const double whole = std::round(steps);
  if (!(whole >= 1) || whole > 1e12 || std::abs(steps - whole) > 1e-6 * whole) {
    throw InputError(
        fmt::format("segment '{}': the duration {} is not a whole number of steps of dt = {} ({} steps); "
                    "a multiple of dt is needed",
                    segment.name, segment.duration, dt, steps));
  }
  return static_cast<int64_t>(whole);
}

int64_t count_steps(const Protocol& protocol, double dt) {
  int64_t total = 0;
  for (const Segment& segment : protocol.segments) total += count_steps(segment, dt);
  return total;
}

namespace {

void validate_schedule(const Schedule& schedule, const std::string& where) {
  double last = 0;
  for (const Schedule::Knot& knot : schedule.knots) {
    if (!std::isfinite(knot.at) || !std::isfinite(knot.value) || knot.at < last || knot.at > 1) {
      throw InputError(
          fmt::format("{}: the knot [{}, {}] is not allowed; knots are [fraction, value] with finite "
                      "values and fractions ascending from 0 to 1",
                      where, knot.at, knot.value));
    }
    last = knot.at;
    if (schedule.geometric && !(knot.value > 0))
      throw InputError(
          fmt::format("{}: the value {} is not allowed on a geometric schedule; one above zero is", where, knot.value));
  }
}

void validate_segment(const Segment& segment, const System& system, const std::string& where) {
  if (!std::isfinite(segment.duration) || segment.duration <= 0) {
    throw InputError(
        fmt::format("{}: duration {} is not allowed; a positive number of 1/mu is", where, segment.duration));
  }
  if (segment.couplings < kNoCouplings || segment.couplings >= system.sets()) {
    throw InputError(fmt::format("{}: coupling set number {} does not exist; the {} has {}", where, segment.couplings,
                                 system.computer() ? "computer" : "system", system.sets()));
  }
  if (system.kind() == System::Kind::linear && segment.couplings == kNoCouplings) {
    throw InputError(
        fmt::format("{}: no coupling set is in force; a linear system needs one, 0 to {}", where, system.sets() - 1));
  }
  const auto groups = system.groups();
  const auto fits = [&](size_t count) { return count == groups.size() || (count == 0 && !system.computer()); };
  if (!fits(segment.drive.size()) || !fits(segment.clamped.size())) {
    throw InputError(fmt::format("{}: {} drives and {} clamps for {} groups; one of each per group is needed", where,
                                 segment.drive.size(), segment.clamped.size(), groups.size()));
  }
  for (size_t g = 0; g < segment.drive.size(); ++g) {
    validate_schedule(segment.drive[g], fmt::format("{}: drive of '{}'", where, groups[g].name));
  }
  validate_schedule(segment.kT, where + ": kT");
  for (const Schedule::Knot& knot : segment.kT.knots) {
    if (knot.value < 0) throw InputError(fmt::format("{}: kT = {} is not allowed; zero or more is", where, knot.value));
  }
}

}  // namespace

void validate(const Protocol& protocol, const System& system, std::string_view where) {
  if (protocol.segments.empty()) {
    throw InputError(fmt::format("{}: protocol '{}' has no segments; at least one is needed", where, protocol.name));
  }
  for (const Segment& segment : protocol.segments) {
    validate_segment(segment, system,
                     fmt::format("{}: protocol '{}', segment '{}'", where, protocol.name, segment.name));
  }
}

}  // namespace swell
