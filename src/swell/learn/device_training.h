#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "swell/base/progress.h"
#include "swell/hardware/imperfections.h"
#include "swell/model/design.h"
#include "swell/model/matrix.h"

namespace swell {

// Training with the faults in the loop.
//
// Hardware in the loop: a machine is trained for the ideal units of its design, W* = [J* b*], and then written anew
// until a device moves as it should. The device is a black box: numbers are written, it runs the design's protocol
// "generation", and its units are read every so often while couplings are in force. Between two reads, h apart, it does
//   x(t + h) - x(t) = mu int F_device dt + sqrt(2 mu kT h) N(0, 1),
// of which Phi(x(t)), where the flow dx = mu F dt of the ideal machine leads to, takes out what is meant:
//   rho = -(x(t + h) - Phi(x(t))) / (mu h) = (force meant) - (force of the device) + noise,
// and least squares of rho on z = (x; 1), by the pairs of the design, is the part of the fault that couplings and
// biases can mend: the system of exact training (learn/path_least_squares.h) on paths of the device. What is written
// moves by minus that; where the device makes something of its own size of what is written, a few rounds settle it.
// Each round after that is an estimate of its own, and they are averaged. Faults of the units' own potentials, of
// mobilities and of kT are mended as far as couplings can. The flow is that without noise, so that rho is off by
// h mu kT V'''/2 even of a perfect device: h has to be short (0.02 / mu moves the digits of docs/hardware.md by nothing
// that is seen).
//
// Of p parameters, N paths leave p / 2 of relative entropy per N paths (the noise of the estimate), whatever h. A
// device that is nearer than that to what is meant would be made worse, and is left alone.

// What a device is asked for: J [units][units], symmetric with zero diagonal, and b [units] are written, `paths` runs
// are made and read. first: number of the first of them among all that were asked for. Gives states,
// [reads][paths][units].
using PathDevice = std::function<std::vector<float>(std::span<const double> J, std::span<const double> bias,
                                                    int64_t paths, int64_t first)>;

// When a device is read.
struct Reads {
  int64_t first_step = 0;  // of the protocol, where couplings come into force
  int64_t every = 1;       // steps of the design between reads
  int64_t count = 0;       // reads, the state at first_step among them
};

struct DeviceTrainingOptions {
  int64_t paths = 256;  // in a round
  int rounds = 8;
  int settling = 2;   // rounds with whole steps; later ones are averaged
  int64_t every = 0;  // steps between reads; 0 for 0.02 / mu, or what comes near it and divides the time
  int threads = 1;
  ProgressCallback progress;  // rounds; the figure is the excess of the loss
};

struct DeviceTraining {
  Matrix J;                  // [units][units] to write
  std::vector<double> bias;  // [units] to write
  int64_t paths = 0;         // that the device ran, in all
  int64_t parameters = 0;
  // Relative entropy of the device's paths to those meant, as far as parameters can mend it, k per path; with the
  // estimate's own noise, parameters / (2 paths of a round), taken off. Before, and of a last question after.
  double excess_before = 0, excess_after = 0;
  double excess_stderr = 0;  // of either, where the device is nearly as it should be
  // Whether the device came nearer to what is meant, by twice that error at least. Where it did not, its faults were
  // finer than so many paths can see, and J and bias are what was written first.
  bool nearer = false;
  bool interrupted = false;  // ended before its time: J and bias are those that the last answer was about
};

// The reads of a design. Throws InputError where it has more than one coupling set or none, stages, no protocol
// "generation", other couplings than that set's, drives or clamps while they are in force, or a time that `every` does
// not divide.
Reads reads_of(const Design& design, int64_t every);

// The design is trained: its couplings are what is meant, and what is written first. Throws InputError where the device
// answers with other than [reads][paths][units] finite numbers, Diverged where what is to be written is not finite.
// Interrupted, by `progress` or by Interrupted of the device, it gives what is best known by then; before the device
// has answered there is nothing, so that Interrupted is thrown.
DeviceTraining train_on_device(const Design& design, const PathDevice& device, const DeviceTrainingOptions& options);

// A chip with these faults in place of a device: what is written is perturbed, run and read out, all by the one seed.
// The design outlives it.
PathDevice simulated_device(const Design& design, const hardware::Imperfections& spec, uint64_t seed, Reads reads,
                            int threads);

// Training over a distribution of chips in place of one: what chips make of a coupling, mean and variance of the
// factor, for the options of exact training. Open couplings, mismatch and the mean change of temperature count;
// rounding, offsets and the units' own faults add to the loss what does not depend on the parameters (their largest,
// which sets the levels, aside).
struct CouplingFactor {
  double mean = 1, variance = 0;
};
// Throws InputError where the specification leaves nothing to train for: all couplings open, or neither mismatch nor
// open couplings.
CouplingFactor coupling_factor(const hardware::Imperfections& spec);

}  // namespace swell
