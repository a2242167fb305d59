#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

#include "swell/model/design.h"
#include "swell/programs/generate/training_set.h"

namespace swell::generate {

constexpr int64_t kMaxKeptImages = 256;

// A trained computer: the design with its parameters filled in, how it was trained, and the first images that it was
// trained on, so that what it generates can be judged.
struct Trained {
  Design design;
  TrainingSet images;               // at most kMaxKeptImages
  nlohmann::ordered_json training;  // method, images, residual or loss, seed, seconds
};

// Safetensors: a tensor "SET.J.ROWGROUP.COLUMNGROUP" per coupling block and "SET.b.GROUP" per biased group, in E0 and
// f32; "training.images", "training.labels"; metadata "swell" (format version), "design" (TOML), "training" (JSON).
void write_trained(const std::filesystem::path& path, const Trained& trained);

// Throws IoError where the file is not such a file or its tensors do not fit its design.
Trained read_trained(const std::filesystem::path& path);
Trained parse_trained(std::span<const std::byte> bytes, const std::string& name);

// Parameters are kept in single precision: rounds them, so that a computer behaves the same before and after a file.
void round_parameters(Computer& computer);

}  // namespace swell::generate
