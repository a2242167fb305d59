#pragma once

#include <functional>
#include <string>
#include <vector>

#include "swell/base/progress.h"
#include "swell/hardware/spice/folder.h"
#include "swell/hardware/spice/plan.h"
#include "swell/hardware/spice/simulator.h"

namespace swell::spice {

// One comparison of the circuit in ngspice with the model.
struct Layer {
  std::string name;
  bool ran = false, passed = false;
  double error = 0, allowed = 0;
  std::string what;     // what the error is
  std::string message;  // why it did not run, or did not pass
  double wall_s = 0;
};

// A mean from each side, with standard errors.
struct Measured {
  std::string what;
  double circuit = 0, circuit_error = 0, model = 0, model_error = 0;
  int64_t circuit_count = 0, model_count = 1;  // batches, chains or samples; a model that is known exactly is one value
  double deviation() const;                    // in standard errors of both
};

struct CheckOptions {
  PlanOptions plan;
  int64_t chains = 64, chain_steps = 20000;  // of the model's own sampling where there is no closed form
  ProgressCallback progress;                 // layers
};

struct CheckReport {
  std::vector<Layer> layers;
  std::vector<Measured> moments;  // of statistics, or of the sigmoid and the network
  double wall_s = 0;
  bool passed() const;
};

constexpr double kDriftAllowed = 1e-9, kCovarianceAllowed = 1e-4, kPathAllowed = 2e-3, kDeviationAllowed = 4;

// The layers that fit: drift (rms of the difference over the rms of the gradient, the worst of all points), covariance
// (relative Frobenius norm), path (largest difference in x) and statistics (largest deviation in standard errors); of
// neurons the sigmoid and the network. Throws IoError where ngspice is missing or fails.
CheckReport check(const Exported& exported, const CheckOptions& options);

// One layer by itself, for tests.
Layer check_drift(const Circuit& machine, Simulator& simulator, const Plan& plan);
Layer check_covariance(const Circuit& machine, Simulator& simulator, const Plan& plan);
Layer check_path(const Circuit& machine, Simulator& simulator, const Plan& plan);
Layer check_statistics(const Circuit& machine, Simulator& simulator, const Plan& plan, const CheckOptions& options,
                       std::vector<Measured>& moments);

// States at the knots of a path that ngspice wrote, [knots][units]; NaN where one is missing.
std::vector<std::vector<double>> knots_of(const Circuit& machine, const RawFile& raw, double interval, size_t knots);

// Integral over all frequencies of a one-sided density (its root at each frequency: rows of {f, sqrt S}) that falls as
// 1 / f^2 above them and is flat below. The trapezoid in log f, exact up to exp(-pi^2 / h) for rates on the real axis.
double integrate_spectrum(const std::vector<std::vector<double>>& rows);

// Mean of correlated values in time and its standard error, by batches.
Measured batch_mean(const std::vector<double>& values, int64_t batches = 50);

}  // namespace swell::spice
