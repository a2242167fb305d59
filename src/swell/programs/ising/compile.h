#pragma once

#include <string>

#include "swell/io/matrix_market.h"
#include "swell/programs/ising/problem.h"

namespace swell::ising {

// From a problem's own data to p-bits: these set kind, model, offset, slope, decimals and integral. All throw
// InputError where sums of the data would not be exact.
void compile_cut(Problem& problem);        // from graph
void compile_quadratic(Problem& problem);  // from quadratic
void compile_sat(Problem& problem);        // from cnf

// A matrix as couplings J off the diagonal and fields h on it, E = -sum J m m - sum h m; as edges to be cut; as x'Qx.
// The first two throw InputError where it is not symmetric.
Quadratic matrix_to_spin_glass(const MarketMatrix& matrix, const std::string& name);
WeightedGraph matrix_to_graph(const MarketMatrix& matrix, const std::string& name);
Quadratic matrix_to_qubo(const MarketMatrix& matrix, const std::string& name);

}  // namespace swell::ising
