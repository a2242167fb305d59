#include "swell/hardware/spice/plan.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "swell/random/normal.h"
#include "swell/random/streams.h"

namespace swell::spice {
namespace {

// Rates of the linear part, slowest and fastest; 0 where it has no minimum.
std::pair<double, double> rates(const Circuit& m, const std::vector<Unit>& units) {
  const int64_t n = m.units();
  Eigen::MatrixXd K = Eigen::MatrixXd::Zero(n, n);
  for (int64_t i = 0; i < n; ++i) K(i, i) = units[i].linear * m.mobility[i];
  for (const Coupling& c : m.couplings) K(c.a, c.b) = K(c.b, c.a) = c.J * std::sqrt(m.mobility[c.a] * m.mobility[c.b]);
  const Eigen::VectorXd values = K.selfadjointView<Eigen::Lower>().eigenvalues();
  return {std::max(0.0, values.minCoeff()), values.maxCoeff()};
}

// Where the wells of the units by themselves are, and some widths of thermal noise.
double reach_of(const Circuit& m, const std::vector<Unit>& units) {
  double reach = 0;
  for (int64_t i = 0; i < m.units(); ++i) {
    double x = 0.05;
    while (x < 1e3 && std::min(units[i].energy(x), units[i].energy(-x)) - std::abs(m.bias[i]) * x < 3 * m.kT) x *= 1.1;
    reach = std::max(reach, x);
  }
  return reach;
}

}  // namespace

std::vector<std::vector<double>> random_forces(const Circuit& m, double interval, int64_t knots, uint64_t seed,
                                               uint64_t path) {
  const NoiseKey key{seed, stream::kTesting};
  std::vector<std::vector<double>> eta(knots, std::vector<double>(m.units()));
  for (int64_t k = 0; k < knots; ++k) {
    for (int64_t i = 0; i < m.units(); ++i)
      eta[k][i] = std::sqrt(2 * m.kT / (m.mobility[i] * interval)) *
                  static_cast<double>(draw_normal(key, path, static_cast<uint64_t>(k), static_cast<uint64_t>(i)));
  }
  return eta;
}

std::vector<std::vector<double>> reference_path(const Circuit& machine, const std::vector<std::vector<double>>& eta,
                                                double interval, const std::vector<double>& start, bool coupled) {
  Circuit m = machine;
  if (!coupled) {
    m.couplings.clear();
    std::ranges::fill(m.bias, 0.0);
  }
  const std::vector<Unit> units = unit_laws(m);
  const auto n = static_cast<size_t>(m.units());
  std::vector<double> x = start.empty() ? std::vector<double>(n) : start;
  std::vector<std::vector<double>> path = {x};
  const auto parts = std::max<int64_t>(4, static_cast<int64_t>(interval * fastest_rate(m, units, 2.5) / 0.05));
  const double h = interval / static_cast<double>(parts);
  for (size_t k = 0; k + 1 < eta.size(); ++k) {
    const auto speed = [&](const std::vector<double>& at, double share) {
      std::vector<double> v = gradient(m, units, at);
      for (size_t i = 0; i < n; ++i) v[i] = m.mobility[i] * (eta[k][i] + share * (eta[k + 1][i] - eta[k][i]) - v[i]);
      return v;
    };
    for (int64_t part = 0; part < parts; ++part) {
      const double at = static_cast<double>(part) / static_cast<double>(parts), step = 1 / static_cast<double>(parts);
      std::vector<double> y(n);
      const std::vector<double> a = speed(x, at);
      for (size_t i = 0; i < n; ++i) y[i] = x[i] + h / 2 * a[i];
      const std::vector<double> b = speed(y, at + step / 2);
      for (size_t i = 0; i < n; ++i) y[i] = x[i] + h / 2 * b[i];
      const std::vector<double> c = speed(y, at + step / 2);
      for (size_t i = 0; i < n; ++i) y[i] = x[i] + h * c[i];
      const std::vector<double> d = speed(y, at + step);
      for (size_t i = 0; i < n; ++i) x[i] += h / 6 * (a[i] + 2 * b[i] + 2 * c[i] + d[i]);
    }
    path.push_back(x);
  }
  return path;
}

Plan make_plan(const Circuit& m, const PlanOptions& options) {
  Plan plan;
  const std::vector<Unit> units = unit_laws(m);
  const NoiseKey key{options.seed, stream::kTesting};
  plan.reach = std::max(0.5, reach_of(m, units));
  for (int64_t p = 0; p < options.points; ++p) {
    std::vector<double> x(m.units());
    for (int64_t i = 0; i < m.units(); ++i)
      x[i] = plan.reach / 2 *
             static_cast<double>(draw_normal(key, 1000, static_cast<uint64_t>(p), static_cast<uint64_t>(i)));
    plan.points.push_back(std::move(x));
  }
  const bool linear = m.has_potential() && std::ranges::all_of(units, &Unit::is_linear);
  const auto [slowest, fastest_linear] = rates(m, units);
  if (linear && slowest > 0) {
    for (int64_t a = 0; a < m.units(); ++a) {
      plan.pairs.push_back({a, a});
      if (m.units() > kMostCovariances) {
        if (a + 1 < m.units()) plan.pairs.push_back({a, a + 1});
        continue;
      }
      for (int64_t b = a + 1; b < m.units(); ++b) plan.pairs.push_back({a, b});
    }
    const double hertz = 1 / (2 * std::numbers::pi * m.t0_second);
    plan.from_hertz = slowest * hertz * 1e-4;
    plan.to_hertz = fastest_linear * hertz * 1e4;
  }
  const double fastest = fastest_rate(m, units, plan.reach);
  plan.path_interval = std::min(0.05, 0.25 / fastest);
  const auto couplings = static_cast<int64_t>(m.couplings.size());
  const int64_t knots = options.knots > 0 ? options.knots : std::clamp<int64_t>(200000 / (couplings + 1), 60, 1000);
  plan.eta = random_forces(m, plan.path_interval, knots + 1, options.seed, 2000);
  plan.statistics.interval = 0.1 / fastest;
  const int64_t steps = options.statistics_steps > 0 ? options.statistics_steps : m.units() <= 4 ? 400000 : 150000;
  plan.statistics.until = plan.statistics.interval * static_cast<double>(steps);
  plan.statistics.from = plan.statistics.until / 20;
  plan.statistics.seed = static_cast<int64_t>(options.seed % 1000000 + 41);
  return plan;
}

std::vector<double> sigmoid_fields(const Neurons& n) {
  std::vector<double> fields;
  for (int k = -6; k <= 6; ++k) fields.push_back(0.5 * k * n.kT);
  return fields;
}

}  // namespace swell::spice
