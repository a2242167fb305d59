#include "swell/hardware/spice/netlist.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <sstream>

namespace swell::spice {
namespace {

// Puts the lines together. force(): what the nonlinear element of a unit carries, as an expression of the state voltage
// v, in units of `scale`; `volt` is the parameter that x = 1 is at that node ("" for 1 V).
class Writer {
 public:
  Writer(const Circuit& machine, Dialect dialect) : m_(machine), units_(unit_laws(machine)), dialect_(dialect) {}

  std::string text() {
    const int64_t n = m_.units();
    line(fmt::format("* machine '{}': {} units, {} couplings, {} picture, unit law {}", plain(m_.name), n,
                     m_.couplings.size(), name_of(m_.picture), name_of(m_.law)));
    std::string head = fmt::format(".subckt {}{}", kSubcircuit, pins());
    if (m_.picture == Picture::flux) {
      head += fmt::format(" params: l0={} r0={} f0={} hold=0", number(m_.L0_henry()), number(m_.R0_ohm()),
                          number(m_.flux_weber()));
    } else {
      head +=
          fmt::format(" params: c0={} r0={} v0={} hold=0", number(m_.C_farad), number(m_.R0_ohm()), number(m_.V0_volt));
    }
    line(wrapped(head));
    switch (m_.picture) {
      case Picture::conductance:
        conductance();
        break;
      case Picture::charge:
        charge();
        break;
      case Picture::flux:
        flux();
    }
    line(".ends");
    return out_;
  }

  std::string pins() const {
    std::string pins;
    for (int64_t i = 0; i < m_.units(); ++i) pins += fmt::format(" x{}", i);
    if (m_.picture == Picture::conductance) return pins;
    for (int64_t i = 0; i < m_.units(); ++i) pins += fmt::format(" s{}", i);
    return pins;
  }

 private:
  // Comments hold no line breaks of a file's own.
  static std::string plain(const std::string& name) {
    std::string result;
    for (const char c : name) result += c >= ' ' && c <= '~' && c != '\'' ? c : '_';
    return result.substr(0, 60);
  }

  void line(const std::string& text) { out_ += text + "\n"; }

  // The nonlinear force over `scale`, x = v / volt, with -rest x added; empty where it is 0.
  std::string force(int64_t i, const std::string& v, const std::string& scale, const std::string& volt, double rest) {
    const Unit& unit = units_[i];
    const double mobility = m_.mobility[i];
    coefficients_ = 0;
    const std::string over = volt.empty() ? "" : "/" + volt;
    std::string terms;
    const auto coefficient = [&](const std::string& expression) { return parameter(i, expression); };
    const auto add = [&](const std::string& term) { terms += (terms.empty() ? "" : "+") + term; };
    if (rest != 0) add(coefficient(number(-rest) + scale + over) + "*" + v);
    if (unit.quadratic != 0) add(coefficient(number(unit.quadratic) + scale + over + over) + "*" + v + "*" + v);
    if (unit.cubic != 0) {
      add(coefficient(number(unit.cubic) + scale + over + over + over) + "*" + v + "*" + v + "*" + v);
      add(coefficient(number(unit.cubic * mobility) + "*hold" + scale + over) + "*" + v);
    }
    if (unit.quadratic != 0) add(coefficient(number(unit.quadratic * mobility / 3) + "*hold" + scale));
    if (unit.amplitude != 0) {
      const double hold = unit.rate * unit.rate * mobility / 6;
      const char* const name = unit.function == Function::sinh   ? "sinh"
                               : unit.function == Function::tanh ? "tanh"
                                                                 : "sin";
      const std::string held = unit.function == Function::tanh
                                   ? ""
                                   : fmt::format("*(1+{}*hold)", number(unit.function == Function::sin ? -hold : hold));
      add(coefficient(number(unit.amplitude) + held + scale) + "*" + name + "(" +
          coefficient(number(unit.rate) + over) + "*" + v + ")");
    }
    return terms;
  }
  // ngspice rounds numbers in the expressions of B sources to 11 digits, and parameters to 16.
  std::string parameter(int64_t i, const std::string& expression) {
    const std::string name = fmt::format("p{}_{}", i, coefficients_++);
    line(fmt::format(".param {}={{{}}}", name, expression));
    return dialect_ == Dialect::xyce ? name : "{" + name + "}";
  }
  std::string whole(const std::string& expression) const {
    return dialect_ == Dialect::xyce ? "{" + expression + "}" : expression;
  }

  void conductance() {
    std::vector<double> self(m_.units());
    for (int64_t i = 0; i < m_.units(); ++i) self[i] = units_[i].linear;
    if (m_.resistors) {
      for (const Coupling& c : m_.couplings) {
        if (c.J >= 0) continue;
        self[c.a] += c.J;
        self[c.b] += c.J;
      }
    }
    for (int64_t i = 0; i < m_.units(); ++i) {
      line(fmt::format("ci{0} x{0} 0 {{c0/{1}}}", i, number(m_.mobility[i])));
      if (m_.resistors && self[i] > 0) {
        line(fmt::format("rs{0} x{0} 0 {{r0/{1}}}", i, number(self[i])));
      } else if (self[i] != 0) {
        line(fmt::format("gs{0} x{0} 0 x{0} 0 {{{1}/r0}}", i, number(self[i])));
      }
      const std::string terms = force(i, fmt::format("v(x{})", i), "*v0/r0", "v0", 0);
      if (!terms.empty()) line(fmt::format("bn{0} x{0} 0 I={1}", i, whole(terms)));
      if (m_.bias[i] != 0) line(fmt::format("ib{0} x{0} 0 dc {{{1}*v0/r0}}", i, number(m_.bias[i])));
    }
    outputs();
    for (const Coupling& c : m_.couplings) {
      if (m_.resistors && c.J < 0) {
        line(fmt::format("rc{0}_{1} x{0} x{1} {{r0/{2}}}", c.a, c.b, number(-c.J)));
        continue;
      }
      const char* const out = m_.saturates(c) ? "y" : "x";
      line(fmt::format("gc{0}_{1} x{0} 0 {3}{1} 0 {{{2}/r0}}", c.a, c.b, number(c.J), out));
      line(fmt::format("gc{1}_{0} x{1} 0 {3}{0} 0 {{{2}/r0}}", c.a, c.b, number(c.J), out));
    }
  }

  // y_j = x_s tanh(x_j / x_s) of the units that a coupling reads so.
  void outputs() {
    std::vector<char> read(m_.units());
    for (const Coupling& c : m_.couplings) {
      if (m_.saturates(c)) read[c.a] = read[c.b] = 1;
    }
    for (int64_t i = 0; i < m_.units(); ++i) {
      if (!read[i]) continue;
      coefficients_ = 8;  // behind those of the unit's own force
      const std::string most = parameter(i, number(m_.saturation) + "*v0");
      const std::string rate = parameter(i, number(1 / m_.saturation) + "/v0");
      line(fmt::format("by{0} y{0} 0 V={1}", i, whole(fmt::format("{}*tanh({}*v(x{}))", most, rate, i))));
    }
  }

  // The charge that has passed the resistor stands at s, as the integral of the current through a source of 0 V.
  void charge() {
    const std::vector<double> diagonal = passive_diagonal(m_, units_);
    const Matrix C = passive_inverse(m_, units_);
    for (int64_t i = 0; i < m_.units(); ++i) {
      line(fmt::format("rd{0} x{0} 0 {{r0/{1}}}", i, number(m_.mobility[i])));
      line(fmt::format("vb{0} x{0} y{0} dc {{{1}*v0}}", i, number(m_.bias[i])));
      const double rest = diagonal[i] - units_[i].linear;
      const std::string terms = force(i, fmt::format("v(s{})", i), "*v0", "", rest);
      line(terms.empty() ? fmt::format("vn{0} y{0} w{0} dc 0", i)
                         : fmt::format("bn{0} y{0} w{0} V={1}", i, whole(terms)));
      line(fmt::format("vs{0} w{0} z{0} dc 0", i));
      line(fmt::format("fs{0} 0 s{0} vs{0} {{1/(c0*v0)}}", i));
      line(fmt::format("cs{0} s{0} 0 1", i));
      line(fmt::format("rs{0} s{0} 0 1e15", i));
      double ground = 0, size = 0;
      for (int64_t j = 0; j < m_.units(); ++j) {
        ground += C(i, j);
        size += std::abs(C(i, j));
      }
      if (ground > 1e-13 * size) line(fmt::format("ci{0} z{0} 0 {{c0*{1}}}", i, number(ground)));
    }
    for (int64_t i = 0; i < m_.units(); ++i) {
      for (int64_t j = i + 1; j < m_.units(); ++j) {
        if (C(i, j) < 0) line(fmt::format("cc{0}_{1} z{0} z{1} {{c0*{2}}}", i, j, number(-C(i, j))));
      }
    }
  }

  // The flux stands at s, as the integral of the voltage.
  void flux() {
    const std::vector<double> diagonal = passive_diagonal(m_, units_);
    const Matrix L = passive_inverse(m_, units_);
    for (int64_t i = 0; i < m_.units(); ++i) {
      line(fmt::format("rd{0} x{0} 0 {{r0*{1}}}", i, number(m_.mobility[i])));
      line(fmt::format("li{0} x{0} 0 {{l0*{1}}}", i, number(L(i, i))));
      line(fmt::format("gs{0} 0 s{0} x{0} 0 {{1/f0}}", i));
      line(fmt::format("cs{0} s{0} 0 1", i));
      line(fmt::format("rs{0} s{0} 0 1e15", i));
      const double rest = diagonal[i] - units_[i].linear;
      const std::string terms = force(i, fmt::format("v(s{})", i), "*f0/l0", "", rest);
      if (!terms.empty()) line(fmt::format("bn{0} x{0} 0 I={1}", i, whole(terms)));
      if (m_.bias[i] != 0) line(fmt::format("ib{0} x{0} 0 dc {{{1}*f0/l0}}", i, number(m_.bias[i])));
    }
    for (int64_t i = 0; i < m_.units(); ++i) {
      for (int64_t j = i + 1; j < m_.units(); ++j) {
        const double k = L(i, j) / std::sqrt(L(i, i) * L(j, j));
        if (std::abs(k) > 1e-14) line(fmt::format("ki{0}_{1} li{0} li{1} {2}", i, j, number(k)));
      }
    }
  }

  const Circuit& m_;
  std::vector<Unit> units_;
  Dialect dialect_;
  std::string out_;
  int coefficients_ = 0;  // parameters of the unit at hand
};

}  // namespace

std::string number(double value) { return fmt::format("{}", value); }

std::string wrapped(const std::string& line) {
  std::istringstream words(line);
  std::string word, row, result;
  while (words >> word) {
    if (!row.empty() && row.size() + word.size() > 96) {
      result += row + "\n";
      row = "+";
    }
    row += (row.empty() ? "" : " ") + word;
  }
  return result + row;
}

std::string subcircuit(const Circuit& machine, Dialect dialect) { return Writer(machine, dialect).text(); }

std::string instance(const Circuit& machine, const std::string& parameters) {
  return wrapped("xm" + Writer(machine, Dialect::ngspice).pins() + " " + kSubcircuit +
                 (parameters.empty() ? "" : " " + parameters)) +
         "\n";
}

std::string state_node(const Circuit& machine, int64_t unit) {
  return fmt::format("{}{}", machine.picture == Picture::conductance ? "x" : "s", unit);
}

double state_volt(const Circuit& machine) { return machine.picture == Picture::conductance ? machine.V0_volt : 1; }

std::string count_elements(const std::string& subcircuit) {
  std::map<char, int64_t> counts;
  std::istringstream lines(subcircuit);
  std::string line;
  while (std::getline(lines, line)) {
    if (!line.empty() && line[0] >= 'a' && line[0] <= 'z') ++counts[line[0]];
  }
  std::string result;
  for (const auto& [kind, count] : counts)
    result += fmt::format("{}{} {}", result.empty() ? "" : ", ", static_cast<char>(kind - 'a' + 'A'), count);
  return result;
}

}  // namespace swell::spice
