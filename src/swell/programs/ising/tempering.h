#pragma once

#include "swell/programs/ising/search.h"

namespace swell::ising {

// Parallel tempering (K. Hukushima, K. Nemoto, J. Phys. Soc. Jpn. 65, 1604 (1996)) on two ladders of temperatures, and
// between the two replicas at each cold temperature the exchange of one cluster in which they differ, which leaves the
// sum of their energies as it is (J. Houdayer, Eur. Phys. J. B 22, 479 (2001); Zhu, Ochoa, Katzgraber, PRL 115, 077201
// (2015)).
SearchResult temper(const Pbits& pbits, const SearchOptions& options);

}  // namespace swell::ising
