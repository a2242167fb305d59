// Calibration of a device that Python asks for samples.

#include <fmt/format.h>
#include <nanobind/stl/string_view.h>

#include "arrays.h"
#include "machine.h"
#include "module.h"
#include "options.h"
#include "swell/learn/calibration.h"
#include "watch.h"

namespace swell::python {

namespace {

const Options<CalibrationOptions>& options_of_calibration() {
  static const Options<CalibrationOptions> all = {{"kT", SWELL_INTO(kT)},
                                                  {"samples", SWELL_INTO(samples)},
                                                  {"rounds", SWELL_INTO(rounds)},
                                                  {"most_settling", SWELL_INTO(most_settling)}};
  return all;
}

// Couplings as a full symmetric matrix, and biases, of parameters in a row.
struct Written {
  Matrix matrix;
  std::vector<double> bias;
};

Written written(std::span<const Feature> features, int64_t units, std::span<const double> parameters) {
  Written all{Matrix(units, units), std::vector<double>(static_cast<size_t>(units))};
  for (size_t k = 0; k < features.size(); ++k) {
    const Feature& f = features[k];
    if (f.j < 0) {
      all.bias[f.i] = parameters[k];
    } else {
      all.matrix(f.i, f.j) = all.matrix(f.j, f.i) = parameters[k];
    }
  }
  return all;
}

nb::dict calibrated(std::span<const Feature> features, int64_t units, const FeatureMoments& target,
                    std::span<const double> start, const nb::object& device, const nb::dict& given, double kT,
                    nb::object progress) {
  CalibrationOptions options;
  options.kT = kT;
  int threads = 1;
  read_options(given, options_of_calibration(), "calibration", options, threads);
  Watch watch(std::move(progress));
  options.progress = [&](const Progress& at) { return watch.tell("rounds", at.done, at.total); };
  const SampledDevice ask = [&](std::span<const double> parameters, int64_t samples) {
    std::vector<double> answer;
    watch.call([&] {
      Written all = written(features, units, parameters);
      const nb::object array = device(give(std::move(all.matrix)), give(std::move(all.bias), {units}), samples);
      answer = to_vector(nb::cast<In<double, 2>>(array));
    });
    return answer;
  };
  Calibration found;
  watch.run(false, [&] { found = calibrate(features, units, target, start, ask, options); });
  std::vector<double> mean, error;
  for (const Estimate& estimate : found.parameters) {
    mean.push_back(estimate.mean);
    error.push_back(estimate.stderr_of_mean);
  }
  Written values = written(features, units, mean), errors = written(features, units, error);
  std::vector<int64_t> pairs;
  for (const Feature& f : features) pairs.insert(pairs.end(), {f.i, f.j});
  const auto p = static_cast<int64_t>(features.size());
  nb::dict result;
  result["matrix"] = give(std::move(values.matrix));
  result["bias"] = give(std::move(values.bias), {units});
  result["matrix_stderr"] = give(std::move(errors.matrix));
  result["bias_stderr"] = give(std::move(errors.bias), {units});
  result["units"] = give(std::move(pairs), {p, 2});
  result["moments"] = give(std::move(found.moments), {p});
  result["target"] = give(std::move(found.target), {p});
  result["stderr"] = give(std::move(found.stderrs), {p});
  result["settled"] = found.settled;
  result["settling"] = found.settling;
  result["rounds"] = found.rounds;
  result["interrupted"] = found.interrupted;
  result["samples"] = found.samples;
  result["before"] = found.distance_before;
  result["after"] = found.distance_after;
  result["interruption"] = watch.was_interrupted() ? watch.pending() : nb::none();
  return result;
}

nb::dict calibrate_stiffness(const In<double, 2>& array, const nb::object& device, const nb::dict& given,
                             nb::object progress) {
  const Matrix K = to_matrix(array);
  CalibrationOptions options;
  int threads = 1;
  read_options(given, options_of_calibration(), "calibration", options, threads);
  require_positive("kT", options.kT);
  const FeatureMoments target = exact_moments(K, options.kT);
  return calibrated(features_of_stiffness(K.rows), K.rows, target, read_stiffness(K), device, given, options.kT,
                    std::move(progress));
}

nb::dict calibrate_set(const Machine& machine, std::string_view name, const In<double, 2>& states,
                       const nb::object& device, const nb::dict& given, nb::object progress) {
  const Computer& computer = machine.computer();
  const CouplingSet& set = computer.sets[set_number(computer, name)];
  if (static_cast<int64_t>(states.shape(1)) != computer.units())
    throw InputError(
        fmt::format("target has states of {} units; the machine has {}", states.shape(1), computer.units()));
  const std::vector<Feature> features = features_of(computer, set);
  const FeatureMoments target = sampled_moments(features, {states.data(), states.size()}, computer.units());
  return calibrated(features, computer.units(), target, read_parameters(computer, set, features), device, given,
                    computer.kT, std::move(progress));
}

}  // namespace

void add_calibration(nb::module_& module) {
  module.attr("_calibration_options") = tuple_of(options_of_calibration());
  module.def("_calibrate_stiffness", &calibrate_stiffness, nb::arg("K"), nb::arg("device"), nb::arg("options"),
             nb::arg("progress").none());
  module.def("_calibrate_set", &calibrate_set, nb::arg("machine"), nb::arg("set"), nb::arg("target"), nb::arg("device"),
             nb::arg("options"), nb::arg("progress").none());
}

}  // namespace swell::python
