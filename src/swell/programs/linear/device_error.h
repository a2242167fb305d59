#pragma once

#include "swell/programs/linear/primitives.h"

namespace swell::linear {

// How far the answer of a device is off because its couplings are rounded or its steps finite, from the machine's own
// fluctuations: no ordinary solver is asked.

// With couplings A - E where A was asked for, x~ - x = sum over k >= 1 of (s C E)^k x: for one machine C = (A - E)^-1,
// x the answer and s = -1 (each term taken with the other sign); averaged over realisations E_g, C = A^-1 and s = 1.
// `answer` is x~, C a sampled inverse; the sum ends where its terms have died out, and is scaled to |answer| where they
// do not.
Matrix rounding_shift(const Matrix& answer, const Matrix& inverse, const std::vector<Matrix>& residues, int threads);

// What Euler-Maruyama adds to a covariance S: M S_h + S_h M^T = noise + h M S_h M^T, so that the difference is the
// stationary covariance of the same machine under the noise h M S_h M^T, and is sampled as one.
Matrix step_shift(const LinearSystem& machine, const Matrix& covariance, double step, const SamplingOptions& options);

}  // namespace swell::linear
