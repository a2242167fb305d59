#include "swell/programs/judge/read_samples.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/io/datasets.h"
#include "swell/io/idx.h"
#include "swell/io/npy.h"
#include "swell/programs/judge/network.h"

namespace swell::judge {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse_shape(const std::string& name, const std::vector<int64_t>& shape) {
  throw InputError(fmt::format("{} has shape {}; images of {} x {} are needed, as those of the set are", name,
                               fmt::join(shape, " x "), kSide, kSide));
}

// Where all but a thousandth of the numbers lie, on either side.
Range bulk_of(std::vector<double> values) {
  const auto rest = static_cast<int64_t>(values.size() / 1000);
  std::ranges::nth_element(values, values.begin() + rest);
  const double least = values[rest];
  std::ranges::nth_element(values, values.end() - 1 - rest);
  return {least, *(values.end() - 1 - rest)};
}

Range usual_range(const std::vector<double>& values, const std::string& name) {
  const auto [least, most] = bulk_of(values);
  if (least >= -0.5 && most > 0.05 && most <= 1.75) return {0, 1};
  if (least < -0.5 && least >= -2.5 && most <= 2.5) return {-1, 1};
  if (least >= -128 && most > 16 && most <= 383) return {0, 255};
  throw InputError(
      fmt::format("{} holds numbers from about {:g} to {:g}, and it is not clear which are black and white; name "
                  "them as the range, for instance 0,{:g}",
                  name, least, most, most));
}

bool is_array(const fs::path& path) {
  const auto [file, member] = split_array_name(path);
  std::error_code none;
  if (!fs::is_regular_file(file, none)) return false;
  return !member.empty() || file.extension() == ".npy";
}

}  // namespace

Images samples_of_numbers(const std::vector<int64_t>& shape, std::vector<double> values,
                          const std::optional<Range>& range, const std::string& name, std::vector<std::string>& notes) {
  int64_t pixels = shape.size() < 2 ? 0 : 1;
  for (size_t k = 1; k < shape.size(); ++k) pixels *= shape[k];
  if (pixels != kPixels) refuse_shape(name, shape);
  if (values.empty()) throw InputError(fmt::format("{} holds no image; at least 2 are needed", name));
  for (size_t k = 0; k < values.size(); ++k) {
    if (!std::isfinite(values[k])) {
      throw InputError(fmt::format("pixel {} of image {} of {} is {}; finite numbers are needed", k % kPixels,
                                   k / kPixels, name, values[k]));
    }
  }
  const auto [black, white] = range ? *range : usual_range(values, name);
  if (!range && (black != 0 || white != 1))
    notes.push_back(fmt::format("{:g} was taken for black and {:g} for white", black, white));
  Images images;
  images.pixels.reserve(values.size());
  int64_t outside = 0;
  for (const double value : values) {
    const double level = (value - black) / (white - black);
    outside += level < 0 || level > 1;
    images.pixels.push_back(static_cast<float>(level));
  }
  if (outside > 0) {
    notes.push_back(fmt::format("{:.2g} % of the pixels lie beyond black or white and are cut off there",
                                100 * static_cast<double>(outside) / static_cast<double>(values.size())));
  }
  return images;
}

Images read_samples(const fs::path& samples, const std::optional<fs::path>& labels, const std::optional<Range>& range,
                    std::vector<std::string>& notes) {
  std::error_code none;
  fs::path file = samples;
  std::optional<fs::path> labels_file = labels;
  if (fs::is_directory(samples, none) && fs::exists(samples / "samples.npy", none)) file = samples / "samples.npy";
  if (!labels_file && file.filename() == "samples.npy" && fs::exists(file.parent_path() / "labels.npy", none))
    labels_file = file.parent_path() / "labels.npy";
  Images images;
  if (is_array(file)) {
    NpyArray array = read_npy(file);
    std::optional<Range> scale = range;
    if (!scale && (array.type == "u1" || array.type == "b1")) scale = {0, array.type == "u1" ? 255 : 1};
    images = samples_of_numbers(array.shape, std::move(array.values), scale, file.string(), notes);
  } else {
    if (range) throw InputError(fmt::format("a range is for arrays (.npy, .npz:NAME); {} is none", samples.string()));
    const ImageSet set = read_image_set(file, {}, {.shape = {kSide, kSide}});
    if (set.pixel_count() != kPixels) {
      std::vector<int64_t> shape{set.images()};
      shape.insert(shape.end(), set.shape.begin(), set.shape.end());
      refuse_shape(samples.string(), shape);
    }
    notes.insert(notes.end(), set.notes.begin(), set.notes.end());
    for (int64_t k = 0; k < set.images() * kPixels; ++k) images.pixels.push_back(static_cast<float>(set.level(k)));
    images.labels = set.labels;
  }
  if (labels_file) images.labels = read_labels(*labels_file, images.count());
  return images;
}

Data read_data(const std::string& name, const fs::path& folder) {
  const Dataset& set = find_dataset(name);
  const auto part = [&](size_t first) {
    const fs::path file = folder / set.files[first].name;
    const IdxArray array = read_idx(file);
    const std::vector<int64_t> shape(array.shape.begin(), array.shape.end());
    if (shape.size() != 3 || shape[1] != kSide || shape[2] != kSide || array.values.empty())
      refuse_shape(file.string(), shape);
    Images images;
    images.pixels.reserve(array.values.size());
    for (const uint8_t value : array.values) images.pixels.push_back(static_cast<float>(value) / 255.0f);
    images.labels = read_labels(folder / set.files[first + 1].name, images.count());
    return images;
  };
  return {name, part(0), part(2)};
}

}  // namespace swell::judge
