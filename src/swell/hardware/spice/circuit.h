#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "swell/model/computer.h"
#include "swell/model/matrix.h"

namespace swell::spice {

// A Computer as a circuit. Its law dx_i/ds = -mu_i dV/dx_i + sqrt(2 mu_i kT) white noise, s the model's time, becomes
// that of a physical quantity y_i = y0 x_i at the time t = t0 s, in one of three pictures:
//   conductance  y the node voltage of C_i = C / mu_i, which currents I_i = (V0 / R0) dV/dx_i leave. A driven circuit:
//   its
//                temperature is that of the noise which is injected
//   charge       y the charge that passes R_i = R0 / mu_i into capacitors whose energy is V. Noise: Johnson's, of R_i
//   flux         y the flux of inductors and junctions whose energy is V, at a node with the shunt R_i = R0 mu_i.
//                Noise: Johnson's, of R_i
// with R0 = t0 / C, energies in E0 = C V0^2, charges in C V0, fluxes in V0 t0, inductances in L0 = t0^2 / C. In the
// last two kT E0 = k_B temperature, and no resistance has a part in the stationary law.
enum class Picture { conductance, charge, flux };

// What a unit with a term x^4 is made of. Each law has the same terms x^2 and x^4 as the model near x = 0:
//   quartic    the model's own
//   cosh       c (cosh(a x) - 1) / a + (J2 - c a / 2) x^2, c = 24 J4 / a^3: two diodes, a = V0 / (n V_T)
//   latch      g x^2 / 2 - (A / s) ln cosh(s x), A = 12 J4 / s^3, g = 2 J2 + A s: a differential pair fed back,
//              s = V0 / (2 n V_T)
//   josephson  l x^2 / 2 + E cos(a x), E = 24 J4 / a^4, l = 2 J2 + 24 J4 / a^2: a junction biased at half a flux
//              quantum Phi0, a = 2 pi V0 t0 / Phi0
enum class Law { quartic, cosh, latch, josephson };

std::string_view name_of(Picture picture);
std::string_view name_of(Law law);
std::optional<Picture> picture_named(std::string_view name);
std::optional<Law> law_named(std::string_view name);

constexpr double kBoltzmann = 1.380649e-23;       // J/K, exact (SI)
constexpr double kCharge = 1.602176634e-19;       // C, exact (SI)
constexpr double kFluxQuantum = 2.067833848e-15;  // Wb, h / 2e (SI)
constexpr int64_t kMostUnits = 1024, kMostCouplings = 200000;

struct Options {
  Picture picture = Picture::conductance;
  Law law = Law::quartic;
  double C_farad = 1e-12, t0_second = 1e-6;
  // Of charge and flux one follows from the other; without either 300 K. Of conductance 100 mV and 300 K: the
  // temperature is then that of resistors, beside the injected noise.
  std::optional<double> V0_volt = {}, temperature_kelvin = {};
  double ideality = 1;     // n of diodes and transistors
  bool resistors = false;  // of conductance: negative couplings as resistors in place of controlled sources
  double saturation = 0;   // of conductance: x_s of the controlled sources that couple units; 0 for none
};

struct Coupling {
  int64_t a = 0, b = 0;  // a < b
  double J = 0;
};

// The force of one unit by itself, dU/dx = linear x + quadratic x^2 + cubic x^3 + amplitude f(rate x).
enum class Function { none, sinh, tanh, sin };
struct Unit {
  double linear = 0, quadratic = 0, cubic = 0, amplitude = 0, rate = 1;
  Function function = Function::none;

  bool is_linear() const { return quadratic == 0 && cubic == 0 && amplitude == 0; }
  double force(double x) const;
  double energy(double x) const;
  double curvature(double x) const;
};

// Pictures that generation makes: which units they are, and for how long they run without and with couplings.
struct Image {
  int64_t first = 0, rows = 0, columns = 0;  // 0 rows for none
  double free_time = 0, coupled_time = 0;    // units of 1/mu
};

struct Circuit {
  std::string name;
  std::vector<double> J2, J3, J4, bias, mobility;  // [units]
  std::vector<Coupling> couplings;                 // ascending
  double kT = 1;
  Image image;
  // In force, with what follows from them.
  Picture picture = Picture::conductance;
  Law law = Law::quartic;
  double C_farad = 0, V0_volt = 0, t0_second = 0, temperature_kelvin = 0, ideality = 1;
  bool resistors = false;
  // Transconductors have a limited output: what couples to unit j takes y_j = x_s tanh(x_j / x_s) in place of x_j, as
  // an input pair or an output stage does. dF_i/dx_j = -J_ij (1 - (y_j / x_s)^2) is then not dF_j/dx_i: there is no
  // potential and no Boltzmann distribution. Resistors do not saturate. 0 for none.
  double saturation = 0;

  int64_t units() const { return static_cast<int64_t>(J2.size()); }
  double R0_ohm() const { return t0_second / C_farad; }
  double L0_henry() const { return t0_second * t0_second / C_farad; }
  double flux_weber() const { return V0_volt * t0_second; }
  double energy_joule() const { return C_farad * V0_volt * V0_volt; }
  double noise_temperature() const { return kT * energy_joule() / kBoltzmann; }
  double argument() const;  // a or s of the law; 1 of the quartic one
  bool saturates(const Coupling& c) const { return saturation > 0 && !(resistors && c.J < 0); }
  // Whether the forces are the gradient of one: no coupling saturates, or none of those that do joins two units.
  bool has_potential() const;
};

// Takes one coupling set of a computer. Throws InputError where a number is not allowed, where the machine is too
// large, where the law does not belong to the picture or cannot take a term of the potential, and where couplings would
// need a capacitor or an inductance below zero.
Circuit make_circuit(const Computer& computer, const CouplingSet& set, std::string name, const Options& options);
// The same checks for one that was read from a file.
void validate(const Circuit& machine);

std::vector<Unit> unit_laws(const Circuit& machine);

// Minus the forces with the unit law in force, which are dV/dx where there is a potential, and V; x: [units]. Without a
// potential energy() throws InputError.
std::vector<double> gradient(const Circuit& machine, std::span<const Unit> units, std::span<const double> x);
double energy(const Circuit& machine, std::span<const Unit> units, std::span<const double> x);
// What couplings that saturate read of the units, x_s tanh(x / x_s); x itself where there are none.
std::vector<double> outputs(const Circuit& machine, std::span<const double> x);

// Of charge and flux: what linear capacitors or inductors hold of the second derivatives of V; the nonlinear element of
// a unit has the rest of its own. In these capacitances are C K^-1, inductances L0 K^-1.
std::vector<double> passive_diagonal(const Circuit& machine, std::span<const Unit> units);
Matrix passive_inverse(const Circuit& machine, std::span<const Unit> units);

// Variance of the noise current of unit i per time, half the two-sided density, A^2 s.
double noise_intensity(const Circuit& machine, int64_t unit);

// Covariance of x of a machine of linear units from its dynamics, resistors at their temperature beside the injected
// noise (conductance with resistors), in the model's units. Throws InputError where the machine is not linear or stands
// at no minimum.
Matrix exact_covariance(const Circuit& machine);

// The greatest second derivative of V along x_i (a bound, couplings included) times mobility where |x| <= reach.
double fastest_rate(const Circuit& machine, std::span<const Unit> units, double reach);

}  // namespace swell::spice
