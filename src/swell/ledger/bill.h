#pragma once

#include <optional>
#include <string>
#include <vector>

#include "swell/ledger/statistics.h"

namespace swell {

constexpr double kBoltzmann = 1.380649e-23;  // J/K, exact in the SI

// What things cost: the one price list. Every price can be set; the bill says which are assumed.
struct Prices {
  double temperature_kelvin = 300;    // of the device: turns kT into joules
  double time_unit_s = 1e-6;          // 1/mu of the device: an RC circuit of one microsecond (Whitelam 2026)
  double update_time_s = 0;           // between two updates of a p-bit of the device; 0: not known
  double readout_joule = 1e-12;       // one analogue value to 8 bits; assumed, no published figure for such a machine
  double write_joule = 1e-12;         // one parameter or input into the machine; assumed, no published figure
  double flip_joule = 4.9e-9;         // one flip of a p-bit: a photonic p-computer
  double multiply_add_joule = 1e-12;  // digital; 1 pJ as in the papers (Horowitz, ISSCC 2014: 4.6 pJ fp32 in 45 nm)
  double denoiser_multiply_adds = 2.07e6;  // per image; the lower bound behind Whitelam's 5e14 kT at 1 pJ each
};

double joules_per_kT(const Prices& prices);

// A figure, or why there is none. What nobody filled in is unknown, never 0.
template <class T>
class Known {
 public:
  Known() = default;
  Known(T value) : value_(std::move(value)) {}
  // Exists, but was not found out.
  static Known unknown(std::string why) { return Known(std::move(why), true); }
  // Has no meaning here: in the JSON with its reason, but people are not bothered with it.
  static Known none(std::string why) { return Known(std::move(why), false); }

  explicit operator bool() const { return value_.has_value(); }
  const T& operator*() const { return *value_; }
  const T* operator->() const { return &*value_; }
  const std::string& why() const { return why_; }
  bool applies() const { return value_ || applies_; }

 private:
  Known(std::string why, bool applies) : why_(std::move(why)), applies_(applies) {}
  std::optional<T> value_;
  std::string why_ = "not counted";
  bool applies_ = true;
};

// Between two updates of a p-bit of the device, seconds, where the price list says so.
Known<double> update_time(const Prices& prices);

// What results cost. Device, what is outside its figure, simulation, training and the digital alternative stand apart
// and are never added up, but for the ratios that say so.
struct Bill {
  Prices prices;
  std::string per = "result";  // what one result is: "image", "trajectory", "answer"
  int64_t results = 0;         // over which the means of a result are taken

  // The device, for one result.
  Known<Estimate> heat_kT;         // to the bath
  Known<Estimate> preparation_kT;  // heat before the result begins, not in heat_kT
  Known<Estimate> work_kT;         // of switching couplings and drives, and of forces without a potential
  Known<Estimate> flips;           // of p-bits, at flip_joule each; heat_kT is then none
  Known<double> time_s;            // one device, one thing after another
  Known<double> side_by_side_s;    // as many devices as replicas

  // Outside the device figure.
  Known<double> readouts;  // analogue values read, for one result
  Known<double> inputs;    // values written for one result
  Known<double> writes;    // parameters written, once for all results

  // The simulation that produced these figures, for all results together. No cost of the device.
  Known<std::string> engine = Known<std::string>::unknown("not told");  // that advanced the machine: engine/engines.cc
  Known<double> multiply_adds;
  Known<double> draws;       // random numbers
  Known<double> host_flips;  // flips of units, or moves of a tour, that the digital host made
  Known<double> wall_s;

  Known<double> training_wall_s;

  // The same result on a digital machine.
  Known<std::string> digital_method;
  Known<double> digital_multiply_adds;
  Known<double> digital_wall_s;  // here; null where it was not run

  // The energy of the device for one result, J: its heat, or its flips where it is made of p-bits.
  Known<Estimate> energy_joule() const;
  Known<double> readout_joule() const;
  Known<double> input_joule() const;
  Known<double> write_joule() const;
  Known<double> digital_joule() const;
  // Energy of the digital machine over that of the device; with what is read, and with what is read and written for a
  // result. Above 1 the device spends less.
  Known<double> ratio() const;
  Known<double> ratio_with_readout() const;
  Known<double> ratio_with_readout_and_inputs() const;
};

// For people: parts of the bill with their lines.
struct BillLine {
  std::string what, value, remark;
};
struct BillPart {
  std::string title;
  std::vector<BillLine> lines;
};
std::vector<BillPart> bill_parts(const Bill& bill);
// As text, a line each.
std::vector<std::string> bill_lines(const Bill& bill);

}  // namespace swell
