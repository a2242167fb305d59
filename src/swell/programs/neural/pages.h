#pragma once

#include <string>
#include <vector>

#include "swell/model/design.h"
#include "swell/programs/neural/classify.h"
#include "swell/programs/neural/functions.h"
#include "swell/programs/neural/neuron.h"
#include "swell/programs/neural/train.h"

// The report pages of this folder's programs: each one self-contained HTML file.
namespace swell::neural {

std::string neuron_page(const NeuronOptions& options, const NeuronReport& report);

// `data` names the examples.
std::string class_page(const Design& design, const std::string& data, const TestReport& report);
std::string function_page(const Design& design, const std::string& data, const FunctionReport& report);

std::string training_page(const Design& design, const TrainReport& report, const std::string& method,
                          const std::string& data, int64_t examples);

}  // namespace swell::neural
