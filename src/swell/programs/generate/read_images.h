#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "swell/io/image_set.h"
#include "swell/learn/data_set.h"

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

// Images in any of the forms of io/image_set.h; `notes` gets what was done to them on reading, a sentence each. Throws
// IoError where a file is wrong, InputError where the selection does not fit it.
DataSet read_training_set(const std::filesystem::path& images, const std::optional<std::filesystem::path>& labels,
                          const Selection& selection, const ImageOptions& options, std::vector<std::string>& notes);

// The same of images that are in memory already; `name` stands in messages.
DataSet training_set(const ImageSet& images, const Selection& selection, const std::string& name);

}  // namespace swell::generate
