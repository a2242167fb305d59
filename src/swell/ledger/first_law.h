#pragma once

#include <string>

#include "swell/engine/run.h"

namespace swell {

// What the books of a run leave open: the change of V of a trajectory is its work - heat. Sums of doubles close it to
// some 1e-13 of the energies in them.
struct FirstLaw {
  double residual = 0;  // largest |change of V - work + heat| of a trajectory, E0
  double share = 0;     // the largest as a share of the energies in it

  // A sentence where it does not close beyond rounding; empty where it does.
  std::string complaint() const;
};

FirstLaw first_law(const Run& run);

}  // namespace swell
