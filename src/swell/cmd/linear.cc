// swell solve, inv, logdet, lyapunov, expm, gaussian: linear algebra from equilibrium fluctuations.

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/cmd/command.h"
#include "swell/cmd/console.h"
#include "swell/cmd/flags.h"
#include "swell/cmd/progress.h"
#include "swell/io/atomic_file.h"
#include "swell/io/json.h"
#include "swell/programs/linear/report.h"

namespace swell::cmd {

namespace {

using linear::Matrix;

struct Flags {
  std::string a, b, output, format = "mtx", device = "overdamped", integrator = "leimkuhler", budget = "60s";
  std::string precision, covariance, mean, information;  // gaussian
  double time = 1;                                       // expm
  int64_t most_samples = 0;                              // 0 for any number
  bool budget_given = false;
  bool normal_equations = false;  // solve
  bool no_reference = false;
  linear::Settings settings;
  Prices prices;
};

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
  if (common.quick) settings.sampling.samples = std::min<int64_t>(settings.sampling.samples, 1280);
  set_budget(flags, settings.sampling);
  return settings;
}

void watch(linear::Settings& settings, Progress& progress) {
  settings.sampling.progress = [&progress](const char* stage, double done, double total) {
    return progress.show(stage, done, total);
  };
  settings.sampling.notice = [](const std::string& text) { warn(text); };
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

Matrix read_column(const std::string& path, int64_t rows) {
  Matrix b = linear::read_matrix(path);
  if (b.columns != 1 && b.rows == 1) b = linear::transpose(b);
  if (b.columns != 1 || b.rows != rows) {
    throw InputError(
        fmt::format("{}: a column of {} numbers is needed, this is {} x {}", path, rows, b.rows, b.columns));
  }
  return b;
}

void say_device(const linear::DeviceBill& bill, int64_t readouts, const Common& common) {
  common.say(
      fmt::format("device: {:.3g} s on one ({:.3g} s on one for each replica), heat and work {}, readout of {} values "
                  "{:.3g} J",
                  bill.time_s, bill.side_by_side_s,
                  bill.heat_known ? fmt::format("{:.3g} and {:.3g} J", bill.heat_joule, bill.work_joule) : "unknown",
                  readouts, bill.readout_joule));
}

void say_entries(const linear::Average& average, const linear::Comparison* comparison, const Common& common) {
  constexpr int64_t kRows = 12, kColumns = 5;
  if (average.value.rows > kRows || average.value.columns > kColumns) return;
  for (int64_t i = 0; i < average.value.rows; ++i) {
    std::string line = " ";
    for (int64_t j = 0; j < average.value.columns; ++j)
      line += fmt::format(" {:>10.4g} +- {:<8.2g}", average.value(i, j), average.standard_error(i, j));
    if (comparison && average.value.columns == 1)
      line += fmt::format("  ({} {:.4g})", comparison->method, comparison->value(i, 0));
    common.say(line);
  }
}

void say_answer(const linear::Answer& answer, const linear::Comparison* comparison, const Flags& flags,
                const linear::Settings& settings, const Common& common) {
  const linear::Average& average = answer.average;
  say_entries(average, comparison, common);
  common.say(fmt::format("standard error {:.3g}, {:.2g} of the answer's norm; {} samples of {} replicas, {:.2f} s",
                         average.error, average.relative_error, average.samples, average.replicas, average.wall_s));
  common.say(fmt::format(
      "{} device, {}: the slowest mode relaxes in {:.3g} steps, {:.2g} times as long as the fastest; burn-in "
      "{:.3g}, samples {:.3g} steps apart",
      flags.device, answer.integrator, average.relaxation_time / average.step,
      average.relaxation_time / average.fastest_time, average.burn_in / average.step, average.interval / average.step));
  if (answer.bias > 0)
    common.say(fmt::format("the finite step leaves a bias of about {:.2g} of the answer, not in the error above",
                           answer.bias));
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
  say_device(linear::device_bill(answer, settings, flags.prices), answer.readouts, common);
  if (!comparison) return;
  common.say(fmt::format("{}: {:.3g} s on this computer; the answer above is off by {:.3g}, {:.2g} of the norm",
                         comparison->method, comparison->wall_s, comparison->error,
                         comparison->error / linear::frobenius_norm(comparison->value)));
  if (comparison->iterative) {
    common.say(fmt::format("conjugate gradients to the same error: {:.3g} s, {} iterations",
                           comparison->iterative->wall_s, comparison->iterative->iterations));
  }
}

void write_answer(const Flags& flags, const std::string& what, const Matrix& value, const Matrix& error,
                  const std::string& page, const nlohmann::ordered_json& report, const Common& common) {
  if (flags.output.empty()) return;
  const std::filesystem::path folder = flags.output;
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (problem) throw IoError(fmt::format("cannot make the folder {}: {}", flags.output, problem.message()));
  linear::write_matrix(folder / ("answer." + flags.format), value, what + ", by fluctuations");
  linear::write_matrix(folder / ("stderr." + flags.format), error, "standard error of each entry of the answer");
  write_file_atomically(folder / "report.html", page);
  nlohmann::ordered_json named = {{"command", console().command}, {"seed", common.seed}};
  named.update(report);
  write_json(folder / "report.json", named);
  common.say(fmt::format("wrote answer.{0}, stderr.{0}, report.html, report.json to {1}", flags.format, flags.output));
}

// 5 with a sentence where the tolerance is not met.
int exit_code_of(const linear::Average& average, const linear::Settings& settings) {
  if (average.interrupted) {
    fmt::print(stderr, "swell: interrupted; the answer is that of the samples so far\n");
    return 130;
  }
  if (average.met) return 0;
  fmt::print(stderr,
             "swell: the budget is spent at a relative error of {:.2g}, above --tol {:g}; about {:.2g} samples are "
             "needed, {:.2g} times as many as were taken\n",
             average.relative_error, settings.sampling.tolerance, average.expected_samples,
             average.expected_samples / static_cast<double>(average.samples));
  return 5;
}

Result conclude(const std::string& what, const linear::Answer& answer, const linear::Comparison* comparison,
                const Flags& flags, const linear::Settings& settings, const Common& common) {
  Result result;
  result.json["inputs"] = {{"A", flags.a}, {"B", flags.b}, {"device", flags.device}};
  result.json["answer"] = linear::to_json(answer, settings, flags.prices, comparison);
  say_answer(answer, comparison, flags, settings, common);
  write_answer(flags, what, answer.average.value, answer.average.standard_error,
               linear::report_page(what, answer, settings, flags.prices, comparison), result.json, common);
  result.exit_code = exit_code_of(answer.average, settings);
  return result;
}

// Makes the answer, and after that, where it is wanted, the same by ordinary means.
template <class Make, class Compare>
Result compute(const std::string& what, const Flags& flags, linear::Settings& settings, const Common& common,
               const Make& make, const Compare& compare) {
  Progress progress;
  watch(settings, progress);
  const linear::Answer answer = make(settings);
  if (flags.no_reference) return conclude(what, answer, nullptr, flags, settings, common);
  const linear::Comparison comparison = compare(answer);
  return conclude(what, answer, &comparison, flags, settings, common);
}

Result run_solve(const Flags& flags, const Common& common) {
  linear::Settings settings = settings_of(flags, common);
  Matrix a = flags.normal_equations ? linear::read_matrix(flags.a) : read_square(flags.a);
  Matrix b = read_column(flags.b, a.rows);
  if (flags.normal_equations) {
    const Matrix at = linear::transpose(a);
    b = linear::product(at, b, common.threads);
    a = linear::product(at, a, common.threads);
    linear::require_positive_definite(a, "A^T A of " + flags.a);
  } else {
    if (!linear::is_symmetric(a)) {
      throw InputError(
          fmt::format("{}: not symmetric, and a machine with mutual couplings needs that; --normal-equations "
                      "solves A^T A x = A^T b instead, whose condition number is the square of A's",
                      flags.a));
    }
    say_asymmetry(linear::require_positive_definite(a, flags.a), flags.a, common);
  }
  return compute(
      fmt::format("x with A x = b, {} unknowns", a.rows), flags, settings, common,
      [&](const linear::Settings& chosen) { return linear::solve(a, b, chosen); },
      [&](const linear::Answer& answer) { return linear::compare_solve(a, b, answer); });
}

Result run_inverse(const Flags& flags, const Common& common) {
  linear::Settings settings = settings_of(flags, common);
  const Matrix a = read_positive_definite(flags.a, common);
  return compute(
      fmt::format("Inverse of a {0} x {0} matrix", a.rows), flags, settings, common,
      [&](const linear::Settings& chosen) { return linear::inverse(a, chosen); },
      [&](const linear::Answer& answer) { return linear::compare_inverse(a, answer); });
}

Result run_lyapunov(const Flags& flags, const Common& common) {
  linear::Settings settings = settings_of(flags, common);
  const Matrix a = read_square(flags.a);
  Matrix q = read_square(flags.b);
  say_asymmetry(linear::require_symmetric(q, flags.b), flags.b, common);
  if (q.rows != a.rows)
    throw InputError(fmt::format("{} is {} x {} and {} is {} x {}: both must have one size", flags.a, a.rows, a.columns,
                                 flags.b, q.rows, q.columns));
  return compute(
      fmt::format("X with A X + X A^T = Q, {0} x {0}", a.rows), flags, settings, common,
      [&](const linear::Settings& chosen) { return linear::lyapunov(a, q, chosen); },
      [&](const linear::Answer& answer) { return linear::compare_lyapunov(a, q, answer); });
}

Result run_exponential(const Flags& flags, const Common& common) {
  linear::Settings settings = settings_of(flags, common);
  const Matrix a = read_square(flags.a);
  return compute(
      fmt::format("e^(-A t) with t = {:g}, {} x {}", flags.time, a.rows, a.columns), flags, settings, common,
      [&](const linear::Settings& chosen) { return linear::exponential(a, flags.time, chosen); },
      [&](const linear::Answer& answer) { return linear::compare_exponential(a, flags.time, answer); });
}

Result run_log_determinant(const Flags& flags, const Common& common) {
  linear::Settings settings = settings_of(flags, common);
  const Matrix a = read_positive_definite(flags.a, common);
  Progress progress;
  watch(settings, progress);
  const linear::LogDeterminant answer = linear::log_determinant(a, settings);
  linear::Reference reference;
  if (!flags.no_reference) reference = linear::log_determinant_by_cholesky(a);
  const linear::Reference* known = flags.no_reference ? nullptr : &reference;
  for (const linear::LogDeterminant::Method& method : answer.methods)
    common.say(
        fmt::format("  ln det A = {:>10.5g} +- {:<8.2g} by {}", method.value, method.standard_error, method.name));
  if (known)
    common.say(
        fmt::format("  ln det A = {:>10.5g}             by Cholesky, {:.3g} s", known->value.values[0], known->wall_s));
  common.say(fmt::format("{} samples at {} stages, {} driven runs, {:.2f} s", answer.samples, answer.stages.size(),
                         answer.work_kT.size(), answer.wall_s));
  say_device(linear::device_bill(answer, settings, flags.prices), answer.readouts, common);
  Result result;
  result.json["inputs"] = {{"A", flags.a}, {"device", flags.device}};
  result.json["answer"] = linear::to_json(answer, settings, flags.prices, known);
  const std::string what = fmt::format("ln det of a {0} x {0} matrix", a.rows);
  Matrix value(1, 1), error(1, 1);
  value(0, 0) = answer.methods[0].value;
  error(0, 0) = answer.methods[0].standard_error;
  write_answer(flags, what, value, error, linear::report_page(what, answer, settings, flags.prices, known), result.json,
               common);
  if (!answer.met) {
    fmt::print(stderr, "swell: the budget is spent at a relative error of {:.2g}, above --tol {:g}\n",
               answer.relative_error, settings.sampling.tolerance);
    result.exit_code = 5;
  }
  return result;
}

Result run_gaussian(const Flags& flags, const Common& common) {
  linear::Settings settings = settings_of(flags, common);
  if (flags.precision.empty() == flags.covariance.empty())
    throw InputError(
        "one of --precision and --covariance is needed: the inverse of the covariance matrix, or that matrix");
  const bool is_precision = !flags.precision.empty();
  const std::string path = is_precision ? flags.precision : flags.covariance;
  const Matrix matrix = read_positive_definite(path, common);
  Matrix drive(matrix.rows, 1);
  if (!flags.mean.empty() && !flags.information.empty())
    throw InputError("--mean and --information say the same thing in two ways: give one of them");
  if (!flags.information.empty() && !is_precision)
    throw InputError("--information goes with --precision: it is the precision matrix times the mean");
  if (!flags.mean.empty()) drive = linear::product(matrix, read_column(flags.mean, matrix.rows), common.threads);
  if (!flags.information.empty()) drive = read_column(flags.information, matrix.rows);
  Progress progress;
  watch(settings, progress);
  const linear::GaussianAnswer gaussian = linear::gaussian(drive, matrix, is_precision, settings);
  const std::string what = fmt::format("Samples of a Gaussian of {} variables", matrix.rows);
  Result result;
  result.json["inputs"] = {
      {is_precision ? "precision" : "covariance", path}, {"mean", flags.mean}, {"device", flags.device}};
  result.json["answer"] = linear::to_json(gaussian.answer, settings, flags.prices, nullptr);
  common.say("mean of the samples:");
  say_answer(gaussian.answer, nullptr, flags, settings, common);
  write_answer(flags, what + ": their mean", gaussian.answer.average.value, gaussian.answer.average.standard_error,
               linear::report_page(what, gaussian.answer, settings, flags.prices, nullptr), result.json, common);
  if (!flags.output.empty()) {
    linear::write_matrix(std::filesystem::path(flags.output) / "samples.npy", gaussian.samples, "");
    common.say(fmt::format("wrote samples.npy, {} x {}", gaussian.samples.rows, gaussian.samples.columns));
  }
  result.exit_code = exit_code_of(gaussian.answer.average, settings);
  return result;
}

std::string check_positive(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop == end && value > 0 && std::isfinite(value)
             ? ""
             : fmt::format("{} is not a positive number", text);
}

void add_machine_flags(CLI::App& app, Flags& flags) {
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
  part("--noise", settings.parts.noise_A2s, "kappa0, strength of a cell's noise current, ampere^2 second");
}

void add_sampling_flags(CLI::App& app, Flags& flags) {
  linear::SamplingOptions& sampling = flags.settings.sampling;
  app.add_option("-n,--samples", sampling.samples, "samples to take in all, without --tol")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{64}, int64_t{1} << 40));
  app.add_option("--tol", sampling.tolerance, "sample until the standard error is this share of the answer's norm")
      ->check(check_positive);
  app.add_option("--budget", flags.budget,
                 "with --tol, give up after this time of the computer (60s, 5m): exit code 5 with the best answer")
      ->capture_default_str()
      ->option_text("TIME")
      ->each([&flags](const std::string&) { flags.budget_given = true; });
  app.add_option("--most-samples", flags.most_samples,
                 "with --tol, give up after so many samples; then --budget has no default")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 50));
  app.add_option("--replicas", sampling.replicas,
                 "machines that run side by side, a multiple of 32; without it 64, and 32 from 512 unknowns on")
      ->check(CLI::Range(int64_t{32}, int64_t{2048}));
  app.add_option("--interval", sampling.interval, "between samples, in relaxation times of the slowest mode")
      ->capture_default_str()
      ->check(check_positive);
  app.add_option("--burn-in", sampling.burn_in, "before the first sample, in relaxation times of the slowest mode")
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
  add_price_flags(app, flags.prices);
}

void add_rounding_flags(CLI::App& app, Flags& flags) {
  app.add_option("--bits", flags.settings.bits, "round couplings to so many bits first, 0 for as they are")
      ->capture_default_str()
      ->check(CLI::Range(0, 24));
}

using Run = Result (*)(const Flags&, const Common&);

Command make_command(const char* name, const char* summary, const char* a_help, const char* b_help, Run run,
                     const std::function<void(CLI::App&, Flags&)>& own) {
  return {name, summary, [=](CLI::App& app) -> Action {
            auto flags = std::make_shared<Flags>();
            if (a_help) app.add_option("A", flags->a, a_help)->required();
            if (b_help) app.add_option("B", flags->b, b_help)->required();
            if (own) own(app, *flags);
            add_sampling_flags(app, *flags);
            add_machine_flags(app, *flags);
            add_output_flags(app, *flags);
            return [flags, run](const Common& common) {
              if (!flags->output.empty()) require_writable_folder(flags->output);
              return run(*flags, common);
            };
          }};
}

constexpr const char* kMatrix = "symmetric positive definite matrix (.mtx or .npy)";

void add_mitigation_flags(CLI::App& app, Flags& flags) {
  add_rounding_flags(app, flags);
  app.add_flag("--mitigate", flags.settings.mitigate,
               "with --bits: average over 32 realisations of the rounding, whose first-order errors cancel");
}

}  // namespace

std::vector<Command> linear_commands() {
  return {
      make_command("solve", "solve A x = b by the mean of a fluctuating machine", kMatrix, "right-hand side, a column",
                   run_solve,
                   [](CLI::App& app, Flags& flags) {
                     app.add_flag("--normal-equations", flags.normal_equations,
                                  "solve A^T A x = A^T b, for any A of full column rank");
                     app.add_option("--kT", flags.settings.kT, "temperature, E0; without it |b|^2 / trace A")
                         ->check(check_positive);
                     add_mitigation_flags(app, flags);
                   }),
      make_command("inv", "invert A by the covariance of a fluctuating machine", kMatrix, nullptr, run_inverse,
                   add_mitigation_flags),
      make_command("logdet", "ln det A by the work of switching couplings on", kMatrix, nullptr, run_log_determinant,
                   add_rounding_flags),
      make_command("lyapunov", "solve A X + X A^T = Q by a stationary covariance",
                   "square matrix, eigenvalues with positive real parts (.mtx or .npy)",
                   "symmetric positive semidefinite matrix", run_lyapunov, nullptr),
      make_command("expm", "e^(-A t) by the autocovariance of a fluctuating machine", "square matrix (.mtx or .npy)",
                   nullptr, run_exponential,
                   [](CLI::App& app, Flags& flags) {
                     app.add_option("-t,--t", flags.time, "t; -1 for e^A")->capture_default_str();
                   }),
      make_command("gaussian", "sample a Gaussian, given its precision or covariance matrix", nullptr, nullptr,
                   run_gaussian,
                   [](CLI::App& app, Flags& flags) {
                     app.add_option("--precision", flags.precision, "inverse of the covariance matrix (.mtx or .npy)");
                     app.add_option("--covariance", flags.covariance, "covariance matrix (.mtx or .npy)");
                     app.add_option("--mean", flags.mean, "column of means; zero without it");
                     app.add_option("--information", flags.information,
                                    "instead of the mean: the precision matrix times the mean, as regression has it");
                   }),
  };
}

}  // namespace swell::cmd
