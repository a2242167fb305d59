#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "swell/base/progress.h"
#include "swell/hardware/spice/simulator.h"

namespace swell::spice {

struct Circuit;

// Generation of images twice, with the same noise: the model by its reference path, and the circuit in ngspice, which
// starts from the model's state when couplings are switched on.
struct ImagePairs {
  int64_t count = 0, rows = 0, columns = 0;
  std::vector<float> model, circuit;  // [count][rows][columns] x at the end
  double largest_difference = 0;      // of x, over all units and times
  int64_t steps = 0;                  // of noise in ngspice, each image
  double wall_s = 0;
};

// Throws InputError where the machine makes no images, or is not of the conductance picture.
ImagePairs make_images(const Circuit& machine, Simulator& simulator, int64_t count, uint64_t seed,
                       const ProgressCallback& progress = {});

}  // namespace swell::spice
