#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "swell/base/errors.h"
#include "swell/hardware/precision.h"
#include "swell/model/computer.h"
#include "swell/model/ising.h"
#include "swell/model/linear_system.h"

namespace swell::hardware {

// What sets a real chip apart from its design. Relative spreads are standard deviations of a normal factor 1 + s theta,
// drawn once for each chip; models and typical ranges: docs/hardware.md.
struct Imperfections {
  std::string name = "chip";
  // Of couplings J_ij.
  double mismatch = 0;   // relative, one draw for both directions of a pair
  double asymmetry = 0;  // relative, a draw of its own for each direction
  int bits = 0;          // levels that are held; 0 for any number
  Rounding rounding = Rounding::nearest;
  double stuck = 0;       // share of the pairs that are open (0)
  double saturation = 0;  // X: a unit acts on others by X tanh(x / X) in place of x; 0 for none
  // Of units.
  double self_mismatch = 0;  // relative, of J2, J3 and J4 together, of the diagonal of a linear system
  double capacitance = 0;    // relative, of C_i: mobilities 1 / C_i, and injected noise D stays as it is
  double parasitic = 0;      // relative, added to every C_i
  double offset = 0;         // standard deviation of a bias (a field of p-bits), E0
  double leakage = 0;        // E0, added to the second derivative of every unit, 2 J2
  // Of noise.
  double noise_mismatch = 0;      // relative, of the power at each unit
  double correlation_time = 0;    // tau_c of dn = -n dt / tau_c + white noise, 1/mu
  double flicker_corner = 0;      // f_c of 1/f noise, S (1 + f_c / f) in place of white S at each unit, mu
  int flicker_decades = 4;        // below f_c, down to which it goes on
  double temperature = 1;         // factor of kT
  double temperature_spread = 0;  // relative, of that factor from chip to chip
  double temperature_drift = 0;   // relative, of kT over a run, linearly in time
  double delay = 0;               // time constant with which couplings follow, 1/mu
  // Of the chip's temperature: what it is away from that for which the machine is meant, K, and what that changes, 1/K.
  double warming = 0;                  // K
  double warming_spread = 0;           // of it from chip to chip, K
  double coupling_coefficient = 0;     // of couplings
  double unit_coefficient = 0;         // of J2, J3 and J4 together, of the diagonal of a linear system
  double capacitance_coefficient = 0;  // of every C_i
  double noise_coefficient = 0;        // of kT
  // Of what is read at the end.
  int readout_bits = 0;       // of -range to range; 0 for any number
  double readout_range = 4;   // in x
  double readout_noise = 0;   // standard deviation, in x
  double readout_jitter = 0;  // standard deviation of the time at which a value is read, 1/mu

  bool reads_out() const { return readout_bits > 0 || readout_noise > 0 || readout_jitter > 0; }
};

// The faults of a chip leave it without a minimum: it would run off to infinity.
struct NoMinimum : InputError {
  using InputError::InputError;
};

// Throws InputError naming the number, what it is and what is allowed; `where` starts the message.
void validate(const Imperfections& spec, std::string_view where);

// One chip, from system to system of the same kind; the seed decides its draws. Throws InputError naming what the kind
// cannot hold, NoMinimum where a Computer is left without one. A Computer has its memory in fields of its own
// (model/computer.h), which run() advances; p-bits have none, and no temperature of their own.
Computer perturb(const Computer& machine, const Imperfections& spec, uint64_t seed);
IsingModel perturb(const IsingModel& machine, const Imperfections& spec, uint64_t seed);
// Of m quantities. With a correlation time the noise is m further quantities, with a delay so are the lagged ones, with
// 1/f noise m for each decade: they stand behind the first m, which mean what they did.
LinearSystem perturb(const LinearSystem& machine, const Imperfections& spec, uint64_t seed);

// What the converter makes of values x, in place. first: number of the first one in the stream of draws. diffusion:
// mu kT of the units, which stand in `values` one after the other again and again. Where it is read at t + d, d of
// spread `readout_jitter`, x has diffused by sqrt(2 mu kT |d|) xi; that it has also drifted, by mu V' d, is left out.
void read_out(std::span<float> values, const Imperfections& spec, uint64_t seed, std::span<const double> diffusion,
              uint64_t first = 0);
// mu kT of the units [first, first + count) of a chip.
std::vector<double> diffusion_of(const Computer& chip, int64_t first, int64_t count);

// The seed of chip number k of a batch.
uint64_t chip_seed(uint64_t seed, int64_t chip);

}  // namespace swell::hardware
