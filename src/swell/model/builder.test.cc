#include "swell/model/builder.h"

#include <gtest/gtest.h>

#include "swell/base/errors.h"

namespace swell {

TEST(builder, makes_the_machine_that_arrays_by_hand_make) {
  MachineBuilder machine;
  machine.group("left", {2}).group("right", {3, 1}, {.J2 = -1, .J4 = 1}, 0.5).kT(2);
  machine.couplings("program")
      .couple("right", 2, "left", 0, -0.3)
      .couple("left", 0, "right", 2, 0.1)
      .bias("right", 0.1);
  machine.couplings("other")
      .couple("right", "left", std::vector<double>{1, 2, 3, 4, 5, 6})
      .couple("left", 0, "left", 1, 7);
  const Computer computer = machine.computer();
  EXPECT_EQ(computer.units(), 5);
  EXPECT_EQ(computer.kT, 2);
  EXPECT_EQ(computer.J2, (std::vector<double>{0.5, 0.5, -1, -1, -1}));
  EXPECT_EQ(computer.mobility, (std::vector<double>{1, 1, 0.5, 0.5, 0.5}));
  ASSERT_EQ(computer.sets.size(), 2u);
  std::vector<double> J(25, 0.0);
  J[0 * 5 + 4] = J[4 * 5 + 0] = -0.3 + 0.1;
  EXPECT_EQ(dense_matrix(computer, computer.sets[0]), J);
  EXPECT_EQ(computer.sets[0].bias, (std::vector<double>{0, 0, 0.1, 0.1, 0.1}));
  EXPECT_EQ(computer.sets[0].biased, (std::vector<char>{0, 1}));
  J.assign(25, 0.0);
  for (int r = 0; r < 3; ++r) {
    for (int c = 0; c < 2; ++c) J[(2 + r) * 5 + c] = J[c * 5 + 2 + r] = 2 * r + c + 1;
  }
  J[1] = J[5] = 7;
  EXPECT_EQ(dense_matrix(computer, computer.sets[1]), J);
}

TEST(builder, says_what_is_wrong) {
  MachineBuilder machine;
  machine.group("a", {2});
  const auto message = [](const auto& call) {
    try {
      call();
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string("nothing");
  };
  const auto expect = [&](const auto& call, std::string_view part) {
    EXPECT_NE(message(call).find(part), std::string::npos) << message(call);
  };
  expect([&] { machine.group("a", {1}); }, "there is a group 'a' already");
  expect([&] { machine.group("b", {0}); }, "extent of 0");
  expect([&] { machine.group("b", {int64_t{1} << 61}); },
         "2305843009213693952 units is too large; a machine has 2147483647");
  expect([&] { machine.group("b", {1 << 20, 1 << 20, 1 << 20, 1 << 20}); }, "1048576 x 1048576");
  expect([&] { machine.bias("a", 1); }, "couplings(name) first");
  machine.couplings("s");
  expect([&] { machine.couple("a", 0, "b", 0, 1); }, "there is no group 'b'; there are a");
  expect([&] { machine.couple("a", 0, "a", 2, 1); }, "no unit 2; it has 0 to 1");
  expect([&] { machine.couple("a", 1, "a", 1, 1); }, "coupled to itself");
  expect([&] { machine.couple("a", "a", std::vector<double>(3)); }, "3 values; 4 are needed");
  expect([&] { machine.group("c", {1}); }, "all groups come first");
  const Computer computer = machine.computer();
  ProtocolBuilder protocol(computer, "p");
  expect([&] { protocol.kT(1); }, "segment() first");
  expect([&] { protocol.segment("s", 1, "other"); }, "no coupling set 'other'");
  expect([&] { protocol.protocol(); }, "no segments");
  expect([&] { protocol.segment("s", 1, "s").drive("b", 1); }, "there is no group 'b'");
}

}  // namespace swell
