#pragma once

#include <string>
#include <vector>

#include "swell/io/image_set.h"

namespace swell {

// Numbers as they stand in a file, before they are images.
struct RawImages {
  std::vector<int64_t> shape;  // all extents
  std::vector<double> values;  // [product of shape], row-major
  bool truths = false;         // of a type that has only 0 and 1
};

// Images of the numbers: splits the extents into images and pixels, makes colour gray, brings the values to 0 to 1,
// and says so in the notes. `name` stands in messages.
ImageSet images_of_numbers(RawImages raw, const ImageOptions& options, const std::string& name);
// The same for bytes, which stay bytes.
ImageSet images_of_bytes(const std::vector<int64_t>& shape, std::vector<uint8_t> bytes, const ImageOptions& options,
                         const std::string& name);

// Height and width change places in every image.
void transpose_images(ImageSet& set, const std::string& name);

}  // namespace swell
