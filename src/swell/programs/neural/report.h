#pragma once

#include <string>

#include "swell/programs/neural/classify.h"
#include "swell/programs/neural/functions.h"
#include "swell/programs/neural/neuron.h"

// What the programs of this folder show: plots as SVG, and tables.
namespace swell::neural {

// The input as abscissa: simulated points on the Fokker-Planck curve of each temperature and time, the equilibrium of
// each temperature as a broken line.
std::string activation_plot(const NeuronReport& report);

std::string time_plot(const TestReport& report, double trained_time);
std::string temperature_plot(const TestReport& report);

std::string function_plot(const FunctionReport& report);        // answers and targets against the (first) input
std::string function_error_plot(const FunctionReport& report);  // against the read time

// The confusion matrix and the figures, for people.
std::string confusion_table(const TestReport& report);

}  // namespace swell::neural
