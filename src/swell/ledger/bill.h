#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "swell/ledger/statistics.h"

namespace swell {

constexpr double kBoltzmann = 1.380649e-23;  // J/K, exact in the SI

// What things cost. Every price can be set; `source` in the report says where a default comes from.
struct Prices {
  double temperature_kelvin = 300;    // of the device: turns kT into joules
  double time_unit_s = 1e-6;          // 1/mu of the device: an RC circuit of one microsecond (Whitelam 2026)
  double readout_joule = 1e-12;       // one analogue value to 8 bits; assumed, no published figure for such a machine
  double write_joule = 1e-12;         // one parameter into the machine; assumed, no published figure
  double multiply_add_joule = 1e-12;  // digital; 1 pJ as in the papers (Horowitz, ISSCC 2014: 4.6 pJ fp32 in 45 nm)
  double denoiser_multiply_adds = 2.07e6;  // per image; the lower bound behind Whitelam's 5e14 kT at 1 pJ each
};

// One run, priced. Device and simulation stand apart and are never added up.
struct Bill {
  Prices prices;
  // The device, per result.
  Estimate heat_kT;         // to the bath while the result is made
  Estimate preparation_kT;  // heat of the segments before
  Estimate work_kT;         // of switching the couplings and drives
  double device_time_s = 0;
  // Outside the device figure, per result or once.
  int64_t readouts = 0;  // analogue values read per result
  int64_t writes = 0;    // parameters written, once per program
  // The simulation that produced these figures, in all.
  double simulation_multiply_adds = 0;
  double simulation_wall_s = 0;
  double training_wall_s = 0;
  int64_t results = 0;
};

double joules_per_kT(const Prices& prices);

// {mean, stderr, count}; null where there is none: stderr of fewer than two values, mean of none.
nlohmann::ordered_json to_json(const Estimate& estimate);
nlohmann::ordered_json to_json(const Bill& bill);

}  // namespace swell
