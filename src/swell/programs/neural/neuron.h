#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "swell/engine/run.h"
#include "swell/ledger/bill.h"
#include "swell/ledger/diagnostics.h"
#include "swell/ledger/statistics.h"
#include "swell/ledger/to_json.h"

// The thermodynamic neuron: one unit in U(x) = J2 x^2 + J3 x^3 + J4 x^4 - I x, started at x = 0 and read at a set time,
// equilibrium or not (S. Whitelam, C. Casert, Nat. Commun. 17, 1189 (2026)).
namespace swell::neural {

struct NeuronOptions : RunSettings {  // progress: a share of the Fokker-Planck equation, or trajectory-steps
  double J2 = 1, J3 = 0, J4 = 0;      // E0
  std::vector<double> inputs;         // I, E0
  std::vector<double> kT = {0.01};    // E0
  std::vector<double> times = {10};   // 1/mu, multiples of dt
  double dt = 1e-3;                   // 1/mu
  int64_t samples = 1000;             // runs for each input, kT and time
  int cells = 0;                      // of the Fokker-Planck solution; 0 for as many as its force needs
  Seed seed = 1;
  Prices prices;
};

// The activation at one input, temperature and time, found in three ways.
struct Activation {
  double input = 0, kT = 0, time = 0;
  Estimate simulated;        // mean of x over independent runs
  double spread = 0;         // standard deviation of x over them
  double fokker_planck = 0;  // <x> of the solution at that time
  double equilibrium = 0;    // <x> at t = infinity
  double deviation() const;  // of simulation and Fokker-Planck, in standard errors
};

struct NeuronReport {
  std::vector<Activation> rows;  // temperature by temperature, time by time, input by input
  int cells = 0;
  int64_t samples = 0;            // runs for each row, the fewest
  double largest_deviation = 0;   // of simulation and Fokker-Planck, standard errors
  double largest_difference = 0;  // of the two, as a share of the largest |<x>|
  double chance = 1;              // of so large a deviation where the two agree
  // What to say where the two disagree beyond chance; empty otherwise.
  std::string disagreement(double dt) const;
  double simulation_wall_s = 0, multiply_adds = 0, draws = 0;
  std::string engine;
  // Of each kT and time: the temperature that the units had when they were read, and the heat of a unit until then.
  struct Warmth {
    double kT = 0, time = 0;
    Known<Estimate> achieved;  // E0
    Estimate heat_kT;          // mean over the inputs, error over runs
  };
  std::vector<Warmth> warmth;
  Diagnostics diagnostics;   // the worst books of all
  Bill bill;                 // of a unit that is read once: means over inputs, times and temperatures
  std::string interruption;  // in a sentence, what an interrupted measurement has; empty for a whole one
};

// Interrupted, it tells what was finished: fewer temperatures and times, the last of them of fewer runs. Throws
// InputError where the potential does not confine, kT is not positive, or a time is no multiple of dt; Interrupted
// where nothing was finished.
NeuronReport measure_neuron(const NeuronOptions& options);

nlohmann::ordered_json to_json(const NeuronReport& report);

}  // namespace swell::neural
