#include "swell/hardware/spice/benches.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "swell/hardware/spice/netlist.h"

namespace swell::spice {
namespace {

constexpr const char* kInclude = ".include machine.cir\n";
constexpr const char* kForced = ".options reltol=1e-9 abstol=1e-24 vntol=1e-18 gmin=1e-24\n";
constexpr const char* kWritten = ".control\nset wr_singlescale\nset appendwrite\nset numdgt=16\n";
constexpr const char* kEnd = "quit\n.endc\n.end\n";

// `wrdata` in pieces: vector(i) for every unit.
template <class Vector>
std::string write_data(const Circuit& m, const std::string& stem, const Vector& vector) {
  std::string text;
  for (int64_t first = 0; first < m.units(); first += kColumns) {
    text += "wrdata " + chunk_name(stem, first);
    for (int64_t i = first; i < std::min(first + kColumns, m.units()); ++i) text += " " + vector(i);
    text += "\n";
  }
  return text;
}

std::string save_states(const Circuit& m, const std::string& file) {
  std::string list;
  for (int64_t i = 0; i < m.units(); ++i) list += fmt::format(" v({})", state_node(m, i));
  return wrapped(".save" + list) + "\n.control\nrun\nwrite " + file + "\n" + kEnd;
}

}  // namespace

std::string chunk_name(const std::string& stem, int64_t first) { return fmt::format("{}_{}.dat", stem, first); }

double ampere_of_force(const Circuit& m, int64_t unit) {
  const double ampere = m.V0_volt / m.R0_ohm();
  return m.picture == Picture::charge ? ampere * m.mobility[unit] : ampere;
}

std::string drift_bench(const Circuit& m, const std::vector<std::vector<double>>& points) {
  std::string text = "* drift: states are forced, currents and voltages read\n";
  text += kInclude + instance(m);
  for (int64_t i = 0; i < m.units(); ++i) text += fmt::format("vf{} {} 0 dc 0\n", i, state_node(m, i));
  text += kForced;
  text += kWritten;
  for (const std::vector<double>& x : points) {
    for (int64_t i = 0; i < m.units(); ++i) text += fmt::format("alter vf{} dc={}\n", i, number(x[i] * state_volt(m)));
    text += "op\n";
    text += write_data(m, "drift", [&](int64_t i) {
      if (m.picture == Picture::conductance) return fmt::format("i(vf{})", i);
      if (m.picture == Picture::charge) return fmt::format("v(xm.z{})", i);
      return fmt::format("@l.xm.li{}[current]", i);
    });
    text += "destroy all\n";
  }
  return text + kEnd;
}

double admittance_frequency(const Circuit& m) { return 1 / (2 * std::numbers::pi * m.t0_second); }

std::string admittance_bench(const Circuit& m) {
  std::string text = "* linear elements: currents into all pins for 1 V at each\n";
  text += kInclude + instance(m);
  for (int64_t i = 0; i < m.units(); ++i) {
    text += fmt::format("vf{0} s{0} 0 dc 0\n", i);
    text += fmt::format("vx{0} x{0} 0 dc 0 ac 0\n", i);
  }
  text += kForced;
  text += kWritten;
  const std::string f = number(admittance_frequency(m));
  for (int64_t j = 0; j < m.units(); ++j) {
    if (j > 0) text += fmt::format("alter @vx{}[acmag]=0\n", j - 1);
    text += fmt::format("alter @vx{}[acmag]=1\nac lin 1 {} {}\n", j, f, f);
    text += write_data(m, "admittance", [](int64_t i) { return fmt::format("i(vx{})", i); });
    text += "destroy all\n";
  }
  return text + kEnd;
}

std::string noise_bench(const Circuit& m, const std::vector<NoisePair>& pairs, double from_hertz, double to_hertz) {
  std::string text = "* noise: spectra of states and of their differences\n";
  text += kInclude + instance(m);
  if (m.picture == Picture::conductance) {
    constexpr double kOhm = 1000;
    for (int64_t i = 0; i < m.units(); ++i) {
      const double gain = std::sqrt(noise_intensity(m, i) * kOhm / (kBoltzmann * m.temperature_kelvin));
      text +=
          fmt::format("rn{0} n{0} 0 {1}\nvz{0} n{0} 0 dc 0\nfn{0} 0 x{0} vz{0} {2}\n", i, number(kOhm), number(gain));
    }
  }
  text += "iin 0 x0 dc 0 ac 1\n";
  text += fmt::format(".options temp={} gmin=1e-24 reltol=1e-9 abstol=1e-24 vntol=1e-18\n",
                      number(m.temperature_kelvin - 273.15));
  text += kWritten;
  if (m.picture == Picture::conductance) {
    text += "op\n" + write_data(m, "point", [&](int64_t i) { return fmt::format("v(x{})", i); });
  }
  for (size_t k = 0; k < pairs.size(); ++k) {
    const std::string a = state_node(m, pairs[k].a), b = state_node(m, pairs[k].b);
    text += fmt::format("noise v({}{}) iin dec {} {} {}\nsetplot noise{}\nwrdata spectrum_{}.dat onoise_spectrum\n", a,
                        pairs[k].a == pairs[k].b ? "" : "," + b, kPointsPerDecade, number(from_hertz), number(to_hertz),
                        2 * k + 1, k);
  }
  return text + kEnd;
}

std::string path_bench(const Circuit& m, const std::vector<std::vector<double>>& eta, double interval,
                       const std::vector<double>& start) {
  std::string text = "* path: the same noise as in the reference, straight lines between its values\n";
  text += kInclude + instance(m);
  const double step = interval * m.t0_second;
  for (int64_t i = 0; i < m.units(); ++i) {
    std::string line = fmt::format("in{0} 0 x{0} PWL(", i);
    for (size_t k = 0; k < eta.size(); ++k) {
      line += fmt::format("{} {} ", number(static_cast<double>(k) * step), number(eta[k][i] * ampere_of_force(m, i)));
      if (k % 4 == 3) line += "\n+ ";
    }
    text += line + ")\n";
    if (!start.empty()) text += fmt::format(".ic v(x{})={}\n", i, number(start[i] * m.V0_volt));
  }
  text += ".options reltol=1e-6 abstol=1e-18 vntol=1e-12 chgtol=1e-24 trtol=1 interp\n";
  text +=
      fmt::format(".tran {0} {1} 0 {0} uic\n", number(step), number((static_cast<double>(eta.size()) - 0.5) * step));
  return text + save_states(m, "path.raw");
}

std::string statistics_bench(const Circuit& m, const Statistics& what) {
  std::string text = "* statistics: Gaussian noise that is held for one interval, the same for all\n";
  text += kInclude;
  text += instance(m, what.compensated ? "hold=" + number(m.kT * what.interval) : "");
  const std::string step = number(what.interval * m.t0_second);
  double largest = 0;
  for (int64_t i = 0; i < m.units(); ++i) {
    const double sigma = std::sqrt(2 * noise_intensity(m, i) / (what.interval * m.t0_second));
    largest = std::max(largest, sigma);
    text += fmt::format("in{0} 0 x{0} dc 0 trrandom(2 {1} 0 {2} 0)\n", i, step, number(sigma));
  }
  text += fmt::format(".options trtol=1e5 reltol=1e-4 vntol={} abstol={} chgtol={} seed={} interp\n",
                      number(1e-6 * std::min(1.0, m.V0_volt)), number(1e-7 * largest),
                      number(1e-7 * std::min(1.0, m.C_farad * m.V0_volt)), what.seed);
  text += fmt::format(".tran {0} {1} {2} {0} uic\n", step, number(what.until * m.t0_second),
                      number(what.from * m.t0_second));
  return text + save_states(m, "statistics.raw");
}

}  // namespace swell::spice
