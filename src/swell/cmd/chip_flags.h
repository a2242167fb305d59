#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>
#include <string>

#include "swell/cmd/command.h"
#include "swell/hardware/imperfections.h"
#include "swell/programs/generate/on_chips.h"
#include "swell/report/chips.h"

namespace swell::cmd {

// Faults of chips, for commands whose machine can have them.
struct ChipFlags {
  std::string spec;  // file; empty for none
  int64_t chips = 50;
};
void add_chip_flags(CLI::App& app, ChipFlags& flags);
// The specification; nothing without --chip.
std::optional<hardware::Imperfections> chip_of(const ChipFlags& flags);
// Chips to make: fewer with --quick.
int64_t chip_count(const ChipFlags& flags, const Common& common);
// The noise of the chip with these faults, which no other chip has: by the seed of its faults, or from the source of
// random bits.
Seed noise_of_chip(uint64_t chip_seed, const Common& common);
// Errors of the machine as designed (where `perfect_of` is not null) and of chips 0, 1, ..., each with draws of its
// own, up to --chips of them or until the program is interrupted. Either may throw Interrupted; chips that throw
// NoMinimum or Diverged are counted as failed.
void try_chips(ChipErrors& result, const ChipFlags& flags, const Common& common,
               const std::function<double()>& perfect_of, const std::function<double(int64_t)>& error_of);
// Says the distribution, and puts it into the report, under this name, and its page. Where not all chips were tried,
// that is said and is a check that did not pass.
void add_chips(Result& result, const ChipErrors& chips, const ChipFlags& flags, const Common& common,
               const char* name = "chips");

// Training with the faults in the loop, of commands that train.
struct ChipTrainFlags {
  std::string spec;  // file; empty for none
  uint64_t seed = 1;
  bool robust = false;
  int64_t images = 200;  // to judge by
  DeviceTrainingOptions options;
};
void add_chip_train_flags(CLI::App& app, ChipTrainFlags& flags);
// With what --quick makes smaller.
ChipTrainFlags in_force(ChipTrainFlags flags, const Common& common);
// What couplings are trained for: all chips of the specification with --robust, else the machine as designed.
CouplingFactor factor_of(const ChipTrainFlags& flags);
// Retrains for the one chip, in place, where that is asked for; says what came of it, and puts it into the report.
// False where it was interrupted: the machine is then as it was before.
bool train_on_chip(Trained& trained, const ChipTrainFlags& flags, const Common& common);

}  // namespace swell::cmd
