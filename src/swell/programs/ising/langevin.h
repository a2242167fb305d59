#pragma once

#include "swell/model/computer.h"
#include "swell/programs/ising/search.h"

namespace swell::ising {

// The model on bistable Langevin units: V = sum (J4 x^4 - 2 J4 x^2) + potential of the couplings, wells at x = +-1 of
// depth `barrier` = J4. Couplings change their sign: an Ising energy carries a minus, a potential a plus.
Computer to_computer(const IsingModel& model, double barrier);

// Cools such units in batches and reads their signs: the physical counterpart of annealing p-bits. `sweeps` counts
// steps, `flips` is not filled; heat is that of the Langevin engine.
SearchResult search_continuously(const IsingModel& model, const SearchOptions& options);

}  // namespace swell::ising
