#include "swell/programs/linear/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/ledger/to_json.h"
#include "swell/programs/linear/answer_table.h"
#include "swell/report/bill.h"
#include "swell/report/diagnostics.h"
#include "swell/report/page.h"
#include "swell/report/plot.h"

namespace swell::linear {

namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t kEntriesInJson = 65536;
constexpr int64_t kPictureSide = 512;

bool fits_json(const Matrix& matrix) { return static_cast<int64_t>(matrix.values.size()) <= kEntriesInJson; }

double distance(const Matrix& a, const Matrix& b) {
  std::vector<double> difference(a.values.size());
  for (size_t k = 0; k < difference.size(); ++k) difference[k] = a.values[k] - b.values[k];
  return norm_of(difference);
}

Comparison compare(const char* method, Reference reference, double multiply_adds, const Answer& answer) {
  Comparison result;
  result.method = method;
  result.wall_s = reference.wall_s;
  result.multiply_adds = multiply_adds;
  result.error = distance(answer.average.value, reference.value);
  for (const Look& look : answer.average.looks)
    result.look_error.push_back(look.value.values.empty() ? std::nan("") : distance(look.value, reference.value));
  result.value = std::move(reference.value);
  return result;
}

// JSON holds finite numbers only.
Json finite(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

double cube(const Matrix& a) { return std::pow(static_cast<double>(a.rows), 3); }

// An spu's parts set its pace. Of other machines the couplings are scaled so that the fastest mode relaxes in one time
// unit of the price list, before the clock is turned up.
double device_seconds(double machine_time, double fastest_time, const std::optional<Spu>& spu, const Settings& settings,
                      const Prices& prices) {
  if (spu) return machine_time * spu->time_unit_s();
  return machine_time / (fastest_time * settings.clock) * prices.time_unit_s;
}

const char* device_name(const Settings& settings) {
  switch (settings.device) {
    case Device::overdamped:
      return "overdamped";
    case Device::exact:
      return "exact";
    default:
      return "spu";
  }
}

Json device_json(const Settings& settings, const std::string& integrator, const std::optional<Spu>& spu) {
  Json json = {{"kind", device_name(settings)}, {"integrator", integrator}, {"clock", settings.clock}};
  if (spu) {
    json["resistance_ohm"] = spu->parts.resistance_ohm;
    json["inductance_henry"] = spu->parts.inductance_henry;
    json["capacitance_farad"] = spu->parts.capacitance_farad;
    json["noise_A2s"] = spu->parts.noise_A2s;
    json["volt_rms_unit"] = spu->volt();
    json["ampere_unit"] = spu->ampere();
    json["negative_couplings"] = spu->negative_couplings;
    json["negative_cells"] = spu->negative_cells;
  }
  return json;
}

std::string heat_remark(const Answer& answer) {
  if (answer.spu)
    return fmt::format("its resistors turn {:.3g} W into heat as long as the noise is on", answer.heat_rate_W);
  if (!answer.books)
    return "the noise leaves a direction out, which is then at temperature zero: heat in kT has no meaning";
  if (answer.books->work.count == answer.books->heat.count && answer.books->work.mean == 0)
    return "of all replicas, from their start to their end; at equilibrium as much comes from the bath as goes to it";
  return "of all replicas, for as long as they run: forces without a potential do this work all the time";
}

std::string convergence(const Answer& answer, const Comparison* comparison) {
  Plot plot{"samples", "error (Frobenius norm)", true, true, {}};
  Series estimated{"standard error", {}, {}, {}, Mark::line}, truth{"true error", {}, {}, {}, Mark::points};
  Series law{"1 / sqrt(samples)", {}, {}, {}, Mark::dashed};
  const Look& last = answer.average.looks.back();
  for (const Look& look : answer.average.looks) {
    const auto n = static_cast<double>(look.samples);
    estimated.x.push_back(n);
    estimated.y.push_back(look.error);
    law.x.push_back(n);
    law.y.push_back(last.error * std::sqrt(static_cast<double>(last.samples) / n));
  }
  plot.series = {estimated, law};
  if (comparison) {
    truth.x = estimated.x;
    truth.y = comparison->look_error;
    plot.series.push_back(truth);
  }
  return draw(plot);
}

}  // namespace

Comparison compare_solve(const Matrix& a, const Matrix& b, const Answer& answer) {
  Comparison result = compare("Cholesky", solve_by_cholesky(a, b), cube(a) / 6, answer);
  // Its tolerance is on the residual; tightened until the error is no larger than that of the fluctuations.
  for (double tolerance = answer.average.relative_error; tolerance > 1e-15; tolerance /= 2) {
    result.iterative = solve_by_conjugate_gradients(a, b, tolerance);
    if (distance(result.iterative->value, result.value) <= result.error) break;
  }
  return result;
}
Comparison compare_inverse(const Matrix& a, const Answer& answer) {
  return compare("Cholesky", inverse_by_cholesky(a), cube(a) / 2, answer);
}
Comparison compare_lyapunov(const Matrix& a, const Matrix& q, const Answer& answer) {
  return compare("Schur", lyapunov_by_schur(a, q), 16 * cube(a), answer);
}
Comparison compare_exponential(const Matrix& a, double time, const Answer& answer) {
  Matrix exponent = a;
  for (double& value : exponent.values) value *= -time;
  return compare("scaling and squaring", exponential_by_pade(exponent), 15 * cube(a), answer);
}

namespace {

// What bills of both kinds of answers have in common.
Bill common_bill(const Prices& prices, int64_t readouts, int64_t writes, double wall_s) {
  Bill bill;
  bill.prices = prices;
  bill.per = "answer";
  bill.results = 1;
  bill.preparation_kT = Known<Estimate>::none("the burn-in is part of the answer");
  bill.flips = Known<Estimate>::none("no p-bits");
  bill.readouts = static_cast<double>(readouts);
  bill.inputs = static_cast<double>(writes);
  bill.writes = Known<double>::none("the couplings are the problem: they are inputs");
  bill.host_flips = Known<double>::none("no digital host takes part");
  bill.wall_s = wall_s;
  bill.training_wall_s = Known<double>::none("nothing is trained");
  bill.engine = std::string("linear");
  const char* left_out = "the direct method was not run";
  bill.digital_method = Known<std::string>::none(left_out);
  bill.digital_multiply_adds = Known<double>::none(left_out);
  bill.digital_wall_s = Known<double>::none(left_out);
  return bill;
}

}  // namespace

Bill price(const Answer& answer, const Settings& settings, const Prices& prices, const Comparison* comparison) {
  const Average& average = answer.average;
  Bill bill = common_bill(prices, answer.readouts, answer.writes, average.wall_s);
  const double time_s = device_seconds(average.machine_time, average.fastest_time, answer.spu, settings, prices);
  bill.time_s = time_s;
  bill.side_by_side_s = time_s / static_cast<double>(average.replicas);
  if (answer.spu) {
    // Of its resistors; the noise sources do the same as work.
    const double joule = answer.heat_rate_W * time_s;
    bill.heat_kT = Estimate{joule / joules_per_kT(prices), 0, 1};
    bill.work_kT = bill.heat_kT;
  } else if (answer.books) {
    const double all = settings.clock * static_cast<double>(average.replicas);
    bill.heat_kT = scaled(answer.books->heat, all);
    bill.work_kT = scaled(answer.books->work, all);
  } else {
    const char* why = "the noise leaves a direction out, which is then at temperature zero: heat in kT has no meaning";
    bill.heat_kT = bill.work_kT = Known<Estimate>::unknown(why);
  }
  bill.multiply_adds = static_cast<double>(average.multiply_adds);
  bill.draws = static_cast<double>(average.draws);
  if (comparison) {
    bill.digital_method = comparison->method;
    bill.digital_multiply_adds = comparison->multiply_adds;
    bill.digital_wall_s = comparison->wall_s;
  }
  return bill;
}

Bill price(const LogDeterminant& answer, const Settings& settings, const Prices& prices, const Reference* reference) {
  Bill bill = common_bill(prices, answer.readouts, answer.writes, answer.wall_s);
  const double time_s = device_seconds(answer.machine_time, answer.fastest_time, answer.spu, settings, prices);
  bill.time_s = time_s;
  bill.side_by_side_s = time_s / static_cast<double>(answer.replicas);
  const auto runs = static_cast<int64_t>(answer.work_kT.size());
  if (answer.spu || runs == 0) {
    const char* why = answer.spu ? "heat of a circuit that is switched is not measured" : "there were no driven runs";
    bill.heat_kT = bill.work_kT = Known<Estimate>::unknown(why);
  } else {
    const double all = settings.clock * static_cast<double>(runs);
    bill.heat_kT = scaled({answer.heat_kT, answer.heat_kT_error, runs}, all);
    bill.work_kT = scaled(estimate(answer.work_kT), all);
  }
  bill.multiply_adds = static_cast<double>(answer.multiply_adds);
  bill.draws = static_cast<double>(answer.draws);
  if (reference) {
    bill.digital_method = std::string("Cholesky");
    bill.digital_wall_s = reference->wall_s;
    bill.digital_multiply_adds = reference->multiply_adds;
  }
  return bill;
}

Json to_json(const Answer& answer, const Settings& settings) {
  const Average& average = answer.average;
  Json json;
  json["rows"] = average.value.rows;
  json["columns"] = average.value.columns;
  json["norm"] = frobenius_norm(average.value);
  const bool small = fits_json(average.value);
  json["answer"] = {{"value", small ? Json(average.value.values) : Json(nullptr)},
                    {"stderr", small ? Json(average.standard_error.values) : Json(nullptr)},
                    {"count", kGroups},
                    {"unit", "1"}};
  if (!small)
    json["left_out"] = fmt::format(
        "the answer has more than {} entries and is not in the JSON: --output FOLDER writes it", kEntriesInJson);
  const ErrorParts& parts = average.parts;
  json["answer"]["error"] = {{"norm", average.error},
                             {"relative", finite(average.relative_error)},
                             {"parts",
                              {{"sampling", parts.sampling},
                               {"rounding", parts.rounding},
                               {"step", parts.step},
                               {"start", parts.start},
                               {"arithmetic", parts.arithmetic}}}};
  json["student_t"] = {{"groups", kGroups}, {"68.27 %", kStudent68}, {"95 %", kStudent95}};
  json["tolerance_met"] = average.met;
  json["bias"] = finite(answer.bias);
  json["rounding"] = answer.rounding;
  json["shift"] = answer.shift;
  json["spread_of_units"] = answer.spread;
  json["kT"] = answer.kT;
  json["samples"] = average.samples;
  json["replicas"] = average.replicas;
  json["samples_per_independent"] = finite(average.samples_per_independent);
  json["times"] = {{"step", average.step},
                   {"relaxation", average.relaxation_time},
                   {"fastest", average.fastest_time},
                   {"interval", average.interval},
                   {"burn_in", average.burn_in},
                   {"machine", average.machine_time},
                   {"machine_in_relaxation_times", finite(average.machine_time / average.relaxation_time)}};
  json["looks"] = Json::array();
  for (size_t k = 0; k < average.looks.size(); ++k) {
    json["looks"].push_back({{"samples", average.looks[k].samples}, {"error", average.looks[k].error}});
  }
  json["heat_per_replica"] = answer.books ? swell::to_json(answer.books->heat, "kT") : Json(nullptr);
  json["work_per_replica"] = answer.books ? swell::to_json(answer.books->work, "kT") : Json(nullptr);
  json["device"] = device_json(settings, answer.integrator, answer.spu);
  json["steps"] = average.steps;
  return json;
}

Json to_json(const Comparison& comparison) {
  Json json = {{"what", comparison.method},
               {"true_error", finite(comparison.error)},
               {"true_relative_error", finite(comparison.error / frobenius_norm(comparison.value))},
               {"true_error_of_looks", Json::array()}};
  for (const double error : comparison.look_error) json["true_error_of_looks"].push_back(finite(error));
  if (fits_json(comparison.value)) {
    json["value"] = comparison.value.values;
  } else {
    json["left_out"] = fmt::format("the value has more than {} entries and is not in the JSON", kEntriesInJson);
  }
  if (comparison.iterative) {
    json["conjugate_gradients"] = {{"iterations", comparison.iterative->iterations},
                                   {"wall_s", comparison.iterative->wall_s}};
  }
  return json;
}

Json to_json(const LogDeterminant& answer, const Settings& settings) {
  Json json;
  const auto in_groups = [](const LogDeterminant::Method& method) {
    return swell::to_json(Estimate{method.value, method.standard_error, kGroups}, "1");
  };
  json["answer"] = in_groups(answer.methods[0]);
  json["tolerance_met"] = answer.met;
  json["answer"]["error"] = {{"norm", answer.methods[0].standard_error},
                             {"relative", finite(answer.relative_error)},
                             {"parts", {{"rounding", answer.rounding}}}};
  for (const LogDeterminant::Method& method : answer.methods) {
    json["methods"][method.name] = method.withdrawn.empty() ? in_groups(method) : swell::to_json(Estimate{}, "1");
    if (!method.withdrawn.empty()) json["methods"][method.name]["withdrawn"] = method.withdrawn;
  }
  json["log_determinant_of_diagonal"] = answer.diagonal;
  json["stages"] = answer.stages;
  json["samples"] = answer.samples;
  json["driven_runs"] = answer.work_kT.size();
  const auto runs = static_cast<int64_t>(answer.work_kT.size());
  json["work_per_run"] = swell::to_json(estimate(answer.work_kT), "kT");
  json["heat_per_run"] = swell::to_json(Estimate{answer.heat_kT, answer.heat_kT_error, runs}, "kT");
  json["relaxation_time"] = answer.relaxation_time;
  json["device"] = device_json(settings, answer.integrator, answer.spu);
  return json;
}

std::string disagreement(const Answer& answer, const Comparison& comparison) {
  const double error = answer.average.error;
  if (!(error > 0) || !std::isfinite(comparison.error)) return "";
  const double deviation = comparison.error / error;
  if (chance_of(deviation, kGroups, 1) >= kChance) return "";
  return fmt::format(
      "the answer is off from that by {} by {:.1f} of its standard errors, which is not chance: the error stated is "
      "too "
      "small; a shorter dt, a longer burn-in or more samples tell why",
      comparison.method, deviation);
}

std::string disagreement(const LogDeterminant& answer, const Reference* known) {
  std::vector<LogDeterminant::Method> all;
  std::ranges::copy_if(answer.methods, std::back_inserter(all), [](const auto& m) { return m.withdrawn.empty(); });
  if (known) all.push_back({"Cholesky", known->value.values[0], 0, ""});
  const auto pairs = static_cast<int64_t>(all.size() * (all.size() - 1) / 2);
  for (size_t i = 0; i < all.size(); ++i) {
    for (size_t k = 0; k < i; ++k) {
      const double error = std::hypot(all[i].standard_error, all[k].standard_error);
      const double deviation = std::abs(all[i].value - all[k].value) / error;
      if (!(error > 0) || chance_of(deviation, kGroups, pairs) >= kChance) continue;
      return fmt::format(
          "ln det A by {} and by {} differ by {:.1f} standard errors, which is not chance: one of the "
          "errors stated is too small",
          all[k].name, all[i].name, deviation);
    }
  }
  return "";
}

std::string report_page(const std::string& title, const Answer& answer, const Settings& settings, const Bill& bill,
                        const Comparison* comparison) {
  const Average& average = answer.average;
  std::string page = fmt::format("<h1>{}</h1>\n", escaped(title));
  page += swell::answer(
      "standard error of the answer", fmt::format("{:.3g}, {:.2g} of its norm", average.error, average.relative_error),
      fmt::format(
          "{} samples of {} replicas of a linear machine ({} device, {}). Nothing but the couplings was given to the "
          "machine.{}",
          average.samples, average.replicas, device_name(settings), answer.integrator,
          comparison ? fmt::format(" Against {} it is off by {:.3g}.", escaped(comparison->method), comparison->error)
                     : ""));
  if (comparison) page += warning(disagreement(answer, *comparison));
  page += answer_table(average, comparison) + explain_errors(fmt::format("{} independent replicas", average.replicas));
  page +=
      figure(convergence(answer, comparison), "Error against samples: as estimated from the run itself, and as it is.");
  const bool small = average.value.rows <= kPictureSide && average.value.columns > 1;
  if (small) {
    double limit = 0;
    for (const double value : comparison ? comparison->value.values : average.value.values)
      limit = std::max(limit, std::abs(value));
    page += figure(heat_map(average.value.values, average.value.rows, average.value.columns, limit),
                   "The answer by fluctuations (red positive, blue negative).");
    if (comparison) {
      page += figure(heat_map(comparison->value.values, average.value.rows, average.value.columns, limit),
                     fmt::format("The answer by {}, same colours.", comparison->method));
    }
  }
  page += diagnostics_table(average.diagnostics) + bill_tables(bill);
  page += fmt::format("<p class=\"small\">Heat: {}.</p>\n", escaped(heat_remark(answer)));
  if (comparison) {
    std::vector<Row> rows = {
        {"true error of the fluctuations", fmt::format("{:.3g}", comparison->error),
         fmt::format("{:.3g} of the norm", comparison->error / frobenius_norm(comparison->value))}};
    if (comparison->iterative) {
      rows.push_back({"conjugate gradients to the same error",
                      fmt::format("{:.3g} s here", comparison->iterative->wall_s),
                      fmt::format("{} iterations", comparison->iterative->iterations)});
    }
    page += table("Against " + escaped(comparison->method), rows);
  }
  return html_page(title, page);
}

std::string report_page(const std::string& title, const LogDeterminant& answer, const Settings& settings,
                        const Bill& bill, const Reference* reference) {
  std::string page = fmt::format("<h1>{}</h1>\n", escaped(title));
  const auto held = std::ranges::find_if(answer.methods, [](const auto& method) { return method.withdrawn.empty(); });
  if (held != answer.methods.end()) {
    page += swell::answer("ln det A, by " + held->name,
                          fmt::format("{:.6g} &plusmn; {:.2g}", held->value, held->standard_error),
                          fmt::format("{} samples at {} stages and {} driven runs, {} device.", answer.samples,
                                      answer.stages.size(), answer.work_kT.size(), device_name(settings)));
  }
  page += warning(disagreement(answer, reference));
  page += explain_errors("independent groups of samples");
  std::vector<Row> rows;
  for (const LogDeterminant::Method& method : answer.methods) {
    const std::string text = fmt::format("{:.6g} &plusmn; {:.2g}", method.value, method.standard_error);
    rows.push_back(method.withdrawn.empty() ? Row{method.name, text} : Row{method.name, "withdrawn", method.withdrawn});
  }
  if (reference)
    rows.push_back({"Cholesky", fmt::format("{:.8g}", reference->value.values[0]),
                    fmt::format("{:.3g} s here", reference->wall_s)});
  page += table("ln det A", rows);
  page += figure(draw({"s: share of the couplings switched on",
                       "beta dV/ds",
                       false,
                       false,
                       {{"", answer.stages, answer.slope, answer.slope_error, Mark::line}}}),
                 "Thermodynamic integration: the mean force on the switch at each stage.");
  if (!answer.work_kT.empty())
    page += figure(histogram(answer.work_kT, "work of a driven run, kT", "runs"),
                   "Jarzynski: the work of the driven runs.");
  page += diagnostics_table(answer.diagnostics) + bill_tables(bill);
  return html_page(title, page);
}

}  // namespace swell::linear
