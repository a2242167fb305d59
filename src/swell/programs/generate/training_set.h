#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "swell/engine/run.h"
#include "swell/learn/data_set.h"
#include "swell/learn/moments.h"
#include "swell/model/design.h"

namespace swell::generate {

// Which images of a file to take, in file order; all where nothing is said.
struct Selection {
  std::vector<int> classes;      // only these labels
  int64_t per_class = 0;         // at most so many of each, 0 for all
  std::vector<int64_t> numbers;  // these images, counted from 0, in this order; excludes the others
};

// Pixels of all of these are scaled from 0..255 to [-1, 1].

// The first training image of each of 0, 1 and 2 of MNIST, built in.
DataSet embedded_digits();

// IDX files, gzip or not. Throws IoError where a file is wrong, InputError where the selection does not fit it.
DataSet read_training_set(const std::filesystem::path& images, const std::optional<std::filesystem::path>& labels,
                          const Selection& selection);

// Drive patterns for every unit of the design, one row per image (PatternMap in model/design.h). Throws InputError
// where the images do not have the shape of the data group. The random projection of a design is the same for every
// seed of a run.
Patterns make_patterns(const Design& design, const DataSet& set);

// The same in portions, for sets whose patterns would not fit into memory. The set outlives the source.
PatternSource pattern_source(const Design& design, const DataSet& set);

}  // namespace swell::generate
