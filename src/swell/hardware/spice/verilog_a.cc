#include "swell/hardware/spice/verilog_a.h"

#include <fmt/format.h>

#include <vector>

#include "swell/base/errors.h"
#include "swell/hardware/spice/netlist.h"

namespace swell::spice {
namespace {

// A factor of a product.
std::string factor(double value) { return value < 0 ? "(" + number(value) + ")" : number(value); }

// dU/dx of a unit by itself, u its x; terms of a sum.
std::vector<std::string> own_force(const Unit& unit, const std::string& u) {
  std::vector<std::string> terms;
  if (unit.linear != 0) terms.push_back(factor(unit.linear) + "*" + u);
  if (unit.quadratic != 0) terms.push_back(fmt::format("{0}*{1}*{1}", factor(unit.quadratic), u));
  if (unit.cubic != 0) terms.push_back(fmt::format("{0}*{1}*{1}*{1}", factor(unit.cubic), u));
  if (unit.amplitude != 0) {
    const char* const name = unit.function == Function::sinh   ? "sinh"
                             : unit.function == Function::tanh ? "tanh"
                                                               : "sin";
    terms.push_back(fmt::format("{}*{}({}*{})", factor(unit.amplitude), name, factor(unit.rate), u));
  }
  return terms;
}

}  // namespace

std::string verilog_a(const Circuit& m) {
  if (m.picture != Picture::conductance)
    throw InputError(
        fmt::format("a module of Verilog-A is made of the conductance picture, not of {}", name_of(m.picture)));
  const std::vector<Unit> units = unit_laws(m);
  std::vector<std::vector<std::string>> terms(m.units());
  std::vector<char> read(m.units());
  for (int64_t i = 0; i < m.units(); ++i) terms[i] = own_force(units[i], fmt::format("u{}", i));
  for (const Coupling& c : m.couplings) {
    const char* const out = m.saturates(c) ? "y" : "u";
    if (m.saturates(c)) read[c.a] = read[c.b] = 1;
    terms[c.a].push_back(fmt::format("{}*{}{}", factor(c.J), out, c.b));
    terms[c.b].push_back(fmt::format("{}*{}{}", factor(c.J), out, c.a));
  }
  std::string pins, text =
                        "// A machine of the conductance picture. Written by the rules of Verilog-A, and never run.\n"
                        "`include \"disciplines.vams\"\n\n";
  for (int64_t i = 0; i < m.units(); ++i) pins += fmt::format("{}x{}", i == 0 ? "" : i % 16 == 0 ? ",\n    " : ", ", i);
  text += fmt::format("module {0}({1});\n  inout {1};\n  electrical {1};\n", kSubcircuit, pins);
  for (const auto& [name, value] : {std::pair("c0", m.C_farad), {"r0", m.R0_ohm()}, {"v0", m.V0_volt}})
    text += fmt::format("  parameter real {} = {} from (0:inf);\n", name, number(value));
  text += fmt::format("  parameter real kt = {} from [0:inf);\n", number(m.kT));
  for (int64_t i = 0; i < m.units(); ++i)
    text += fmt::format("  real u{0}{1};\n", i, read[i] ? fmt::format(", y{}", i) : "");
  text += "  analog begin\n";
  for (int64_t i = 0; i < m.units(); ++i) {
    text += fmt::format("    u{0} = V(x{0})/v0;\n", i);
    if (read[i]) text += fmt::format("    y{0} = {1}*tanh(u{0}/{1});\n", i, number(m.saturation));
  }
  for (int64_t i = 0; i < m.units(); ++i) {
    if (m.bias[i] != 0) terms[i].push_back(factor(m.bias[i]));
    text += fmt::format("    I(x{0}) <+ c0/{1}*ddt(V(x{0}));\n", i, number(m.mobility[i]));
    if (!terms[i].empty()) {
      std::string sum;
      for (size_t k = 0; k < terms[i].size(); ++k)
        sum += (k == 0 ? "" : k % 6 == 0 ? "\n        + " : " + ") + terms[i][k];
      text += fmt::format("    I(x{}) <+ v0/r0*({});\n", i, sum);
    }
    text += fmt::format("    I(x{0}) <+ white_noise(4*kt*c0*v0*v0/({1}*r0), \"n{0}\");\n", i, number(m.mobility[i]));
  }
  return text + "  end\nendmodule\n";
}

}  // namespace swell::spice
