#pragma once

#include "swell/learn/data_set.h"
#include "swell/programs/neural/neural_design.h"

namespace swell::neural {

// Questions with their answers: classes of images, or values of a function; those in files: read_examples.h.

// Machines that answer are trained in single precision: rounded, so that every way to run one takes the same numbers.
double single(double value);

// "cos": cos(2 pi z) for `rows` values z, evenly spaced in [0, 1].
DataSet cosine_task(int64_t rows, const NeuralDesign& design);

}  // namespace swell::neural
