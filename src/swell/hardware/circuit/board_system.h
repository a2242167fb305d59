#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "swell/hardware/circuit/board.h"
#include "swell/model/linear_system.h"

namespace swell::circuit {

// A board as a linear stochastic system, in SI units and seconds. With v the node voltages and i the inductor currents,
//   C dv/dt + G v + A i = I + noise,   L di/dt = A^T v
// (modified nodal analysis: C.-W. Ho, A. E. Ruehli, P. A. Brennan, IEEE Trans. Circuits Syst. 22, 504 (1975)), and
// white noise of density 4 k_B T / R in every resistor. Directions of v without capacitance follow at once and are
// taken out, and so is what voltage sources hold; what stays is dz = -(M z - c) dt + B dW. Exact wherever it is not
// refused.
struct BoardSystem {
  LinearSystem system;               // z, kT = 1
  std::vector<std::string> outputs;  // "v(x0)" of every node, then "i(l1)" of every inductor
  Matrix read;                       // [outputs][z]: output = read z + rest
  std::vector<double> rest;          // [outputs] what sources put there at once
  std::vector<char> white;           // [outputs] 1 where white noise reaches it unfiltered: its variance is infinite

  // Mean and covariance in which the outputs settle; entries of white ones are NaN. Throws InputError where a mode does
  // not decay (a node without a path for direct current, an amplifier that oscillates).
  std::vector<double> mean() const;
  Matrix covariance() const;
};

constexpr int64_t kMostStates = 600;

// Throws InputError where the board has no unique answer: a loop of voltage sources, of a controlled source and
// capacitors, a node that nothing holds.
BoardSystem make_system(const Board& board);

}  // namespace swell::circuit
