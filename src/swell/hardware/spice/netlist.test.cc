#include "swell/hardware/spice/netlist.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <sstream>

#include "swell/base/errors.h"
#include "swell/hardware/spice/benches.h"
#include "swell/hardware/spice/folder.h"
#include "swell/hardware/spice/plan.h"
#include "swell/hardware/spice/safe_text.h"
#include "swell/io/test_folder.h"
#include "swell/model/builder.h"

namespace swell::spice {
namespace {

// Two double wells and a harmonic unit, couplings of both signs.
Computer three_units(double sign = 1) {
  return MachineBuilder()
      .group("wells", {2}, {.J2 = -1, .J4 = 0.5})
      .group("spring", {1}, {.J2 = 2}, 2)
      .couplings("program")
      .couple("wells", 0, "wells", 1, -0.25 * sign)
      .couple("wells", 1, "spring", 0, 0.5)
      .couple("wells", 0, "spring", 0, 0.125)
      .bias("spring", 0.5)
      .computer();
}

Circuit exported(Picture picture, Law law = Law::quartic, double sign = 1) {
  const Computer computer = three_units(sign);
  Options options{.picture = picture, .law = law};
  if (law == Law::josephson)
    options = {.picture = picture, .law = law, .C_farad = 1e-12, .t0_second = 1e-11, .V0_volt = 3e-5};
  return make_circuit(computer, computer.sets[0], "three", options);
}

struct Style {
  Picture picture;
  Law law;
};
const std::vector<Style> kStyles = {{Picture::conductance, Law::quartic}, {Picture::conductance, Law::cosh},
                                    {Picture::conductance, Law::latch},   {Picture::charge, Law::quartic},
                                    {Picture::flux, Law::quartic},        {Picture::flux, Law::josephson}};

TEST(netlist, the_text_of_a_machine_is_this) {
  EXPECT_EQ(subcircuit(exported(Picture::conductance)),
            R"(* machine 'three': 3 units, 3 couplings, conductance picture, unit law quartic
.subckt swell_machine x0 x1 x2 params: c0=1e-12 r0=1000000 v0=0.1 hold=0
ci0 x0 0 {c0/1}
gs0 x0 0 x0 0 {-2/r0}
.param p0_0={2*v0/r0/v0/v0/v0}
.param p0_1={2*hold*v0/r0/v0}
bn0 x0 0 I={p0_0}*v(x0)*v(x0)*v(x0)+{p0_1}*v(x0)
ci1 x1 0 {c0/1}
gs1 x1 0 x1 0 {-2/r0}
.param p1_0={2*v0/r0/v0/v0/v0}
.param p1_1={2*hold*v0/r0/v0}
bn1 x1 0 I={p1_0}*v(x1)*v(x1)*v(x1)+{p1_1}*v(x1)
ci2 x2 0 {c0/2}
gs2 x2 0 x2 0 {4/r0}
ib2 x2 0 dc {0.5*v0/r0}
gc0_1 x0 0 x1 0 {-0.25/r0}
gc1_0 x1 0 x0 0 {-0.25/r0}
gc0_2 x0 0 x2 0 {0.125/r0}
gc2_0 x2 0 x0 0 {0.125/r0}
gc1_2 x1 0 x2 0 {0.5/r0}
gc2_1 x2 0 x1 0 {0.5/r0}
.ends
)");
}

// Couplings that saturate read y = x_s tanh(x / x_s) of a unit, a node of its own.
TEST(netlist, the_text_of_couplings_that_saturate_is_this) {
  const Computer computer = MachineBuilder()
                                .group("springs", {2}, {.J2 = 1})
                                .couplings("program")
                                .couple("springs", 0, "springs", 1, 0.5)
                                .computer();
  const Circuit machine = make_circuit(computer, computer.sets[0], "two", {.saturation = 4});
  EXPECT_EQ(subcircuit(machine),
            R"(* machine 'two': 2 units, 1 couplings, conductance picture, unit law quartic
.subckt swell_machine x0 x1 params: c0=1e-12 r0=1000000 v0=0.1 hold=0
ci0 x0 0 {c0/1}
gs0 x0 0 x0 0 {2/r0}
ci1 x1 0 {c0/1}
gs1 x1 0 x1 0 {2/r0}
.param p0_8={4*v0}
.param p0_9={0.25/v0}
by0 y0 0 V={p0_8}*tanh({p0_9}*v(x0))
.param p1_8={4*v0}
.param p1_9={0.25/v0}
by1 y1 0 V={p1_8}*tanh({p1_9}*v(x1))
gc0_1 x0 0 y1 0 {0.5/r0}
gc1_0 x1 0 y0 0 {0.5/r0}
.ends
)");
  for (const std::string& file : files_of(machine)) EXPECT_NE(file, "statistics.cir");
  EXPECT_NE(readme(machine).find("no potential"), std::string::npos);
  const Exported back = parse_machine_json(to_json_text(machine), "machine.json");
  EXPECT_EQ(back.machine.saturation, 4);
}

// Names of elements are used once, all is lower-case but the I= and V= of B elements, and products are written out.
TEST(netlist, there_are_no_powers_and_no_name_twice) {
  for (const auto& [picture, law] : kStyles) {
    const Circuit machine = exported(picture, law, picture == Picture::charge ? -1 : 1);
    const Plan plan = make_plan(machine, {.points = 2, .knots = 4});
    const std::string all = subcircuit(machine) + subcircuit(machine, Dialect::xyce) +
                            drift_bench(machine, plan.points) + path_bench(machine, plan.eta, plan.path_interval, {}) +
                            statistics_bench(machine, plan.statistics);
    for (const char* forbidden : {"^", "**", "pow", "trnoise"})
      EXPECT_EQ(all.find(forbidden), std::string::npos) << forbidden;
    std::set<std::string> names;
    std::istringstream lines(subcircuit(machine));
    std::string line;
    while (std::getline(lines, line)) {
      if (line[0] < 'a' || line[0] > 'z') continue;
      EXPECT_TRUE(names.insert(line.substr(0, line.find(' '))).second) << line;
      for (size_t at = 0; at < line.size(); ++at) {
        const bool upper = line[at] >= 'A' && line[at] <= 'Z';
        EXPECT_TRUE(!upper || line[at + 1] == '=') << line;
      }
    }
    EXPECT_FALSE(names.empty());
  }
}

// All sources of a bench draw at the same moments; where they do not, ngspice freezes one of them.
TEST(netlist, statistics_have_one_interval_of_noise) {
  const Circuit machine = exported(Picture::conductance);
  const std::string text = statistics_bench(machine, {.interval = 1.0 / 3, .until = 10});
  std::set<std::string> intervals;
  size_t at = 0;
  int sources = 0;
  while ((at = text.find("trrandom(2 ", at)) != std::string::npos) {
    at += 11;
    intervals.insert(text.substr(at, text.find(' ', at) - at));
    ++sources;
  }
  EXPECT_EQ(sources, 3);
  ASSERT_EQ(intervals.size(), 1u);
  EXPECT_NE(text.find(".tran " + *intervals.begin() + " "), std::string::npos);
}

TEST(netlist, what_a_picture_cannot_hold_is_refused) {
  const auto refusal = [](const Computer& computer, const Options& options) {
    return test::error_of<InputError>([&] { make_circuit(computer, computer.sets[0], "m", options); });
  };
  const Computer three = three_units();
  EXPECT_NE(refusal(three, {.picture = Picture::charge}).find("capacitor of"), std::string::npos);
  EXPECT_NE(refusal(three, {.picture = Picture::flux, .law = Law::cosh}).find("not one of the flux picture"),
            std::string::npos);
  EXPECT_NE(refusal(three, {.picture = Picture::conductance, .law = Law::josephson}).find("josephson"),
            std::string::npos);
  EXPECT_NE(refusal(three, {.picture = Picture::flux, .V0_volt = 0.1, .temperature_kelvin = 300}).find("Give one"),
            std::string::npos);
  EXPECT_NE(refusal(three, {.C_farad = -1}).find("capacitance C"), std::string::npos);
  EXPECT_NE(refusal(three, {.picture = Picture::flux, .saturation = 3}).find("do not saturate"), std::string::npos);
  EXPECT_NE(refusal(three, {.saturation = -1}).find("x = -1"), std::string::npos);
  EXPECT_NE(refusal(three, {.saturation = std::nan("")}).find("saturation of couplings"), std::string::npos);
  EXPECT_NE(refusal(three, {.t0_second = std::nan("")}).find("time t0"), std::string::npos);
  // A linear unit that is softer than its couplings: no inductors hold a negative energy.
  const Computer soft =
      MachineBuilder().group("a", {2}, {.J2 = 0.5}).couplings("c").couple("a", 0, "a", 1, 3).computer();
  EXPECT_NE(refusal(soft, {.picture = Picture::flux}).find("eigenvalue of -2"), std::string::npos);
  EXPECT_NO_THROW(make_circuit(soft, soft.sets[0], "m", {}));  // a controlled source holds any
  const Computer odd = MachineBuilder().group("a", {1}, {.J3 = 0.1, .J4 = 1}).couplings("c").bias("a", 0).computer();
  EXPECT_NE(refusal(odd, {.law = Law::latch}).find("J3 = 0.1"), std::string::npos);
  EXPECT_NO_THROW(make_circuit(odd, odd.sets[0], "m", {}));
}

// Laws of devices agree with the model near x = 0: the difference of forces falls as x^5.
TEST(netlist, unit_laws_agree_with_the_quartic_near_zero) {
  const std::vector<Unit> quartic = unit_laws(exported(Picture::conductance));
  for (const auto& [picture, law] : kStyles) {
    const Circuit machine = exported(picture, law, -1);
    const Unit unit = unit_laws(machine)[0];
    const double a = machine.argument();
    const auto difference = [&](double x) { return std::abs(unit.force(x) - quartic[0].force(x)); };
    if (law == Law::quartic) {
      EXPECT_EQ(difference(0.3), 0);
      continue;
    }
    EXPECT_NEAR(difference(0.2 / a) / difference(0.1 / a), 32, 1.5) << name_of(law);
    for (const double x : {-1.1, 0.3, 0.9}) {
      const double h = 1e-5;
      EXPECT_NEAR((unit.energy(x + h) - unit.energy(x - h)) / (2 * h), unit.force(x),
                  1e-6 * std::abs(unit.force(x)) + 1e-7);
      EXPECT_NEAR((unit.force(x + h) - unit.force(x - h)) / (2 * h), unit.curvature(x),
                  1e-6 * std::abs(unit.curvature(x)) + 1e-6);
    }
  }
}

TEST(netlist, thermal_pictures_tie_the_voltage_to_the_temperature) {
  const Circuit machine = exported(Picture::flux);
  EXPECT_NEAR(machine.noise_temperature(), 300, 1e-9);
  EXPECT_NEAR(machine.V0_volt, std::sqrt(kBoltzmann * 300 / 1e-12), 1e-18);
  const Computer computer = three_units();
  const Circuit cold =
      make_circuit(computer, computer.sets[0], "m", {.picture = Picture::flux, .V0_volt = machine.V0_volt / 10});
  EXPECT_NEAR(cold.temperature_kelvin, 3, 1e-9);
  // Johnson's noise of the shunt: S = 4 k T / R one-sided is four times the intensity.
  EXPECT_NEAR(4 * noise_intensity(machine, 0), 4 * kBoltzmann * 300 / machine.R0_ohm(), 1e-33);
  // Of flux a unit that is twice as fast has twice the resistance, of charge half of it.
  EXPECT_NEAR(4 * noise_intensity(machine, 2), 2 * kBoltzmann * 300 / machine.R0_ohm(), 1e-33);
  const Circuit charged = exported(Picture::charge, Law::quartic, -1);
  EXPECT_NEAR(4 * noise_intensity(charged, 2), 8 * kBoltzmann * 300 / charged.R0_ohm(), 1e-33);
}

TEST(netlist, a_folder_comes_back_as_it_was_written) {
  const test::TestFolder folder;
  Circuit machine = exported(Picture::conductance);
  machine.image = {0, 1, 2, 1.5, 2.5};
  write_folder(folder / "c", machine);
  const Exported back = read_folder(folder / "c");
  EXPECT_EQ(to_json_text(back.machine), to_json_text(machine));
  EXPECT_EQ(back.subcircuit.find('*'), back.subcircuit.find("*v0"));  // no comment is left
}

// What begins a command in ngspice, or reads a file, does not get there.
TEST(netlist, hostile_subcircuits_are_refused) {
  const std::string good = subcircuit(exported(Picture::conductance));
  EXPECT_NO_THROW(safe_subcircuit(good, "m.cir"));
  const auto with = [&](const std::string& line) { return ".subckt swell_machine x0 x1 x2\n" + line + "\n.ends\n"; };
  for (const char* line : {".control",
                           ".include /etc/passwd",
                           ".lib a b",
                           ".option x",
                           ".exec",
                           "shell ls",
                           "a1 x0 y filesource",
                           "bn x0 0 I=`ls`",
                           "bn x0 0 I=v(x0)^3",
                           "bn x0 0 I=v(x0)**3",
                           "bn x0 0 I=pow(v(x0),3)",
                           "i1 x0 0 dc 0 external",
                           "r1 x0 0 1k ; comment",
                           "r1 x0 0 1k $ comment",
                           "r1 x0 0 'a'",
                           "r1 x0 0 \"a\"",
                           "m1 a b c d n",
                           ".model d d(is=1)",
                           "v1 x0 0 pwl file=\"x\"",
                           ".csparam a=1",
                           "r1 x0 0 \\n",
                           "g1 x0 0 poly(1) x0 0 0 1",
                           "i1 x0 0 trnoise(1 1 0 0)",
                           ".subckt inner a",
                           ".subckt inner a\nr1 a 0 1k\n.ends"})
    EXPECT_THROW(safe_subcircuit(with(line), "m.cir"), InputError) << line;
  // Comments that ngspice runs as commands are left out.
  EXPECT_EQ(safe_subcircuit(with("*# shell ls"), "m.cir").find("shell"), std::string::npos);
  EXPECT_THROW(safe_subcircuit("r1 a b 1\n", "m.cir"), InputError);
  EXPECT_THROW(safe_subcircuit("+ more\n" + good, "m.cir"), InputError);
  EXPECT_THROW(safe_subcircuit(with(std::string(70000, 'r')), "m.cir"), InputError);
}

TEST(netlist, hostile_descriptions_are_refused) {
  const std::string good = to_json_text(exported(Picture::conductance));
  EXPECT_NO_THROW(parse_machine_json(good, "machine.json"));
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{"\"kT\": 1", "\"kT\": 0"},
                                                        {"\"kT\": 1", "\"kT\": \"hot\""},
                                                        {"\"C_farad\": 1e-12", "\"C_farad\": -1"},
                                                        {"\"C_farad\": 1e-12", "\"C_farad\": 1e308"},
                                                        {"\"kT\": 1", "\"kT\": 1e-300"},
                                                        {"\"kT\": 1", "\"kT\": NaN"},
                                                        {"\"saturation\": 0", "\"saturation\": 1e-300"},
                                                        {"\"saturation\": 0", "\"saturation\": \"x\""},
                                                        {"\"mobility\": [1", "\"mobility\": [1e300"},
                                                        {"\"J4\": [0.5", "\"J4\": [1e308"},
                                                        {"\"picture\": \"conductance\"", "\"picture\": \"oil\""},
                                                        {"\"unit_law\": \"quartic\"", "\"unit_law\": \"josephson\""},
                                                        {"\"swell_spice\": 1", "\"swell_spice\": 7"},
                                                        {"\"J3\": [", "\"J3\": [1, "}}) {
    std::string text = good;
    const size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    EXPECT_THROW(parse_machine_json(text, "machine.json"), Error) << to;
  }
  EXPECT_THROW(parse_machine_json("{", "machine.json"), IoError);
  EXPECT_THROW(parse_machine_json("[]", "machine.json"), IoError);
}

}  // namespace
}  // namespace swell::spice
