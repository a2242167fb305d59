#pragma once

#include <functional>

#include "swell/hardware/chip_errors.h"
#include "swell/hardware/imperfections.h"
#include "swell/learn/calibration.h"
#include "swell/programs/linear/matrix.h"

namespace swell::linear {

// Asked before each chip; where it says no, the chips so far are the answer.
using GoOn = std::function<bool()>;

constexpr int64_t kMostOnChips = 256;  // rows, for exact covariances of every chip

// What faulty chips answer after averaging for ever: the mean, or the covariance, in which the perturbed system
// settles, by Lyapunov's equation. Errors are relative, in the Frobenius norm. Throw InputError where the matrix is
// larger than kMostOnChips, or the specification does not go with it.
ChipErrors solve_on_chips(const Matrix& a, const Matrix& b, const hardware::Imperfections& spec, int64_t chips,
                          uint64_t seed, const GoOn& go_on = {});
ChipErrors inverse_on_chips(const Matrix& a, const hardware::Imperfections& spec, int64_t chips, uint64_t seed,
                            const GoOn& go_on = {});
ChipErrors lyapunov_on_chips(const Matrix& a, const Matrix& q, const hardware::Imperfections& spec, int64_t chips,
                             uint64_t seed, const GoOn& go_on = {});

// e^{-a time}: <z(1) z(0)^T> of the machine that the program has, of covariance 1.
ChipErrors exponential_on_chips(const Matrix& a, double time, const hardware::Imperfections& spec, int64_t chips,
                                uint64_t seed, const GoOn& go_on = {});
// ln det a by thermodynamic integration, ln det D + int tr((a - D) S(s)) ds, D the diagonal of a and S(s) the
// covariance of the chip on which D + s (a - D) is written; sixteen points of Gauss and Legendre, so that the machine
// as designed has an error too (ChipErrors::perfect). Errors are absolute.
ChipErrors log_determinant_on_chips(const Matrix& a, const hardware::Imperfections& spec, int64_t chips, uint64_t seed,
                                    const GoOn& go_on = {});
// The covariance of samples, of the machine that has this precision or this covariance.
ChipErrors gaussian_on_chips(const Matrix& matrix, bool is_precision, const hardware::Imperfections& spec,
                             int64_t chips, uint64_t seed, const GoOn& go_on = {});

// The inverse on chips that are calibrated first, each by samples of its own (learn/calibration.h): what is written is
// changed until moments are those of a. Chips are asked for independent samples, z ~ N(M^-1 c, S); what their converter
// does to them counts. A chip that settles nowhere, as it is written first or on the way, fails.
struct CalibratedChips {
  ChipErrors before, after;
  int64_t samples = 0;  // of a chip, on average
};
// Where options.progress stops it, the chips that were done are the answer.
CalibratedChips inverse_on_calibrated_chips(const Matrix& a, const hardware::Imperfections& spec, int64_t chips,
                                            uint64_t seed, const CalibrationOptions& options);

}  // namespace swell::linear
