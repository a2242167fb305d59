#include "swell/learn/fokker_planck.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/physics/onsite.h"

namespace swell {

namespace {

constexpr int kColumnsPerTask = 8;
constexpr int kStartSteps = 4;  // taken as two implicit Euler halves each, to damp the point-like start
constexpr double kTail = 40;    // the grid ends where the Boltzmann factor is e^-40

struct Grid {
  double first, spacing;
  int cells;
  double at(int i) const { return first + spacing * i; }
};

double largest(const Protocol& protocol, int group, double& lowest_kT, double& highest_kT) {
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
    for (double x = 0; x <= 50 && (energy(x, sign) - minimum < kTail * kT || x <= high); x += step)
      high = std::max(high, x);
    for (double x = 0; x >= -50 && (energy(x, sign) - minimum < kTail * kT || x >= low); x -= step)
      low = std::min(low, x);
  }
  // x = 0 is a cell centre, so that the start is a single cell.
  const double spacing = (high - low) / (cells - 1);
  const double first = -std::ceil(-low / spacing) * spacing;
  return {first, spacing, cells + 1};
}

// Densities of a few patterns side by side, [cell][column], stepped together.
class Densities {
 public:
  Densities(const OneUnitParameters& unit, Grid grid, std::vector<double> patterns)
      : unit_(unit), grid_(grid), patterns_(std::move(patterns)), columns_(patterns_.size()) {
    rho_.assign(grid.cells * columns_, 0.0);
    const int origin = static_cast<int>(std::lround(-grid.first / grid.spacing));
    for (size_t c = 0; c < columns_; ++c) rho_[origin * columns_ + c] = 1.0;
    up_.resize(grid.cells);
    down_.resize(grid.cells);
    work_.resize(rho_.size());
    factor_.resize(rho_.size());
    tilt_.resize(columns_);
  }

  // One step of length dt; implicitness 1/2 is Crank-Nicolson, 1 implicit Euler.
  void step(double kT, double amplitude, double dt, double implicitness) {
    set_rates(kT, amplitude);
    explicit_part(dt * (1 - implicitness));
    implicit_part(dt * implicitness);
  }

  void moments(double* mean, double* square, double* gradient) const {
    std::fill_n(mean, columns_, 0.0);
    std::fill_n(square, columns_, 0.0);
    std::fill_n(gradient, columns_, 0.0);
    for (int i = 0; i < grid_.cells; ++i) {
      const double x = grid_.at(i), slope = onsite_gradient(x, unit_.J2, unit_.J3, unit_.J4);
      for (size_t c = 0; c < columns_; ++c) {
        const double p = rho_[i * columns_ + c];
        mean[c] += p * x;
        square[c] += p * x * x;
        gradient[c] += p * slope;
      }
    }
  }

 private:
  // Rates between cells i and i + 1: up_[i] tilt up, down_[i] / tilt down, tilt = exp(beta A p h / 2).
  void set_rates(double kT, double amplitude) {
    if (kT != kT_) {
      const double scale = unit_.mobility * kT / (grid_.spacing * grid_.spacing);
      for (int i = 0; i + 1 < grid_.cells; ++i) {
        const double rise = onsite_energy(grid_.at(i + 1), unit_.J2, unit_.J3, unit_.J4) -
                            onsite_energy(grid_.at(i), unit_.J2, unit_.J3, unit_.J4);
        up_[i] = scale * std::exp(-rise / (2 * kT));
        down_[i] = scale * std::exp(rise / (2 * kT));
      }
      kT_ = kT;
    }
    for (size_t c = 0; c < columns_; ++c) tilt_[c] = std::exp(amplitude * patterns_[c] * grid_.spacing / (2 * kT));
  }

  void explicit_part(double dt) {
    if (dt == 0) {
      work_ = rho_;
      return;
    }
    const size_t n = columns_;
    for (int i = 0; i < grid_.cells; ++i) {
      for (size_t c = 0; c < n; ++c) work_[i * n + c] = rho_[i * n + c];
    }
    for (int i = 0; i + 1 < grid_.cells; ++i) {
      for (size_t c = 0; c < n; ++c) {
        const double flow = dt * (up_[i] * tilt_[c] * rho_[i * n + c] - down_[i] / tilt_[c] * rho_[(i + 1) * n + c]);
        work_[i * n + c] -= flow;
        work_[(i + 1) * n + c] += flow;
      }
    }
  }

  // Solves (1 - dt L) rho = work by elimination; L is tridiagonal with columns that sum to zero.
  void implicit_part(double dt) {
    const size_t n = columns_;
    const int cells = grid_.cells;
    for (int i = 0; i < cells; ++i) {
      const double up = i + 1 < cells ? up_[i] : 0.0, below_up = i > 0 ? up_[i - 1] : 0.0;
      const double below_down = i > 0 ? down_[i - 1] : 0.0, down = i + 1 < cells ? down_[i] : 0.0;
      for (size_t c = 0; c < n; ++c) {
        const double inverse_tilt = 1 / tilt_[c];
        const double lower = -dt * below_up * tilt_[c];
        const double previous = i > 0 ? factor_[(i - 1) * n + c] : 0.0;
        const double pivot = 1 / (1 + dt * (up * tilt_[c] + below_down * inverse_tilt) - lower * previous);
        factor_[i * n + c] = -dt * down * inverse_tilt * pivot;
        const double carried = i > 0 ? work_[(i - 1) * n + c] : 0.0;
        work_[i * n + c] = (work_[i * n + c] - lower * carried) * pivot;
      }
    }
    for (size_t c = 0; c < n; ++c) rho_[(cells - 1) * n + c] = work_[(cells - 1) * n + c];
    for (int i = cells - 2; i >= 0; --i) {
      for (size_t c = 0; c < n; ++c) {
        rho_[i * n + c] = work_[i * n + c] - factor_[i * n + c] * rho_[(i + 1) * n + c];
      }
    }
  }

  OneUnitParameters unit_;
  Grid grid_;
  std::vector<double> patterns_;
  size_t columns_;
  double kT_ = -1;
  std::vector<double> rho_, up_, down_, work_, factor_, tilt_;
};

// Takes columns [first, last) of the table through the protocol.
void fill_columns(OneUnitTable& table, const OneUnitParameters& unit, const Protocol& protocol, int group, Grid grid,
                  double dt, size_t first, size_t last) {
  Densities densities(unit, grid, {table.patterns.begin() + first, table.patterns.begin() + last});
  const size_t width = last - first, total = table.patterns.size();
  std::vector<double> mean(width), square(width), before(width), after(width);
  int64_t taken = 0, learned = 0;
  for (const Segment& segment : protocol.segments) {
    const int64_t steps = count_steps(segment, dt);
    densities.moments(mean.data(), square.data(), before.data());
    for (int64_t k = 0; k < steps; ++k, ++taken) {
      const double fraction = static_cast<double>(k) / static_cast<double>(steps);
      const double kT = segment.kT(fraction), amplitude = segment.drive[group](fraction);
      if (taken < kStartSteps) {
        densities.step(kT, amplitude, dt / 2, 1.0);
        densities.step(kT, amplitude, dt / 2, 1.0);
      } else {
        densities.step(kT, amplitude, dt, 0.5);
      }
      if (!segment.learned) continue;
      densities.moments(mean.data(), square.data(), after.data());
      for (size_t c = 0; c < width; ++c) {
        const size_t at = learned * total + first + c;
        table.mean[at] = mean[c];
        table.square[at] = square[c];
        // <dx>/(mu dt) is the mean force over the step (trapezoid); the target subtracts the gradient at its end.
        table.target[at] = amplitude * table.patterns[first + c] - 0.5 * (before[c] + after[c]) - after[c];
      }
      before.swap(after);
      ++learned;
    }
  }
}

void check_protocol(const Protocol& protocol) {
  bool any = false;
  for (const Segment& segment : protocol.segments) {
    any = any || segment.learned;
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
                      "use --method gradient",
                      protocol.name, segment.name, clamped ? "clamped units" : "couplings"));
    }
  }
  if (!any) {
    throw InputError(
        fmt::format("protocol '{}' has no segment with learned = true; at least one is needed", protocol.name));
  }
}

}  // namespace

OneUnitTable solve_fokker_planck(const OneUnitParameters& unit, const Protocol& protocol, int group, double low,
                                 double high, const FokkerPlanckOptions& options) {
  check_protocol(protocol);
  OneUnitTable table;
  const int count = low == high ? 1 : options.patterns;
  for (int c = 0; c < count; ++c) {
    const double angle = count == 1 ? 0.0 : std::cos(std::numbers::pi * (count - 1 - c) / (count - 1));
    table.patterns.push_back(0.5 * (low + high) + 0.5 * (high - low) * angle);
  }
  double lowest_kT = INFINITY, highest_kT = 0, reference_kT = 0;
  const double amplitude = largest(protocol, group, lowest_kT, highest_kT);
  for (const Segment& segment : protocol.segments) {
    if (!segment.learned) continue;
    const int64_t steps = count_steps(segment, options.dt);
    for (int64_t k = 0; k < steps; ++k) {
      const double kT = segment.kT(static_cast<double>(k) / static_cast<double>(steps));
      if (reference_kT == 0) reference_kT = kT;
      table.weight.push_back(reference_kT / kT);
    }
  }
  table.steps = static_cast<int64_t>(table.weight.size());
  for (auto* values : {&table.mean, &table.square, &table.target}) values->resize(table.steps * count);
  const Grid grid = choose_grid(unit, amplitude * std::max(std::abs(low), std::abs(high)), highest_kT, options.cells);
  parallel_for((count + kColumnsPerTask - 1) / kColumnsPerTask, options.threads, [&](int64_t task) {
    const size_t first = task * kColumnsPerTask;
    fill_columns(table, unit, protocol, group, grid, options.dt, first,
                 std::min<size_t>(first + kColumnsPerTask, count));
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
