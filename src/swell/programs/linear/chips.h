#pragma once

#include "swell/hardware/imperfections.h"
#include "swell/programs/linear/matrix.h"
#include "swell/report/chips.h"

namespace swell::linear {

constexpr int64_t kMostOnChips = 256;  // rows, for exact covariances of every chip

// What faulty chips answer after averaging for ever: the mean, or the covariance, in which the perturbed system
// settles, by Lyapunov's equation. Errors are relative, in the Frobenius norm. Throw InputError where the matrix is
// larger than kMostOnChips, or the specification does not go with it.
ChipErrors solve_on_chips(const Matrix& a, const Matrix& b, const hardware::Imperfections& spec, int64_t chips,
                          uint64_t seed);
ChipErrors inverse_on_chips(const Matrix& a, const hardware::Imperfections& spec, int64_t chips, uint64_t seed);
ChipErrors lyapunov_on_chips(const Matrix& a, const Matrix& q, const hardware::Imperfections& spec, int64_t chips,
                             uint64_t seed);

}  // namespace swell::linear
