#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "swell/base/clock.h"
#include "swell/cmd/chip_flags.h"
#include "swell/cmd/command.h"
#include "swell/programs/linear/chips.h"
#include "swell/programs/linear/report.h"

namespace swell::cmd {

// What the commands of linear algebra share: their flags, and how they tell an answer.
struct LinearFlags {
  std::string a, b, output, format = "mtx", device = "overdamped", integrator = "leimkuhler", budget = "60s";
  std::string precision, covariance, mean, information;  // gaussian
  double time = 1;                                       // expm
  int64_t most_samples = 0;                              // 0 for any number
  bool budget_given = false, samples_given = false;
  bool normal_equations = false;  // solve
  bool no_reference = false;
  linear::Settings settings;
  Prices prices;
  ChipFlags chip;
  int64_t calibrate = 0;                        // inv: samples of a round, 0 for none
  std::chrono::steady_clock::time_point start;  // of the command

  double passed() const { return seconds_since(start); }
};

void say_answer(const linear::Answer& answer, const linear::Comparison* comparison, const LinearFlags& flags,
                const Bill& bill, const Common& common);
// Nothing without --output, and where the answer is then too large for the report, it says so.
void write_answer(const LinearFlags& flags, const std::string& what, const linear::Matrix& value,
                  const linear::Matrix& error, const std::string& page, Result& result, const Common& common);
// 5 with a sentence where the tolerance, or the samples asked for, were not reached; 130 where it was interrupted.
int exit_code_of(const linear::Average& average, const linear::Settings& settings);

// Adds what faults do to the answer, where --chip asks for it; pages that were written are written anew.
using OnChips =
    std::function<ChipErrors(const hardware::Imperfections& spec, int64_t chips, const linear::GoOn& go_on)>;
Result with_chips(Result result, const LinearFlags& flags, const Common& common, const OnChips& on_chips);
// The same of an inverse, for chips that are calibrated first, as --calibrate says.
CalibrationOptions calibration_options(const LinearFlags& flags, const Common& common);
Result with_calibrated_chips(Result result, const linear::Matrix& a, const LinearFlags& flags, const Common& common);

// A check for options: a positive number.
std::string check_positive(const std::string& text);
// Which machine answers, and of what parts.
void add_machine_flags(CLI::App& app, LinearFlags& flags);

}  // namespace swell::cmd
