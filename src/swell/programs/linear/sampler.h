#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "swell/base/progress.h"
#include "swell/engine/linear/transition.h"
#include "swell/ledger/diagnostics.h"
#include "swell/ledger/statistics.h"
#include "swell/programs/linear/matrix.h"

namespace swell {
class Ranks;  // base/ranks.h
}

namespace swell::linear {

// Averages over the equilibrium of a linear machine, with standard errors from independent replicas. Nothing here knows
// what the average should be.

// Replicas stand in so many groups; the standard error of an average is that of the groups' averages. Intervals at 68.3
// and 95 % are these quantiles of Student's t with kGroups - 1 degrees of freedom times the standard error.
constexpr int kGroups = 32;
constexpr double kStudent68 = 1.0164, kStudent95 = 2.0395;

// Average of what, x being the first `observed` quantities of z.
enum class Readout {
  mean,           // x, [observed][1]
  second_moment,  // x x^T, [observed][observed]
  lagged,         // x(t + lag) x(t)^T, [observed][observed]
  projected,      // x (x . weights), [observed][1]
};

struct SamplingOptions {
  int64_t replicas = 0;        // a multiple of kGroups; 0 for automatic: 64, and 32 from 512 quantities on
  int64_t samples = 10000;     // to take in all, where no tolerance is asked for
  double tolerance = 0;        // of |standard errors| / |answer|, Frobenius norms; 0 for none
  int64_t budget_samples = 0;  // at the most; 0 for no bound
  double budget_s = 60;        // of this computer's time; the result then depends on its speed. 0 for no bound
  bool budget_always = false;  // budget_s bounds runs without a tolerance too, not only their burn-in
  double interval = 0.5;       // between samples, in relaxation times
  double burn_in = 8;          // before the first sample at least, in relaxation times; longer where the error asks
  uint64_t seed = 1;
  int threads = 1;
  Ranks* ranks = nullptr;  // that share the groups, and call this alike; null for this process alone
  // Share of the work that is done, with what is being done. Return false to stop.
  ProgressCallback progress;
  // Asked often, by any thread: whether to stop.
  std::function<bool()> stop;
  // Told while it runs, where it will take long: how long, and why.
  std::function<void(const std::string&)> notice;
};

struct SamplingTask {
  std::vector<LinearSystem> machines;  // one, or one for each group (realisations of imprecise couplings)
  Integrator how = Integrator::leimkuhler_matthews;
  double step = 0;  // 0 for automatic: 1.25 / |M|, and for the exact step as much of the interval as fits
  int64_t observed = 0;
  Readout readout = Readout::mean;
  double lag = 0;               // of Readout::lagged
  std::vector<double> weights;  // of Readout::projected, [observed]
  Matrix form;                  // of Readout::second_moment: <x form x> is wanted too; empty for not
  bool keep = false;            // the samples themselves
  // Takes the samples [count][observed] as they come, some from each group in turn, instead of keeping them.
  std::function<void(std::span<const double>)> sink;
  std::vector<double> units;  // what one unit of each observed quantity stands for, [observed]; empty for ones
  // Turns the average of a group into its answer: linear, so that errors follow. Null for as it is.
  std::function<Matrix(Matrix average, double step)> finish;
};

// What an error consists of: Frobenius norms over the entries, one standard error or what stands for it.
struct ErrorParts {
  double sampling = 0;    // from the scatter of the groups
  double start = 0;       // what is left of the state in which the machine started
  double arithmetic = 0;  // of double precision, by the condition that the machine's times show
  double step = 0;        // of a finite step whose equilibrium is not that of the machine
  double rounding = 0;    // of the couplings
};

// One look at the run on its way.
struct Look {
  int64_t samples = 0;
  double error = 0;  // |standard errors|, Frobenius
  Matrix value;      // empty for matrices beyond kLookEntries
};
constexpr int64_t kLookEntries = int64_t{1} << 18;

struct Average {
  Matrix value;
  Matrix standard_error;      // of each entry, all parts together: root of the sum of their squares
  double error = 0;           // Frobenius norm of standard_error
  double relative_error = 0;  // error / |value|
  ErrorParts parts;
  int64_t samples = 0, replicas = 0;
  bool met = true;  // the tolerance asked for; without one, the samples asked for
  bool interrupted = false;
  double expected_samples = 0;  // what the tolerance takes, where it is not met
  double step = 0, relaxation_time = 0, fastest_time = 0, interval = 0, burn_in = 0;  // times of the machine, reduced
  double machine_time = 0;               // of all replicas one after another, with their burn-in
  double samples_per_independent = 0;    // for the mean, over all quantities
  int64_t steps = 0;                     // of each replica
  int64_t multiply_adds = 0, draws = 0;  // of all replicas
  std::vector<Look> looks;
  double mean_square = 0;          // sum over the observed quantities of <x^2>
  Estimate form;                   // <x form x>
  std::vector<double> end_states;  // [replicas][size]
  Matrix kept;                     // [samples][observed], group after group
  Transition transition;           // the step that the (first) machine took
  Diagnostics diagnostics;         // of the replicas
  double wall_s = 0;
};

// What `replicas` stands for. Throws InputError where it is not allowed.
int64_t choose_replicas(int64_t replicas, int64_t observed);

// Adds one more part to the error of each entry; `part` is summed in norm into `total`.
void add_error(Average& average, const Matrix& part, double& total);

// The machine starts at z = 0 and first runs until it has forgotten that. How long this takes is seen on a perturbation
// that the machine's own steps carry on: a random vector, to which F is applied until the time passed is `burn_in`
// times the decay time seen over the second half of that time. By then the slowest mode is all that is left of it.
// Where the first look finds an error so small that the rest of the start would show in it, it runs on, and starts
// counting anew. Throws InputError where a mode of the machine grows, or where memory does not suffice; ToleranceMissed
// where the budget is spent before the machine has forgotten its start; Interrupted before the first look.
Average sample(const SamplingTask& task, const SamplingOptions& options);

}  // namespace swell::linear
