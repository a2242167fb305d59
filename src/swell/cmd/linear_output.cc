// How the commands of linear algebra tell their answers.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/cmd/console.h"
#include "swell/cmd/linear.h"
#include "swell/cmd/outputs.h"
#include "swell/cmd/progress.h"
#include "swell/io/atomic_file.h"
#include "swell/programs/linear/chips.h"
#include "swell/programs/linear/matrix_files.h"

namespace swell::cmd {

using linear::Matrix;

namespace {

// As many digits as the error leaves, and one more.
std::string with_digits(double value, double error) {
  const double share = error > 0 ? std::abs(value) / error : 0;
  const int digits = share > 0 ? std::clamp(static_cast<int>(std::ceil(std::log10(share))) + 2, 4, 17) : 4;
  return fmt::format("{:.{}g}", value, digits);
}

void say_entries(const linear::Average& average, const linear::Comparison* comparison, const Common& common) {
  constexpr int64_t kRows = 12, kColumns = 5;
  const int64_t rows = std::min(average.value.rows, kRows), columns = std::min(average.value.columns, kColumns);
  for (int64_t i = 0; i < rows; ++i) {
    std::string line = " ";
    for (int64_t j = 0; j < columns; ++j) {
      const double error = average.standard_error(i, j);
      line += fmt::format(" {:>12} +- {:<8.2g}", with_digits(average.value(i, j), error), error);
    }
    if (comparison && average.value.columns == 1)
      line += fmt::format("  ({} {})", comparison->method,
                          with_digits(comparison->value(i, 0), average.standard_error(i, 0)));
    common.say(line);
  }
  if (rows < average.value.rows || columns < average.value.columns) {
    common.say(fmt::format("  ... the first {} of {} rows and {} of {} columns; --output FOLDER writes all of it", rows,
                           average.value.rows, columns, average.value.columns));
  }
}

// "sampling 0.1, rounding of the couplings 0.2": the parts that there are.
std::string parts_of(const linear::ErrorParts& parts, double whole) {
  std::string text;
  const auto part = [&](const char* name, double size) {
    if (size > 1e-3 * whole) text += fmt::format("{}{} {:.2g}", text.empty() ? "" : ", ", name, size);
  };
  part("sampling", parts.sampling);
  part("rounding of the couplings", parts.rounding);
  part("finite step", parts.step);
  part("start not forgotten", parts.start);
  part("double precision", parts.arithmetic);
  return text;
}

void say_machine(const linear::Answer& answer, const LinearFlags& flags, const Common& common) {
  const linear::Average& average = answer.average;
  common.say(fmt::format(
      "{} device, {}: the slowest mode relaxes in {:.3g} steps, {:.2g} times as long as the fastest; burn-in "
      "{:.3g}, samples {:.3g} steps apart",
      flags.device, answer.integrator, average.relaxation_time / average.step,
      std::max(1.0, average.relaxation_time / average.fastest_time), average.burn_in / average.step,
      average.interval / average.step));
  if (answer.spread > 1)
    common.say(
        fmt::format("a badly scaled matrix: its variables are held in units of their own, which differ by up to "
                    "{:.2g}",
                    answer.spread));
  if (answer.shift > 0) {
    common.say(
        fmt::format("the symmetric part of A t is not positive definite: computed for A t + {:.3g}, which makes "
                    "the error e^{:.3g} times as large",
                    answer.shift, answer.shift));
  }
  if (answer.spu) {
    common.say(
        fmt::format("spu: unit {:.3g} V, {:.3g} A, {:.3g} s; {} couplings and {} cells need a negative capacitance, "
                    "which the published chip has not got",
                    answer.spu->volt(), answer.spu->ampere(), answer.spu->time_unit_s(), answer.spu->negative_couplings,
                    answer.spu->negative_cells));
  }
}

void write_arrays(const std::filesystem::path& answer, const std::filesystem::path& errors, const std::string& what,
                  const Matrix& value, const Matrix& error, Result& result) {
  linear::write_matrix(answer, value, what + ", by fluctuations");
  linear::write_matrix(errors, error, "standard error of each entry of the answer");
  result.result.erase("left_out");
  result.result["files"]["answer"] = answer.string();
  result.result["files"]["errors"] = errors.string();
}

}  // namespace

void say_answer(const linear::Answer& answer, const linear::Comparison* comparison, const LinearFlags& flags,
                const Bill& bill, const Common& common) {
  const linear::Average& average = answer.average;
  say_entries(average, comparison, common);
  common.say(fmt::format("standard error {:.3g}, {:.2g} of the answer's norm; {} samples of {} replicas, {:.2f} s",
                         average.error, average.relative_error, average.samples, average.replicas, average.wall_s));
  const double others = std::hypot(average.parts.rounding, average.parts.step, average.parts.start);
  if (std::hypot(others, average.parts.arithmetic) > 0.02 * average.error)
    common.say(fmt::format("  of which: {}", parts_of(average.parts, average.error)));
  say_machine(answer, flags, common);
  if (answer.bias > 0 && average.parts.step == 0)
    common.say(fmt::format("the finite step leaves the samples' covariance off by about {:.2g} of it", answer.bias));
  say_bill(bill);
  if (!comparison) return;
  const double size = linear::frobenius_norm(comparison->value);
  common.say(fmt::format("{}: {:.3g} s on this computer; the answer above is off by {:.3g}{}", comparison->method,
                         comparison->wall_s, comparison->error,
                         size > 0 ? fmt::format(", {:.2g} of the norm", comparison->error / size) : ""));
  if (comparison->iterative) {
    common.say(fmt::format("conjugate gradients to the same error: {:.3g} s, {} iterations",
                           comparison->iterative->wall_s, comparison->iterative->iterations));
  }
}

void write_answer(const LinearFlags& flags, const std::string& what, const Matrix& value, const Matrix& error,
                  const std::string& page, Result& result, const Common& common) {
  if (flags.output.empty()) {
    if (!result.result.contains("left_out")) return;
    const auto answer = beside_report(common.json, ".answer." + flags.format),
               errors = beside_report(common.json, ".stderr." + flags.format);
    if (answer.empty()) return common.say(result.result["left_out"].get<std::string>());
    write_arrays(answer, errors, what, value, error, result);
    common.say(
        fmt::format("the answer is too large for the report: wrote {} and {}", answer.string(), errors.string()));
    return;
  }
  const std::filesystem::path folder = flags.output;
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (problem) throw IoError(fmt::format("cannot make the folder {}: {}", flags.output, problem.message()));
  const auto answer = folder / ("answer." + flags.format), errors = folder / ("stderr." + flags.format);
  write_arrays(answer, errors, what, value, error, result);
  write_file_atomically(folder / "report.html", page);
  common.say(fmt::format("wrote answer.{0}, stderr.{0}, report.html, report.json to {1}", flags.format, flags.output));
}

int exit_code_of(const linear::Average& average, const linear::Settings& settings) {
  if (average.interrupted) {
    fmt::print(stderr, "swell: interrupted; the answer is that of the samples so far\n");
    return 130;
  }
  if (average.met) return 0;
  if (settings.sampling.tolerance <= 0) {
    fmt::print(stderr, "swell: the budget is spent after {} of {} samples; the error is that of these\n",
               average.samples, settings.sampling.samples);
    return 5;
  }
  const double size = average.relative_error > 0 ? average.error / average.relative_error : 0;
  if (average.parts.sampling <= settings.sampling.tolerance * size) {
    fmt::print(
        stderr,
        "swell: a relative error of {:.2g} is left, above --tolerance {:g}: {}; more samples do not make it smaller\n",
        average.relative_error, settings.sampling.tolerance, parts_of(average.parts, average.error));
    return 5;
  }
  fmt::print(
      stderr,
      "swell: the budget is spent at a relative error of {:.2g}, above --tolerance {:g}; about {:.2g} samples are "
      "needed, {:.2g} times as many as were taken\n",
      average.relative_error, settings.sampling.tolerance, average.expected_samples,
      average.expected_samples / static_cast<double>(average.samples));
  return 5;
}

std::string check_positive(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop == end && value > 0 && std::isfinite(value)
             ? ""
             : fmt::format("{} is not a positive number", text);
}

void add_machine_flags(CLI::App& app, LinearFlags& flags) {
  linear::Settings& settings = flags.settings;
  app.add_option(
         "--device", flags.device,
         "overdamped: Langevin units in discrete steps; exact: the same by exact transitions; spu: a circuit of "
         "coupled RLC cells")
      ->capture_default_str()
      ->check(CLI::IsMember({"overdamped", "exact", "spu"}));
  app.add_option("--integrator", flags.integrator, "of overdamped: leimkuhler (exact at equilibrium) or euler")
      ->capture_default_str()
      ->check(CLI::IsMember({"leimkuhler", "euler"}));
  app.add_option("--dt", settings.step, "step, in 1/mu (spu: in R C); without it as long as is safe")
      ->check(check_positive);
  app.add_option("--clock", settings.clock,
                 "energies and temperature times this: the same process, so many times faster")
      ->capture_default_str()
      ->check(check_positive);
  const auto part = [&](const char* flag, double& value, const char* help) {
    app.add_option(flag, value, help)->capture_default_str()->check(check_positive)->group("SPU");
  };
  part("--resistance", settings.parts.resistance_ohm, "of a cell, ohm");
  part("--inductance", settings.parts.inductance_henry, "of a cell, henry");
  part("--capacitance", settings.parts.capacitance_farad, "that stands for the mean diagonal entry of A, farad");
  part("--noise-current", settings.parts.noise_A2s, "kappa0, strength of a cell's noise current, ampere^2 second");
}

namespace {

// The page again, with what chips added to it.
void rewrite_page(const Result& result, const LinearFlags& flags) {
  if (!flags.output.empty()) write_file_atomically(std::filesystem::path(flags.output) / "report.html", result.page);
}

}  // namespace

Result with_chips(Result result, const LinearFlags& flags, const Common& common, const OnChips& on_chips) {
  const auto spec = chip_of(flags.chip);
  if (!spec) return result;
  add_chips(result, on_chips(*spec, chip_count(flags.chip, common), [] { return !interrupted(); }), flags.chip, common);
  rewrite_page(result, flags);
  return result;
}

CalibrationOptions calibration_options(const LinearFlags& flags, const Common& common) {
  CalibrationOptions options;
  options.samples = flags.calibrate;
  if (common.quick) options.rounds = 3;
  options.progress = [](const Progress&) { return !interrupted(); };
  return options;
}

Result with_calibrated_chips(Result result, const Matrix& a, const LinearFlags& flags, const Common& common) {
  const auto spec = chip_of(flags.chip);
  const CalibrationOptions options = calibration_options(flags, common);
  const linear::CalibratedChips chips =
      linear::inverse_on_calibrated_chips(a, *spec, chip_count(flags.chip, common), common.seed, options);
  add_chips(result, chips.before, flags.chip, common);
  if (!chips.after.error.empty()) {
    common.say(fmt::format("calibrated from {} samples of each:", chips.samples));
    add_chips(result, chips.after, flags.chip, common, "calibrated");
    result.result["calibrated"]["samples"] = chips.samples;
  }
  rewrite_page(result, flags);
  return result;
}

}  // namespace swell::cmd
