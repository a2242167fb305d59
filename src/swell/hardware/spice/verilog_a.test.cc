#include "swell/hardware/spice/verilog_a.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "physics/machines.h"
#include "swell/base/errors.h"
#include "swell/hardware/circuit/expression.h"
#include "swell/model/builder.h"

namespace swell::spice {
namespace {

TEST(verilog_a, the_text_of_a_machine_is_this) {
  const Computer computer = MachineBuilder()
                                .group("well", {1}, {.J2 = -1, .J4 = 0.5})
                                .group("spring", {1}, {.J2 = 2}, 2)
                                .couplings("program")
                                .couple("well", 0, "spring", 0, -0.25)
                                .bias("spring", 0.5)
                                .computer();
  EXPECT_EQ(verilog_a(make_circuit(computer, computer.sets[0], "two", {})),
            R"(// A machine of the conductance picture. Written by the rules of Verilog-A, and never run.
`include "disciplines.vams"

module swell_machine(x0, x1);
  inout x0, x1;
  electrical x0, x1;
  parameter real c0 = 1e-12 from (0:inf);
  parameter real r0 = 1000000 from (0:inf);
  parameter real v0 = 0.1 from (0:inf);
  parameter real kt = 1 from [0:inf);
  real u0;
  real u1;
  analog begin
    u0 = V(x0)/v0;
    u1 = V(x1)/v0;
    I(x0) <+ c0/1*ddt(V(x0));
    I(x0) <+ v0/r0*((-2)*u0 + 2*u0*u0*u0 + (-0.25)*u1);
    I(x0) <+ white_noise(4*kt*c0*v0*v0/(1*r0), "n0");
    I(x1) <+ c0/2*ddt(V(x1));
    I(x1) <+ v0/r0*(4*u1 + (-0.25)*u0 + 0.5);
    I(x1) <+ white_noise(4*kt*c0*v0*v0/(2*r0), "n1");
  end
endmodule
)");
  const std::string saturating = verilog_a(make_circuit(computer, computer.sets[0], "two", {.saturation = 4}));
  EXPECT_NE(saturating.find("    y1 = 4*tanh(u1/4);\n"), std::string::npos) << saturating;
  EXPECT_NE(saturating.find("2*u0*u0*u0 + (-0.25)*y1);"), std::string::npos) << saturating;
  EXPECT_THROW(verilog_a(make_circuit(computer, computer.sets[0], "two", {.picture = Picture::flux})), InputError);
}

// The currents of the text, worked out by the reader of boards, are (V0 / R0) dV/dx at random voltages; its noise is
// that of the machine.
TEST(verilog_a, currents_are_those_of_the_gradient) {
  const Computer computer = test::quartic_machine({5, 4}, 1.0);
  const Circuit machine = make_circuit(computer, computer.sets[0], "m", {});
  const std::vector<Unit> units = unit_laws(machine);
  const std::string text = verilog_a(machine);
  const auto expression = [&](const std::string& begin) {
    const size_t at = text.find(begin) + begin.size();
    std::string found = text.substr(at, text.find(';', at) - at);
    std::erase(found, '\n');
    return found;
  };
  std::map<std::string, double, std::less<>> values = {
      {"c0", machine.C_farad}, {"r0", machine.R0_ohm()}, {"v0", machine.V0_volt}, {"kt", machine.kT}};
  for (uint64_t k = 0; k < 20; ++k) {
    std::vector<double> x;
    for (uint64_t i = 0; i < 9; ++i) values[fmt::format("u{}", i)] = x.emplace_back(2 * test::fixed_normal(90 + k, i));
    const std::vector<double> wanted = gradient(machine, units, x);
    for (int64_t i = 0; i < 9; ++i) {
      const double current = circuit::evaluate(expression(fmt::format("I(x{}) <+ v0/r0*", i)), values);
      EXPECT_NEAR(current, wanted[i], 1e-12 * (1 + std::abs(wanted[i]))) << i;
    }
  }
  for (int64_t i = 0; i < 9; ++i) {
    std::string density = expression(fmt::format("I(x{}) <+ white_noise(", i));
    density.resize(density.find(','));
    EXPECT_NEAR(circuit::evaluate(density, values) / (4 * noise_intensity(machine, i)), 1, 1e-12) << i;
  }
}

}  // namespace
}  // namespace swell::spice
