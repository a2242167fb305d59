#include "swell/ledger/bill.h"

#include <cmath>
#include <numbers>

namespace swell {

using Json = nlohmann::ordered_json;

double joules_per_kT(const Prices& prices) { return kBoltzmann * prices.temperature_kelvin; }

Json to_json(const Estimate& estimate) {
  const bool known = estimate.count > 0 && std::isfinite(estimate.mean);
  return {{"mean", known ? Json(estimate.mean) : Json(nullptr)},
          {"stderr", estimate.has_error() ? Json(estimate.stderr_of_mean) : Json(nullptr)},
          {"count", estimate.count}};
}

Json to_json(const Bill& bill) {
  const Prices& prices = bill.prices;
  const double kT = joules_per_kT(prices);
  const double readout = prices.readout_joule * static_cast<double>(bill.readouts);
  const double digital = prices.denoiser_multiply_adds * prices.multiply_add_joule;
  const double heat = bill.heat_kT.mean * kT;
  Json json;
  json["device_per_image"] = {{"heat_kT", to_json(bill.heat_kT)},
                              {"heat_joule", to_json(scaled(bill.heat_kT, kT))},
                              {"preparation_heat_kT", to_json(bill.preparation_kT)},
                              {"work_kT", to_json(bill.work_kT)},
                              {"time_s", bill.device_time_s},
                              {"temperature_kelvin", prices.temperature_kelvin}};
  json["outside_device_figure"] = {
      {"readouts_per_image", bill.readouts},
      {"readout_price_joule", prices.readout_joule},
      {"readout_joule_per_image", readout},
      {"readout_price_source", "assumed: about 1 pJ for an 8-bit conversion; no published figure for such a machine"},
      {"parameter_writes_once", bill.writes},
      {"write_price_joule", prices.write_joule},
      {"write_joule_once", prices.write_joule * static_cast<double>(bill.writes)},
      {"write_price_source", "assumed; no published figure for such a machine"},
      {"training", "done by the simulation below, not by the device"}};
  json["simulation"] = {{"multiply_adds", bill.simulation_multiply_adds},
                        {"wall_s", bill.simulation_wall_s},
                        {"training_wall_s", bill.training_wall_s},
                        {"images", bill.results},
                        {"note", "the cost of this computer standing in for the device; not a cost of the device"}};
  Json ratio = nullptr, ratio_with_readout = nullptr;
  if (heat > 0) {
    ratio = digital / heat;
    ratio_with_readout = digital / (heat + readout);
  }
  json["digital_denoiser_per_image"] = {
      {"multiply_adds", prices.denoiser_multiply_adds},
      {"multiply_add_price_joule", prices.multiply_add_joule},
      {"joule", digital},
      {"kT", digital / kT},
      {"assumptions",
       "a neural network that denoises step by step needs at least 2.07e6 multiply-adds per image (the published lower "
       "bound of "
       "5e14 kT at 1 pJ each, Whitelam 2026); memory traffic, control and training are not counted"},
      {"ratio_to_device_heat", ratio},
      {"ratio_to_device_heat_and_readout", ratio_with_readout}};
  json["landauer_bound_kT_per_bit"] = std::numbers::ln2;
  return json;
}

}  // namespace swell
