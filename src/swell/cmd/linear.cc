// swell solve, inv, logdet, lyapunov, expm, gaussian: linear algebra from equilibrium fluctuations.

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "swell/base/errors.h"
#include "swell/cmd/console.h"
#include "swell/cmd/diagnostics.h"
#include "swell/cmd/flags.h"
#include "swell/cmd/linear.h"
#include "swell/cmd/patience.h"
#include "swell/cmd/progress.h"
#include "swell/cmd/sample_file.h"
#include "swell/ledger/to_json.h"
#include "swell/programs/linear/chips.h"
#include "swell/programs/linear/matrix_files.h"

namespace swell::cmd {

namespace {

using linear::Matrix;
using Flags = LinearFlags;
using Json = nlohmann::ordered_json;

// A time of this computer, or a number of samples.
void set_budget(const Flags& flags, linear::SamplingOptions& options) {
  const std::string& text = flags.budget;
  if (text.find_first_not_of("0123456789.eE+-_") == std::string::npos) {
    throw InputError(fmt::format(
        "--budget {0} has no unit; a time such as 60s is needed, and --most-samples {0} limits the samples", text));
  }
  options.budget_samples = flags.most_samples;
  options.budget_s = flags.most_samples > 0 && !flags.budget_given ? 0 : seconds("--budget", text);
}

linear::Settings settings_of(const Flags& flags, const Common& common) {
  linear::Settings settings = flags.settings;
  settings.device = flags.device == "exact" ? linear::Device::exact
                    : flags.device == "spu" ? linear::Device::spu
                                            : linear::Device::overdamped;
  settings.euler = flags.integrator == "euler";
  if (settings.mitigate && settings.bits == 0)
    throw InputError("--mitigate averages over realisations of rounded couplings, and needs --bits");
  settings.sampling.seed = common.seed;
  settings.sampling.threads = common.threads;
  settings.sampling.ranks = common.ranks;
  if (common.quick) settings.sampling.samples = std::min<int64_t>(settings.sampling.samples, 1280);
  set_budget(flags, settings.sampling);
  linear::SamplingOptions& sampling = settings.sampling;
  sampling.budget_always = flags.budget_given;
  // Without a wish for their number, as many samples as the budget allows.
  if (!flags.samples_given && sampling.budget_samples > 0)
    sampling.samples = std::min(sampling.samples, sampling.budget_samples);
  return settings;
}

Matrix read_square(const std::string& path) {
  Matrix a = linear::read_matrix(path);
  linear::require_square(a, path);
  return a;
}

void say_asymmetry(double asymmetry, const std::string& name, const Common& common) {
  if (asymmetry > 0)
    common.say(
        fmt::format("{}: symmetrised; its halves differ by up to {:.2g} of the largest entry, as after single "
                    "precision",
                    name, asymmetry));
}

Matrix read_positive_definite(const std::string& path, const Common& common) {
  Matrix a = linear::read_matrix(path);
  say_asymmetry(linear::require_positive_definite(a, path), path, common);
  return a;
}

// One column, or several side by side.
Matrix read_columns(const std::string& path, int64_t rows) {
  Matrix b = linear::read_matrix(path);
  if (b.rows != rows && b.rows == 1) b = linear::transpose(b);
  if (b.rows != rows) {
    throw InputError(fmt::format("{}: a column of {} numbers is needed, or several side by side; this is {} x {}", path,
                                 rows, b.rows, b.columns));
  }
  return b;
}

Matrix read_column(const std::string& path, int64_t rows) {
  Matrix b = linear::read_matrix(path);
  if (b.columns != 1 && b.rows == 1) b = linear::transpose(b);
  if (b.columns != 1 || b.rows != rows) {
    throw InputError(
        fmt::format("{}: a column of {} numbers is needed, this is {} x {}", path, rows, b.rows, b.columns));
  }
  return b;
}

// Whether the command has used up its time, or was asked to stop.
bool is_over(const Flags& flags, const linear::Settings& settings) {
  const linear::SamplingOptions& sampling = settings.sampling;
  const bool bounded = sampling.budget_s > 0 && (sampling.tolerance > 0 || sampling.budget_always);
  return interrupted() || (bounded && flags.passed() > sampling.budget_s);
}

// The program ends although work goes on that cannot be asked to stop.
[[noreturn]] void end_now(const Flags& flags, const char* what) {
  const bool by_hand = interrupted();
  fmt::print(stderr, "\nswell: {}; {} was not done\n",
             by_hand ? "interrupted" : fmt::format("no answer within {:.1f} s", flags.passed()), what);
  std::fflush(nullptr);
  std::_Exit(by_hand ? 130 : 5);
}

// Reading, preparing and sampling: each ends by itself when its time is over, or the program does.
template <class Work>
auto within_budget(const Flags& flags, const linear::Settings& settings, const char* what, const Work& work) {
  constexpr double kGrace = 0.6;
  using Made = decltype(work());
  std::optional<Made> made = wait_for<Made>(
      work, [&] { return is_over(flags, settings); }, kGrace);
  if (!made) end_now(flags, what);
  return std::move(*made);
}

// The settings with what is left of the budget, watched by the terminal.
linear::Settings watched(const Flags& flags, linear::Settings settings, ProgressLine& progress) {
  settings.sampling.progress = [&progress](const Progress& at) { return progress.show(at); };
  settings.sampling.stop = interrupted;
  settings.sampling.notice = [](const std::string& text) { warn(text); };
  if (settings.sampling.budget_s > 0)
    settings.sampling.budget_s = std::max(1e-3, settings.sampling.budget_s - flags.passed());
  return settings;
}

// The same by ordinary means; nothing where that takes longer than the budget leaves. It cannot be asked to stop, so it
// holds all that it needs.
template <class Made>
std::optional<Made> compare(const Flags& flags, const linear::Settings& settings, const Common& common,
                            std::function<Made()> work) {
  if (flags.no_reference || interrupted()) return {};
  const linear::SamplingOptions& sampling = settings.sampling;
  const bool bounded = sampling.budget_s > 0 && (sampling.tolerance > 0 || sampling.budget_always);
  const double end = sampling.budget_s + std::max(0.3, 0.05 * sampling.budget_s);
  std::optional<Made> made = wait_for<Made>(
      std::move(work), [&] { return interrupted() || (bounded && flags.passed() > end); }, 0);
  if (!made) common.say("the comparison with ordinary means is left out: there was no time for it");
  return made;
}

using Shared = std::shared_ptr<const Matrix>;
Shared share(Matrix matrix) { return std::make_shared<const Matrix>(std::move(matrix)); }

// Two methods disagree beyond chance: said, and the exit code is 5.
void complain(Result& result, const std::string& disagreement) {
  if (disagreement.empty()) return;
  warn(disagreement);
  if (result.exit_code == 0) result.exit_code = 5;
}

// What every answer of this file is told with, in force: sizes, and what was left to the program.
void add_inputs(Result& result, const linear::Settings& settings, int64_t rows) {
  const linear::SamplingOptions& sampling = settings.sampling;
  result.inputs = {{"samples", sampling.samples},
                   {"budget", sampling.budget_s > 0 ? Json(sampling.budget_s) : Json(nullptr)},
                   {"rows", rows}};
}

// What the program chose where the options left it to it.
void add_choices(Result& result, const linear::Answer& answer) {
  result.inputs["dt"] = answer.average.step;
  result.inputs["replicas"] = answer.average.replicas;
  result.inputs["kT"] = answer.kT;
}

void add_average_checks(Result& result, const linear::Average& average) {
  add_diagnostics(result, average.diagnostics);
  result.check(
      "tolerance", average.met, "the error asked for, or the samples, were not reached",
      {{"relative_error", std::isfinite(average.relative_error) ? Json(average.relative_error) : Json(nullptr)},
       {"expected_samples", average.expected_samples}});
  result.check("ended by itself", !average.interrupted, "interrupted: the answer is that of the samples so far");
}

void add_agreement(Result& result, const std::string& disagreement) {
  result.check("methods against each other", disagreement.empty(), disagreement);
}

Result conclude(const std::string& what, const linear::Answer& answer, const linear::Comparison* comparison,
                const Flags& flags, const linear::Settings& settings, const Common& common) {
  Result result;
  add_inputs(result, settings, answer.average.value.rows);
  add_choices(result, answer);
  const Bill bill = linear::price(answer, settings, flags.prices, comparison);
  result.result = linear::to_json(answer, settings);
  result.bill = to_json(bill);
  add_average_checks(result, answer.average);
  if (comparison) {
    result.references.push_back(linear::to_json(*comparison));
    add_agreement(result, linear::disagreement(answer, *comparison));
  }
  say_answer(answer, comparison, flags, bill, common);
  say_diagnostics(answer.average.diagnostics);
  result.page = linear::report_page(what, answer, settings, bill, comparison);
  write_answer(flags, what, answer.average.value, answer.average.standard_error, result.page, result, common);
  result.exit_code = exit_code_of(answer.average, settings);
  if (comparison) complain(result, linear::disagreement(answer, *comparison));
  return result;
}

// Makes the answer, and after that, where it is wanted, the same by ordinary means.
template <class Make, class Compare>
Result compute(const std::string& what, const Flags& flags, const linear::Settings& settings, const Common& common,
               const Make& make, const Compare& by_ordinary_means) {
  const auto answer = std::make_shared<const linear::Answer>([&] {
    ProgressLine progress;
    const linear::Settings chosen = watched(flags, settings, progress);
    return within_budget(flags, settings, "preparing the machine", [&] { return make(chosen); });
  }());
  const std::optional<linear::Comparison> comparison = compare<linear::Comparison>(
      flags, settings, common, [answer, by_ordinary_means] { return by_ordinary_means(*answer); });
  return conclude(what, *answer, comparison ? &*comparison : nullptr, flags, settings, common);
}

struct System {
  Matrix a, b;
};

System read_system(const Flags& flags, const Common& common) {
  System system{flags.normal_equations ? linear::read_matrix(flags.a) : read_square(flags.a), {}};
  system.b = read_columns(flags.b, system.a.rows);
  if (flags.normal_equations) {
    const Matrix at = linear::transpose(system.a);
    system.b = linear::product(at, system.b, common.threads);
    system.a = linear::product(at, system.a, common.threads);
    linear::require_positive_definite(system.a, "A^T A of " + flags.a);
    return system;
  }
  if (!linear::is_symmetric(system.a)) {
    throw InputError(
        fmt::format("{}: not symmetric, and a machine with mutual couplings needs that; --normal-equations "
                    "solves A^T A x = A^T b instead, whose condition number is the square of A's",
                    flags.a));
  }
  say_asymmetry(linear::require_positive_definite(system.a, flags.a), flags.a, common);
  return system;
}

Result run_solve(const Flags& flags, const Common& common) {
  const linear::Settings settings = settings_of(flags, common);
  System system = within_budget(flags, settings, "reading", [&] { return read_system(flags, common); });
  const Shared a = share(std::move(system.a)), b = share(std::move(system.b));
  const std::string sides = b->columns > 1 ? fmt::format(", {} right-hand sides", b->columns) : "";
  Result result = compute(
      fmt::format("x with A x = b, {} unknowns{}", a->rows, sides), flags, settings, common,
      [&](const linear::Settings& chosen) { return linear::solve(*a, *b, chosen); },
      [a, b](const linear::Answer& answer) { return linear::compare_solve(*a, *b, answer); });
  return with_chips(std::move(result), flags, common, [&](const auto& spec, int64_t chips, const auto& go_on) {
    return linear::solve_on_chips(*a, *b, spec, chips, common.seed, go_on);
  });
}

Result run_inverse(const Flags& flags, const Common& common) {
  const linear::Settings settings = settings_of(flags, common);
  const Shared a =
      share(within_budget(flags, settings, "reading", [&] { return read_positive_definite(flags.a, common); }));
  const bool calibrated = flags.calibrate > 0 && !flags.chip.spec.empty();
  if (calibrated) require_calibratable(a->rows * (a->rows + 1) / 2, calibration_options(flags, common));
  Result result = compute(
      fmt::format("Inverse of a {0} x {0} matrix", a->rows), flags, settings, common,
      [&](const linear::Settings& chosen) { return linear::inverse(*a, chosen); },
      [a](const linear::Answer& answer) { return linear::compare_inverse(*a, answer); });
  if (calibrated) return with_calibrated_chips(std::move(result), *a, flags, common);
  return with_chips(std::move(result), flags, common, [&](const auto& spec, int64_t chips, const auto& go_on) {
    return linear::inverse_on_chips(*a, spec, chips, common.seed, go_on);
  });
}

System read_lyapunov(const Flags& flags, const Common& common) {
  System system{read_square(flags.a), read_square(flags.b)};
  say_asymmetry(linear::require_symmetric(system.b, flags.b), flags.b, common);
  if (system.b.rows != system.a.rows)
    throw InputError(fmt::format("{} is {} x {} and {} is {} x {}: both must have one size", flags.a, system.a.rows,
                                 system.a.columns, flags.b, system.b.rows, system.b.columns));
  return system;
}

Result run_lyapunov(const Flags& flags, const Common& common) {
  const linear::Settings settings = settings_of(flags, common);
  System system = within_budget(flags, settings, "reading", [&] { return read_lyapunov(flags, common); });
  const Shared a = share(std::move(system.a)), q = share(std::move(system.b));
  Result result = compute(
      fmt::format("X with A X + X A^T = Q, {0} x {0}", a->rows), flags, settings, common,
      [&](const linear::Settings& chosen) { return linear::lyapunov(*a, *q, chosen); },
      [a, q](const linear::Answer& answer) { return linear::compare_lyapunov(*a, *q, answer); });
  return with_chips(std::move(result), flags, common, [&](const auto& spec, int64_t chips, const auto& go_on) {
    return linear::lyapunov_on_chips(*a, *q, spec, chips, common.seed, go_on);
  });
}

Result run_exponential(const Flags& flags, const Common& common) {
  const linear::Settings settings = settings_of(flags, common);
  const Shared a = share(within_budget(flags, settings, "reading", [&] { return read_square(flags.a); }));
  const double time = flags.time;
  Result result = compute(
      fmt::format("e^(-A t) with t = {:g}, {} x {}", time, a->rows, a->columns), flags, settings, common,
      [&](const linear::Settings& chosen) { return linear::exponential(*a, time, chosen); },
      [a, time](const linear::Answer& answer) { return linear::compare_exponential(*a, time, answer); });
  return with_chips(std::move(result), flags, common, [&](const auto& spec, int64_t chips, const auto& go_on) {
    return linear::exponential_on_chips(*a, time, spec, chips, common.seed, go_on);
  });
}

void say_log_determinant(const linear::LogDeterminant& answer, const linear::Reference* known, const Common& common) {
  for (const linear::LogDeterminant::Method& method : answer.methods) {
    if (method.withdrawn.empty()) {
      common.say(
          fmt::format("  ln det A = {:>10.6g} +- {:<8.2g} by {}", method.value, method.standard_error, method.name));
    } else {
      common.say(fmt::format("  by {} no answer: {}", method.name, method.withdrawn));
    }
  }
  if (known)
    common.say(
        fmt::format("  ln det A = {:>10.6g}             by Cholesky, {:.3g} s", known->value.values[0], known->wall_s));
  if (answer.rounding > 0)
    common.say(fmt::format("  of the errors, {:.2g} is the rounding of the couplings", answer.rounding));
  common.say(fmt::format("{} samples at {} stages, {} driven runs, {:.2f} s", answer.samples, answer.stages.size(),
                         answer.work_kT.size(), answer.wall_s));
}

int exit_code_of_determinant(const linear::LogDeterminant& answer, const linear::Settings& settings) {
  if (answer.interrupted) {
    fmt::print(stderr, "swell: interrupted; the answer is that of the samples so far\n");
    return 130;
  }
  if (answer.met) return 0;
  const double tolerance = settings.sampling.tolerance;
  fmt::print(stderr, "swell: the budget is spent at a relative error of {:.2g}{}\n", answer.relative_error,
             tolerance > 0 ? fmt::format(", above --tolerance {:g}", tolerance) : "");
  return 5;
}

Result run_log_determinant(const Flags& flags, const Common& common) {
  const linear::Settings settings = settings_of(flags, common);
  const Shared a =
      share(within_budget(flags, settings, "reading", [&] { return read_positive_definite(flags.a, common); }));
  const linear::LogDeterminant answer = [&] {
    ProgressLine progress;
    const linear::Settings chosen = watched(flags, settings, progress);
    return within_budget(flags, settings, "preparing the machine", [&] { return linear::log_determinant(*a, chosen); });
  }();
  const std::optional<linear::Reference> reference =
      compare<linear::Reference>(flags, settings, common, [a] { return linear::log_determinant_by_cholesky(*a); });
  const linear::Reference* known = reference ? &*reference : nullptr;
  say_log_determinant(answer, known, common);
  const Bill bill = linear::price(answer, settings, flags.prices, known);
  say_bill(bill);
  Result result;
  add_inputs(result, settings, a->rows);
  result.inputs["replicas"] = answer.replicas;
  result.result = linear::to_json(answer, settings);
  result.bill = to_json(bill);
  add_diagnostics(result, answer.diagnostics);
  say_diagnostics(answer.diagnostics);
  const std::string disagreement = linear::disagreement(answer, known);
  result.check("tolerance", answer.met, "the error asked for was not reached");
  result.check("ended by itself", !answer.interrupted, "interrupted: the answer is that of the samples so far");
  if (known) result.references.push_back({{"what", "Cholesky"}, {"value", known->value.values[0]}});
  add_agreement(result, disagreement);
  const std::string what = fmt::format("ln det of a {0} x {0} matrix", a->rows);
  Matrix value(1, 1), error(1, 1);
  value(0, 0) = answer.methods[0].value;
  error(0, 0) = answer.methods[0].standard_error;
  result.page = linear::report_page(what, answer, settings, bill, known);
  write_answer(flags, what, value, error, result.page, result, common);
  result.exit_code = exit_code_of_determinant(answer, settings);
  complain(result, disagreement);
  return with_chips(std::move(result), flags, common, [&](const auto& spec, int64_t chips, const auto& go_on) {
    return linear::log_determinant_on_chips(*a, spec, chips, common.seed, go_on);
  });
}

struct GaussianTask {
  Matrix matrix, given;
};

GaussianTask read_gaussian(const Flags& flags, const Common& common) {
  if (flags.precision.empty() == flags.covariance.empty())
    throw InputError(
        "one of --precision and --covariance is needed: the inverse of the covariance matrix, or that matrix");
  const bool is_precision = !flags.precision.empty();
  if (!flags.mean.empty() && !flags.information.empty())
    throw InputError("--mean and --information say the same thing in two ways: give one of them");
  if (!flags.information.empty() && !is_precision)
    throw InputError("--information goes with --precision: it is the precision matrix times the mean");
  GaussianTask task{read_positive_definite(is_precision ? flags.precision : flags.covariance, common), {}};
  task.given = Matrix(task.matrix.rows, 1);
  if (!flags.mean.empty()) {
    task.given = read_column(flags.mean, task.matrix.rows);
    if (is_precision) task.given = linear::product(task.matrix, task.given, common.threads);
  }
  if (!flags.information.empty()) task.given = read_column(flags.information, task.matrix.rows);
  return task;
}

Result run_gaussian(const Flags& flags, const Common& common) {
  const linear::Settings settings = settings_of(flags, common);
  const bool is_precision = !flags.precision.empty();
  const GaussianTask task = within_budget(flags, settings, "reading", [&] { return read_gaussian(flags, common); });
  std::optional<SampleFile> file;
  if (!flags.output.empty() && settings.sampling.tolerance <= 0) {
    const std::vector<PlannedFile> files = {
        {std::filesystem::path(flags.output) / "samples.npy",
         static_cast<double>(settings.sampling.samples) * static_cast<double>(task.matrix.rows) * sizeof(double),
         "fewer samples (-n, --most-samples)"}};
    check_disk(files);
    say_size(files, flags.output, common);
  }
  if (!flags.output.empty()) file.emplace(std::filesystem::path(flags.output) / "samples.npy", task.matrix.rows);
  const linear::GaussianAnswer gaussian = [&] {
    ProgressLine progress;
    const linear::Settings chosen = watched(flags, settings, progress);
    return within_budget(flags, settings, "preparing the machine", [&] {
      return linear::gaussian(task.given, task.matrix, is_precision, chosen, [&](std::span<const double> samples) {
        if (file) file->append(samples);
      });
    });
  }();
  const std::string what = fmt::format("Samples of a Gaussian of {} variables", task.matrix.rows);
  Result result;
  add_inputs(result, settings, task.matrix.rows);
  add_choices(result, gaussian.answer);
  const Bill bill = linear::price(gaussian.answer, settings, flags.prices, nullptr);
  result.result = linear::to_json(gaussian.answer, settings);
  result.bill = to_json(bill);
  add_average_checks(result, gaussian.answer.average);
  common.say("mean of the samples:");
  say_answer(gaussian.answer, nullptr, flags, bill, common);
  say_diagnostics(gaussian.answer.average.diagnostics);
  if (file) {
    file->finish();
    common.say(fmt::format("wrote samples.npy, {} x {}", file->rows(), task.matrix.rows));
    result.result["files"]["samples"] = (std::filesystem::path(flags.output) / "samples.npy").string();
    result.result.update({{"samples_left_out", file->left_out()}, {"order_of_samples", "group, time, replica"}});
    if (file->left_out() > 0)
      common.say(fmt::format("{} more samples have no room on the disk and are in the mean only", file->left_out()));
  }
  result.page = linear::report_page(what, gaussian.answer, settings, bill, nullptr);
  write_answer(flags, what + ": their mean", gaussian.answer.average.value, gaussian.answer.average.standard_error,
               result.page, result, common);
  result.exit_code = exit_code_of(gaussian.answer.average, settings);
  return with_chips(std::move(result), flags, common, [&](const auto& spec, int64_t chips, const auto& go_on) {
    return linear::gaussian_on_chips(task.matrix, is_precision, spec, chips, common.seed, go_on);
  });
}

void add_sampling_flags(CLI::App& app, Flags& flags) {
  linear::SamplingOptions& sampling = flags.settings.sampling;
  app.add_option("-n,--samples", sampling.samples, "samples to take in all, without --tolerance")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{64}, int64_t{1} << 40))
      ->each([&flags](const std::string&) { flags.samples_given = true; });
  app.add_option("--tolerance", sampling.tolerance,
                 "sample until the standard error is this share of the answer's norm")
      ->check(check_positive);
  app.add_option("--budget", flags.budget,
                 "end after this time of the computer (60s, 5m) with the best answer and its error; exit code 5 where "
                 "--tolerance or -n asked for more. Without --tolerance only where it is given")
      ->capture_default_str()
      ->option_text("TIME")
      ->each([&flags](const std::string&) { flags.budget_given = true; });
  app.add_option("--most-samples", flags.most_samples,
                 "end after so many samples likewise; then --budget has no default")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 50));
  app.add_option("--replicas", sampling.replicas,
                 "machines that run side by side, a multiple of 32; without it 64, and 32 from 512 unknowns on")
      ->check(CLI::Range(int64_t{32}, int64_t{2048}));
  app.add_option("--interval", sampling.interval, "between samples, in relaxation times of the slowest mode")
      ->capture_default_str()
      ->check(check_positive);
  app.add_option(
         "--burn-in", sampling.burn_in,
         "before the first sample at least, in relaxation times of the slowest mode; longer where the error asks for "
         "it")
      ->capture_default_str()
      ->check(check_positive);
}

void add_output_flags(CLI::App& app, Flags& flags) {
  app.add_option("-o,--output", flags.output,
                 "folder for the answer, its standard errors, report.html and report.json");
  app.add_option("--format", flags.format, "of the answer: mtx (Matrix Market) or npy")
      ->capture_default_str()
      ->check(CLI::IsMember({"mtx", "npy"}));
  app.add_flag("--no-reference", flags.no_reference, "do not compute the answer by ordinary means for comparison");
  add_price_flags(app, flags.prices, {Price::heat, Price::time, Price::readout, Price::write, Price::multiply_add});
}

void add_rounding_flags(CLI::App& app, Flags& flags) {
  app.add_option("--bits", flags.settings.bits, "round couplings to so many bits first, 0 for as they are")
      ->capture_default_str()
      ->check(CLI::Range(0, 24));
}

using Run = Result (*)(const Flags&, const Common&);

Command make_command(const char* name, const char* summary, const char* a_help, const char* b_help, Run run,
                     const std::function<void(CLI::App&, Flags&)>& own) {
  return {name, summary,
          [=](CLI::App& app) -> Action {
            auto flags = std::make_shared<Flags>();
            if (a_help) app.add_option("A", flags->a, a_help)->required();
            if (b_help) app.add_option("B", flags->b, b_help)->required();
            if (own) own(app, *flags);
            add_sampling_flags(app, *flags);
            add_machine_flags(app, *flags);
            add_output_flags(app, *flags);
            return [flags, run](const Common& common) {
              flags->start = std::chrono::steady_clock::now();
              if (!flags->output.empty()) require_writable_folder(flags->output);
              return run(*flags, common);
            };
          },
          run != run_log_determinant};  // its driven runs follow each other's end states
}

constexpr const char* kMatrix = "symmetric positive definite matrix (.mtx, .mtx.gz, .npy or .npz)";

void add_mitigation_flags(CLI::App& app, Flags& flags) {
  add_rounding_flags(app, flags);
  app.add_flag("--mitigate", flags.settings.mitigate,
               "with --bits: average over 32 realisations of the rounding, whose first-order errors cancel");
}

}  // namespace

std::vector<Command> linear_commands() {
  return {
      make_command("solve", "solve A x = b by the mean of a fluctuating machine", kMatrix,
                   "right-hand side: a column, or several side by side", run_solve,
                   [](CLI::App& app, Flags& flags) {
                     app.add_flag("--normal-equations", flags.normal_equations,
                                  "solve A^T A x = A^T b, for any A of full column rank");
                     app.add_option("--kT", flags.settings.kT, "temperature, E0; without it |b|^2 / trace A")
                         ->check(check_positive);
                     add_mitigation_flags(app, flags);
                     add_chip_flags(app, flags.chip);
                   }),
      make_command("inv", "invert A by the covariance of a fluctuating machine", kMatrix, nullptr, run_inverse,
                   [](CLI::App& app, Flags& flags) {
                     add_mitigation_flags(app, flags);
                     add_chip_flags(app, flags.chip);
                     app.add_option(
                            "--calibrate", flags.calibrate,
                            "with --chip: calibrate each chip first, from so many samples of its own in each of "
                            "20 rounds and some more; at least twice its couplings")
                         ->check(CLI::Range(int64_t{2}, int64_t{1} << 30))
                         ->needs("--chip")
                         ->group("Chips");
                   }),
      make_command("logdet", "ln det A by the work of switching couplings on", kMatrix, nullptr, run_log_determinant,
                   [](CLI::App& app, Flags& flags) {
                     add_rounding_flags(app, flags);
                     add_chip_flags(app, flags.chip);
                   }),
      make_command("lyapunov", "solve A X + X A^T = Q by a stationary covariance",
                   "square matrix, eigenvalues with positive real parts (.mtx, .mtx.gz, .npy or .npz)",
                   "symmetric positive semidefinite matrix", run_lyapunov,
                   [](CLI::App& app, Flags& flags) { add_chip_flags(app, flags.chip); }),
      make_command("expm", "e^(-A t) by the autocovariance of a fluctuating machine",
                   "square matrix (.mtx, .mtx.gz, .npy or .npz)", nullptr, run_exponential,
                   [](CLI::App& app, Flags& flags) {
                     app.add_option("-t,--t", flags.time, "t; -1 for e^A")->capture_default_str();
                     add_chip_flags(app, flags.chip);
                   }),
      make_command("gaussian", "sample a Gaussian, given its precision or covariance matrix", nullptr, nullptr,
                   run_gaussian,
                   [](CLI::App& app, Flags& flags) {
                     app.add_option("--precision", flags.precision,
                                    "inverse of the covariance matrix (.mtx, .mtx.gz, .npy or .npz)")
                         ->option_text("FILE");
                     app.add_option("--covariance", flags.covariance, "covariance matrix (.mtx, .mtx.gz, .npy or .npz)")
                         ->option_text("FILE");
                     app.add_option("--mean", flags.mean, "column of means; zero without it")->option_text("FILE");
                     app.add_option("--information", flags.information,
                                    "instead of the mean: the precision matrix times the mean, as regression has it")
                         ->option_text("FILE");
                     add_chip_flags(app, flags.chip);
                   }),
  };
}

}  // namespace swell::cmd
