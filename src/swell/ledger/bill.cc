#include "swell/ledger/bill.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "swell/ledger/to_json.h"

namespace swell {

using Json = nlohmann::ordered_json;

namespace {

constexpr const char* kAssumed = "readouts and writes: about 1 pJ each; no published figure for such a machine";
constexpr const char* kSimulation = "the cost of this computer standing in for the device; not a cost of the device";
constexpr const char* kDigital = "memory traffic, control and training are not counted";

Known<double> times(const Known<double>& count, double price) { return count ? Known<double>(*count * price) : count; }

// digital / device; null where either is unknown, or the device took heat from its bath.
Known<double> ratio_of(const Known<double>& digital, const Known<Estimate>& device,
                       const std::vector<Known<double>>& more) {
  if (!digital) return digital;
  if (!device) return device.applies() ? Known<double>::unknown(device.why()) : Known<double>::none(device.why());
  if (!(device->mean > 0)) return Known<double>::unknown("the device gave no heat to its bath");
  double joule = device->mean;
  for (const Known<double>& each : more) {
    if (!each) return each;
    joule += *each;
  }
  return *digital / joule;
}

// A part of the JSON: figures, and why there is none under "unknown".
class Part {
 public:
  void add(const char* key, const Known<double>& figure) {
    json_[key] = figure && std::isfinite(*figure) ? Json(*figure) : Json(nullptr);
    if (!figure) unknown_[key] = figure.why();
  }
  void add(const char* key, const Known<Estimate>& figure, double scale, const char* unit) {
    json_[key] = figure ? to_json(scaled(*figure, scale), unit) : Json(nullptr);
    if (!figure) unknown_[key] = figure.why();
  }
  void add(const char* key, const Known<std::string>& text) {
    json_[key] = text ? Json(*text) : Json(nullptr);
    if (!text) unknown_[key] = text.why();
  }
  void set(const char* key, Json value) { json_[key] = std::move(value); }
  Json json() {
    json_["unknown"] = unknown_;
    return json_;
  }

 private:
  Json json_ = Json::object(), unknown_ = Json::object();
};

// Lines for people; figures that do not apply are left out.
class Lines {
 public:
  explicit Lines(std::string title) : part_{std::move(title), {}} {}
  template <class T, class Text>
  void add(const char* what, const Known<T>& figure, const Text& text, std::string remark = "") {
    if (figure)
      part_.lines.push_back({what, text(*figure), std::move(remark)});
    else if (figure.applies())
      part_.lines.push_back({what, "unknown", figure.why()});
  }
  void add_to(std::vector<BillPart>& parts) {
    if (!part_.lines.empty()) parts.push_back(std::move(part_));
  }

 private:
  BillPart part_;
};

}  // namespace

double joules_per_kT(const Prices& prices) { return kBoltzmann * prices.temperature_kelvin; }

Known<Estimate> Bill::energy_joule() const {
  if (flips) return scaled(*flips, prices.flip_joule);
  return heat_kT ? Known<Estimate>(scaled(*heat_kT, joules_per_kT(prices))) : heat_kT;
}
Known<double> Bill::readout_joule() const { return times(readouts, prices.readout_joule); }
Known<double> Bill::input_joule() const { return times(inputs, prices.write_joule); }
Known<double> Bill::write_joule() const { return times(writes, prices.write_joule); }
Known<double> Bill::digital_joule() const { return times(digital_multiply_adds, prices.multiply_add_joule); }
Known<double> Bill::ratio() const { return ratio_of(digital_joule(), energy_joule(), {}); }
Known<double> Bill::ratio_with_readout() const { return ratio_of(digital_joule(), energy_joule(), {readout_joule()}); }
Known<double> Bill::ratio_with_readout_and_inputs() const {
  return ratio_of(digital_joule(), energy_joule(), {readout_joule(), input_joule()});
}

Known<double> update_time(const Prices& prices) {
  if (prices.update_time_s > 0) return prices.update_time_s;
  return Known<double>::unknown("how fast a p-bit updates is not known");
}

namespace {

Known<double> update_time(const Bill& bill) {
  if (!bill.flips && !bill.flips.applies()) return Known<double>::none("no p-bits");
  return update_time(bill.prices);
}

}  // namespace

Json to_json(const Bill& bill) {
  const Prices& prices = bill.prices;
  const double kT = joules_per_kT(prices);
  Json json = {{"per", bill.per}, {"results", bill.results}};
  Part device;
  device.add("energy", bill.energy_joule(), 1, "J");
  device.add("heat", bill.heat_kT, 1, "kT");
  device.add("heat_joule", bill.heat_kT, kT, "J");
  device.add("preparation_heat", bill.preparation_kT, 1, "kT");
  device.add("work", bill.work_kT, 1, "kT");
  device.add("work_joule", bill.work_kT, kT, "J");
  device.add("flips", bill.flips, 1, "1");
  device.add("flips_joule", bill.flips, prices.flip_joule, "J");
  device.set("flip_price_joule", prices.flip_joule);
  device.add("time_s", bill.time_s);
  device.add("time_side_by_side_s", bill.side_by_side_s);
  device.set("time_unit_s", prices.time_unit_s);
  device.add("update_time_s", update_time(bill));
  device.set("temperature_kelvin", prices.temperature_kelvin);
  json["device"] = device.json();
  Part outside;
  outside.add("readouts", bill.readouts);
  outside.add("readout_joule", bill.readout_joule());
  outside.add("inputs", bill.inputs);
  outside.add("input_joule", bill.input_joule());
  outside.add("writes_once", bill.writes);
  outside.add("write_joule_once", bill.write_joule());
  outside.set("readout_price_joule", prices.readout_joule);
  outside.set("write_price_joule", prices.write_joule);
  outside.set("assumed", kAssumed);
  json["outside_device_figure"] = outside.json();
  Part simulation;
  simulation.add("engine", bill.engine);
  simulation.add("multiply_adds", bill.multiply_adds);
  simulation.add("draws", bill.draws);
  simulation.add("host_flips", bill.host_flips);
  simulation.add("wall_s", bill.wall_s);
  simulation.set("note", kSimulation);
  json["simulation"] = simulation.json();
  Part training;
  training.add("wall_s", bill.training_wall_s);
  training.set("note", "done by this computer, not by the device");
  json["training"] = training.json();
  Part digital;
  digital.add("method", bill.digital_method);
  digital.add("multiply_adds", bill.digital_multiply_adds);
  digital.set("multiply_add_price_joule", prices.multiply_add_joule);
  digital.add("joule", bill.digital_joule());
  digital.add("kT", times(bill.digital_joule(), 1 / kT));
  digital.add("wall_s", bill.digital_wall_s);
  digital.add("ratio_to_device", bill.ratio());
  digital.add("ratio_to_device_and_readout", bill.ratio_with_readout());
  digital.add("ratio_to_device_readout_and_inputs", bill.ratio_with_readout_and_inputs());
  digital.set("note", kDigital);
  json["digital"] = digital.json();
  json["landauer_bound_kT_per_bit"] = std::numbers::ln2;
  return json;
}

namespace {

std::string short_number(double value) { return fmt::format("{:.3g}", value); }
std::string in_seconds(double value) { return fmt::format("{:.3g} s", value); }

Lines device_lines(const Bill& bill) {
  const Prices& prices = bill.prices;
  const double kT = joules_per_kT(prices);
  const auto heat = [&](const Estimate& at) {
    return fmt::format("{} kT = {} J", to_text(at), to_text(scaled(at, kT), 4));
  };
  Lines lines(fmt::format("The device, for one {}", bill.per));
  lines.add("heat to the bath", bill.heat_kT, heat, fmt::format("at {:g} K", prices.temperature_kelvin));
  lines.add("heat of the preparation", bill.preparation_kT, heat, "before the result begins; negative: from the bath");
  lines.add("work done on the machine", bill.work_kT, heat);
  lines.add(
      "flips of p-bits", bill.flips,
      [&](const Estimate& at) {
        return fmt::format("{}, {} J", to_text(at), to_text(scaled(at, prices.flip_joule), 4));
      },
      fmt::format("at {:g} J each: set it with --price-flip", prices.flip_joule));
  lines.add("time", bill.time_s, in_seconds, "one thing after another");
  lines.add("time, a device for each replica", bill.side_by_side_s, in_seconds);
  return lines;
}

Lines outside_lines(const Bill& bill) {
  const Prices& prices = bill.prices;
  const auto priced = [](double price) {
    return [price](double count) {
      return fmt::format("{:.6g} value{}, {:.3g} J", count, count == 1 ? "" : "s", count * price);
    };
  };
  const std::string written =
      fmt::format("at {:g} J each: an assumption, set it with --price-write", prices.write_joule);
  Lines lines(fmt::format("Not in the device figure, for one {}", bill.per));
  lines.add("readout", bill.readouts, priced(prices.readout_joule),
            fmt::format("at {:g} J each: an assumption, set it with --price-readout", prices.readout_joule));
  lines.add("writing the inputs", bill.inputs, priced(prices.write_joule), written);
  lines.add("writing the parameters, once", bill.writes, priced(prices.write_joule), written);
  return lines;
}

Lines digital_lines(const Bill& bill) {
  const Prices& prices = bill.prices;
  Lines lines("The same on a digital machine");
  lines.add("method", bill.digital_method, [](const std::string& name) { return name; });
  lines.add(
      "energy", bill.digital_joule(),
      [&](double joule) { return fmt::format("{:.3g} J = {:.3g} kT", joule, joule / joules_per_kT(prices)); },
      bill.digital_multiply_adds ? fmt::format("{:.3g} multiply-adds at {:g} J each; {}", *bill.digital_multiply_adds,
                                               prices.multiply_add_joule, kDigital)
                                 : "");
  lines.add("time, here", bill.digital_wall_s, in_seconds);
  lines.add("over the device's energy", bill.ratio(), short_number, "above 1 the device spends less");
  lines.add("with its readout", bill.ratio_with_readout(), short_number);
  lines.add("with readout and inputs", bill.ratio_with_readout_and_inputs(), short_number);
  return lines;
}

}  // namespace

std::vector<BillPart> bill_parts(const Bill& bill) {
  std::vector<BillPart> parts;
  device_lines(bill).add_to(parts);
  outside_lines(bill).add_to(parts);
  digital_lines(bill).add_to(parts);
  Lines simulation("This simulation, in all");
  simulation.add("engine", bill.engine, [](const std::string& name) { return name; });
  simulation.add("time on this computer", bill.wall_s, in_seconds, "a cost of the simulator, not of the device");
  simulation.add("multiply-adds", bill.multiply_adds, short_number);
  simulation.add("random draws", bill.draws, short_number);
  simulation.add("flips and moves of the digital host", bill.host_flips, short_number, "not priced as a device's");
  simulation.add("training", bill.training_wall_s, in_seconds, "on this computer, not by the device");
  simulation.add_to(parts);
  return parts;
}

std::vector<std::string> bill_lines(const Bill& bill) {
  std::vector<std::string> text;
  for (const BillPart& part : bill_parts(bill)) {
    text.push_back(part.title + ":");
    for (const BillLine& line : part.lines)
      text.push_back(fmt::format("  {}: {}{}", line.what, line.value,
                                 line.remark.empty() ? "" : fmt::format(" ({})", line.remark)));
  }
  return text;
}

}  // namespace swell
