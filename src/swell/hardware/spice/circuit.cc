#include "swell/hardware/spice/circuit.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "swell/base/errors.h"

namespace swell::spice {
namespace {

using Eigen::MatrixXd;

constexpr auto kPictures = std::to_array<std::pair<Picture, std::string_view>>(
    {{Picture::conductance, "conductance"}, {Picture::charge, "charge"}, {Picture::flux, "flux"}});
constexpr auto kLaws = std::to_array<std::pair<Law, std::string_view>>(
    {{Law::quartic, "quartic"}, {Law::cosh, "cosh"}, {Law::latch, "latch"}, {Law::josephson, "josephson"}});

// Products of a few of them are still numbers.
constexpr double kLargestNumber = 1e30;

void require_positive(double value, const char* what, const char* unit) {
  if (!(value >= 1 / kLargestNumber && value <= kLargestNumber))
    throw InputError(fmt::format("the {} of the circuit is {:g} {}, allowed are positive numbers, {:g} to {:g}", what,
                                 value, unit, 1 / kLargestNumber, kLargestNumber));
}

void check_numbers(const Circuit& m) {
  require_positive(m.C_farad, "capacitance C", "F");
  require_positive(m.t0_second, "time t0", "s");
  require_positive(m.V0_volt, "voltage V0", "V");
  require_positive(m.temperature_kelvin, "temperature", "K");
  require_positive(m.ideality, "ideality", "");
  require_positive(m.kT, "machine's kT", "E0");
  if (m.saturation != 0 && !(m.saturation >= 1e-6 && m.saturation <= kLargestNumber))
    throw InputError(fmt::format(
        "the saturation of couplings is at x = {:g}, allowed are 1e-6 and above, or 0 for none", m.saturation));
  if (m.saturation > 0 && m.picture != Picture::conductance)
    throw InputError(fmt::format(
        "couplings of the {} picture do not saturate: they are {}. Transconductors do, of the conductance picture",
        name_of(m.picture), m.picture == Picture::charge ? "capacitors" : "mutual inductances"));
  const auto n = m.J2.size();
  if (n == 0 || n > kMostUnits || m.couplings.size() > kMostCouplings)
    throw InputError(fmt::format("{} units with {} couplings are not allowed in a circuit; {} with {} are", n,
                                 m.couplings.size(), kMostUnits, kMostCouplings));
  if (m.J3.size() != n || m.J4.size() != n || m.bias.size() != n || m.mobility.size() != n)
    throw InputError("the lists of the circuit's units are not of one length");
  for (size_t i = 0; i < n; ++i) {
    for (const double value : {m.J2[i], m.J3[i], m.J4[i], m.bias[i]}) {
      if (!(std::abs(value) <= kLargestNumber))
        throw InputError(
            fmt::format("unit {} has the number {:g}, allowed are those up to {:g}", i, value, kLargestNumber));
    }
    if (m.J4[i] < 0) throw InputError(fmt::format("J4 of unit {} is {:g}, allowed are 0 and above", i, m.J4[i]));
    require_positive(m.mobility[i], "mobility of a unit", "");
  }
  for (size_t k = 0; k < m.couplings.size(); ++k) {
    const Coupling& c = m.couplings[k];
    if (!(std::abs(c.J) <= kLargestNumber))
      throw InputError(
          fmt::format("coupling {} of the circuit is {:g}, allowed is up to {:g}", k, c.J, kLargestNumber));
    if (c.a < 0 || c.b <= c.a || c.b >= m.units())
      throw InputError(fmt::format("coupling {} of the circuit joins units {} and {}, allowed are a < b below {}", k,
                                   c.a, c.b, m.units()));
    if (k > 0 && std::pair(m.couplings[k - 1].a, m.couplings[k - 1].b) >= std::pair(c.a, c.b))
      throw InputError(fmt::format("coupling {} of the circuit is out of order, or there twice", k));
  }
}

void check_law(const Circuit& m) {
  const bool fits = m.law == Law::quartic ||
                    (m.law == Law::josephson ? m.picture == Picture::flux : m.picture == Picture::conductance);
  if (!fits) {
    throw InputError(
        fmt::format("the unit law {} is not one of the {} picture: a junction stores energy of a flux (josephson: "
                    "flux), diodes and "
                    "transistors carry currents (cosh, latch: conductance)",
                    name_of(m.law), name_of(m.picture)));
  }
  if (m.law == Law::quartic) return;
  for (int64_t i = 0; i < m.units(); ++i) {
    if (m.J3[i] != 0)
      throw InputError(
          fmt::format("unit {} has J3 = {:g}, and the unit law {} is even: allowed is 0, or the unit law quartic", i,
                      m.J3[i], name_of(m.law)));
  }
}

// Where a capacitance or inductance comes out below zero, which pair is to blame.
void check_passive(const Circuit& m) {
  if (m.picture == Picture::conductance) return;
  const std::vector<Unit> units = unit_laws(m);
  const Matrix inverse = passive_inverse(m, units);
  if (m.picture == Picture::flux) return;  // mutual inductances have either sign
  for (int64_t i = 0; i < m.units(); ++i) {
    double sum = 0, size = 0;
    for (int64_t j = 0; j < m.units(); ++j) {
      sum += inverse(i, j);
      size += std::abs(inverse(i, j));
      if (j > i && inverse(i, j) > 1e-12 * std::sqrt(inverse(i, i) * inverse(j, j)))
        throw InputError(
            fmt::format("units {} and {} need a coupling capacitor of {:.3g} F between them, below zero: capacitors "
                        "hold charges that "
                        "repel (J > 0). Use the flux or the conductance picture, which take both signs",
                        i, j, -m.C_farad * inverse(i, j)));
    }
    if (sum < -1e-12 * size)
      throw InputError(fmt::format(
          "unit {} needs a capacitor of {:.3g} F to ground, below zero: its couplings are too strong for the charge "
          "picture. Use the flux or the conductance picture",
          i, m.C_farad * sum));
  }
}

MatrixXd stiffness(const Circuit& m, std::span<const double> diagonal) {
  MatrixXd K = MatrixXd::Zero(m.units(), m.units());
  for (int64_t i = 0; i < m.units(); ++i) K(i, i) = diagonal[i];
  for (const Coupling& c : m.couplings) K(c.a, c.b) = K(c.b, c.a) = c.J;
  return K;
}

// A nonlinear element may have a negative stiffness of its own (a ferroelectric, a junction at half a quantum), so that
// it leaves the linear part as stiff as its couplings need: `factor` times their sum.
std::vector<double> diagonal_of(const Circuit& m, std::span<const Unit> units, double factor) {
  std::vector<double> diagonal(units.size()), strength(units.size());
  for (const Coupling& c : m.couplings) {
    strength[c.a] += std::abs(c.J);
    strength[c.b] += std::abs(c.J);
  }
  for (size_t i = 0; i < units.size(); ++i) {
    diagonal[i] = units[i].linear;
    if (units[i].cubic > 0) diagonal[i] = std::max({std::abs(units[i].linear), factor * strength[i], units[i].cubic});
  }
  return diagonal;
}

MatrixXd inverse_of(const Circuit& m, const std::vector<double>& diagonal) {
  const int64_t n = m.units();
  const MatrixXd K = stiffness(m, diagonal);
  const Eigen::LLT<MatrixXd> factor(K);
  if (factor.info() != Eigen::Success || !(factor.matrixLLT().diagonal().array() > 0).all()) {
    throw InputError(fmt::format(
        "the linear elements of the {} picture would hold an energy below zero (the second derivatives that they carry "
        "have an eigenvalue of {:.3g} E0): no {} do. Allowed are positive ones; the conductance picture takes any",
        name_of(m.picture), K.selfadjointView<Eigen::Lower>().eigenvalues().minCoeff(),
        m.picture == Picture::flux ? "inductors" : "capacitors"));
  }
  return factor.solve(MatrixXd::Identity(n, n));
}

// Whether coupling capacitors come out at 0 or above.
bool is_capacitive(const MatrixXd& inverse) {
  for (int64_t i = 0; i < inverse.rows(); ++i) {
    for (int64_t j = 0; j < i; ++j) {
      if (inverse(i, j) > 1e-12 * std::sqrt(inverse(i, i) * inverse(j, j))) return false;
    }
  }
  return true;
}

}  // namespace

bool Circuit::has_potential() const {
  return saturation == 0 ||
         std::ranges::none_of(couplings, [&](const Coupling& c) { return c.J != 0 && saturates(c); });
}

std::string_view name_of(Picture picture) {
  for (const auto& [value, name] : kPictures) {
    if (value == picture) return name;
  }
  return "";
}
std::string_view name_of(Law law) {
  for (const auto& [value, name] : kLaws) {
    if (value == law) return name;
  }
  return "";
}
std::optional<Picture> picture_named(std::string_view name) {
  for (const auto& [value, word] : kPictures) {
    if (word == name) return value;
  }
  return {};
}
std::optional<Law> law_named(std::string_view name) {
  for (const auto& [value, word] : kLaws) {
    if (word == name) return value;
  }
  return {};
}

double Unit::force(double x) const {
  double f = x * (linear + x * (quadratic + x * cubic));
  if (function == Function::sinh) f += amplitude * std::sinh(rate * x);
  if (function == Function::tanh) f += amplitude * std::tanh(rate * x);
  if (function == Function::sin) f += amplitude * std::sin(rate * x);
  return f;
}

double Unit::energy(double x) const {
  double U = x * x * (linear / 2 + x * (quadratic / 3 + x * cubic / 4));
  const double y = rate * x;
  if (function == Function::sinh) U += amplitude / rate * (std::cosh(y) - 1);
  if (function == Function::tanh)
    U += amplitude / rate * (std::abs(y) + std::log1p(std::exp(-2 * std::abs(y))) - std::numbers::ln2);
  if (function == Function::sin) U += amplitude / rate * (1 - std::cos(y));
  return U;
}

double Unit::curvature(double x) const {
  double c = linear + x * (2 * quadratic + x * 3 * cubic);
  if (function == Function::sinh) c += amplitude * rate * std::cosh(rate * x);
  if (function == Function::tanh) c += amplitude * rate * (1 - std::tanh(rate * x) * std::tanh(rate * x));
  if (function == Function::sin) c += amplitude * rate * std::cos(rate * x);
  return c;
}

double Circuit::argument() const {
  const double thermal_volt = kBoltzmann * temperature_kelvin / kCharge;
  if (law == Law::cosh) return V0_volt / (ideality * thermal_volt);
  if (law == Law::latch) return V0_volt / (2 * ideality * thermal_volt);
  if (law == Law::josephson) return 2 * std::numbers::pi * flux_weber() / kFluxQuantum;
  return 1;
}

std::vector<Unit> unit_laws(const Circuit& m) {
  std::vector<Unit> units(m.J2.size());
  const double a = m.argument();
  for (size_t i = 0; i < units.size(); ++i) {
    Unit& unit = units[i];
    unit.linear = 2 * m.J2[i];
    unit.quadratic = 3 * m.J3[i];
    if (m.J4[i] == 0) continue;
    if (m.law == Law::quartic) {
      unit.cubic = 4 * m.J4[i];
      continue;
    }
    unit.rate = a;
    if (m.law == Law::cosh) {
      unit.function = Function::sinh;
      unit.amplitude = 24 * m.J4[i] / (a * a * a);
    } else {
      unit.function = m.law == Law::latch ? Function::tanh : Function::sin;
      unit.amplitude = -(m.law == Law::latch ? 12 : 24) * m.J4[i] / (a * a * a);
    }
    unit.linear -= unit.amplitude * a;
  }
  return units;
}

std::vector<double> outputs(const Circuit& m, std::span<const double> x) {
  std::vector<double> y(x.begin(), x.end());
  if (m.saturation > 0) {
    for (double& value : y) value = m.saturation * std::tanh(value / m.saturation);
  }
  return y;
}

std::vector<double> gradient(const Circuit& m, std::span<const Unit> units, std::span<const double> x) {
  std::vector<double> g(x.size());
  for (size_t i = 0; i < x.size(); ++i) g[i] = units[i].force(x[i]) + m.bias[i];
  const std::vector<double> y = outputs(m, x);
  for (const Coupling& c : m.couplings) {
    const std::span<const double> read = m.saturates(c) ? y : x;
    g[c.a] += c.J * read[c.b];
    g[c.b] += c.J * read[c.a];
  }
  return g;
}

double energy(const Circuit& m, std::span<const Unit> units, std::span<const double> x) {
  if (!m.has_potential()) throw InputError("couplings that saturate leave the machine without a potential");
  double V = 0;
  for (size_t i = 0; i < x.size(); ++i) V += units[i].energy(x[i]) + m.bias[i] * x[i];
  for (const Coupling& c : m.couplings) V += c.J * x[c.a] * x[c.b];
  return V;
}

std::vector<double> passive_diagonal(const Circuit& m, std::span<const Unit> units) {
  if (m.picture == Picture::flux) return diagonal_of(m, units, 3);
  double factor = 3;
  while (factor < 1000 && !is_capacitive(inverse_of(m, diagonal_of(m, units, factor)))) factor *= 3;
  return diagonal_of(m, units, factor);
}
Matrix passive_inverse(const Circuit& m, std::span<const Unit> units) {
  const int64_t n = m.units();
  const MatrixXd solved = inverse_of(m, passive_diagonal(m, units));
  Matrix inverse(n, n);
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < n; ++j) inverse(i, j) = (solved(i, j) + solved(j, i)) / 2;
  }
  return inverse;
}

void validate(const Circuit& machine) {
  check_numbers(machine);
  check_law(machine);
  check_passive(machine);
}

Circuit make_circuit(const Computer& computer, const CouplingSet& set, std::string name, const Options& options) {
  require_potential(computer, "a circuit needs");
  if (computer.memory.remembers() || computer.memory.kT_drift != 0 || !computer.warmth.empty())
    throw InputError("a circuit has white noise of one kT; it is made of the machine as designed");
  Circuit m;
  const int64_t n = computer.units();
  if (n > kMostUnits)
    throw InputError(fmt::format("{} units are not allowed in a circuit; 1 to {} are", n, kMostUnits));
  m.name = std::move(name);
  for (int64_t i = 0; i < n; ++i) m.J2.push_back(quadratic(computer, &set, i));
  m.J3 = computer.J3;
  m.J4 = computer.J4;
  m.bias = set.bias.empty() ? std::vector<double>(n) : set.bias;
  m.mobility = computer.mobility;
  m.kT = computer.kT;
  const std::vector<double> J = dense_matrix(computer, set);
  for (int64_t a = 0; a < n; ++a) {
    for (int64_t b = a + 1; b < n; ++b) {
      if (J[a * n + b] != 0) m.couplings.push_back({a, b, J[a * n + b]});
    }
  }
  m.picture = options.picture;
  m.law = options.law;
  m.C_farad = options.C_farad;
  m.t0_second = options.t0_second;
  m.ideality = options.ideality;
  m.resistors = options.resistors && options.picture == Picture::conductance;
  m.saturation = options.saturation;
  m.V0_volt = options.V0_volt.value_or(0.1);
  m.temperature_kelvin = options.temperature_kelvin.value_or(300);
  if (m.picture != Picture::conductance) {
    require_positive(m.C_farad, "capacitance C", "F");
    require_positive(m.kT, "machine's kT", "E0");
    const double thermal = std::sqrt(kBoltzmann * m.temperature_kelvin / (m.C_farad * m.kT));
    if (options.V0_volt && options.temperature_kelvin && !(std::abs(*options.V0_volt / thermal - 1) < 1e-3))
      throw InputError(
          fmt::format("V0 = {:g} V does not go with {:g} K: in the {} picture noise is thermal, kT C V0^2 = k_B T, and "
                      "V0 = {:g} V. "
                      "Give one of the two",
                      *options.V0_volt, m.temperature_kelvin, name_of(m.picture), thermal));
    if (options.V0_volt && !options.temperature_kelvin) {
      m.temperature_kelvin = m.noise_temperature();
    } else {
      m.V0_volt = thermal;
    }
  }
  validate(m);
  return m;
}

double noise_intensity(const Circuit& m, int64_t unit) {
  const double D = m.kT * m.energy_joule() / m.R0_ohm();
  if (m.picture == Picture::charge) return D * m.mobility[unit];  // E0 kT / R_i with R_i = R0 / mu_i
  return D / m.mobility[unit];
}

Matrix exact_covariance(const Circuit& m) {
  if (!m.has_potential()) throw InputError("couplings that saturate are not linear");
  const std::vector<Unit> units = unit_laws(m);
  const int64_t n = m.units();
  std::vector<double> diagonal(n);
  for (int64_t i = 0; i < n; ++i) {
    if (!units[i].is_linear()) throw InputError(fmt::format("unit {} is not linear", i));
    diagonal[i] = units[i].linear;
  }
  const MatrixXd K = stiffness(m, diagonal);
  const Eigen::LLT<MatrixXd> factor(K);
  if (factor.info() != Eigen::Success) throw InputError("the machine's potential has no minimum");
  MatrixXd S = m.kT * factor.solve(MatrixXd::Identity(n, n));
  if (m.resistors) {
    // M S + S M^T = mu (2 kT + 2 theta g), g the conductances that are resistors, theta their k_B T in E0.
    const double theta = kBoltzmann * m.temperature_kelvin / m.energy_joule();
    MatrixXd g = MatrixXd::Zero(n, n);
    std::vector<double> self = diagonal;
    for (const Coupling& c : m.couplings) {
      if (c.J >= 0) continue;
      g(c.a, c.b) = g(c.b, c.a) = c.J;
      for (const int64_t end : {c.a, c.b}) {
        g(end, end) -= c.J;
        self[end] += c.J;
      }
    }
    for (int64_t i = 0; i < n; ++i) g(i, i) += std::max(0.0, self[i]);
    MatrixXd mu = MatrixXd::Zero(n, n);
    for (int64_t i = 0; i < n; ++i) mu(i, i) = m.mobility[i];
    const MatrixXd Q = 2 * theta * mu * g * mu;
    // Modes of the symmetric sqrt(mu) K sqrt(mu).
    const MatrixXd root = mu.cwiseSqrt();
    const Eigen::SelfAdjointEigenSolver<MatrixXd> modes(root * K * root);
    const MatrixXd T = root * modes.eigenvectors(), inverse = modes.eigenvectors().transpose() * root.inverse();
    MatrixXd q = inverse * Q * inverse.transpose();
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t j = 0; j < n; ++j) q(i, j) /= modes.eigenvalues()(i) + modes.eigenvalues()(j);
    }
    S += T * q * T.transpose();
  }
  Matrix result(n, n);
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < n; ++j) result(i, j) = S(i, j);
  }
  return result;
}

double fastest_rate(const Circuit& m, std::span<const Unit> units, double reach) {
  std::vector<double> sum(units.size());
  for (size_t i = 0; i < units.size(); ++i) {
    for (const double x : {-reach, 0.0, reach}) sum[i] = std::max(sum[i], std::abs(units[i].curvature(x)));
  }
  std::vector<double> strength(units.size());
  for (const Coupling& c : m.couplings) {
    strength[c.a] += c.J * c.J;
    strength[c.b] += c.J * c.J;
  }
  double fastest = 0;
  for (size_t i = 0; i < units.size(); ++i)
    fastest = std::max(fastest, m.mobility[i] * (sum[i] + 2 * std::sqrt(strength[i])));
  return fastest;
}

}  // namespace swell::spice
