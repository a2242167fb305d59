#include "swell/ledger/bill.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "swell/ledger/to_json.h"

namespace swell {

namespace {

Bill sample_bill() {
  Bill bill;
  bill.per = "image";
  bill.heat_kT = Estimate{1000, 20, 50};
  bill.preparation_kT = Estimate{-600, 5, 50};
  bill.work_kT = Estimate{300, 7, 50};
  bill.flips = Known<Estimate>::none("no p-bits");
  bill.time_s = 5e-6;
  bill.readouts = 784;
  bill.inputs = 10;
  bill.writes = 532736;
  bill.multiply_adds = 1e12;
  bill.wall_s = 3;
  bill.training_wall_s = 8;
  bill.results = 50;
  bill.digital_method = std::string("a denoiser");
  bill.digital_multiply_adds = bill.prices.denoiser_multiply_adds;
  return bill;
}

void expect_same_keys(const nlohmann::ordered_json& a, const nlohmann::ordered_json& b, const std::string& where) {
  std::set<std::string> one, other;
  for (const auto& [key, value] : a.items()) one.insert(key);
  for (const auto& [key, value] : b.items()) other.insert(key);
  EXPECT_EQ(one, other) << where;
  for (const auto& [key, value] : a.items()) {
    if (value.is_object() && b[key].is_object() && key != "unknown") expect_same_keys(value, b[key], where + "/" + key);
  }
}

// Every null has its reason, and nothing else has one.
void expect_reasons(const nlohmann::ordered_json& json) {
  for (const char* name : {"device", "outside_device_figure", "simulation", "training", "digital"}) {
    const auto& part = json[name];
    for (const auto& [key, value] : part.items()) {
      if (key != "unknown") {
        EXPECT_EQ(value.is_null(), part["unknown"].contains(key)) << name << " " << key;
      }
    }
  }
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
  const auto device = to_json(bill)["device"];
  EXPECT_EQ(device["heat"].dump(), R"({"value":1000.0,"stderr":20.0,"count":50,"unit":"kT"})");
  EXPECT_DOUBLE_EQ(device["heat_joule"]["value"], 1000 * 1.380649e-23 * 77);
  EXPECT_DOUBLE_EQ(device["heat_joule"]["stderr"], 20 * 1.380649e-23 * 77);
  EXPECT_EQ(device["energy"], device["heat_joule"]);
  EXPECT_DOUBLE_EQ(device["preparation_heat"]["value"], -600);
  EXPECT_DOUBLE_EQ(device["work"]["value"], 300);
  EXPECT_DOUBLE_EQ(device["work_joule"]["value"], 300 * 1.380649e-23 * 77);
}

// 4.9 nJ a flip; the heat of p-bits is no energy of theirs.
TEST(bill, p_bits_cost_their_flips) {
  Bill bill = sample_bill();
  bill.heat_kT = Known<Estimate>::none("in units of the couplings");
  bill.flips = Estimate{2000, 30, 4};
  const auto device = to_json(bill)["device"];
  EXPECT_DOUBLE_EQ(device["flips_joule"]["value"], 2000 * 4.9e-9);
  EXPECT_DOUBLE_EQ(device["flips_joule"]["stderr"], 30 * 4.9e-9);
  EXPECT_EQ(device["energy"], device["flips_joule"]);
  EXPECT_TRUE(device["heat_joule"].is_null());
  EXPECT_EQ(device["unknown"]["heat_joule"], "in units of the couplings");
  EXPECT_DOUBLE_EQ(*bill.ratio(), 2.07e-6 / (2000 * 4.9e-9));
  EXPECT_EQ(device["unknown"]["update_time_s"], "how fast a p-bit updates is not known");
  bill.prices.update_time_s = 2e-9;
  EXPECT_EQ(to_json(bill)["device"]["update_time_s"], 2e-9);
  EXPECT_EQ(to_json(sample_bill())["device"]["unknown"]["update_time_s"], "no p-bits");
}

// What the simulation cost, and what is outside the device, moves no figure of the device.
TEST(bill, device_and_simulation_stand_apart) {
  const auto before = to_json(sample_bill());
  Bill dear = sample_bill();
  dear.multiply_adds = 1e15;
  dear.wall_s = 3e3;
  dear.training_wall_s = 8e3;
  dear.prices.readout_joule *= 1e3;
  dear.prices.write_joule *= 2e3;
  const auto after = to_json(dear);
  EXPECT_EQ(before["device"], after["device"]);
  EXPECT_EQ(before["digital"]["ratio_to_device"], after["digital"]["ratio_to_device"]);
  EXPECT_DOUBLE_EQ(after["simulation"]["multiply_adds"], 1e15);
  EXPECT_DOUBLE_EQ(after["outside_device_figure"]["readout_joule"], 784e-9);
  EXPECT_DOUBLE_EQ(after["outside_device_figure"]["input_joule"], 20e-9);
  EXPECT_DOUBLE_EQ(after["outside_device_figure"]["write_joule_once"], 2 * 532736e-9);
}

// The published comparison: 2.07e6 multiply-adds at 1 pJ are 5e14 kT at 300 K, and 2.9e3 kT of heat make a ratio of
// more than 1e11. Reading 784 values at 1 pJ each shrinks it to 2.07e-6 / 784e-12 = 2640, and writing ten besides to
// 2.07e-6 / 794e-12 = 2607.
TEST(bill, published_ratio_is_reproduced_and_shrinks_with_the_readout) {
  Bill bill = sample_bill();
  bill.heat_kT = Estimate{2.9e3, 10, 50};
  const auto digital = to_json(bill)["digital"];
  EXPECT_NEAR(digital["kT"].get<double>(), 5e14, 0.01e14);
  EXPECT_NEAR(digital["ratio_to_device"].get<double>(), 5e14 / 2.9e3, 0.01 * 5e14 / 2.9e3);
  EXPECT_NEAR(digital["ratio_to_device_and_readout"].get<double>(), 2640, 1);
  EXPECT_NEAR(digital["ratio_to_device_readout_and_inputs"].get<double>(), 2607, 1);
}

// A computer that took heat from its bath has no such ratio; JSON has no infinity either.
TEST(bill, ratio_needs_positive_heat) {
  Bill bill = sample_bill();
  bill.heat_kT = Estimate{-1, 0.1, 50};
  const auto digital = to_json(bill)["digital"];
  EXPECT_TRUE(digital["ratio_to_device"].is_null());
  EXPECT_EQ(digital["unknown"].value("ratio_to_device", ""), "the device gave no heat to its bath");
}

// A bill that nobody filled in says nothing, and says so: no figure of it is 0.
TEST(bill, what_is_unknown_is_null_with_a_reason_and_never_zero) {
  const auto json = to_json(Bill{});
  expect_reasons(json);
  for (const char* key : {"energy", "heat", "heat_joule", "work", "flips", "flips_joule", "time_s"})
    EXPECT_EQ(json["device"]["unknown"][key], "not counted") << key;
  for (const char* key : {"readouts", "readout_joule", "inputs", "input_joule", "writes_once", "write_joule_once"})
    EXPECT_EQ(json["outside_device_figure"]["unknown"][key], "not counted") << key;
  for (const char* key : {"multiply_adds", "draws", "host_flips", "wall_s"})
    EXPECT_EQ(json["simulation"]["unknown"][key], "not counted") << key;
}

TEST(bill, every_bill_has_the_same_keys) {
  Bill flips = sample_bill();
  flips.heat_kT = Known<Estimate>::none("no heat");
  flips.flips = Estimate{1, 0, 1};
  for (const Bill& bill : {sample_bill(), flips, Bill{}}) {
    expect_same_keys(to_json(bill), to_json(Bill{}), "");
    expect_reasons(to_json(bill));
  }
}

// People see what is known and what could be; not what has no meaning.
TEST(bill, text_has_the_figures_of_the_json) {
  std::string text;
  for (const std::string& line : bill_lines(sample_bill())) text += line + "\n";
  for (const char* part : {"for one image", "1000 +- 20 kT = 4.142e-18 +- 8.3e-20 J", "784 values, 7.84e-10 J",
                           "an assumption, set it with --price-readout", "2.07e-06 J", "random draws: unknown"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  EXPECT_EQ(text.find("p-bits"), std::string::npos) << text;
}

}  // namespace swell
