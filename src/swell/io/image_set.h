#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace swell {

// Where a table of images has its labels.
enum class LabelColumn { automatic, first, last, none };

// How files of images are to be understood where they do not say it themselves.
struct ImageOptions {
  std::vector<int64_t> shape;  // of the images wanted, for arrays whose extents leave it open; empty where unknown
  bool training = true;        // of a source with two parts: the training part, or the test part
  bool transpose = false;      // height and width change places (EMNIST)
  double white = 0;            // the number that is white; 0: the least of 1, 255 and 65535 that no number exceeds
  LabelColumn labels = LabelColumn::automatic;
};

// Gray images of one size with labels or without.
struct ImageSet {
  std::vector<int64_t> shape;      // of one image: height, width; a row of a table has one extent
  std::vector<uint8_t> bytes;      // [images][pixels] 0 black to 255 white, or empty
  std::vector<double> levels;      // [images][pixels] 0 to 1 where the source has other numbers than bytes, or empty
  std::vector<int> labels;         // [images], or empty
  std::vector<std::string> notes;  // what was done to the images, a sentence each
  std::string source;

  int64_t pixel_count() const;
  int64_t images() const;
  double level(size_t i) const { return bytes.empty() ? levels[i] : bytes[i] / 255.0; }
};

// Reads images by what the file is (never by its ending, but for tables): a PNG image; a folder of PNG images, or one
// subfolder of them for each class, or the parts train/ and test/ of such, or the IDX files of MNIST; an IDX file; a
// .npy array (images x height x width, also with a channel axis, also flattened); a .npz archive, FILE.npz:NAME, or by
// the names that others use (x_train and y_train, train_images and train_labels, images and labels, ...); a table of
// numbers as text, a row for each image. gzip or not. labels: IDX, .npy or a table of one column (of an IDX table of
// whole numbers the first, as QMNIST has it). Throws IoError where a file is not such a file, InputError where images
// differ in size, values have no known scale, or labels do not fit.
ImageSet read_image_set(const std::filesystem::path& images, const std::optional<std::filesystem::path>& labels,
                        const ImageOptions& options);

// The labels of so many images: IDX, .npy, FILE.npz:NAME or a table of one column. Throws IoError where their number is
// another, InputError where one is no whole number from 0.
std::vector<int> read_labels(const std::filesystem::path& labels, int64_t images);

// IMAGES[:LABELS] as two names. Either may be FILE.npz:NAME, and FILE.npz:X:Y stands for FILE.npz:X:FILE.npz:Y. A path
// that is there as a whole, colons and all, is the images.
std::pair<std::filesystem::path, std::optional<std::filesystem::path>> split_images(const std::string& text);

}  // namespace swell
