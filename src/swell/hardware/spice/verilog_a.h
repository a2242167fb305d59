#pragma once

#include <string>

#include "swell/hardware/spice/circuit.h"

namespace swell::spice {

// A machine of the conductance picture as a module of Verilog-A, with the parameters c0, r0, v0 of its subcircuit and
// kt: into each pin xi the current of its capacitor, -(v0/r0) times the force on its unit, and its noise, of one-sided
// density 4 kt c0 v0^2 / (mu_i r0). Written by the language's rules, and never run: no simulator of it is at hand.
// Throws InputError for the other pictures.
std::string verilog_a(const Circuit& machine);

}  // namespace swell::spice
