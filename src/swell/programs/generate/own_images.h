#pragma once

#include "swell/io/image_set.h"
#include "swell/programs/generate/training_set.h"

namespace swell::generate {

// Images in any of the forms of io/image_set.h; `notes` gets what was done to them on reading, a sentence each. Throws
// IoError where a file is wrong, InputError where the selection does not fit it.
DataSet read_training_set(const std::filesystem::path& images, const std::optional<std::filesystem::path>& labels,
                          const Selection& selection, const ImageOptions& options, std::vector<std::string>& notes);

// The same of images that are in memory already; `name` stands in messages.
DataSet training_set(const ImageSet& images, const Selection& selection, const std::string& name);

}  // namespace swell::generate
