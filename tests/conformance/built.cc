// A machine described by builders, through the public header.

#include <gtest/gtest.h>

#include "swell/swell.h"

namespace swell {

TEST(builder, a_machine_of_a_few_lines_runs) {
  MachineBuilder machine;
  machine.group("in", {1}).group("out", {1}).couplings("program").couple("in", 0, "out", 0, -0.5);
  const Computer computer = machine.computer();
  const Protocol protocol = ProtocolBuilder(computer, "answer")
                                .segment("ask", 40, "program")
                                .kT(1e-12)
                                .drive("in", 0, 1.5)
                                .segment("hold", 40, "program")
                                .kT(1e-12)
                                .clamp("in")
                                .protocol();
  const Patterns patterns{1, {2, 0}};
  RunOptions options;
  options.dt = 0.01;
  options.patterns = &patterns;
  // Clamped at 2, the input pulls the output to x with x = 0.5 * 2.
  const swell::Run run = swell::run(computer, protocol, options);
  EXPECT_NEAR(run.state(0)[0], 2, 1e-6);
  EXPECT_NEAR(run.state(0)[1], 1, 1e-4);
  EXPECT_NE(run.book(0, 0).work, 0);
}

}  // namespace swell
