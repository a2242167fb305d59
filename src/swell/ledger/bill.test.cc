#include "swell/ledger/bill.h"

#include <gtest/gtest.h>

#include <cmath>

namespace swell {

namespace {

Bill sample_bill() {
  Bill bill;
  bill.heat_kT = {1000, 20, 50};
  bill.preparation_kT = {-600, 5, 50};
  bill.work_kT = {300, 7, 50};
  bill.device_time_s = 5e-6;
  bill.readouts = 784;
  bill.writes = 532736;
  bill.simulation_multiply_adds = 1e12;
  bill.simulation_wall_s = 3;
  bill.training_wall_s = 8;
  bill.results = 50;
  return bill;
}

}  // namespace

// 300 K: kT = 4.142e-21 J and kT ln 2 = 2.871e-21 J, to the four digits in which they are usually quoted.
TEST(bill, thermal_energy_at_room_temperature_is_the_known_one) {
  EXPECT_NEAR(joules_per_kT({}), 4.142e-21, 0.0005e-21);
  EXPECT_NEAR(joules_per_kT({}) * std::log(2.0), 2.871e-21, 0.0005e-21);
}

TEST(bill, joules_are_heat_times_the_thermal_energy_at_the_devices_temperature) {
  Bill bill = sample_bill();
  bill.prices.temperature_kelvin = 77;
  const auto device = to_json(bill)["device_per_image"];
  EXPECT_DOUBLE_EQ(device["heat_kT"]["mean"], 1000);
  EXPECT_DOUBLE_EQ(device["heat_kT"]["stderr"], 20);
  EXPECT_DOUBLE_EQ(device["heat_joule"]["mean"], 1000 * 1.380649e-23 * 77);
  EXPECT_DOUBLE_EQ(device["heat_joule"]["stderr"], 20 * 1.380649e-23 * 77);
  EXPECT_DOUBLE_EQ(device["preparation_heat_kT"]["mean"], -600);
  EXPECT_DOUBLE_EQ(device["work_kT"]["mean"], 300);
}

// What the simulation cost, and what is outside the device, moves no figure of the device.
TEST(bill, device_and_simulation_stand_apart) {
  const auto before = to_json(sample_bill());
  Bill dear = sample_bill();
  dear.simulation_multiply_adds *= 1e3;
  dear.simulation_wall_s *= 1e3;
  dear.training_wall_s *= 1e3;
  dear.prices.readout_joule *= 1e3;
  dear.prices.write_joule *= 1e3;
  const auto after = to_json(dear);
  EXPECT_EQ(before["device_per_image"], after["device_per_image"]);
  EXPECT_EQ(before["digital_denoiser_per_image"]["ratio_to_device_heat"],
            after["digital_denoiser_per_image"]["ratio_to_device_heat"]);
  EXPECT_DOUBLE_EQ(after["simulation"]["multiply_adds"], 1e15);
  EXPECT_DOUBLE_EQ(after["outside_device_figure"]["readout_joule_per_image"], 784e-9);
  EXPECT_DOUBLE_EQ(after["outside_device_figure"]["write_joule_once"], 532736e-9);
}

// The published comparison: 2.07e6 multiply-adds at 1 pJ are 5e14 kT at 300 K, and 2.9e3 kT of heat make a ratio of
// more than 1e11. Reading 784 values at 1 pJ each shrinks it to 2.07e-6 / 784e-12 = 2640.
TEST(bill, published_ratio_is_reproduced_and_shrinks_with_the_readout) {
  Bill bill = sample_bill();
  bill.heat_kT.mean = 2.9e3;
  const auto digital = to_json(bill)["digital_denoiser_per_image"];
  EXPECT_NEAR(digital["kT"].get<double>(), 5e14, 0.01e14);
  EXPECT_NEAR(digital["ratio_to_device_heat"].get<double>(), 5e14 / 2.9e3, 0.01 * 5e14 / 2.9e3);
  EXPECT_NEAR(digital["ratio_to_device_heat_and_readout"].get<double>(), 2640, 1);
}

// A computer that took heat from its bath has no such ratio; JSON has no infinity either.
TEST(bill, ratio_needs_positive_heat) {
  Bill bill = sample_bill();
  bill.heat_kT.mean = -1;
  EXPECT_TRUE(to_json(bill)["digital_denoiser_per_image"]["ratio_to_device_heat"].is_null());
}

// JSON has no NaN, and an error of 0 would claim that nothing is uncertain.
TEST(bill, estimates_without_an_error_are_null_with_their_count) {
  EXPECT_EQ(to_json(Estimate{3, 0, 1}).dump(), R"({"mean":3.0,"stderr":null,"count":1})");
  EXPECT_EQ(to_json(Estimate{}).dump(), R"({"mean":null,"stderr":null,"count":0})");
  EXPECT_EQ(to_json(Estimate{3, std::nan(""), 5}).dump(), R"({"mean":3.0,"stderr":null,"count":5})");
  EXPECT_EQ(to_json(Estimate{3, 0.5, 5}).dump(), R"({"mean":3.0,"stderr":0.5,"count":5})");
}

}  // namespace swell
