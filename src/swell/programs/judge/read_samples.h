#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "swell/io/image_set.h"
#include "swell/programs/judge/references.h"

namespace swell::judge {

// The numbers that are black and white in an array.
using Range = std::pair<double, double>;

// Images to judge: the folder that `swell generate` writes (samples.npy, and labels.npy where it is there); an array of
// numbers of any size (.npy, .npz:NAME), noise and all; or any other images of io/image_set.h. Without `range` an array
// is taken for 0 to 1, -1 to 1 or 0 to 255 by where all but a thousandth of its numbers lie on either side. They are
// not cut off at black and white. `notes` gets what was done on reading, a sentence each. Throws IoError where a file
// is wrong; InputError where images have another size, numbers have no known scale or are not finite, or labels do not
// fit.
Images read_samples(const std::filesystem::path& samples, const std::optional<std::filesystem::path>& labels,
                    const std::optional<Range>& range, std::vector<std::string>& notes);
// The same of numbers in memory: [images][...], with `name` in messages.
Images samples_of_numbers(const std::vector<int64_t>& shape, std::vector<double> values,
                          const std::optional<Range>& range, const std::string& name, std::vector<std::string>& notes);

// A public set, from its files. Throws as the readers do.
Data read_data(const std::string& name, const std::filesystem::path& folder);

}  // namespace swell::judge
