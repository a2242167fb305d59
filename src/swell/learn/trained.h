#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

#include "swell/hardware/imperfections.h"
#include "swell/learn/data_set.h"
#include "swell/model/machine_file.h"

namespace swell {

constexpr int64_t kMaxKeptImages = 256;

// The converter through which a chip's answers are read: [readout] of its faults, with the draws of its seed.
struct Converter {
  hardware::Imperfections spec;
  uint64_t seed = 0;
};

// A trained computer: the design with its parameters filled in, how it was trained, and the first images that it was
// trained on, so that what it generates can be judged.
struct Trained {
  Design design;
  DataSet images;                   // at most kMaxKeptImages; of machines that answer none
  nlohmann::ordered_json training;  // method, images, residual or loss, seed, seconds
  Converter converter = {};         // of a chip; else one that changes nothing
};

// A machine file (model/machine_file.h) with the tensors "training.images" and "training.labels" and the metadata
// "training" (JSON). Throws InputError for a chip with a converter, which files do not hold.
void write_trained(const std::filesystem::path& path, const Trained& trained);
// The bytes of that file.
std::vector<std::byte> encode_trained(const Trained& trained);

// Throws IoError where the file is not such a file or its tensors do not fit its design.
Trained read_trained(const std::filesystem::path& path);
Trained parse_trained(std::span<const std::byte> bytes, const std::string& name);

}  // namespace swell
