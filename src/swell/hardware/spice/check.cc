#include "swell/hardware/spice/check.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>

#include "swell/base/errors.h"
#include "swell/hardware/spice/entropy_rate.h"
#include "swell/hardware/spice/metropolis.h"
#include "swell/hardware/spice/netlist.h"
#include "swell/hardware/spice/neuron_checks.h"

namespace swell::spice {
namespace {

constexpr int64_t kMostToSettle = 20000;  // couplings of which the rate of entropy is looked for

double now_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

void judge(Layer& layer, double error, double allowed) {
  layer.ran = true;
  layer.error = error;
  layer.allowed = allowed;
  layer.passed = error <= allowed;  // not for NaN
  if (!layer.passed) layer.message = fmt::format("{}: {:.3g}, allowed is {:g}", layer.what, error, allowed);
}

// Of charge and flux: K of the linear elements, as their admittance has it.
Eigen::MatrixXd measured_stiffness(const Circuit& m, Simulator& simulator) {
  simulator.run(admittance_bench(m));
  const int64_t n = m.units();
  const std::vector<std::vector<double>> rows = simulator.chunks("admittance", n, true);
  if (static_cast<int64_t>(rows.size()) != n) throw IoError("ngspice left the admittance incomplete");
  const double omega = 2 * std::numbers::pi * admittance_frequency(m);
  Eigen::MatrixXd Y(n, n);
  for (int64_t j = 0; j < n; ++j) {
    for (int64_t i = 0; i < n; ++i) Y(i, j) = rows[j][2 * i + 1];
  }
  if (m.picture == Picture::flux) return Y * omega * m.L0_henry();
  return (-Y / omega / m.C_farad).inverse();
}

double deviation_of(const std::vector<double>& one, const std::vector<double>& other) {
  double difference = 0, size = 0;
  for (size_t i = 0; i < one.size(); ++i) {
    difference += (one[i] - other[i]) * (one[i] - other[i]);
    size += other[i] * other[i];
  }
  return std::sqrt(difference / size);
}

void add_products(const Circuit& m, const std::vector<std::vector<double>>& x, std::vector<Measured>& moments) {
  const auto points = x[0].size();
  for (int64_t i = 0; i < m.units(); ++i) {
    Measured mean = batch_mean(x[i]);
    mean.what = fmt::format("<x{}>", i);
    moments.push_back(mean);
    for (int64_t j = 0; j <= i; ++j) {
      std::vector<double> product(points);
      for (size_t p = 0; p < points; ++p) product[p] = x[i][p] * x[j][p];
      Measured second = batch_mean(product);
      second.what = fmt::format("<x{} x{}>", j, i);
      moments.push_back(second);
    }
  }
}

// Means of x and x x^T of the model, in the order of add_products().
void add_model(const Circuit& m, const CheckOptions& options, std::vector<Measured>& moments) {
  const std::vector<Unit> units = unit_laws(m);
  const int64_t n = m.units();
  if (std::ranges::all_of(units, &Unit::is_linear)) {
    const Matrix S = exact_covariance(m);
    std::vector<double> mean(n);
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t j = 0; j < n; ++j) mean[i] -= S(i, j) / m.kT * m.bias[j];
    }
    size_t at = 0;
    for (int64_t i = 0; i < n; ++i) {
      moments[at++].model = mean[i];
      for (int64_t j = 0; j <= i; ++j) moments[at++].model = S(i, j) + mean[i] * mean[j];
    }
    return;
  }
  const Sampled sampled = sample_machine(m, options.chains, options.chain_steps, options.plan.seed);
  for (size_t k = 0; k < moments.size(); ++k) {
    moments[k].model = sampled.mean[k];
    moments[k].model_error = sampled.error[k];
    moments[k].model_count = options.chains;
  }
}

double largest_deviation(const std::vector<Measured>& moments) {
  double largest = 0;
  for (const Measured& moment : moments) largest = std::max(largest, std::abs(moment.deviation()));
  return largest;
}

Layer left_out(const std::string& name, const std::string& why) {
  Layer layer;
  layer.name = name;
  layer.message = why;
  return layer;
}

}  // namespace

double Measured::deviation() const {
  const double error = std::hypot(circuit_error, model_error);
  return error > 0 ? (circuit - model) / error : 0;
}

bool CheckReport::passed() const {
  return std::ranges::all_of(layers, [](const Layer& layer) { return !layer.ran || layer.passed; });
}

double integrate_spectrum(const std::vector<std::vector<double>>& rows) {
  if (rows.size() < 2 || rows[0].size() < 2) throw IoError("a spectrum has fewer than two frequencies");
  const auto count = static_cast<double>(rows.size() - 1);
  const double h = std::log(rows.back()[0] / rows[0][0]) / count, ratio = std::exp(-h);
  double sum = 0;
  for (const std::vector<double>& row : rows) sum += row[0] * row[1] * row[1];
  const auto end = [&](const std::vector<double>& row) { return row[0] * row[1] * row[1] * ratio / (1 - ratio); };
  return h * (sum + end(rows[0]) + end(rows.back()));
}

Measured batch_mean(const std::vector<double>& values, int64_t batches) {
  const auto size = static_cast<int64_t>(values.size()) / batches;
  Measured result;
  if (size == 0) return result;
  double sum = 0, square = 0;
  for (int64_t b = 0; b < batches; ++b) {
    double mean = 0;
    for (int64_t k = 0; k < size; ++k) mean += values[b * size + k];
    mean /= static_cast<double>(size);
    sum += mean;
    square += mean * mean;
  }
  const auto n = static_cast<double>(batches);
  result.circuit = sum / n;
  result.circuit_count = batches;
  result.circuit_error = std::sqrt(std::max(0.0, square / n - result.circuit * result.circuit) / (n - 1));
  return result;
}

Layer check_drift(const Circuit& m, Simulator& simulator, const Plan& plan) {
  const double start = now_s();
  Layer layer;
  layer.name = "drift";
  layer.what =
      fmt::format("difference of the drift from the gradient at {} random states, relative", plan.points.size());
  const std::vector<Unit> units = unit_laws(m);
  simulator.run(drift_bench(m, plan.points));
  const std::vector<std::vector<double>> rows = simulator.chunks("drift", m.units());
  if (rows.size() != plan.points.size()) throw IoError("ngspice left the drift incomplete");
  Eigen::MatrixXd K;
  if (m.picture != Picture::conductance) K = measured_stiffness(m, simulator);
  double worst = 0;
  for (size_t p = 0; p < rows.size(); ++p) {
    std::vector<double> measured(m.units());
    for (int64_t i = 0; i < m.units(); ++i) {
      measured[i] = -rows[p][i] / (m.picture == Picture::charge ? m.V0_volt : m.V0_volt / m.R0_ohm());
      if (m.picture == Picture::conductance) continue;
      for (int64_t j = 0; j < m.units(); ++j) measured[i] += K(i, j) * plan.points[p][j];
    }
    const double error = deviation_of(measured, gradient(m, units, plan.points[p]));
    worst = error > worst || std::isnan(error) ? error : worst;
  }
  judge(layer, worst, kDriftAllowed);
  layer.wall_s = now_s() - start;
  return layer;
}

Layer check_covariance(const Circuit& m, Simulator& simulator, const Plan& plan) {
  if (plan.pairs.empty()) return left_out("covariance", "the machine is not linear, or has no minimum");
  const double start = now_s();
  Layer layer;
  layer.name = "covariance";
  layer.what = fmt::format("covariance from {} spectra against Lyapunov's equation, relative", plan.pairs.size());
  simulator.run(noise_bench(m, plan.pairs, plan.from_hertz, plan.to_hertz));
  const Matrix S = exact_covariance(m);
  const double unit = state_volt(m) * state_volt(m);
  std::vector<double> variance(m.units()), measured, exact;
  std::vector<double> powers;
  for (size_t k = 0; k < plan.pairs.size(); ++k) {
    powers.push_back(integrate_spectrum(simulator.columns(fmt::format("spectrum_{}.dat", k))) / unit);
    if (plan.pairs[k].a == plan.pairs[k].b) variance[plan.pairs[k].a] = powers.back();
  }
  for (size_t k = 0; k < plan.pairs.size(); ++k) {
    const auto [a, b] = plan.pairs[k];
    measured.push_back(a == b ? variance[a] : (variance[a] + variance[b] - powers[k]) / 2);
    exact.push_back(S(a, b));
  }
  judge(layer, deviation_of(measured, exact), kCovarianceAllowed);
  layer.wall_s = now_s() - start;
  return layer;
}

std::vector<std::vector<double>> knots_of(const Circuit& m, const RawFile& raw, double interval, size_t knots) {
  const auto time = raw.vectors.find("time");
  if (time == raw.vectors.end()) throw IoError("ngspice left a path without times");
  std::vector<std::vector<double>> path(knots, std::vector<double>(m.units(), std::nan("")));
  for (int64_t i = 0; i < m.units(); ++i) {
    const auto found = raw.vectors.find(fmt::format("v({})", state_node(m, i)));
    if (found == raw.vectors.end()) throw IoError(fmt::format("ngspice left the path of unit {} out", i));
    for (int64_t p = 0; p < raw.points; ++p) {
      const double knot = time->second[p] / (interval * m.t0_second), nearest = std::round(knot);
      if (std::abs(knot - nearest) < 1e-4 && nearest >= 0 && nearest < static_cast<double>(knots))
        path[static_cast<size_t>(nearest)][i] = found->second[p] / state_volt(m);
    }
  }
  return path;
}

Layer check_path(const Circuit& m, Simulator& simulator, const Plan& plan) {
  const double start = now_s();
  Layer layer;
  layer.name = "path";
  layer.what = fmt::format("largest difference of x along one path of {} steps of noise", plan.eta.size() - 1);
  simulator.run(path_bench(m, plan.eta, plan.path_interval, {}));
  const RawFile raw = simulator.raw("path.raw");
  const std::vector<std::vector<double>> reference = reference_path(m, plan.eta, plan.path_interval, {});
  const std::vector<std::vector<double>> path = knots_of(m, raw, plan.path_interval, reference.size());
  double worst = 0;
  for (size_t k = 1; k < reference.size(); ++k) {
    for (int64_t i = 0; i < m.units(); ++i) {
      const double error = std::abs(path[k][i] - reference[k][i]);
      worst = error > worst || std::isnan(error) ? error : worst;
    }
  }
  judge(layer, worst, kPathAllowed);
  layer.wall_s = now_s() - start;
  return layer;
}

Layer check_statistics(const Circuit& m, Simulator& simulator, const Plan& plan, const CheckOptions& options,
                       std::vector<Measured>& moments) {
  if (!m.has_potential()) {
    const std::string why = "couplings that saturate have no potential, and no Boltzmann distribution to compare with";
    const double time = 1e-3 * static_cast<double>(options.chain_steps) / *std::ranges::max_element(m.mobility);
    const int64_t chains = m.units() > kMostForStatistics ? 16 : options.chains;
    if (static_cast<int64_t>(m.couplings.size()) > kMostToSettle) return left_out("statistics", why);
    const EntropyRate rate = entropy_rate(m, chains, time, plan.reach, options.plan.seed);
    if (!rate.settled)
      return left_out("statistics", fmt::format("{}; the machine came to no rest within {:g}/mu", why, time));
    return left_out("statistics", fmt::format("{}. At rest the machine makes {:.3g} +- {:.2g} k of entropy per 1/mu, "
                                              "all of it housekeeping heat",
                                              why, rate.mean, rate.error));
  }
  if (m.units() > kMostForStatistics)
    return left_out("statistics",
                    fmt::format("for at most {} units; larger ones take ngspice too long", kMostForStatistics));
  const double start = now_s();
  Layer layer;
  layer.name = "statistics";
  simulator.run(statistics_bench(m, plan.statistics));
  const RawFile raw = simulator.raw("statistics.raw");
  std::vector<std::vector<double>> x;
  for (int64_t i = 0; i < m.units(); ++i) {
    const auto found = raw.vectors.find(fmt::format("v({})", state_node(m, i)));
    if (found == raw.vectors.end() || found->second.size() < 1000) throw IoError("ngspice left statistics incomplete");
    x.push_back(found->second);
    for (double& value : x.back()) value /= state_volt(m);
  }
  std::vector<Measured> found;
  add_products(m, x, found);
  add_model(m, options, found);
  layer.what = fmt::format("largest deviation of {} moments, standard errors", found.size());
  judge(layer, largest_deviation(found), kDeviationAllowed);
  moments.insert(moments.end(), found.begin(), found.end());
  layer.wall_s = now_s() - start;
  return layer;
}

CheckReport check(const Exported& exported, const CheckOptions& options) {
  const double start = now_s();
  Simulator simulator(exported.subcircuit);
  CheckReport report;
  const int layers = exported.neurons.units() > 0 ? 2 : 4;
  const auto say = [&](const char* layer) {
    const auto done = static_cast<double>(report.layers.size());
    if (!tell(options.progress, {layer, done, static_cast<double>(layers)}))
      throw Interrupted(fmt::format("interrupted before layer {} of {}", report.layers.size() + 1, layers));
  };
  if (exported.neurons.units() > 0) {
    say("sigmoid");
    report.layers.push_back(check_sigmoid(exported.neurons, simulator, options.plan.seed, 800, report.moments));
    say("network");
    report.layers.push_back(check_network(exported.neurons, simulator, options.plan.seed, 10000, report.moments));
  } else {
    const Circuit& m = exported.machine;
    const Plan plan = make_plan(m, options.plan);
    say("drift");
    report.layers.push_back(check_drift(m, simulator, plan));
    say("covariance");
    report.layers.push_back(check_covariance(m, simulator, plan));
    say("path");
    report.layers.push_back(check_path(m, simulator, plan));
    say("statistics");
    report.layers.push_back(check_statistics(m, simulator, plan, options, report.moments));
  }
  report.wall_s = now_s() - start;
  return report;
}

}  // namespace swell::spice
