#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "swell/hardware/precision.h"
#include "swell/hardware/spu.h"
#include "swell/programs/linear/heat.h"
#include "swell/programs/linear/sampler.h"

namespace swell::linear {

using hardware::make_spu;
using hardware::round_to_bits;
using hardware::Spu;
using hardware::SpuParts;

// Linear algebra from the equilibrium of a linear machine: solve, inverse (M. Aifer et al., npj Unconv. Comput. 1, 13,
// 2024), Lyapunov equation, matrix exponential (S. Duffield et al., arXiv 2311.12759), Gaussian samples. The
// log-determinant is in log_determinant.h.

enum class Device {
  overdamped,  // Langevin units in discrete steps: Leimkuhler-Matthews, or Euler-Maruyama
  exact,       // the same units, stepped by their exact transition
  spu,         // a circuit of coupled RLC cells (spu.h), stepped by its exact transition
};

struct Settings {
  Device device = Device::overdamped;
  bool euler = false;     // overdamped: Euler-Maruyama
  double kT = 0;          // of solve, 0 for automatic: |b|^2 / trace A, so that the answer does not depend on units
  double step = 0;        // reduced time, 0 for automatic
  double clock = 1;       // V and kT times this: the same process, so many times faster (Whitelam 2025)
  int bits = 0;           // of each coupling of the device, 0 for as given
  bool mitigate = false;  // a realisation of the rounding for each group of replicas, averaged (arXiv 2401.16231)
  SpuParts parts;
  SamplingOptions sampling;
};

struct Answer {
  Average average;
  double kT = 1;
  std::string integrator;
  double bias = 0;      // what the finite step leaves in the answer, relative; in the error as well. 0 where none
  double rounding = 0;  // half a level of the couplings over their norm, 0 where they are as given
  std::optional<Books> books;  // of one replica; null for an spu, and where the noise leaves a direction out
  double heat_rate_W = 0;      // spu: what its resistors turn into heat all the time, measured on the samples
  double time_unit_s = 0;      // spu; elsewhere the price list says it
  std::optional<Spu> spu;      // without its machine
  int64_t readouts = 0;        // analogue values read, in all
  int64_t writes = 0;          // parameters written once
  double shift = 0;            // exponential: added to the diagonal, and taken out of the answer
  double spread = 1;  // of the units in which a badly scaled matrix was programmed: the largest over the smallest
};

// a x = b with symmetric positive definite a. b: [d][columns], each column by a machine of its own.
Answer solve(const Matrix& a, const Matrix& b, const Settings& settings);
Answer inverse(const Matrix& a, const Settings& settings);
// x with a x + x a^T = q; every eigenvalue of a in the right half plane, q symmetric positive semidefinite.
Answer lyapunov(const Matrix& a, const Matrix& q, const Settings& settings);
// e^{-a time} for any square a. Where the symmetric part of a time is not positive definite, its diagonal is shifted.
Answer exponential(const Matrix& a, double time, const Settings& settings);

// Its machine: dz = -drift z dt + noise, drift = a time + shift and noise drift + drift^T, so that the covariance is 1
// and <z(1) z(0)^T> = e^{-drift}.
struct Lagged {
  Matrix drift, noise;
  double shift = 0;  // added to the diagonal; 0 where the symmetric part of a time is positive definite
};
Lagged lagged_machine(const Matrix& a, double time);

// Samples of N(mean, covariance), given that or its inverse. `given`, [d][1]: of a precision matrix P the information
// vector P mean, which Bayesian regression has without solving for the mean; of a covariance the mean.
struct GaussianAnswer {
  Answer answer;   // of the mean
  Matrix samples;  // [samples][d]; empty where they went to a sink
};
using Sink = std::function<void(std::span<const double>)>;
GaussianAnswer gaussian(const Matrix& given, const Matrix& matrix, bool is_precision, const Settings& settings,
                        const Sink& sink = nullptr);

// A symmetric matrix in units in which a machine can hold it: t_i a_ij t_j. All t are 1 unless the diagonal spreads
// over more than three orders of magnitude, or lies beyond 2^100.
struct Programmable {
  Matrix a;
  std::vector<double> t;  // powers of two
  double spread = 1;      // the largest of t over the smallest
  bool scaled = false;
};
Programmable programmable(const Matrix& a);

// The machine whose couplings are `a` on the device; `drive` is b of the solve, [d], or empty.
struct Programmed {
  SamplingTask task;
  std::optional<Spu> spu;
  double rounding = 0;
  std::vector<Matrix> residues;  // a less what the device holds, of each machine; empty where it holds a
};
Programmed program(const Matrix& a, const std::vector<double>& drive, double kT, const Settings& settings);

}  // namespace swell::linear
