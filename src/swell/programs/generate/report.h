#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "swell/ledger/to_json.h"
#include "swell/programs/generate/sample.h"
#include "swell/programs/generate/train.h"

namespace swell::generate {

// {samples, wall_s, unit_steps_per_s, heat_kT, nearest_cosine, class_counts, negatives}
nlohmann::ordered_json to_json(const Samples& samples);

// What write_outputs() writes, at its largest.
std::vector<PlannedFile> planned_files(const std::filesystem::path& folder, const Trained& trained, int64_t samples);

// Writes samples.npy, grid.png, movie.gif, couplings.png into a folder (made if missing). Throws IoError.
void write_outputs(const std::filesystem::path& folder, const Trained& trained, const Samples& samples);

// One self-contained page: heat and quality, pictures, the bill, the machine; with the residual or loss curve where
// `training` has one; `seed` of the images.
std::string report_page(const Trained& trained, const TrainReport& training, const Samples& samples, uint64_t seed);
// What is in a design or a trained computer.
std::string machine_page(const Trained& trained);
// The same of a training alone.
std::string report_page(const Trained& trained, const TrainReport& training);

}  // namespace swell::generate
