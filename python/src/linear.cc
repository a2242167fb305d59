// Linear algebra from fluctuations: answers with standard errors.

#include <fmt/format.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "arrays.h"
#include "json.h"
#include "module.h"
#include "options.h"
#include "ranks.h"
#include "swell/base/errors.h"
#include "swell/ledger/statistics.h"
#include "swell/ledger/to_json.h"
#include "swell/programs/linear/report.h"
#include "watch.h"

namespace swell::python {

namespace {

using linear::Answer;
using linear::Settings;

void set_device(Settings& settings, nb::handle value) {
  settings.device = one_of<linear::Device>(
      value, "device",
      {{"overdamped", linear::Device::overdamped}, {"exact", linear::Device::exact}, {"spu", linear::Device::spu}});
}

void set_integrator(Settings& settings, nb::handle value) {
  settings.euler = one_of<bool>(value, "integrator", {{"leimkuhler", false}, {"euler", true}});
}

// Every setting by its name in Python; one that is not named keeps the library's default.
const Options<Settings>& all_options() {
  static const Options<Settings> all = {
      {"device", set_device},
      {"integrator", set_integrator},
      {"kT", SWELL_INTO(kT)},
      {"dt", SWELL_INTO(step)},
      {"clock", SWELL_INTO(clock)},
      {"bits", SWELL_INTO(bits)},
      {"mitigate", SWELL_INTO(mitigate)},
      {"replicas", SWELL_INTO(sampling.replicas)},
      {"samples", SWELL_INTO(sampling.samples)},
      {"tolerance", SWELL_INTO(sampling.tolerance)},
      {"most_samples", SWELL_INTO(sampling.budget_samples)},
      {"interval", SWELL_INTO(sampling.interval)},
      {"burn_in", SWELL_INTO(sampling.burn_in)},
      {"seed", SWELL_INTO(sampling.seed)},
      {"threads", SWELL_INTO(sampling.threads)},
      {"ranks", kNoteRanks},
      {"budget",
       [](Settings& settings, nb::handle value) {
         settings.sampling.budget_s = nb::cast<double>(value);
         settings.sampling.budget_always = true;
       }},
  };
  return all;
}

void require_allowed(const Settings& settings) {
  const linear::SamplingOptions& sampling = settings.sampling;
  require_at_least(1, "samples", sampling.samples);
  require_at_least(0, "replicas", sampling.replicas);
  require_at_least(0, "most_samples", sampling.budget_samples);
  if (!(sampling.tolerance >= 0)) refuse("tolerance", sampling.tolerance, "0 or more");
  if (!(sampling.budget_s >= 0)) refuse("budget", sampling.budget_s, "a time of 0 s or more");
  if (!(sampling.interval > 0 && sampling.interval < 1e9)) refuse("interval", sampling.interval, "above 0");
  if (!(sampling.burn_in > 0 && sampling.burn_in < 1e9)) refuse("burn_in", sampling.burn_in, "above 0");
  require_not_negative("kT", settings.kT);
  require_not_negative("dt", settings.step);
  require_positive("clock", settings.clock);
  if (settings.bits < 0 || settings.bits > 24) refuse("bits", settings.bits, "0 (as given) to 24");
  if (settings.mitigate && settings.bits == 0)
    throw InputError("mitigate averages over realisations of rounded couplings, and needs bits");
}

Settings settings_of(const nb::dict& given, Watch& watch) {
  Settings settings;
  read_options(given, all_options(), "swell.linalg", settings, settings.sampling.threads);
  require_allowed(settings);
  // Without a wish for their number, as many samples as the bound allows.
  if (!given.contains("samples") && settings.sampling.budget_samples > 0)
    settings.sampling.samples = std::min(settings.sampling.samples, settings.sampling.budget_samples);
  settings.sampling.progress = [&watch](const Progress& at) { return watch.tell(at.stage.c_str(), at.done, at.total); };
  settings.sampling.stop = [&watch] { return !watch.go_on(); };
  return settings;
}

// An answer with what it was asked for; reports are made from both when they are looked at.
struct LinearAnswer {
  Answer answer;
  Settings settings;
  nb::object pending;  // the exception that ended the work, until Python has taken it
};
struct LogDeterminantAnswer {
  linear::LogDeterminant answer;
  Settings settings;
  nb::object pending;
};

// What is called back belongs to a call that is over.
Settings without_callbacks(Settings settings) {
  settings.sampling.progress = nullptr;
  settings.sampling.stop = nullptr;
  settings.sampling.notice = nullptr;
  settings.sampling.ranks = nullptr;
  return settings;
}

LinearAnswer compute(const nb::dict& options, nb::object progress, const std::function<Answer(const Settings&)>& make) {
  Watch watch(std::move(progress));
  const std::unique_ptr<Ranks> ranks = ranks_of(options);
  Settings settings = settings_of(options, watch);
  settings.sampling.ranks = ranks.get();
  LinearAnswer made;
  watch.run(false, [&] { made.answer = make(settings); });
  if (watch.was_interrupted()) made.pending = watch.pending();
  made.settings = without_callbacks(settings);
  return made;
}

using Array = In<double, 2>;

LinearAnswer solve(const Array& a, const Array& b, const nb::dict& options, nb::object progress) {
  Matrix matrix = to_matrix(a);
  const Matrix sides = to_matrix(b);
  linear::require_positive_definite(matrix, "A");
  if (sides.rows != matrix.rows)
    throw InputError(fmt::format("b has {} rows; A is {} x {}", sides.rows, matrix.rows, matrix.columns));
  return compute(options, std::move(progress),
                 [&](const Settings& settings) { return linear::solve(matrix, sides, settings); });
}

LinearAnswer inverse(const Array& a, const nb::dict& options, nb::object progress) {
  Matrix matrix = to_matrix(a);
  linear::require_positive_definite(matrix, "A");
  return compute(options, std::move(progress),
                 [&](const Settings& settings) { return linear::inverse(matrix, settings); });
}

LinearAnswer lyapunov(const Array& a, const Array& q, const nb::dict& options, nb::object progress) {
  const Matrix matrix = to_matrix(a);
  Matrix right = to_matrix(q);
  linear::require_square(matrix, "A");
  linear::require_symmetric(right, "Q");
  if (right.rows != matrix.rows)
    throw InputError(
        fmt::format("A is {0} x {0} and Q is {1} x {1}: both must have one size", matrix.rows, right.rows));
  return compute(options, std::move(progress),
                 [&](const Settings& settings) { return linear::lyapunov(matrix, right, settings); });
}

LinearAnswer exponential(const Array& a, double time, const nb::dict& options, nb::object progress) {
  const Matrix matrix = to_matrix(a);
  linear::require_square(matrix, "A");
  return compute(options, std::move(progress),
                 [&](const Settings& settings) { return linear::exponential(matrix, time, settings); });
}

LogDeterminantAnswer log_determinant(const Array& a, const nb::dict& options, nb::object progress) {
  Matrix matrix = to_matrix(a);
  linear::require_positive_definite(matrix, "A");
  if (options.contains("ranks")) throw InputError("comm is not shared by logdet, whose stages follow one another");
  Watch watch(std::move(progress));
  const std::unique_ptr<Ranks> ranks = ranks_of(options);
  Settings settings = settings_of(options, watch);
  settings.sampling.ranks = ranks.get();
  LogDeterminantAnswer made;
  watch.run(false, [&] { made.answer = linear::log_determinant(matrix, settings); });
  if (watch.was_interrupted()) made.pending = watch.pending();
  made.settings = without_callbacks(settings);
  return made;
}

nb::tuple gaussian(const Array& given, const Array& matrix, bool is_precision, bool information,
                   const nb::dict& options, nb::object progress) {
  Matrix of = to_matrix(matrix);
  linear::require_positive_definite(of, is_precision ? "precision" : "covariance");
  Matrix column = to_matrix(given);
  if (column.rows != of.rows || column.columns != 1)
    throw InputError(
        fmt::format("a column of {} numbers is needed, this is {} x {}", of.rows, column.rows, column.columns));
  Watch watch(std::move(progress));
  const std::unique_ptr<Ranks> ranks = ranks_of(options);
  Settings settings = settings_of(options, watch);
  settings.sampling.ranks = ranks.get();
  linear::GaussianAnswer answer;
  watch.run(false, [&] {
    if (is_precision && !information) column = linear::product(of, column, settings.sampling.threads);
    answer = linear::gaussian(column, of, is_precision, settings);
  });
  Out<double> samples = give(std::move(answer.samples));
  return nb::make_tuple(samples, LinearAnswer{std::move(answer.answer), without_callbacks(settings),
                                              watch.was_interrupted() ? watch.pending() : nb::object()});
}

// Half the width of an interval in standard errors, from the law by which methods are compared (ledger/statistics.h).
double quantile(double level) {
  if (!(level > 0 && level < 1))
    throw InputError(fmt::format("a level of {} is not allowed; between 0 and 1 is", level));
  double low = 0, high = 1;
  while (chance_of(high, linear::kGroups, 1) > 1 - level && high < 1e12) high *= 2;
  for (int k = 0; k < 100; ++k) {
    const double middle = (low + high) / 2;
    (chance_of(middle, linear::kGroups, 1) > 1 - level ? low : high) = middle;
  }
  return high;
}

template <class Made>
void add_reports(Class<Made>& of) {
  of.def("_report", [](const Made& made) { return to_python(linear::to_json(made.answer, made.settings)); })
      .def("_bill",
           [](const Made& made) { return to_python(to_json(linear::price(made.answer, made.settings, {}, nullptr))); })
      .def("_take_pending",
           [](Made& made) -> nb::object {
             nb::object pending = std::exchange(made.pending, nb::object());
             return pending.is_valid() ? pending : nb::none();
           })
      .def_prop_ro("met", [](const Made& made) {
        if constexpr (std::is_same_v<Made, LinearAnswer>)
          return made.answer.average.met;
        else
          return made.answer.met;
      });
}

void add_answers(nb::module_& module) {
  auto answer = Class<LinearAnswer>(module, "_LinearAnswer");
  add_reports(answer);
  answer
      .def_prop_ro("value",
                   [](nb::handle self) {
                     const Matrix& value = nb::cast<const LinearAnswer&>(self).answer.average.value;
                     return view(value.values, {value.rows, value.columns}, self);
                   })
      .def_prop_ro("stderr", [](nb::handle self) {
        const Matrix& error = nb::cast<const LinearAnswer&>(self).answer.average.standard_error;
        return view(error.values, {error.rows, error.columns}, self);
      });
  auto determinant = Class<LogDeterminantAnswer>(module, "_LogDeterminantAnswer");
  add_reports(determinant);
  determinant.def_prop_ro("value", [](const LogDeterminantAnswer& made) { return made.answer.methods.at(0).value; })
      .def_prop_ro("stderr", [](const LogDeterminantAnswer& made) { return made.answer.methods.at(0).standard_error; });
}

}  // namespace

void add_linear(nb::module_& module) {
  add_answers(module);
  module.attr("_linear_options") = tuple_of(all_options());
  const auto progress = nb::arg("progress").none();
  module.def(
      "_require_positive_definite",
      [](const Array& a) {
        Matrix matrix = to_matrix(a);
        linear::require_positive_definite(matrix, "A");
      },
      nb::arg("a"));
  module.def("_solve", &solve, nb::arg("a"), nb::arg("b"), nb::arg("options"), progress);
  module.def("_inverse", &inverse, nb::arg("a"), nb::arg("options"), progress);
  module.def("_lyapunov", &lyapunov, nb::arg("a"), nb::arg("q"), nb::arg("options"), progress);
  module.def("_exponential", &exponential, nb::arg("a"), nb::arg("time"), nb::arg("options"), progress);
  module.def("_log_determinant", &log_determinant, nb::arg("a"), nb::arg("options"), progress);
  module.def("_gaussian", &gaussian, nb::arg("given"), nb::arg("matrix"), nb::arg("is_precision"),
             nb::arg("information"), nb::arg("options"), progress);
  module.def("_quantile", &quantile, nb::arg("level"));
}

}  // namespace swell::python
