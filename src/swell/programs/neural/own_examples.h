#pragma once

#include "swell/io/csv.h"
#include "swell/io/image_set.h"
#include "swell/programs/neural/examples.h"

namespace swell::neural {

// As read_images() in examples.h with images and labels in any of the forms of io/image_set.h; `notes` gets what was
// done to the images on reading. Throws InputError where there are no labels.
DataSet read_images(const std::filesystem::path& images, const std::optional<std::filesystem::path>& labels,
                    const NeuralDesign& design, double norm, int64_t most, const ImageOptions& options,
                    std::vector<std::string>& notes);

// As read_table() in examples.h.
DataSet examples_of_table(const CsvTable& table, const NeuralDesign& design, const std::string& name);
// Whether a table has a row of pixels and a class for each image instead: one number more than the design's inputs
// where it has several outputs.
bool is_table_of_classes(const CsvTable& table, const NeuralDesign& design);

}  // namespace swell::neural
