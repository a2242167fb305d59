#include "swell/learn/fokker_planck.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>
#include <numbers>
#include <span>

#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/kernels/densities.h"
#include "swell/physics/onsite.h"

namespace swell {

namespace {

constexpr int kStartSteps = 4;  // taken as two implicit Euler halves each, to damp the point-like start
constexpr double kTail = 40;    // the grid ends where the Boltzmann factor is e^-40

struct Grid {
  double first, spacing;
  int cells;
  double at(int i) const { return first + spacing * i; }
};

double largest(const LearnedProtocol& protocol, int group, double& lowest_kT, double& highest_kT) {
  double amplitude = 0;
  for (const Segment& segment : protocol.segments) {
    for (const auto& knot : segment.drive[group].knots) amplitude = std::max(amplitude, std::abs(knot.value));
    for (const auto& knot : segment.kT.knots) {
      lowest_kT = std::min(lowest_kT, knot.value);
      highest_kT = std::max(highest_kT, knot.value);
    }
  }
  return amplitude;
}

// The interval outside of which no drive in the protocol leaves a noticeable probability; it contains the start x = 0.
Grid choose_grid(const OneUnitParameters& unit, double force, double kT, int cells) {
  const auto energy = [&](double x, double sign) {
    return onsite_energy(x, unit.J2, unit.J3, unit.J4) - sign * force * x;
  };
  double low = 0, high = 0;
  for (const double sign : {-1.0, 1.0}) {
    double minimum = 0;
    const double step = 1e-3;
    for (double x = -50; x <= 50; x += step) minimum = std::min(minimum, energy(x, sign));
    // All of the axis: where it is cold, barriers and a start far from the minimum lie above the bound.
    for (double x = 0; x <= 50; x += step) {
      if (energy(x, sign) - minimum < kTail * kT) high = std::max(high, x);
      if (energy(-x, sign) - minimum < kTail * kT) low = std::min(low, -x);
    }
  }
  // x = 0 is a cell centre, so that the start is a single cell.
  const double spacing = (high - low) / (cells - 1);
  const double first = -std::ceil(-low / spacing) * spacing;
  return {first, spacing, cells + 1};
}

// Densities of a few patterns side by side, stepped together. With (1 - h L) u = rho an implicit Euler step of length h
// gives u, and a Crank-Nicolson step of length 2 h gives 2 u - rho: one elimination serves both.
class Densities {
 public:
  // patterns: at most kDensityColumns.
  Densities(const OneUnitParameters& unit, Grid grid, std::span<const double> patterns, double dt)
      : unit_(unit),
        grid_(grid),
        half_step_(dt / 2),
        patterns_(patterns.begin(), patterns.end()),
        up_(grid.cells, 0.0),
        down_(grid.cells, 0.0),
        rho_(grid.cells),
        work_(grid.cells),
        pivot_(grid.cells) {
    patterns_.resize(kDensityColumns, patterns.back());
    const int origin = static_cast<int>(std::lround(-grid.first / grid.spacing));
    std::fill_n(rho_[origin].columns, kDensityColumns, 1.0);
    for (int i = 0; i < grid.cells; ++i) {
      const double x = grid.at(i);
      weights_.insert(weights_.end(), {x, x * x, onsite_gradient(x, unit.J2, unit.J3, unit.J4)});
    }
  }

  // One step of length dt by Crank-Nicolson, or of dt / 2 by implicit Euler; sums: whether moments() is asked next.
  void step(double kT, double amplitude, bool crank_nicolson, bool sums) {
    const bool new_rates = set_rates(kT, amplitude);
    advance_densities({grid_.cells, up_.data(), down_.data(), product_, tilt_.columns, inverse_tilt_.columns,
                       weights_.data(), rho_.front().columns, work_.front().columns, pivot_.front().columns,
                       sums ? sums_.front().columns : nullptr, new_rates, crank_nicolson});
  }

  // Of the density after the last step: <x>, <x^2>, <V'> of one column.
  double mean(size_t column) const { return sums_[0].columns[column]; }
  double square(size_t column) const { return sums_[1].columns[column]; }
  double slope(size_t column) const { return sums_[2].columns[column]; }

 private:
  struct alignas(64) Row {
    double columns[kDensityColumns] = {};
  };

  // Rates between cells i and i + 1: up_[i] tilt up, down_[i] / tilt down, tilt = exp(beta A p h / 2). Returns whether
  // they differ from those of the last step.
  bool set_rates(double kT, double amplitude) {
    if (kT == kT_ && amplitude == amplitude_) return false;
    if (kT != kT_) {
      const double scale = half_step_ * unit_.mobility * kT / (grid_.spacing * grid_.spacing);
      for (int i = 0; i + 1 < grid_.cells; ++i) {
        const double rise = onsite_energy(grid_.at(i + 1), unit_.J2, unit_.J3, unit_.J4) -
                            onsite_energy(grid_.at(i), unit_.J2, unit_.J3, unit_.J4);
        up_[i] = scale * std::exp(-rise / (2 * kT));
        down_[i] = scale * std::exp(rise / (2 * kT));
      }
      product_ = scale * scale;
    }
    for (int c = 0; c < kDensityColumns; ++c) {
      tilt_.columns[c] = std::exp(amplitude * patterns_[c] * grid_.spacing / (2 * kT));
      inverse_tilt_.columns[c] = 1 / tilt_.columns[c];
    }
    kT_ = kT;
    amplitude_ = amplitude;
    return true;
  }

  OneUnitParameters unit_;
  Grid grid_;
  double half_step_;
  std::vector<double> patterns_;
  double kT_ = NAN, amplitude_ = NAN, product_ = 0;
  std::vector<double> up_, down_, weights_;
  Row tilt_, inverse_tilt_;
  std::vector<Row> rho_, work_, pivot_;
  std::array<Row, 3> sums_;
};

// Tells how many steps of all tasks are done, now and then.
class Ticker {
 public:
  Ticker(const ProgressCallback& progress, int64_t steps, int64_t cells)
      : progress_(progress),
        total_(static_cast<double>(steps)),
        every_(std::clamp<int64_t>(kCellsPerLook / cells, 1, 256)) {}

  void step(int64_t taken) {
    if (!progress_ || taken % every_ != 0) return;
    const std::lock_guard lock(mutex_);
    done_ += static_cast<double>(every_);
    if (!progress_({"", std::min(1.0, done_ / total_)}))
      throw Interrupted("interrupted while solving Fokker-Planck equations; nothing was kept");
  }

 private:
  static constexpr int64_t kCellsPerLook = 200000;  // some milliseconds

  const ProgressCallback& progress_;
  double total_, done_ = 0;
  int64_t every_;
  std::mutex mutex_;
};

// Takes columns [first, last) of the table through the protocol.
void fill_columns(OneUnitTable& table, const OneUnitParameters& unit, const LearnedProtocol& protocol, int group,
                  Grid grid, double dt, size_t first, size_t last, Ticker& ticker) {
  const size_t width = last - first, total = table.patterns.size();
  Densities densities(unit, grid, std::span(table.patterns).subspan(first, width), dt);
  // <V'> before the step; of the point-like start it is that at x = 0.
  std::vector<double> before(width, onsite_gradient(0.0, unit.J2, unit.J3, unit.J4));
  int64_t taken = 0, learned = 0;
  for (size_t s = 0; s < protocol.segments.size(); ++s) {
    const Segment& segment = protocol.segments[s];
    const bool is_learned = protocol.learned[s] != 0;
    const bool next_learned = s + 1 < protocol.segments.size() && protocol.learned[s + 1];
    const int64_t steps = count_steps(segment, dt);
    for (int64_t k = 0; k < steps; ++k, ++taken) {
      ticker.step(taken);
      const double fraction = static_cast<double>(k) / static_cast<double>(steps);
      const double kT = segment.kT(fraction), amplitude = segment.drive[group](fraction);
      const bool sums = is_learned || (next_learned && k + 1 == steps);
      if (taken < kStartSteps) {
        densities.step(kT, amplitude, false, false);
        densities.step(kT, amplitude, false, sums);
      } else {
        densities.step(kT, amplitude, true, sums);
      }
      if (!sums) continue;
      for (size_t c = 0; c < width; ++c) {
        const double slope = densities.slope(c);
        if (is_learned) {
          const size_t at = learned * total + first + c;
          table.mean[at] = densities.mean(c);
          table.square[at] = densities.square(c);
          // <dx>/(mu dt) is the mean force over the step (trapezoid); the target subtracts the gradient at its end.
          table.target[at] = amplitude * table.patterns[first + c] - 0.5 * (before[c] + slope) - slope;
        }
        before[c] = slope;
      }
      learned += is_learned;
    }
  }
}

void check_protocol(const LearnedProtocol& protocol) {
  for (const Segment& segment : protocol.segments) {
    if (segment.kT.knots.empty()) {
      throw InputError(fmt::format("exact training needs kT > 0 throughout protocol '{}'; segment '{}' has no kT",
                                   protocol.name, segment.name));
    }
    for (const auto& knot : segment.kT.knots) {
      if (!(knot.value > 0)) {
        throw InputError(fmt::format("exact training needs kT > 0 throughout protocol '{}'; segment '{}' has kT = {}",
                                     protocol.name, segment.name, knot.value));
      }
    }
    const bool clamped = std::find(segment.clamped.begin(), segment.clamped.end(), 1) != segment.clamped.end();
    if (segment.couplings != kNoCouplings || clamped) {
      throw InputError(
          fmt::format("exact training needs uncoupled, unclamped units throughout protocol '{}'; segment '{}' has {}; "
                      "use method gradient",
                      protocol.name, segment.name, clamped ? "clamped units" : "couplings"));
    }
  }
  require_learned(protocol);
}

}  // namespace

OneUnitTable solve_fokker_planck(const OneUnitParameters& unit, const LearnedProtocol& protocol, int group, double low,
                                 double high, const FokkerPlanckOptions& options) {
  const int count = low == high ? 1 : options.patterns;
  std::vector<double> patterns;
  for (int c = 0; c < count; ++c) {
    const double angle = count == 1 ? 0.0 : std::cos(std::numbers::pi * (count - 1 - c) / (count - 1));
    patterns.push_back(0.5 * (low + high) + 0.5 * (high - low) * angle);
  }
  return solve_fokker_planck(unit, protocol, group, std::move(patterns), options);
}

OneUnitTable solve_fokker_planck(const OneUnitParameters& unit, const LearnedProtocol& protocol, int group,
                                 std::vector<double> patterns, const FokkerPlanckOptions& options) {
  check_protocol(protocol);
  OneUnitTable table;
  table.patterns = std::move(patterns);
  const auto count = static_cast<int64_t>(table.patterns.size());
  double strongest = 0;
  for (const double pattern : table.patterns) strongest = std::max(strongest, std::abs(pattern));
  double lowest_kT = INFINITY, highest_kT = 0, reference_kT = 0;
  const double amplitude = largest(protocol, group, lowest_kT, highest_kT);
  for (size_t s = 0; s < protocol.segments.size(); ++s) {
    const Segment& segment = protocol.segments[s];
    if (!protocol.learned[s]) continue;
    const int64_t steps = count_steps(segment, options.dt);
    for (int64_t k = 0; k < steps; ++k) {
      const double kT = segment.kT(static_cast<double>(k) / static_cast<double>(steps));
      if (reference_kT == 0) reference_kT = kT;
      table.weight.push_back(reference_kT / kT);
    }
  }
  table.steps = static_cast<int64_t>(table.weight.size());
  for (auto* values : {&table.mean, &table.square, &table.target}) values->resize(table.steps * count);
  const Grid grid = choose_grid(unit, amplitude * strongest, highest_kT, options.cells);
  const int64_t tasks = (count + kDensityColumns - 1) / kDensityColumns;
  Ticker ticker(options.progress, tasks * count_steps(protocol, options.dt), grid.cells);
  parallel_for(tasks, options.threads, [&](int64_t task) {
    const size_t first = task * kDensityColumns;
    fill_columns(table, unit, protocol, group, grid, options.dt, first,
                 std::min<size_t>(first + kDensityColumns, count), ticker);
  });
  return table;
}

std::vector<double> interpolation_weights(const std::vector<double>& patterns, double pattern) {
  const size_t n = patterns.size();
  std::vector<double> weights(n, 0.0);
  double sum = 0;
  for (size_t c = 0; c < n; ++c) {
    if (pattern == patterns[c] || n == 1) {
      std::fill(weights.begin(), weights.end(), 0.0);
      weights[c] = 1;
      return weights;
    }
    const double end = c == 0 || c + 1 == n ? 0.5 : 1.0;
    weights[c] = (c % 2 == 0 ? end : -end) / (pattern - patterns[c]);
    sum += weights[c];
  }
  for (double& weight : weights) weight /= sum;
  return weights;
}

}  // namespace swell
