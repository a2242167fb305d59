#pragma once

#include <optional>

#include "swell/learn/device_training.h"
#include "swell/ledger/to_json.h"
#include "swell/programs/generate/sample.h"

namespace swell::generate {

// 1 - cosine to the nearest of the images that were learned, of generated ones. Throws Interrupted where not all of
// them were made.
Estimate error_of(const Samples& samples, const DataSet& images);
// The machine that one chip with these faults is, with its converter.
Trained on_chip(const Trained& trained, const hardware::Imperfections& spec, uint64_t seed);

// The rate at which a chip without a potential makes entropy at rest under the couplings of its last segment, k per
// 1/mu. None where there is a potential, where noise has memory or units have temperatures of their own, or where it
// would take longer than the images.
std::optional<double> housekeeping_of(const Trained& chip, uint64_t seed, int threads);

// Hardware in the loop: retrains a trained machine for one chip, in place.
struct ChipTraining {
  DeviceTraining training;
  Estimate before, after;  // 1 - cosine to the nearest image learned of what the chip makes
  Estimate designed;       // the same without faults
  double wall_s = 0;       // of the training
};
ChipTraining train_on_chip(Trained& trained, const hardware::Imperfections& spec, uint64_t seed,
                           const DeviceTrainingOptions& options, const SampleOptions& judged);
nlohmann::ordered_json to_json(const ChipTraining& training);

}  // namespace swell::generate
