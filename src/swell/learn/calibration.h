#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "swell/base/progress.h"
#include "swell/ledger/statistics.h"
#include "swell/model/computer.h"
#include "swell/model/matrix.h"

namespace swell {

// Calibration: what has to be written into a device so that it fluctuates like the machine that is meant, although its
// parameters are not quite what is written (mismatch, offsets, a temperature that is off). The device is a black box
// that is asked for samples of its equilibrium.
//
// The energy is linear in the parameters, V(x) = V0(x) + sum_k theta_k f_k(x). At equilibrium
//   d<f_k> / d theta_l = -(<f_k f_l> - <f_k><f_l>) / kT = -C_kl / kT,
// so that Newton's step towards the moments m of the machine that is meant is
//   theta <- theta + kT C^-1 (<f>_device - m),
// with C of the device's own samples: the update of Boltzmann machines (D. H. Ackley, G. E. Hinton, T. J. Sejnowski,
// Cogn. Sci. 9, 147 (1985)) in the metric of S. Amari, Neural Comput. 10, 251 (1998). With N independent samples an
// estimate has the covariance kT^2 C^-1 / N, the least that is possible. It takes what is written to have its own size
// in the device: steps find their way as long as that is less than twice as large. V0 of the device need not be known:
// what its written parameters cannot make good shows in the moments at the end.

// What multiplies a parameter in the energy: scale x_i x_j; x_i where j is -1; x_i^2 where j is i.
struct Feature {
  int32_t i = 0, j = -1;
  double scale = 1;
};

// Of a coupling set: its couplings, each pair once by rows of the full matrix, where its blocks have room for them, and
// its biases. Throws InputError where couplings are directed, saturate or lag.
std::vector<Feature> features_of(const Computer& computer, const CouplingSet& set);
// The numbers of a set in that order, and back.
std::vector<double> read_parameters(const Computer& computer, const CouplingSet& set,
                                    std::span<const Feature> features);
void write_parameters(const Computer& computer, std::span<const Feature> features, std::span<const double> parameters,
                      CouplingSet& set);

// Of a linear machine, V = x^T K x / 2: the upper triangle of K by rows. The numbers of a symmetric matrix in that
// order, and back.
std::vector<Feature> features_of_stiffness(int64_t units);
std::vector<double> read_stiffness(const Matrix& K);
Matrix stiffness_of(int64_t units, std::span<const double> parameters);

// Means of features, and the covariance of these means.
struct FeatureMoments {
  std::vector<double> mean;  // [features]
  Matrix covariance;         // [features][features], of the means; empty where they are exact
};

// Of independent samples [count][units]. Throws InputError where there are fewer than two, or a value is not finite.
FeatureMoments sampled_moments(std::span<const Feature> features, std::span<const double> samples, int64_t units);
// Of a linear machine at equilibrium, <x x^T> = kT K^-1. Throws InputError where K is not symmetric and positive
// definite.
FeatureMoments exact_moments(const Matrix& K, double kT);

// A device: takes parameters, gives at least `samples` samples of its equilibrium, [any number][units].
using SampledDevice = std::function<std::vector<double>(std::span<const double> parameters, int64_t samples)>;

struct CalibrationOptions {
  double kT = 1;           // at which the machine that is meant works, E0
  int64_t samples = 4096;  // that the device is asked for in a round
  int rounds = 20;         // that count
  int most_settling = 40;  // rounds before them, until steps are short, at the most
  // Rounds done, of so many at the most, and the distance of moments in standard errors; false ends the work.
  ProgressCallback progress;
};

// Throws InputError where so many parameters cannot be calibrated with these options: too many, or too few samples.
void require_calibratable(int64_t parameters, const CalibrationOptions& options);

struct Calibration {
  std::vector<Estimate> parameters;  // to write: means over the rounds that count; errors hold those of the target
  bool settled = false;              // steps became short before the rounds that count
  int settling = 0;                  // rounds before them
  int rounds = 0;                    // that counted
  bool interrupted = false;          // ended before its time, by `progress` or by Interrupted of the device
  int64_t samples = 0;               // that the device gave, in all
  // A last question, at the parameters found: what the device does then. Where it was interrupted, the last question
  // that the device answered.
  std::vector<double> moments, target;  // [features]
  std::vector<double> stderrs;          // of their differences
  double distance_before = 0;           // chi-square of the differences over their number: of the first round
  double distance_after = 0;            // of the last question; near 1 where the device does what is meant
};

// `start` is what is written first, [features]. Throws InputError where sizes do not fit or samples are too few for the
// parameters (twice as many are needed) or not finite, ToleranceMissed where some of the parameters have no effect of
// their own. Interrupted, it gives what is best known by then: errors are NaN until two rounds have counted, and before
// the device has answered there is nothing, so that Interrupted is thrown.
Calibration calibrate(std::span<const Feature> features, int64_t units, const FeatureMoments& target,
                      std::span<const double> start, const SampledDevice& device, const CalibrationOptions& options);

}  // namespace swell
