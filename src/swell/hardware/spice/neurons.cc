#include "swell/hardware/spice/neurons.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "swell/base/errors.h"
#include "swell/hardware/spice/netlist.h"

namespace swell::spice {
namespace {

std::string pins(const Neurons& n) {
  std::string text;
  for (const char kind : {'m', 'r', 'f'}) {
    for (int64_t i = 0; i < n.units(); ++i) text += fmt::format(" {}{}", kind, i);
  }
  return text;
}

// Uniform noise for each neuron, held for a sweep, later for each by one share of it.
std::string noise_sources(const Neurons& n) {
  std::string text = wrapped("xm" + pins(n) + " " + kSubcircuit) + "\n";
  for (int64_t i = 0; i < n.units(); ++i) {
    text += fmt::format("vr{0} r{0} 0 dc 0 trrandom(1 {1} {2} 1 0)\n", i, number(n.t0_second),
                        number(n.t0_second * static_cast<double>(i) / static_cast<double>(n.units())));
  }
  return text;
}

std::string run_and_save(const Neurons& n, int64_t sweeps, int64_t seed, const std::string& file) {
  std::string list;
  for (int64_t i = 0; i < n.units(); ++i) list += fmt::format(" v(m{})", i);
  std::string text = fmt::format(".options seed={} trtol=1e3 interp\n", seed);
  text += fmt::format(".tran {0} {1} {0} {2} uic\n", number(n.t0_second),
                      number(static_cast<double>(sweeps) * n.t0_second), number(0.25 * n.t0_second));
  return text + wrapped(".save" + list) + "\n.control\nrun\nwrite " + file + "\nquit\n.endc\n.end\n";
}

}  // namespace

void validate(const Neurons& n) {
  if (n.units() < 1 || n.units() > kMostNeurons)
    throw InputError(fmt::format("{} p-bits are not allowed in a circuit; 1 to {} are", n.units(), kMostNeurons));
  for (const auto& [value, what] : {std::pair(n.kT, "kT"), {n.V0_volt, "voltage V0"}, {n.t0_second, "time t0"}}) {
    if (!(value >= 1e-30 && value <= 1e30))
      throw InputError(fmt::format("the {} of the p-bits is {:g}, allowed are positive numbers", what, value));
  }
  for (const double h : n.h) {
    if (!(std::abs(h) <= 1e30))
      throw InputError(fmt::format("a field of the p-bits is {:g}, allowed is up to 1e30", h));
  }
  for (size_t k = 0; k < n.couplings.size(); ++k) {
    const Coupling& c = n.couplings[k];
    if (c.a < 0 || c.b <= c.a || c.b >= n.units() || !(std::abs(c.J) <= 1e30))
      throw InputError(
          fmt::format("coupling {} joins p-bits {} and {}, allowed are a < b below {}", k, c.a, c.b, n.units()));
    if (k > 0 && std::pair(n.couplings[k - 1].a, n.couplings[k - 1].b) >= std::pair(c.a, c.b))
      throw InputError(fmt::format("coupling {} of the p-bits is out of order, or there twice", k));
  }
}

Neurons make_neurons(const IsingModel& model, std::string name, double kT, double V0_volt, double t0_second) {
  Neurons n{std::move(name), model.h, {}, kT, V0_volt, t0_second};
  if (model.units > kMostNeurons)
    throw InputError(fmt::format("{} p-bits are not allowed in a circuit; 1 to {} are", model.units, kMostNeurons));
  n.h.resize(model.units);
  for (int64_t a = 0; a < model.units; ++a) {
    for (int64_t e = model.row_start[a]; e < model.row_start[a + 1]; ++e) {
      if (model.neighbour[e] > a && model.J[e] != 0) n.couplings.push_back({a, model.neighbour[e], model.J[e]});
    }
  }
  validate(n);
  return n;
}

std::string subcircuit(const Neurons& n) {
  std::string text =
      fmt::format("* {} p-bits, {} couplings: clocked stochastic neurons\n", n.units(), n.couplings.size());
  text += wrapped(fmt::format(".subckt {}{} params: v0={} t0={} kt={}", kSubcircuit, pins(n), number(n.V0_volt),
                              number(n.t0_second), number(n.kT))) +
          "\n";
  text += ".model sw1 sw(vt=0.5 vh=0.05 ron=0.001 roff=1e9)\n";
  const auto share = 1 / static_cast<double>(n.units());
  for (int64_t i = 0; i < n.units(); ++i) {
    // The field I_i as a voltage over 1 ohm; f is a pin, so that a source can hold it.
    text += fmt::format("rf{0} f{0} 0 1\n", i);
    if (n.h[i] != 0) text += fmt::format("ih{0} 0 f{0} dc {1}\n", i, number(n.h[i]));
    text += fmt::format("bc{0} c{0} 0 V={{v0}}*sgn(tanh(v(f{0})*{{1/kt}})-v(r{0}))\n", i);
    text += fmt::format("vk{0} k{0} 0 dc 0 pulse(0 1 {{t0*{1}}} {{t0*{2}}} {{t0*{2}}} {{t0*{3}}} {{t0}})\n", i,
                        number((static_cast<double>(i) + 0.4) * share), number(0.01 * share), number(0.2 * share));
    text += fmt::format("sh{0} c{0} m{0} k{0} 0 sw1\nch{0} m{0} 0 {{t0}} ic={{{1}v0}}\n", i, i % 2 == 0 ? "-" : "");
  }
  for (const Coupling& c : n.couplings) {
    text += fmt::format("gc{0}_{1} 0 f{0} m{1} 0 {{{2}/v0}}\n", c.a, c.b, number(c.J));
    text += fmt::format("gc{1}_{0} 0 f{1} m{0} 0 {{{2}/v0}}\n", c.a, c.b, number(c.J));
  }
  return text + ".ends\n";
}

std::string network_bench(const Neurons& n, int64_t sweeps, int64_t seed) {
  return "* network: the held signs after every sweep\n.include machine.cir\n" + noise_sources(n) +
         run_and_save(n, sweeps, seed, "spins.raw");
}

std::string sigmoid_bench(const Neurons& n, const std::vector<double>& fields, int64_t ticks, int64_t seed) {
  std::string text = "* sigmoid: fields held at the steps of a staircase\n.include machine.cir\n" + noise_sources(n);
  for (int64_t i = 0; i < n.units(); ++i) {
    text += fmt::format("vf{0} f{0} 0 PWL(0 {1}", i, number(fields[0]));
    for (size_t k = 1; k < fields.size(); ++k) {
      // Between the last sample of a sweep and the first of the next.
      const double at =
          (static_cast<double>(static_cast<int64_t>(k) * ticks) + 0.03 / static_cast<double>(n.units())) * n.t0_second;
      text += fmt::format("\n+ {} {} {} {}", number(at), number(fields[k - 1]),
                          number(at + 0.03 * n.t0_second / static_cast<double>(n.units())), number(fields[k]));
    }
    text += ")\n";
  }
  return text + run_and_save(n, static_cast<int64_t>(fields.size()) * ticks, seed, "sigmoid.raw");
}

double gibbs_probability(double field, double kT) { return (1 + std::tanh(field / kT)) / 2; }

}  // namespace swell::spice
