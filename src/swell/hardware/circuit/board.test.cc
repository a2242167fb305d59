#include "swell/hardware/circuit/board.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "swell/base/errors.h"
#include "swell/hardware/circuit/board_system.h"
#include "swell/io/bytes.h"

namespace swell::circuit {
namespace {

constexpr double kT300 = 1.380649e-23 * 300;

double variance(const BoardSystem& system, const std::string& output) {
  const Matrix S = system.covariance();
  for (size_t k = 0; k < system.outputs.size(); ++k) {
    if (system.outputs[k] == output) return S(static_cast<int64_t>(k), static_cast<int64_t>(k));
  }
  ADD_FAILURE() << "no output " << output;
  return 0;
}

TEST(board, numbers_have_the_suffixes_of_spice) {
  EXPECT_EQ(spice_number("1p"), 1e-12);
  EXPECT_EQ(spice_number("2.2meg"), 2.2e6);
  EXPECT_EQ(spice_number("3m"), 3e-3);
  EXPECT_EQ(spice_number("10uf"), 1e-5);
  EXPECT_EQ(spice_number("1e-9"), 1e-9);
}

TEST(board, subcircuits_parameters_and_expressions_are_written_out) {
  const Board board = parse_board(R"(a ladder
.param r=1k c='2*1n'
.subckt cell in out r={r} gain=2
R1 in out {r*gain}  ; a comment
C1 out 0 c
.ends cell
Xa a b cell r=500
XB b c
+ cell gain = 3
V1 a 0 dc 1 ac 1
.temp 26.85
.tran 1n 1u
.end
what follows is not read
)",
                                  "ladder.cir");
  ASSERT_EQ(board.elements.size(), 5u);
  EXPECT_EQ(board.elements[0].name, "xa.r1");
  EXPECT_DOUBLE_EQ(board.elements[0].value, 1000);
  EXPECT_DOUBLE_EQ(board.elements[1].value, 2e-9);
  EXPECT_DOUBLE_EQ(board.elements[2].value, 3000);
  EXPECT_DOUBLE_EQ(board.elements[0].kelvin, 300);
  EXPECT_EQ(board.nodes, (std::vector<std::string>{"0", "a", "b", "c"}));
  ASSERT_EQ(board.left_out.size(), 1u);
}

// k_B T / C, whatever the resistors; k_B T / L of currents.
TEST(board, thermal_noise_is_equipartition) {
  const BoardSystem rc =
      make_system(parse_board("rc\nr1 a 0 1k\nr2 a b 33\nc1 a 0 1p\nc2 b 0 2p\n.temp 26.85\n", "rc"));
  EXPECT_NEAR(variance(rc, "v(a)") / (kT300 / 1e-12), 1, 1e-9);
  EXPECT_NEAR(variance(rc, "v(b)") / (kT300 / 2e-12), 1, 1e-9);
  const BoardSystem rlc =
      make_system(parse_board("rlc\nr1 a 0 1k\nl1 a 0 10u\nc1 a 0 1n\n.options temp=26.85\n", "rlc"));
  EXPECT_NEAR(variance(rlc, "v(a)") / (kT300 / 1e-9), 1, 1e-9);
  EXPECT_NEAR(variance(rlc, "i(l1)") / (kT300 / 1e-5), 1, 1e-9);
}

// Two coils with mutual inductance: cov i = k_B T L^-1, cov v = k_B T C^-1 with a coupling capacitor.
TEST(board, coupled_elements_have_inverse_matrices_as_covariance) {
  const BoardSystem system =
      make_system(parse_board("two\nr1 a 0 1k\nr2 b 0 2k\nl1 a 0 10u\nl2 b 0 20u\nk1 l1 l2 0.5\nc1 a 0 1n\nc2 b 0 "
                              "2n\nc3 a b 0.5n\n.temp 26.85\n",
                              "two"));
  const double M = 0.5 * std::sqrt(10e-6 * 20e-6), det = 10e-6 * 20e-6 - M * M;
  EXPECT_NEAR(variance(system, "i(l1)") / (kT300 * 20e-6 / det), 1, 1e-9);
  const double cdet = 1.5e-9 * 2.5e-9 - 0.25e-18;
  EXPECT_NEAR(variance(system, "v(a)") / (kT300 * 2.5e-9 / cdet), 1, 1e-9);
  const Matrix S = system.covariance();
  EXPECT_NEAR(S(0, 1) / (kT300 * 0.5e-9 / cdet), 1, 1e-9);
}

// Two capacitors joined by a resistor at T_c, each to ground by one of its own temperature: a heat engine's board. The
// variance of the first by hand from the 2 x 2 Lyapunov equation with equal parts: C <v1^2> / k = (7 T1 + T2 + 4 Tc)
// / 12.
TEST(board, unequal_temperatures_follow_lyapunov) {
  const BoardSystem system = make_system(parse_board(
      "heat\nr1 a 0 1k dtemp=100\nr2 b 0 1k\nr3 a b 1k dtemp=-100\nc1 a 0 1n\nc2 b 0 1n\n.temp 26.85\n", "heat"));
  const double T1 = 400, T2 = 300, Tc = 200;
  EXPECT_NEAR(variance(system, "v(a)") * 1e-9 / 1.380649e-23, (7 * T1 + T2 + 4 * Tc) / 12, 1e-6);
}

// Injected noise beside the parts' own, D and T: Sigma = (D / C) G^-1 + (k T / C) 1.
TEST(board, injected_noise_is_contaminated_by_the_parts) {
  const double D = 1e-24, C = 1e-12, g1 = 1e-3, g2 = 2e-3, gc = 5e-4;
  const BoardSystem system =
      make_system(parse_board("c\nr1 a 0 1k\nr2 b 0 500\nr3 a b 2k\nc1 a 0 1p\nc2 b 0 1p\ni1 0 a 0 noise=4e-24\ni2 0 b "
                              "0 noise=4e-24\n.temp 26.85\n",
                              "c"));
  const double a = g1 + gc, b = g2 + gc, det = a * b - gc * gc;
  EXPECT_NEAR(variance(system, "v(a)") / (D / C * b / det + kT300 / C), 1, 1e-9);
  const Matrix S = system.covariance();
  EXPECT_NEAR(S(0, 1) / (D / C * gc / det), 1, 1e-9);
}

TEST(board, sources_set_the_mean_and_hold_their_nodes) {
  const BoardSystem system = make_system(parse_board(
      "d\nv1 in 0 3\nr1 in a 1k\nr2 a 0 2k\nc1 a 0 1n\nv2 b a 0.5\ne1 o 0 a 0 10\ng1 0 s a 0 1m\nr3 s 0 1k noisy=0\n",
      "d"));
  const std::vector<double> mean = system.mean();
  const auto at = [&](const std::string& name) {
    for (size_t k = 0; k < system.outputs.size(); ++k) {
      if (system.outputs[k] == name) return mean[k];
    }
    return std::nan("");
  };
  EXPECT_NEAR(at("v(in)"), 3, 1e-12);
  EXPECT_NEAR(at("v(a)"), 2, 1e-12);
  EXPECT_NEAR(at("v(b)"), 2.5, 1e-12);
  EXPECT_NEAR(at("v(o)"), 20, 1e-11);
  EXPECT_NEAR(at("v(s)"), 2, 1e-12);
  EXPECT_NEAR(variance(system, "v(o)") / variance(system, "v(a)"), 100, 1e-9);
  EXPECT_EQ(variance(system, "v(in)"), 0);
}

// A resistor without a capacitor shows its white noise: no number is made up for it.
TEST(board, unfiltered_noise_has_no_variance) {
  const BoardSystem system = make_system(parse_board("w\nr1 a b 1k\nr2 b 0 1k\nc1 a 0 1n\n", "w"));
  EXPECT_TRUE(std::isnan(variance(system, "v(b)")));
  EXPECT_GT(variance(system, "v(a)"), 0);
}

TEST(board, boards_without_an_answer_are_refused) {
  for (const char* text : {"x\nv1 a 0 1\nv2 a 0 2\nr1 a 0 1\nc1 a 0 1\n", "x\nr1 a 0 1k\n",
                           "x\nr1 a 0 1\nc1 a 0 1\ni1 0 b 1\n", "x\nc1 a 0 1\nr1 b 0 1\nc2 b 0 1\ne1 b 0 a 0 2\n",
                           "x\nc1 a b 1p\nr1 b 0 1\nc2 b 0 1\n", "x\nr1 a 0 -1k\nc1 a 0 1\n"})
    EXPECT_THROW(make_system(parse_board(text, "x")).covariance(), InputError) << text;
}

// Lines of Windows, a mark of byte order before the title, and blanks behind .end.
TEST(board, netlists_of_other_editors_are_read) {
  const std::string plain = "rc\nr1 a 0 1k\nc1 a 0 1p\n.end\nnothing of this is read\n";
  std::string windows = "\xef\xbb\xbf";
  for (const char c : plain) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
  for (const std::string& text : {plain, windows, std::string("rc\nr1 a 0 1k\nc1 a 0 1p\n.end \t \nnothing\n")})
    EXPECT_EQ(make_system(parse_board(text, "x")).covariance().values,
              make_system(parse_board(plain, "x")).covariance().values);
}

TEST(board, hostile_netlists_get_a_sentence) {
  std::string bomb = "x\n";
  for (int k = 0; k < 15; ++k)
    bomb += ".subckt s" + std::to_string(k) + " a\nx1 a s" + std::to_string(k + 1) + "\nx2 a s" +
            std::to_string(k + 1) + "\nx3 a s" + std::to_string(k + 1) + "\n.ends\n";
  bomb += ".subckt s15 a\nr1 a 0 1\n.ends\nx0 a s0\n";
  EXPECT_THROW(parse_board(bomb, "bomb"), IoError);
  EXPECT_THROW(parse_board("x\n.subckt s a\nx1 a s\n.ends\nx0 a s\n", "loop"), IoError);
  EXPECT_THROW(parse_board("x\nr1 a 0 " + std::string(3000, '(') + "\n", "deep"), IoError);
  EXPECT_THROW(parse_board("x\nr1 a 0 {" + std::string(200, '(') + "1" + std::string(200, ')') + "}\n", "deep"),
               IoError);
  for (const char* text : {"",
                           "x\n",
                           "x\nr1 a\n",
                           "x\nr1 a 0\n",
                           "x\nr1 a 0 0\n",
                           "x\nr1 a 0 1\nr1 a 0 1\n",
                           "x\nc1 a 0 -1\n",
                           "x\nl1 a 0 0\n",
                           "x\nd1 a 0 dmod\n",
                           "x\n.control\nshell ls\n.endc\n",
                           "x\n.include /etc/passwd\n",
                           "x\nk1 l1 l2 0.5\n",
                           "x\nl1 a 0 1\nl2 b 0 1\nk1 l1 l2 2\n",
                           "x\nr1 a 0 {1/0}\n",
                           "x\nr1 a 0 1e999\n",
                           "x\nr1 a 0 nan\n",
                           "x\nr1 a 0 inf\n",
                           "x\n.temp nan\n",
                           "x\nr1 a 0 1k\xce\xa9\n",
                           "x\n.lib /etc/passwd tt\n",
                           "x\n.param a={b} b={a}\nr1 a 0 {a}\n",
                           "x\nr1 a 0 {1e308*1e308}\n",
                           "x\nr1 a 0 {y}\n",
                           "x\nr1 a 0 1 dtemp=-500\n",
                           "x\nr1 a 0 1 what=1\n",
                           "x\nx1 a b\n",
                           "x\n.subckt s a\nr1 a 0 1\n",
                           "x\n.ends\n",
                           "x\n+ r1\n",
                           "x\nv1 a 0 sin(0 1 1k)\n",
                           "x\n.param =1\n",
                           "x\n.param a=\n",
                           "x\n.temp -300\n",
                           "x\nr1 a 0 {2**3}\n",
                           "x\nr1 a 0 1\x01\n",
                           "x\n.subckt\n.ends\n",
                           "x\nx1\n",
                           "x\n.param {a}=1 b\n"})
    EXPECT_THROW(parse_board(text, "bad.cir"), IoError) << text;
}

}  // namespace
}  // namespace swell::circuit
