#pragma once

#include <filesystem>

#include "swell/learn/data_set.h"
#include "swell/programs/neural/neural_design.h"

namespace swell::neural {

// Questions with their answers: classes of images, or values of a function. All inputs are in single precision.

// IDX images and labels, scaled as the design's [neural] says. norm: that of the training set, 0 to take the largest of
// these. most: the first so many, 0 for all. Throws IoError where a file is wrong; InputError where shapes do not fit
// the design, a label is no class of it, or an image has no contrast to scale.
DataSet read_images(const std::filesystem::path& images, const std::filesystem::path& labels,
                    const NeuralDesign& design, double norm, int64_t most);

// A table of numbers, one example a line: inputs, then targets, with commas between; an optional first line of names.
DataSet read_table(const std::filesystem::path& path, const NeuralDesign& design);

// "cos": cos(2 pi z) for `rows` values z, evenly spaced in [0, 1].
DataSet cosine_task(int64_t rows, const NeuralDesign& design);

}  // namespace swell::neural
