#pragma once

#include "swell/io/csv.h"
#include "swell/io/image_set.h"
#include "swell/programs/neural/examples.h"

namespace swell::neural {

// IDX images and labels, scaled as the design's [neural] says. norm: that of the training set, 0 to take the largest of
// these. most: the first so many, 0 for all. Throws IoError where a file is wrong; InputError where shapes do not fit
// the design, a label is no class of it, or an image has no contrast to scale.
DataSet read_images(const std::filesystem::path& images, const std::filesystem::path& labels,
                    const NeuralDesign& design, double norm, int64_t most);

// The same with images and labels in any of the forms of io/image_set.h; `notes` gets what was done to the images on
// reading. Throws InputError where there are no labels.
DataSet read_images(const std::filesystem::path& images, const std::optional<std::filesystem::path>& labels,
                    const NeuralDesign& design, double norm, int64_t most, const ImageOptions& options,
                    std::vector<std::string>& notes);

// A table of numbers, one example a line: inputs, then targets, with commas between; an optional first line of names.
DataSet read_table(const std::filesystem::path& path, const NeuralDesign& design);
DataSet examples_of_table(const CsvTable& table, const NeuralDesign& design, const std::string& name);
// Whether a table has a row of pixels and a class for each image instead: one number more than the design's inputs
// where it has several outputs.
bool is_table_of_classes(const CsvTable& table, const NeuralDesign& design);

}  // namespace swell::neural
