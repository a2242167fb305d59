#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "swell/base/disk.h"
#include "swell/cmd/command.h"
#include "swell/cmd/outputs.h"
#include "swell/engine/run.h"
#include "swell/learn/training_file.h"
#include "swell/ledger/bill.h"
#include "swell/ledger/to_json.h"
#include "swell/model/design.h"
#include "swell/programs/generate/train.h"

namespace swell::cmd {

// Groups of flags that more than one command has, and what they mean.

// A check for options: any finite number.
std::function<std::string(const std::string&)> finite_number();

// For options in seconds: a time with its unit (250ms, 2m) becomes the number of seconds before it is checked.
CLI::Validator in_seconds();

// Prices that have flags, for commands to choose those that apply to their bills.
enum class Price { heat, time, update, readout, write, flip, multiply_add, denoiser };
void add_price_flags(CLI::App& app, Prices& prices, std::initializer_list<Price> which);

struct DataFlags {
  std::string data;  // IMAGES[:LABELS], or the name of a fetched set
  std::vector<int> classes;
  int64_t per_class = 0;
  std::vector<int64_t> numbers;
};
void add_data_flags(CLI::App& app, DataFlags& flags);
// The same for patterns that drive or clamp, where there may be none.
void add_pattern_flags(CLI::App& app, DataFlags& flags);

struct TrainFlags {
  std::string method = "auto";
  double tolerance = 1e-6;
  int64_t updates = 0;
  double rate = 0;
  int64_t rows = 32;
  std::string precision = "auto";
  double budget_s = 0;
};
void add_train_flags(CLI::App& app, TrainFlags& flags);
// With what --quick makes smaller.
TrainFlags in_force(TrainFlags flags, const Common& common);
// What --method auto stands for with this design.
generate::Method training_method(const TrainFlags& flags, const Design& design);

// Trains with progress on the terminal; `report` as in generate::train. factor: what chips make of couplings.
Trained train_with_progress(const Design& design, const DataSet& images, const TrainFlags& flags, const Common& common,
                            generate::TrainReport& report, const TrainingControl& control = {},
                            const CouplingFactor& factor = {});

// Ends a command whose training was stopped: the checkpoint keeps it. Throws Interrupted.
[[noreturn]] void keep_for_later(TrainingCheckpoint& checkpoint, const TrainingState& state);

// 0, or 5 with a sentence on standard error where exact training ended above the tolerance asked for.
int check_tolerance(const Trained& trained, const generate::TrainReport& report, const TrainFlags& flags);

// Whether exact training came to its tolerance, for the report.
void add_training_check(Result& result, const Trained& trained, const generate::TrainReport& report,
                        const TrainFlags& flags);

// The design in this file, or the built-in one by name ("whitelam2026").
Design load_design(const std::string& name);

// The same, or a trained computer; with a design alone there are no images.
Trained load_machine(const std::string& name);

// --rule of p-bits, "auto" or a name for flip_rule_named().
void add_rule_flag(CLI::App& app, std::string& rule);

// --dt: a step in place of the design's, 1/mu; 0 where none is given (set_step of model/design.h).
void add_step_flag(CLI::App& app, double& dt);

void add_engine_flags(CLI::App& app, EngineChoice& choice);
// The choice under the names of the flags: engine and arithmetic.
nlohmann::ordered_json to_json(const EngineChoice& choice);

// A time as base/quantity.h reads it ("30s", "5m", "250ms"), more than 0. Throws InputError naming the flag.
double seconds(const std::string& flag, const std::string& text);

struct CheckpointFlags {
  std::string file;  // empty for none
  std::string every = "60s";
};
void add_checkpoint_flags(CLI::App& app, CheckpointFlags& flags);
// Looks whether it can be written, and says in one line when a run goes on from it.
CheckpointFile checkpoint_file(const CheckpointFlags& flags, const Common& common);
// That of a training. A smaller version of the work (--quick) is another training, whatever its numbers.
TrainingCheckpoint training_checkpoint(const CheckpointFlags& flags, const std::string& purpose, const Common& common);

// $XDG_DATA_HOME/swell, or ~/.local/share/swell.
std::filesystem::path user_data_folder();
// Where `swell data NAME` put the set. Throws IoError, naming that command, where it did not yet.
std::filesystem::path fetched(const std::string& name);

// Says what a command is about to write where that is more than a megabyte.
void say_size(const std::vector<PlannedFile>& files, const std::filesystem::path& folder, const Common& common);

}  // namespace swell::cmd
