#pragma once

#include "swell/engine/linear/forces.h"
#include "swell/ledger/statistics.h"
#include "swell/programs/linear/sampler.h"

namespace swell::linear {

// Heat and work of a linear machine, in kT, of one replica from its start at z = 0 to its end (engine/linear/forces.h).
struct Books {
  Estimate heat;  // given to the bath
  Estimate work;  // done by the part of the force that has no potential; zero where all of it has one
};

// From the states in which the replicas ended. Throws std::logic_error where the force has no potential.
Books books_at_equilibrium(const Forces& forces, const Average& average);
// From <z W z> in the steady state, for as long as a replica runs; the difference that its relaxation from z = 0 makes
// is left out.
Books books_in_steady_state(const Forces& forces, const Estimate& square, const Average& average);

}  // namespace swell::linear
