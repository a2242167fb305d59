#pragma once

#include <cstdint>

namespace swell {

constexpr int kDensityColumns = 16;  // densities side by side in memory; their tables are aligned to 64 bytes

// One step of length 2 h (Crank-Nicolson) or h (implicit Euler) of d rho/dt = L rho on a line of cells, where L moves
// probability from cell i to i + 1 at the rate up_i tilt / h and back at the rate down_i / (tilt h).
struct DensityStep {
  int64_t cells;
  const double *up, *down;            // [cells] h times the rates without drive; 0 at the last cell
  double product;                     // up_i down_i, the same for every cell but the last
  const double *tilt, *inverse_tilt;  // [kDensityColumns] what the drive does to the rates
  const double* weights;              // [cells][3]
  double *rho, *work, *pivot;         // [cells][kDensityColumns]
  double* sums;                       // [3][kDensityColumns] sum over cells of weights times the new rho, or null
  bool new_pivots;                    // rates or tilts differ from those of the call before
  bool crank_nicolson;
};

// Takes the step, one thread; the bits do not depend on the processor.
void advance_densities(const DensityStep& step);

}  // namespace swell
