#pragma once

#include <cstdint>
#include <vector>

#include "swell/model/computer.h"
#include "swell/model/protocol.h"

namespace swell::bench {

enum class Kind {
  uncoupled,  // independent units: the noise and the books
  dense,      // all to all, random couplings
  lattice,    // periodic square lattice, twelve neighbours: every unit has them at the same distances
  graph,      // random graph of degree twelve: a unit's neighbours lie anywhere
};

struct Workload {
  Kind kind = Kind::uncoupled;
  Computer computer;
  int64_t multiply_adds = 0;   // per trajectory and step: one for each coupling and direction
  int64_t coupling_bytes = 0;  // read per step, however many trajectories share it
};

// A machine of quartic units, J2 = J4 = 1/2. Sizes of a lattice are rounded down to a product of two close numbers.
Workload make_workload(Kind kind, int64_t units);

// So many steps of constant control.
Protocol hold(const Workload& machine, int64_t steps, double dt);

}  // namespace swell::bench
