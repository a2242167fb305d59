#include "swell/programs/neural/examples.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "swell/base/errors.h"

namespace swell::neural {

double single(double value) { return static_cast<double>(static_cast<float>(value)); }

DataSet cosine_task(int64_t rows, const NeuralDesign& design) {
  const NeuralSettings& settings = design.neural;
  if (question_size(design) != 1 || answer_size(design) != 1) {
    throw InputError(fmt::format("task 'cos' has one input and one output; design '{}' has {} and {}", design.name,
                                 question_size(design), answer_size(design)));
  }
  DataSet examples;
  examples.source = "cos(2 pi z)";
  examples.shape = {1};
  for (int64_t row = 0; row < rows; ++row) {
    const double z = static_cast<double>(row) / static_cast<double>(std::max<int64_t>(1, rows - 1));
    examples.values.push_back(single((z - settings.mean) / settings.sigma));
    examples.targets.push_back(single(std::cos(2 * std::numbers::pi * z)));
  }
  return examples;
}

}  // namespace swell::neural
