#pragma once

#include <span>
#include <vector>

#include "swell/io/image.h"
#include "swell/model/computer.h"
#include "swell/programs/generate/sample.h"

namespace swell::generate {

// The value shown as white (its negative is black): the 98th percentile of |x|, so that samples of one run share one
// scale.
double gray_scale(std::span<const float> values);

// Images side by side, gray, `zoom` picture points per pixel. values: [count][height][width].
Image tile_images(std::span<const float> values, int64_t count, int height, int width, int columns, int zoom,
                  double white);

// The samples in a grid, at most `most` of them; the training images, likewise.
Image sample_grid(const Samples& samples, int64_t most = 100);
Image training_grid(const DataSet& images, int64_t most = 100);

// Noise becoming images: a frame per snapshot, with the time and the name of the phase below it. Of phases without
// couplings, which show noise only, every fifth frame is kept.
std::vector<Image> film(const Samples& samples);

// Receptive fields: for each unit of the group coupled to the data group, its couplings to the data group as an image;
// red pulls the pixel's product with the unit towards white (J < 0), blue away from it. At most `most` units, those
// whose fields differ most from the mean field.
Image receptive_fields(const Design& design, const CouplingSet& set, int64_t most = 100);

}  // namespace swell::generate
