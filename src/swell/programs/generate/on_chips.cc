#include "swell/programs/generate/on_chips.h"

#include <chrono>
#include <cmath>

#include "swell/base/clock.h"
#include "swell/base/errors.h"
#include "swell/hardware/chip_design.h"
#include "swell/ledger/housekeeping.h"
#include "swell/ledger/to_json.h"

namespace swell::generate {

Estimate error_of(const Samples& samples, const DataSet& images) {
  if (samples.interrupted) throw Interrupted("interrupted among the chips");
  Estimate error = judge(samples.values, samples.count, images).nearest_cosine;
  error.mean = 1 - error.mean;
  return error;
}

Trained on_chip(const Trained& trained, const hardware::Imperfections& spec, uint64_t seed) {
  Trained chip = trained;
  chip.design = hardware::perturb(trained.design, spec, seed);
  chip.converter = {spec, seed};
  return chip;
}

std::optional<double> housekeeping_of(const Trained& chip, uint64_t seed, int threads) {
  constexpr double kMostWork = 4e9, kShortest = 2, kLongest = 20;  // multiply-adds, 1/mu
  const Computer& computer = chip.design.computer;
  const int set = find_protocol(chip.design, "generation").segments.back().couplings;
  if (has_potential(computer) || computer.memory.remembers() || !computer.warmth.empty() || set == kNoCouplings)
    return {};
  RateOptions options{.dt = chip.design.dt, .seed = seed, .threads = threads};
  const double each = std::pow(static_cast<double>(computer.units()), 2) * static_cast<double>(options.trajectories);
  options.time = std::min(kLongest, kMostWork / each * options.dt);
  if (options.time < kShortest) return {};
  options.time = std::round(options.time / options.dt) * options.dt;
  return housekeeping_rate(computer, set, options).mean;
}

ChipTraining train_on_chip(Trained& trained, const hardware::Imperfections& spec, uint64_t seed,
                           const DeviceTrainingOptions& options, const SampleOptions& judged) {
  if (trained.images.rows() == 0)
    throw InputError("training on a chip judges it by the images that the machine learned, and there are none");
  ChipTraining result;
  result.designed = error_of(generate(trained, judged), trained.images);
  result.before = error_of(generate(on_chip(trained, spec, seed), judged), trained.images);
  const auto start = std::chrono::steady_clock::now();
  const Design meant = trained.design;
  result.training = train_on_device(
      meant, simulated_device(meant, spec, seed, reads_of(meant, options.every), options.threads), options);
  if (result.training.interrupted) throw Interrupted("interrupted while the chip was trained");
  result.wall_s = seconds_since(start);
  Computer& machine = trained.design.computer;
  assign_from_dense(machine, result.training.J.values, machine.sets[0]);
  machine.sets[0].bias = result.training.bias;
  round_parameters(machine);
  result.after = error_of(generate(on_chip(trained, spec, seed), judged), trained.images);
  trained.training["chip"] = to_json(result);
  trained.training["chip"]["spec"] = spec.name;
  trained.training["chip"]["seed"] = seed;
  return result;
}

nlohmann::ordered_json to_json(const ChipTraining& result) {
  const DeviceTraining& training = result.training;
  const auto excess = [&](double value) { return Estimate{value, training.excess_stderr, training.paths}; };
  return {{"what", "1 - cosine to the nearest image learned"},
          {"designed", to_json(result.designed, "1")},
          {"before", to_json(result.before, "1")},
          {"after", to_json(result.after, "1")},
          {"relative_entropy_before", to_json(excess(training.excess_before), "k")},
          {"relative_entropy_after", to_json(excess(training.excess_after), "k")},
          {"nearer", training.nearer},
          {"parameters", training.parameters},
          {"paths", training.paths},
          {"wall_s", result.wall_s}};
}

}  // namespace swell::generate
