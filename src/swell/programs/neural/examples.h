#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "swell/model/design.h"

namespace swell::neural {

// Questions with their answers: classes of images, or values of a function.
struct Examples {
  std::vector<int64_t> shape;  // of one question
  int64_t width = 0;           // numbers in one question
  std::vector<float> inputs;   // [rows][width] as the machine is clamped at them
  std::vector<int> labels;     // [rows] classes, or empty
  std::vector<float> targets;  // [rows][outputs] values, or empty
  double norm = 0;             // to which every row was scaled, 0 where it was not
  std::string source;

  int64_t rows() const { return width == 0 ? 0 : static_cast<int64_t>(inputs.size()) / width; }
};

// IDX images and labels, scaled as the design's [neural] says. norm: that of the training set, 0 to take the largest of
// these. most: the first so many, 0 for all. Throws IoError where a file is wrong; InputError where shapes do not fit
// the design, a label is no class of it, or an image has no contrast to scale.
Examples read_images(const std::filesystem::path& images, const std::filesystem::path& labels, const Design& design,
                     double norm, int64_t most);

// A table of numbers, one example a line: inputs, then targets, with commas between; an optional first line of names.
Examples read_table(const std::filesystem::path& path, const Design& design);

// "cos": cos(2 pi z) for `rows` values z, evenly spaced in [0, 1].
Examples cosine_task(int64_t rows, const Design& design);

// The sizes that a design asks for: of the clamped groups of its protocol "answer", in order, and of its output group.
// Throws InputError where the design has no [neural] table or protocol "answer".
int64_t question_size(const Design& design);
int64_t answer_size(const Design& design);
const NeuralSettings& neural_settings(const Design& design);

}  // namespace swell::neural
