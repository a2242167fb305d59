#pragma once

#include <string>

#include "swell/hardware/spice/circuit.h"

namespace swell::spice {

// How expressions with voltages in them are written: bare (ngspice), or in braces as a whole (Xyce).
enum class Dialect { ngspice, xyce };

constexpr const char* kSubcircuit = "swell_machine";

// The machine as a subcircuit with the parameters c0, r0, v0 (conductance, charge) or l0, r0, f0 (flux), their values
// as defaults, and hold: kT times the interval of noise that is held between draws, in model time, which the benches of
// statistics set so that the stationary law stays right to second order (V + hold mu V'' / 6); 0 in hardware. Pins: x0,
// x1, ..., where a unit dissipates; of charge and flux then s0, s1, ..., at which its state stands, 1 V per unit of x.
// Products are written out, with no power anywhere. Names are lower-case and used once.
std::string subcircuit(const Circuit& machine, Dialect dialect = Dialect::ngspice);

// An instance named xm with these pins.
std::string instance(const Circuit& machine, const std::string& parameters = "");

// The node at which a unit's state is read, and what one unit of x is there, V.
std::string state_node(const Circuit& machine, int64_t unit);
double state_volt(const Circuit& machine);

// A number as it stands in a netlist: all digits of a double, without a suffix.
std::string number(double value);

// Lines of at most some 100 characters, the rest on lines that begin with +.
std::string wrapped(const std::string& line);

// How many elements of each kind the subcircuit has, "c 3, g 6, ...".
std::string count_elements(const std::string& subcircuit);

}  // namespace swell::spice
