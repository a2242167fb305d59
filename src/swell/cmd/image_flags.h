#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "swell/cmd/flags.h"
#include "swell/io/image_set.h"

namespace swell::cmd {

// What files of images leave open: --transpose, --white, --label-column.
struct ImageFlags {
  bool transpose = false;
  double white = 0;
  std::string label_column = "auto";
};
void add_image_flags(CLI::App& app, ImageFlags& flags);
ImageOptions image_options(const ImageFlags& flags, std::vector<int64_t> shape, bool training);

// Images by the name that a user gives: of a fetched set (its training or its test part), else IMAGES[:LABELS]. Throws
// IoError where a set has not been fetched or nothing of that name is there.
struct DataFiles {
  std::filesystem::path images;
  std::optional<std::filesystem::path> labels;
};
DataFiles find_data(const std::string& data, bool training);

// The images that the flags name, for a design's data group; says what was done to them on reading.
DataSet load_images(const DataFlags& flags, const ImageFlags& images, const Design& design, const Common& common);
void say_notes(const std::vector<std::string>& notes, const Common& common);

}  // namespace swell::cmd
