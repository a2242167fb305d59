#include "swell/io/image_levels.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"

namespace swell {
namespace {

int64_t product(const std::vector<int64_t>& shape, size_t first) {
  int64_t count = 1;
  for (size_t k = first; k < shape.size(); ++k) count *= shape[k];
  return count;
}

// Extents without those of 1, as a channel axis of gray images is.
std::vector<int64_t> without_ones(std::vector<int64_t> shape) {
  std::erase(shape, 1);
  return shape;
}

// Where the numbers of the images lie: images, then the extents of one, with a channel axis at the end, at the front,
// or none.
struct Layout {
  int64_t images = 0;
  std::vector<int64_t> shape;  // of one image without channels
  int64_t channels = 1;
  bool channels_last = true;
};

bool is_channels(int64_t extent) { return extent == 1 || extent == 3 || extent == 4; }

Layout layout_of(const std::vector<int64_t>& shape, const ImageOptions& options, const std::string& name) {
  const int64_t wanted = options.shape.empty() ? -1 : product(options.shape, 0);
  if (shape.size() < 2) {
    throw IoError(fmt::format(
        "{} holds {} numbers in one row; images (a count and at least one extent) are needed, are these labels?", name,
        shape.empty() ? 1 : shape[0]));
  }
  const std::vector<int64_t> each(shape.begin() + 1, shape.end());
  if (product(shape, 1) == wanted)
    return {shape[0], without_ones(each) == without_ones(options.shape) ? options.shape : each};
  // One image alone, gray or in colour.
  if (shape == options.shape) return {1, shape};
  if (shape.size() == 3 && is_channels(shape[2]) && shape[0] * shape[1] == wanted)
    return {1, {shape[0], shape[1]}, shape[2], true};
  if (shape.size() == 4 && is_channels(shape[3])) return {shape[0], {shape[1], shape[2]}, shape[3], true};
  if (shape.size() == 4 && is_channels(shape[1])) return {shape[0], {shape[2], shape[3]}, shape[1], false};
  return {shape[0], {shape.begin() + 1, shape.end()}};
}

// Gray of red, green, blue and, where there is a fourth channel, what shows of it over black.
double gray_of(const double* first, int64_t channels, int64_t stride, double opaque) {
  if (channels == 1) return first[0];
  const double gray = 0.299 * first[0] + 0.587 * first[stride] + 0.114 * first[2 * stride];
  return channels == 3 ? gray : gray * first[3 * stride] / opaque;
}

// The number that is white.
double white_of(double least, double most, const ImageOptions& options, const std::string& name) {
  constexpr double kSlack = 1e-6;  // of arrays that were divided in single precision
  const double given = options.white;
  if (given > 0) {
    if (least >= -kSlack * given && most <= given * (1 + kSlack)) return given;
    throw InputError(fmt::format("{} holds values from {:g} to {:g}; with white at {:g} they lie between 0 and that",
                                 name, least, most, given));
  }
  for (const double white : {1.0, 255.0, 65535.0}) {
    if (least >= -kSlack && most <= white * (1 + kSlack)) return white;
  }
  throw InputError(fmt::format(
      "{} holds values from {:g} to {:g}; images have 0 to 1, -1 to 1, 0 to 255 or 0 to 65535, or 0 to a number "
      "that is named as white",
      name, least, most));
}

void note_scale(ImageSet& set, double white, double most, const ImageOptions& options) {
  if (options.white > 0) return;
  if (most > 0 && most < white / 4) {
    set.notes.push_back(fmt::format(
        "the brightest value is {:g} where white is {:g}; white at {:g} would make it white", most, white, most));
  } else if (white == 65535) {
    set.notes.push_back("values from 0 to 65535 were taken for black to white");
  }
}

// Values to 0 to 1.
void scale_levels(ImageSet& set, bool truths, const ImageOptions& options, const std::string& name) {
  if (set.levels.empty()) return;
  for (const double value : set.levels) {
    if (!std::isfinite(value)) throw InputError(fmt::format("{} holds {}; finite numbers are needed", name, value));
  }
  const auto [least, most] = std::ranges::minmax(set.levels);
  const bool both_signs = !truths && options.white == 0 && least < -1e-6 && least >= -1 - 1e-6 && most <= 1 + 1e-6;
  const double white = truths || both_signs ? 1 : white_of(least, most, options, name);
  for (double& value : set.levels) value = std::clamp(both_signs ? 0.5 * (value + 1) : value / white, 0.0, 1.0);
  if (both_signs) {
    set.notes.push_back("values from -1 to 1 were taken for black to white");
  } else {
    note_scale(set, white, most, options);
  }
}

}  // namespace

ImageSet images_of_numbers(RawImages raw, const ImageOptions& options, const std::string& name) {
  const Layout layout = layout_of(raw.shape, options, name);
  ImageSet set;
  set.shape = layout.shape;
  set.source = name;
  if (layout.channels == 1) {
    set.levels = std::move(raw.values);
  } else {
    const int64_t pixels = product(layout.shape, 0), channels = layout.channels;
    const double most = raw.values.empty() ? 0 : *std::ranges::max_element(raw.values);
    const double opaque = most > 1 ? 255 : 1;
    set.levels.resize(layout.images * pixels);
    for (int64_t k = 0; k < layout.images * pixels; ++k) {
      const int64_t image = k / pixels, pixel = k % pixels;
      const double* first =
          raw.values.data() + image * pixels * channels + (layout.channels_last ? pixel * channels : pixel);
      set.levels[k] = gray_of(first, channels, layout.channels_last ? 1 : pixels, opaque);
    }
    set.notes.push_back("colour became gray (0.299 red + 0.587 green + 0.114 blue)");
  }
  scale_levels(set, raw.truths, options, name);
  return set;
}

ImageSet images_of_bytes(const std::vector<int64_t>& shape, std::vector<uint8_t> bytes, const ImageOptions& options,
                         const std::string& name) {
  const Layout layout = layout_of(shape, options, name);
  const uint8_t most = bytes.empty() ? 0 : *std::ranges::max_element(bytes);
  if (layout.channels > 1 || options.white > 0 || most == 1) {
    ImageSet set = images_of_numbers({shape, {bytes.begin(), bytes.end()}, most == 1}, options, name);
    if (most == 1 && options.white == 0) set.notes.push_back("all bytes are 0 or 1: taken for black and white");
    return set;
  }
  ImageSet set;
  set.shape = layout.shape;
  set.bytes = std::move(bytes);
  set.source = name;
  note_scale(set, 255, most, options);
  return set;
}

void transpose_images(ImageSet& set, const std::string& name) {
  if (set.shape.size() != 2) {
    throw InputError(fmt::format("to be transposed, images need height and width; those of {} have the shape {}", name,
                                 fmt::join(set.shape, " x ")));
  }
  const int64_t height = set.shape[0], width = set.shape[1], pixels = height * width;
  const auto turn = [&](auto& values) {
    auto turned = values;
    for (size_t k = 0; k < values.size(); ++k) {
      const int64_t within = static_cast<int64_t>(k) % pixels, first = static_cast<int64_t>(k) - within;
      turned[first + within % width * height + within / width] = values[k];
    }
    values = std::move(turned);
  };
  turn(set.bytes);
  turn(set.levels);
  set.shape = {width, height};
}

}  // namespace swell
