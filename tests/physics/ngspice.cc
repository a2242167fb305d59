// Exported circuits in an independent simulator. Skipped where ngspice is not installed; ctest -L ngspice runs them.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/hardware/circuit/board_system.h"
#include "swell/hardware/spice/check.h"
#include "swell/hardware/spice/images.h"
#include "swell/hardware/spice/netlist.h"
#include "swell/hardware/spice/neuron_checks.h"
#include "swell/hardware/spice/safe_text.h"
#include "swell/model/builder.h"
#include "swell/model/ising.h"

namespace swell {
namespace {

using spice::Law;
using spice::Picture;

// Double wells (or, linear, springs) all coupled to all; of charge with J > 0, which capacitors hold.
Computer network(int64_t n, bool linear, bool positive) {
  MachineBuilder builder;
  builder.group("a", {n}, {.J2 = linear ? 2.0 : -1.0, .J4 = linear ? 0.0 : 0.5}).couplings("c").bias("a", 0.2);
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = i + 1; j < n; ++j) {
      const double J = std::sin(1.0 + 12.9898 * static_cast<double>(i) + 78.233 * static_cast<double>(j));
      const double scale = 2.4 / static_cast<double>(n);
      builder.couple("a", i, "a", j, positive ? (linear ? 0.07 * scale : scale * (1 + 0.3 * J)) : scale * J);
    }
  }
  return builder.computer();
}

struct Case {
  Picture picture;
  Law law;
  std::vector<spice::Options> scales;
  std::string title() const {
    return fmt::format("{} {}{}", name_of(picture), name_of(law), scales[0].saturation > 0 ? " saturating" : "");
  }
};

// Every picture and unit law at three scales: laboratory units, fF and ns, nF and us, or what the device's own is.
std::vector<Case> all_cases() {
  const auto scales = [](Picture picture, Law law, const std::vector<std::array<double, 3>>& numbers) {
    Case one{picture, law, {}};
    for (const auto& [C, V0, t0] : numbers)
      one.scales.push_back({.picture = picture, .law = law, .C_farad = C, .t0_second = t0, .V0_volt = V0});
    return one;
  };
  // Transconductors that saturate, at 1.5: half of the units' values are beyond their linear range.
  Case saturating =
      scales(Picture::conductance, Law::quartic, {{1, 1, 1}, {1e-15, 2.035e-3, 1e-9}, {1e-9, 2e-6, 1e-6}});
  for (spice::Options& options : saturating.scales) options.saturation = 1.5;
  return {saturating,
          scales(Picture::conductance, Law::quartic, {{1, 1, 1}, {1e-15, 2.035e-3, 1e-9}, {1e-9, 2e-6, 1e-6}}),
          scales(Picture::conductance, Law::cosh, {{1e-12, 13e-3, 1e-6}, {1e-15, 26e-3, 1e-9}, {1e-9, 0.1, 1e-3}}),
          scales(Picture::conductance, Law::latch, {{1e-12, 26e-3, 1e-6}, {1e-15, 52e-3, 1e-9}, {1e-9, 0.2, 1e-3}}),
          scales(Picture::charge, Law::quartic, {{1, 1, 1}, {1e-15, 2.035e-3, 1e-9}, {1e-9, 2e-6, 1e-6}}),
          scales(Picture::flux, Law::quartic, {{1, 1, 1}, {1e-15, 2.035e-3, 1e-9}, {1e-9, 2e-6, 1e-6}}),
          scales(Picture::flux, Law::josephson, {{1e-13, 1e-5, 33e-12}, {1e-12, 3e-5, 1e-11}, {1e-12, 6e-7, 1e-9}})};
}

class ngspice : public testing::Test {
 protected:
  void SetUp() override {
    if (!spice::Simulator::installed()) GTEST_SKIP() << "ngspice is not installed: apt-get install ngspice";
  }

  static spice::Circuit machine_of(const Computer& computer, const spice::Options& options) {
    return spice::make_circuit(computer, computer.sets[0], "test", options);
  }
  // As a folder that was read would be.
  static std::string text_of(const spice::Circuit& machine) {
    return spice::safe_subcircuit(spice::subcircuit(machine), "machine.cir");
  }
};

// The forces of the netlist are the gradient of V, whose numbers come from no simulator. 1e-9 is what ngspice's
// tolerances leave; with a coefficient off by one in the ninth digit it fails.
TEST_F(ngspice, drift_is_the_gradient_for_every_picture_law_and_scale) {
  for (const Case& one : all_cases()) {
    for (const int64_t n : {8, 64}) {
      const Computer computer = network(n, false, one.picture == Picture::charge);
      for (const spice::Options& options : one.scales) {
        const spice::Circuit machine = machine_of(computer, options);
        spice::Simulator simulator(text_of(machine));
        const auto layer =
            spice::check_drift(machine, simulator, spice::make_plan(machine, {.points = 100, .knots = 1}));
        EXPECT_TRUE(layer.passed) << one.title() << " " << n << " " << layer.message;
      }
    }
  }
}

// A wrong coupling, sign or coefficient in the text is seen.
TEST_F(ngspice, a_netlist_that_is_not_the_machine_fails) {
  const Computer computer = network(8, false, false);
  const spice::Circuit machine = machine_of(computer, {});
  std::string text = text_of(machine);
  const size_t at = text.find("gc3_5 ");
  ASSERT_NE(at, std::string::npos);
  text.replace(at, 6, "gc3_5 ").replace(text.find("x5", at), 2, "x6");
  spice::Simulator simulator(text);
  EXPECT_FALSE(spice::check_drift(machine, simulator, spice::make_plan(machine, {})).passed);
}

// Spectra integrated over all frequencies are the covariance kT K^-1; with resistors as couplings the thermal noise of
// the resistors is in it as well, as Lyapunov's equation says.
TEST_F(ngspice, spectra_integrate_to_the_covariance) {
  for (const Picture picture : {Picture::conductance, Picture::charge, Picture::flux}) {
    const Computer computer = network(8, true, picture == Picture::charge);
    const spice::Circuit machine = machine_of(computer, {.picture = picture});
    spice::Simulator simulator(text_of(machine));
    const auto layer = spice::check_covariance(machine, simulator, spice::make_plan(machine, {}));
    EXPECT_TRUE(layer.passed) << name_of(picture) << layer.message;
  }
  const Computer computer = network(8, true, false);
  // V0 such that the noise of the parts is a fifth of the injected one, and cannot be left out.
  const double V0 = std::sqrt(5 * spice::kBoltzmann * 300 / 1e-15);
  const spice::Circuit noisy = machine_of(computer, {.C_farad = 1e-15, .V0_volt = V0, .resistors = true});
  const spice::Circuit silent = machine_of(computer, {.C_farad = 1e-15, .V0_volt = V0});
  EXPECT_GT(spice::exact_covariance(noisy)(0, 0), 1.1 * spice::exact_covariance(silent)(0, 0));
  spice::Simulator simulator(text_of(noisy));
  const auto layer = spice::check_covariance(noisy, simulator, spice::make_plan(noisy, {}));
  EXPECT_TRUE(layer.passed) << layer.message;
}

// The same path of noise, 1000 steps, in both.
TEST_F(ngspice, paths_agree_under_the_same_noise) {
  for (const Case& one : all_cases()) {
    const Computer computer = network(8, false, one.picture == Picture::charge);
    const spice::Circuit machine = machine_of(computer, one.scales[1]);
    spice::Simulator simulator(text_of(machine));
    const spice::Plan plan = spice::make_plan(machine, {.points = 0});
    ASSERT_EQ(plan.eta.size(), 1001u);
    const auto layer = spice::check_path(machine, simulator, plan);
    EXPECT_TRUE(layer.passed) << one.title() << " " << layer.message;
  }
}

// The same of 64 units, all coupled: 1000 steps in which ngspice solves equations of 64 unknowns some 40 times a step.
// One scale of the quartic law, with couplings that saturate and without: the laws of units were compared above.
using LongNgspice = ngspice;
TEST_F(LongNgspice, paths_of_64_units_agree_over_1000_steps) {
  const Computer computer = network(64, false, false);
  for (const double saturation : {0.0, 1.5}) {
    const spice::Circuit machine = machine_of(computer, {.saturation = saturation});
    spice::Simulator simulator(text_of(machine));
    const spice::Plan plan = spice::make_plan(machine, {.points = 0, .knots = 1000});
    ASSERT_EQ(plan.eta.size(), 1001u);
    const auto layer = spice::check_path(machine, simulator, plan);
    EXPECT_TRUE(layer.passed) << saturation << " " << layer.message;
    EXPECT_GT(layer.error, 0);
    RecordProperty(saturation > 0 ? "saturating" : "linear",
                   fmt::format("{:.3g} in {:.1f} s", layer.error, layer.wall_s));
  }
}

// Of couplings that saturate nothing is compared with Boltzmann's distribution, and the rate of entropy is told.
TEST_F(ngspice, checks_of_saturating_couplings_tell_what_they_cannot_compare) {
  const Computer computer = network(4, true, false);
  const spice::Circuit machine = machine_of(computer, {.saturation = 1});
  spice::CheckOptions options;
  options.plan = {.points = 10, .knots = 100};
  options.chains = 16;
  options.chain_steps = 2000;
  const spice::CheckReport report = spice::check({machine, {}, text_of(machine)}, options);
  ASSERT_EQ(report.layers.size(), 4u);
  EXPECT_TRUE(report.passed());
  for (const size_t layer : {0, 2}) EXPECT_TRUE(report.layers[layer].passed) << report.layers[layer].message;
  for (const size_t layer : {1, 3}) EXPECT_FALSE(report.layers[layer].ran);
  EXPECT_NE(report.layers[3].message.find("housekeeping heat"), std::string::npos);
}

// ngspice's own noise, a coupled Gaussian network: means and second moments within four standard errors. The seed is
// fixed, so the outcome is the same every time; an error of 2 % of a variance would be seen.
TEST_F(ngspice, statistics_of_a_coupled_gaussian_network) {
  const Computer computer = network(3, true, false);
  const spice::Circuit machine = machine_of(computer, {});
  spice::Simulator simulator(text_of(machine));
  std::vector<spice::Measured> moments;
  const auto layer = spice::check_statistics(
      machine, simulator, spice::make_plan(machine, {.points = 0, .statistics_steps = 200000}), {}, moments);
  EXPECT_TRUE(layer.passed) << layer.message;
  EXPECT_EQ(moments.size(), 9u);
}

// Mean first-passage time from one well to the other, tau = (1 / mu kT) int_{-m}^{m} dy e^{V(y)/kT} int_{-inf}^y dz
// e^{-V(z)/kT} (H. Risken, The Fokker-Planck Equation, eq. 5.109), barrier 4 kT: 34.63.
double first_passage(double J2, double J4, double m) {
  constexpr int kPoints = 20000;
  const double low = -4, step = (m - low) / kPoints;
  double inner = 0, sum = 0;
  for (int k = 0; k < kPoints; ++k) {
    const double x = low + (k + 0.5) * step, V = J2 * x * x + J4 * x * x * x * x;
    inner += std::exp(-V) * step;
    if (x > -m) sum += std::exp(V) * (inner - 0.5 * std::exp(-V) * step) * step;
  }
  return sum;
}

// Sixteen wells by themselves, crossings counted from well to well. Noise that is held for 0.02 slows escape by about
// 4 % (measured with other integrators as well), less than a standard error here; an error of 20 % would be seen.
TEST_F(ngspice, escape_from_a_double_well_takes_its_exact_time) {
  const double well = std::sqrt(2.0);
  const double exact = first_passage(-4, 1, well);
  EXPECT_NEAR(exact, 34.63, 0.01);
  const Computer computer =
      MachineBuilder().group("a", {16}, {.J2 = -4, .J4 = 1}).couplings("c").bias("a", 0).computer();
  const spice::Circuit machine = machine_of(computer, {});
  spice::Simulator simulator(text_of(machine));
  simulator.run(spice::statistics_bench(machine, {.interval = 0.02, .from = 0, .until = 1500}));
  const spice::RawFile raw = simulator.raw("statistics.raw");
  std::vector<double> times;
  for (int unit = 0; unit < 16; ++unit) {
    const std::vector<double>& v = raw.vectors.at("v(x" + std::to_string(unit) + ")");
    double since = -1;
    int side = 0;
    for (size_t k = 0; k < v.size(); ++k) {
      const double x = v[k] / machine.V0_volt;
      const int now = x > well ? 1 : x < -well ? -1 : 0;
      if (now == 0 || now == side) continue;
      if (since >= 0) times.push_back((static_cast<double>(k) - since) * 0.02);
      since = static_cast<double>(k);
      side = now;
    }
  }
  ASSERT_GT(times.size(), 300u);
  double mean = 0;
  for (const double time : times) mean += time / static_cast<double>(times.size());
  // Passages are nearly exponential: the error of their mean is mean / sqrt(n).
  EXPECT_LT(std::abs(mean - exact), 4 * exact / std::sqrt(static_cast<double>(times.size()))) << mean;
}

TEST_F(ngspice, stochastic_neurons_flip_by_gibbs_rule_and_sample_boltzmann) {
  const std::vector<IsingEdge> edges = {{0, 1, 0.4}, {0, 2, -0.3}, {1, 3, 0.5}, {2, 3, 0.4}, {1, 2, 0.2}};
  const spice::Neurons neurons = spice::make_neurons(make_ising(4, edges, {0.2, -0.1, 0, 0.3}), "four", 1, 0.1, 1e-6);
  spice::Simulator simulator(spice::safe_subcircuit(spice::subcircuit(neurons), "machine.cir"));
  std::vector<spice::Measured> moments;
  const auto sigmoid = spice::check_sigmoid(neurons, simulator, 1, 400, moments);
  EXPECT_TRUE(sigmoid.passed) << sigmoid.message;
  EXPECT_EQ(moments.size(), 13u);
  const auto whole = spice::check_network(neurons, simulator, 1, 6000, moments);
  EXPECT_TRUE(whole.passed) << whole.message;
}

TEST_F(ngspice, images_of_the_circuit_are_those_of_the_model) {
  const Computer computer = network(8, false, false);
  spice::Circuit machine = machine_of(computer, {});
  spice::Simulator simulator(text_of(machine));
  EXPECT_THROW(spice::make_images(machine, simulator, 1, 1), InputError);
  machine.image = {0, 2, 3, 0.5, 1e300};
  EXPECT_THROW(spice::make_images(machine, simulator, 1, 1), InputError);
  machine.image = {0, 2, 3, 0.5, 1.0};
  const spice::ImagePairs pairs = spice::make_images(machine, simulator, 2, 1);
  EXPECT_EQ(pairs.model.size(), 12u);
  EXPECT_LT(pairs.largest_difference, spice::kPathAllowed);
  EXPECT_NE(pairs.model[0], pairs.model[6]);
}

// Eight LC cells coupled by capacitors (a stochastic processing unit), resistors at one temperature or at eight: our
// Lyapunov covariance of the netlist against the spectra of ngspice for the same text. Where Q is 15 the spectra have
// peaks, so 500 points a decade are taken.
TEST_F(ngspice, boards_have_the_covariance_of_the_spectra) {
  for (const bool equal : {true, false}) {
    std::string text;
    for (int i = 0; i < 8; ++i) {
      text += fmt::format("r{0} x{0} 0 1k dtemp={1}\nl{0} x{0} 0 10u\nc{0} x{0} 0 1n\n", i, equal ? 0 : 40 * i);
      for (int j = i + 1; j < 8; ++j) {
        const int pF = 100 * ((3 * i + 5 * j) % 4);
        if (pF > 0) text += fmt::format("cc{0}_{1} x{0} x{1} {2}p\n", i, j, pF);
      }
    }
    const circuit::Board netlist = circuit::parse_board("spu\n.temp 26.85\n" + text, "spu.cir");
    const circuit::BoardSystem board = circuit::make_system(netlist);
    const Matrix all = board.covariance();
    std::array<int64_t, 8> place{};  // nodes come in the order in which the text names them
    for (int i = 0; i < 8; ++i)
      place[i] = std::ranges::find(board.outputs, fmt::format("v(x{})", i)) - board.outputs.begin();
    const auto S = [&](int i, int j) { return all(place[i], place[j]); };
    spice::Simulator simulator(text);
    std::string bench =
        "* spectra\n.include machine.cir\ni1 0 x0 dc 0 ac 1\n.options temp=26.85 gmin=1e-18\n.control\n"
        "set wr_singlescale\nset numdgt=16\n";
    int number = 0;
    for (int a = 0; a < 8; ++a) {
      for (int b = a; b < 8; ++b, ++number)
        bench += fmt::format("noise v(x{}{}) i1 dec 500 1e3 1e10\nsetplot noise{}\nwrdata s{}.dat onoise_spectrum\n", a,
                             a == b ? "" : fmt::format(",x{}", b), 2 * number + 1, number);
    }
    simulator.run(bench + "quit\n.endc\n.end\n");
    double difference = 0, size = 0;
    number = 0;
    for (int a = 0; a < 8; ++a) {
      for (int b = a; b < 8; ++b, ++number) {
        const double power = spice::integrate_spectrum(simulator.columns(fmt::format("s{}.dat", number)));
        const double exact = a == b ? S(a, a) : S(a, a) + S(b, b) - 2 * S(a, b);
        difference += (power - exact) * (power - exact);
        size += exact * exact;
      }
    }
    EXPECT_LT(std::sqrt(difference / size), 1e-4) << (equal ? "equal" : "unequal");
  }
}

}  // namespace
}  // namespace swell
