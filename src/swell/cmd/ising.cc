// swell ising: max-cut, QUBO, Ising and MaxSAT by annealing p-bits.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "swell/base/clock.h"
#include "swell/base/counted.h"
#include "swell/base/errors.h"
#include "swell/base/ranks.h"
#include "swell/cmd/chip_flags.h"
#include "swell/cmd/command.h"
#include "swell/cmd/console.h"
#include "swell/cmd/diagnostics.h"
#include "swell/cmd/flags.h"
#include "swell/cmd/progress.h"
#include "swell/io/atomic_file.h"
#include "swell/ledger/bill.h"
#include "swell/ledger/to_json.h"
#include "swell/programs/ising/chip_search.h"
#include "swell/programs/ising/langevin.h"
#include "swell/programs/ising/pages.h"
#include "swell/programs/ising/price.h"
#include "swell/programs/ising/problem.h"
#include "swell/programs/ising/references.h"
#include "swell/programs/ising/search.h"
#include "swell/programs/ising/statistics.h"

namespace swell::cmd {

namespace {

using Json = nlohmann::ordered_json;
using References = std::vector<ising::Reference>;

struct Flags {
  std::string file, time = "10s", method = "anneal", rule = "auto", as = "auto", sense = "auto", solution, isa;
  double target = 0, hot = 0, cold = 0;
  bool has_target = false, maximize_cut = false;
  int64_t seeds = 1, runs = 0, sweeps = 10000, instance = 0;
  Prices prices;
  ChipFlags chip;
};

// Solutions of all seeds stand in the JSON up to so many numbers.
constexpr int64_t kMostInJson = 1'000'000;

// Throws InputError where options exclude each other.
ising::ReadOptions read_options(const Flags& flags) {
  if (flags.method == "langevin" && flags.rule != "auto")
    throw InputError(fmt::format("--rule {} is of p-bits; --method langevin has none", flags.rule));
  ising::ReadOptions options;
  if (flags.maximize_cut && flags.as != "auto" && flags.as != "max-cut")
    throw InputError(fmt::format("--maximize-cut and --as {} exclude each other; give one of them", flags.as));
  if (flags.as == "max-cut" || flags.maximize_cut) options.as = ising::Kind::max_cut;
  if (flags.as == "qubo") options.as = ising::Kind::qubo;
  if (flags.as == "ising") options.as = ising::Kind::ising;
  if (flags.sense != "auto") options.larger = flags.sense == "max";
  if (flags.instance > 0) options.instance = flags.instance;
  return options;
}

// All digits: a whole number without a point or exponent, anything else as the shortest text that gives it back.
std::string number(double value) {
  return value == std::floor(value) && std::abs(value) < 0x1p53 ? fmt::format("{:.0f}", value)
                                                                : fmt::format("{}", value);
}

Json finite_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

// 0 where --runs says how long.
double seconds_of_search(const Flags& flags, const Common& common) {
  const double time = flags.runs > 0 ? 0 : seconds("--budget", flags.time);
  return common.quick ? std::min(time, 0.5) : time;
}

ising::SearchOptions search_options(const Flags& flags, const Common& common, uint64_t seed, double spent_s) {
  ising::SearchOptions options;
  options.seed = seed;
  options.threads = common.threads;
  options.seconds = seconds_of_search(flags, common);
  // Reading and preparing count; what is left is enough for one descent at least.
  if (options.seconds > 0) options.seconds = std::max(1e-3, options.seconds - spent_s);
  options.runs = flags.runs;
  options.sweeps = flags.sweeps;
  options.hot = flags.hot;
  options.cold = flags.cold;
  options.rule = flip_rule_named(flags.rule);
  options.isa = flags.isa;
  options.go_on = [] { return !interrupted(); };
  return options;
}

ising::SearchResult search_once(const ising::Problem& problem, const Pbits& pbits, const Flags& flags,
                                const Common& common, uint64_t seed, std::optional<double> goal, double spent_s) {
  ising::SearchOptions options = search_options(flags, common, seed, spent_s);
  options.ranks = common.ranks;
  if (goal) options.target = problem.energy_of_value(*goal);
  ProgressLine progress;
  options.progress = [&](const Progress& at) {
    const std::string best =
        std::isfinite(at.figure) ? fmt::format("best {}", number(problem.value_of_energy(at.figure))) : "";
    return progress.show(at, best);
  };
  if (flags.method == "langevin") return ising::search_continuously(problem.model, options);
  options.method = flags.method == "anneal" ? ising::Method::anneal : ising::Method::tempering;
  return ising::search(pbits, options);
}

// The same of a chip whose couplings are not the same in both directions, which has no energy.
ising::SearchResult cool_chip(const ising::Problem& problem, const ising::Range& range, const Pbits& chip,
                              const Flags& flags, const Common& common, uint64_t seed, double spent_s) {
  return ising::search_by_cooling(chip, range, search_options(flags, common, seed, spent_s),
                                  [&](std::span<const int8_t> spins) {
                                    const double value = ising::count_value(problem, spins);
                                    return problem.larger_is_better() ? -value : value;
                                  });
}

// Throws where p-bits cannot have such faults, or this method cannot search on such chips.
void require_chips(const ising::Problem& problem, const hardware::Imperfections& spec, const Flags& flags) {
  if (hardware::perturb(problem.model, spec, 1).directed && flags.method != "anneal")
    throw InputError(fmt::format(
        "chips with [couplings] asymmetry have no energy, which --method {} needs; anneal is allowed", flags.method));
}

// What chips with faults find, counted from the file's own data, against the best of the machine as designed.
ChipErrors search_on_chips(const ising::Problem& problem, const Flags& flags, const hardware::Imperfections& spec,
                           double best, const Common& common) {
  ChipErrors result{"gap to the best value as designed, relative", spec.name, {}, 0, 0, {}};
  const int64_t chips = chip_count(flags.chip, common);
  const double each = seconds_of_search(flags, common) * (1 - 1.0 / static_cast<double>(chips));
  const ising::Range range = ising::temperature_range(problem.model);
  try_chips(result, flags.chip, common, {}, [&](int64_t k) {
    ising::Problem chip = problem;
    chip.model = hardware::perturb(problem.model, spec, hardware::chip_seed(common.seed, k));
    const ising::SearchResult found =
        chip.model.directed
            ? cool_chip(problem, range, Pbits(chip.model), flags, common, hardware::chip_seed(common.seed, k), each)
            : search_once(chip, Pbits(chip.model), flags, common, hardware::chip_seed(common.seed, k), {}, each);
    if (interrupted()) throw Interrupted("interrupted among the chips");
    const double value = ising::count_value(problem, found.spins);
    const double gap = problem.larger_is_better() ? best - value : value - best;
    return gap / std::max(std::abs(best), 1e-300);
  });
  return result;
}

Json to_json(const ising::Problem& problem, const ising::SearchResult& result, double value, uint64_t seed,
             bool continuous) {
  Json trace = Json::array();
  for (const auto& step : result.trace)
    trace.push_back({{"seconds", step.seconds}, {"value", problem.value_of_energy(step.cost)}});
  Json tempering = nullptr;
  if (!result.rungs.empty()) tempering = {{"kT", result.rungs}, {"swap_acceptance", result.swap_acceptance}};
  return {{"seed", seed},
          {"value", value},
          {"energy", result.energy},
          {"seconds_to_best", result.seconds_to_best},
          {"seconds", result.seconds},
          {"runs", result.runs},
          {"sweeps", result.sweeps},
          {"flips", continuous ? Json(nullptr) : Json(result.flips)},
          {"host_flips", result.host_flips},
          {"found_by", result.best_by},
          {"units_after_reduction", result.reduced_units},
          {"interrupted", result.interrupted},
          {"tempering", std::move(tempering)},
          {"trace", std::move(trace)}};
}

// When a search first had a value as good as the goal; infinite where it never did.
double hit_time(const ising::Problem& problem, const ising::SearchResult& search, double goal) {
  const double grain = ising::value_grain(problem);
  for (const auto& step : search.trace) {
    if (ising::reaches(problem, problem.value_of_energy(step.cost), goal, grain)) return step.seconds;
  }
  return std::numeric_limits<double>::infinity();
}

double median_of(std::vector<double> values) {
  std::ranges::sort(values);
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

// Success of the seeds against a goal: how often, how long until one succeeds with probability 0.99.
// A share as an estimate. Its standard error is half of Wilson's interval over 1.96, which is not 0 where none or all
// searches reach the goal.
Json to_json(const ising::Proportion& share, int64_t count) {
  return {{"value", share.value},
          {"stderr", count > 1 ? Json((share.high - share.low) / (2 * 1.959963984540054)) : Json(nullptr)},
          {"count", count},
          {"unit", "1"},
          {"interval_95", {share.low, share.high}}};
}

void report_success(Result& result, const std::vector<double>& values, const std::vector<double>& hits, double run_s,
                    double goal, const Common& common) {
  const auto count = static_cast<int64_t>(values.size());
  const ising::Restart restart = ising::best_restart(hits, run_s);
  const auto reached = std::ranges::count_if(hits, [](double hit) { return std::isfinite(hit); });
  const auto share = ising::proportion(restart.successes, count), all = ising::proportion(reached, count);
  const double middle = ising::time_to_solution(restart.after_s, share.value),
               low = ising::time_to_solution(restart.after_s, share.high),
               high = ising::time_to_solution(restart.after_s, share.low);
  const auto [least, most] = std::ranges::minmax(values);
  common.say(
      fmt::format("{} seeds: median {}, from {} to {}", count, number(median_of(values)), number(least), number(most)));
  common.say(
      fmt::format("{} of {} reach {}; time to solution (p = 0.99) {:.3g} s, 95 % interval {:.3g} to {:.3g} s, "
                  "beginning anew after {:.3g} s",
                  reached, count, number(goal), middle, low, high, restart.after_s));
  result.result["statistics"] = {{"goal", goal},
                                 {"median", median_of(values)},
                                 {"success", to_json(all, count)},
                                 {"restart_after_s", restart.after_s},
                                 {"time_to_solution",
                                  {{"value", finite_or_null(middle)},
                                   {"stderr", nullptr},  // its error has no symmetric form
                                   {"count", count},
                                   {"unit", "s"},
                                   {"interval_95", {finite_or_null(low), finite_or_null(high)}}}}};
}

void say_problem(const ising::Problem& problem, const Pbits& pbits, const Flags& flags, const Common& common) {
  common.say(fmt::format("{}: {}, {}, {}, {}; seed {}", problem.name, ising::kind_name(problem.kind),
                         counted(problem.model.units, "p-bit"), counted(problem.model.edges(), "coupling"),
                         counted(pbits.colours(), "colour"), common.seed));
  common.say(fmt::format("read as {}, to be made {}", problem.format, problem.larger_is_better() ? "large" : "small"));
  if (problem.model.units > problem.variables)
    common.say(fmt::format("{} of the p-bits are auxiliary", problem.model.units - problem.variables));
  if (flags.method == "langevin") common.say("continuous: bistable Langevin units, cooled");
}

void report_references(Result& result, const ising::Problem& problem, const References& references, double best,
                       int64_t broken, const Common& common) {
  const double grain = ising::value_grain(problem);
  for (const ising::Reference& reference : references) {
    // Where hard clauses are violated, weights of soft ones are no answer to the question.
    const std::string value = reference.violated > 0 ? "" : fmt::format(": {}", number(reference.value));
    const std::string compared = broken > 0 ? "" : ", " + ising::standing(problem, reference, best, grain);
    common.say("  " + reference.what + value + compared);
    result.references.push_back({{"what", reference.what},
                                 {"value", reference.value},
                                 {"gap", problem.larger_is_better() ? reference.value - best : best - reference.value},
                                 {"exact", reference.exact},
                                 {"rounding", grain},
                                 {"reached", ising::reaches(problem, best, reference.value, grain)}});
    if (reference.violated > 0) result.references.back()["violated_hard_clauses"] = reference.violated;
  }
}

// Says which hard clauses do not hold; nothing where they do.
void complain_of_hard_clauses(Result& result, const References& references, int64_t broken) {
  if (broken == 0) return;
  result.exit_code = 5;
  for (const ising::Reference& reference : references) {
    if (reference.violated == 0) continue;
    return warn(
        fmt::format("the hard clauses cannot all hold: every answer violates {} or more of them; this one "
                    "violates {}",
                    reference.violated, broken));
  }
  warn(fmt::format("no answer was found that satisfies all hard clauses; the best violates {}", broken));
}

// How often replicas of neighbouring temperatures changed places, and where least often.
void say_exchanges(const ising::SearchResult& search, const Common& common) {
  if (search.swap_acceptance.empty()) return;
  const auto [least, most] = std::ranges::minmax_element(search.swap_acceptance);
  const auto rung = static_cast<size_t>(least - search.swap_acceptance.begin());
  common.say(
      fmt::format("  replicas changed places in {:.0f} to {:.0f} % of the tries, least between kT {:.3g} and {:.3g}",
                  100 * *least, 100 * *most, search.rungs[rung], search.rungs[rung + 1]));
}

// The bill, and between which temperatures the p-bits or continuous units were cooled.
void report_costs(Result& result, const ising::SearchResult& best, std::span<const ising::Seeded> searches,
                  const Bill& bill, const Common& common) {
  std::vector<double> heat;
  for (const ising::Seeded& one : searches) heat.push_back(one.search.heat);
  const Estimate mean = estimate(heat);
  if (bill.flips && bill.flips->mean == 0) common.say("  solved by exact reduction, no p-bit flipped");
  const bool of_pbits = static_cast<bool>(bill.flips);
  const std::string_view rule = best.rule == FlipRule::gibbs ? "Gibbs'" : "Metropolis'";
  const std::string course = best.hot == best.cold
                                 ? fmt::format("held at kT {:.3g}", best.hot)
                                 : fmt::format("cooled from kT {:.3g} to {:.3g}", best.hot, best.cold);
  common.say(fmt::format("  heat {} in units of the couplings, {}{}", to_text(mean), course,
                         of_pbits ? fmt::format(", flips by {} rule", rule) : ""));
  say_bill(bill);
  result.inputs["hot"] = best.hot;
  result.inputs["cold"] = best.cold;
  result.inputs["rule"] = of_pbits ? Json(name_of(best.rule)) : Json(nullptr);
  result.result["cooling"] = {{"heat", to_json(mean, "coupling")}, {"kT_hot", best.hot}, {"kT_cold", best.cold}};
  result.bill = to_json(bill);
}

// The best answer as a file: where --solution says, else, where the report is too small for it, beside the report.
void write_solution(const Flags& flags, const ising::Problem& problem, std::span<const int8_t> spins, Result& result,
                    const Common& common) {
  std::filesystem::path solution = flags.solution;
  if (solution.empty() && result.result.contains("solutions_left_out"))
    solution = beside_report(common.json, ".solution.txt");
  if (!solution.empty()) {
    write_file_atomically(solution, ising::solution_text(problem, spins));
    result.result["files"]["solution"] = solution.string();
    if (result.result.contains("solutions_left_out"))
      result.result["solutions_left_out"] =
          fmt::format("more than {} numbers in all: the best stands in {}", kMostInJson, solution.string());
    common.say(fmt::format("wrote {}", solution.string()));
  }
}

// Names of variables, in the order of solutions.
void add_labels(Result& result, const ising::Problem& problem) {
  for (const std::string& label : problem.quadratic.labels) result.result["variables"].push_back(Json::parse(label));
}

Result run(const Flags& flags, const Common& given) {
  const auto start = std::chrono::steady_clock::now();
  NothingToKeep nothing(!given.random_bits.feed);  // a tape that is recorded is something
  Common common = given;
  if (flags.method != "anneal") common.leave_to_first("a search by tempering or of continuous units");
  if (!flags.solution.empty()) require_writable_file(flags.solution);
  const auto spec = chip_of(flags.chip);
  const ising::Problem problem = ising::read_problem(flags.file, read_options(flags));
  if (spec) require_chips(problem, *spec, flags);
  const Pbits pbits(problem.model);
  say_problem(problem, pbits, flags, common);
  // Nothing is better than an exact reference: a search that finds it is over.
  std::optional<double> goal;
  if (flags.has_target) goal = flags.target;
  const References references = ising::references(problem);
  for (const ising::Reference& reference : references) {
    if (!goal && reference.exact) goal = reference.value;
  }
  nothing.end();
  Result result;
  result.inputs = {{"kind", ising::kind_name(problem.kind)},
                   {"format", problem.format},
                   {"units", problem.model.units},
                   {"couplings", problem.model.edges()},
                   {"budget", flags.runs > 0 ? Json(nullptr) : Json(seconds_of_search(flags, common))}};
  std::vector<double> values;
  std::vector<ising::Seeded> searches;
  size_t best = 0;
  double best_value = 0;
  for (int64_t k = 0; k < flags.seeds && (k == 0 || all_agree(common.ranks, !interrupted())); ++k) {
    const uint64_t seed = common.seed + static_cast<uint64_t>(k);
    ising::SearchResult one = search_once(problem, pbits, flags, common, seed, goal, k == 0 ? seconds_since(start) : 0);
    const double value = ising::count_value(problem, one.spins);
    if (flags.seeds > 1)
      common.say(fmt::format("seed {}: {} after {:.2f} s", seed, number(value), one.seconds_to_best));
    result.result["searches"].push_back(to_json(problem, one, value, seed, flags.method == "langevin"));
    if (flags.seeds * problem.variables <= kMostInJson) {
      result.result["searches"].back()["solution"] = ising::solution_of(problem, one.spins);
    } else {
      result.result["solutions_left_out"] =
          fmt::format("more than {} numbers in all: --solution FILE writes the best", kMostInJson);
    }
    if (values.empty() || (problem.larger_is_better() ? value > best_value : value < best_value)) {
      best_value = value;
      best = values.size();
    }
    values.push_back(value);
    searches.push_back({seed, value, std::move(one)});
  }
  const ising::SearchResult& winner = searches[best].search;
  if (interrupted()) common.say("interrupted: this is the best so far");
  const int64_t broken = ising::violated_hard_clauses(problem, winner.spins);
  complain_of_hard_clauses(result, references, broken);
  if (!problem.cnf.weights.empty())
    result.check("hard clauses hold", broken == 0, fmt::format("{} of them are violated", broken),
                 {{"violated", broken}});
  result.check("search ended by itself", !interrupted(), "it was interrupted: this is the best so far");
  if (!problem.cnf.weights.empty()) result.result["violated_hard_clauses"] = broken;
  add_labels(result, problem);
  common.say(
      fmt::format("best {}: {}{} (counted from the file's own data), found by {} after {:.2f} s; {}, {}",
                  ising::value_name(problem), number(best_value - static_cast<double>(broken) * problem.hard_weight),
                  broken > 0 ? fmt::format(", with {} violated", counted(broken, "hard clause")) : "", winner.best_by,
                  winner.seconds_to_best, counted(winner.runs, "run"), counted(winner.sweeps, "sweep")));
  result.result["value"] = best_value;
  report_references(result, problem, references, best_value, broken, common);
  const Bill bill = ising::price(searches, problem.model, flags.method == "langevin", flags.prices);
  report_costs(result, winner, searches, bill, common);
  say_exchanges(winner, common);
  add_diagnostics(result, winner.diagnostics);
  say_diagnostics(winner.diagnostics);
  if (!common.report.empty()) result.page = ising::search_page(problem, references, searches, best, bill);
  if (flags.seeds > 1) {
    const auto known = ising::best_known(problem);
    const double aim = flags.has_target ? flags.target : known ? known->value : best_value;
    std::vector<double> hits;
    for (const ising::Seeded& one : searches) hits.push_back(hit_time(problem, one.search, aim));
    report_success(result, values, hits, flags.runs > 0 ? winner.seconds : seconds("--budget", flags.time), aim,
                   common);
  }
  write_solution(flags, problem, winner.spins, result, common);
  if (spec) {
    if (result.page.empty()) result.page = ising::search_page(problem, references, searches, best, bill);
    add_chips(result, search_on_chips(problem, flags, *spec, best_value, common), flags.chip, common);
  }
  const bool missed = flags.has_target && !ising::reaches(problem, best_value, flags.target);
  if (flags.has_target) result.check("target", !missed, "it was not reached", {{"target", flags.target}});
  if (missed) {
    fmt::print(stderr, "swell: the best value is {}; the target {} was not reached\n", number(best_value),
               number(flags.target));
    result.exit_code = 5;
  }
  if (interrupted()) result.exit_code = 130;
  return result;
}

void add_flags(CLI::App& app, Flags& flags) {
  app.add_option("file", flags.file,
                 "graph to be cut (rudy, G-set, DIMACS), QUBO (qbsolv, BiqMac, OR-Library), binary quadratic model "
                 "(dimod's BQM as file, JSON or COO, bqpjson), Ising (text, or Matrix Market: couplings J off the "
                 "diagonal, fields h on it, E = -sum J m m - sum h m), or DIMACS CNF and WCNF (MaxSAT); known by its "
                 "contents, and may be gzip")
      ->required();
  app.add_option("--as", flags.as,
                 "what a list of pairs, Matrix Market file or COO without a vartype is: max-cut, qubo (x'Qx), ising; "
                 "auto: what it looks like")
      ->capture_default_str()
      ->check(CLI::IsMember({"auto", "max-cut", "qubo", "ising"}));
  app.add_flag("--maximize-cut", flags.maximize_cut, "the same as --as max-cut");
  app.add_option("--sense", flags.sense,
                 "whether a QUBO's or Ising model's value is to be made small or large: min, max; auto: large for "
                 "OR-Library's files, else small")
      ->capture_default_str()
      ->check(CLI::IsMember({"auto", "min", "max"}));
  app.add_option("--instance", flags.instance, "which problem of a file of OR-Library, from 1")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 30));
  app.add_option("--method", flags.method,
                 "anneal: p-bits, cooled again and again; tempering: replica exchange with cluster moves; langevin: "
                 "bistable continuous units, cooled")
      ->capture_default_str()
      ->check(CLI::IsMember({"anneal", "tempering", "langevin"}));
  add_rule_flag(app, flags.rule);
  app.add_option("--budget", flags.time,
                 "wall time of a search: 500ms, 30s, 5m, 1h; Ctrl-C ends it with the best so far")
      ->capture_default_str()
      ->option_text("TIME");
  app.add_option("--target", flags.target, "stop at this value; exit code 5 where it is not reached")
      ->each([&](const std::string&) { flags.has_target = true; });
  app.add_option("--seeds", flags.seeds, "searches with this and the next seeds, for time-to-solution statistics")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{1}, int64_t{1000000}));
  app.add_option("--runs", flags.runs,
                 "this many runs of --sweeps instead of --budget: the same answer for any threads")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 30));
  app.add_option("--sweeps", flags.sweeps, "updates of each p-bit in a run, with --runs")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 40));
  app.add_option("--hot", flags.hot, "kT to start at, units of the couplings; 0 for the instance's own")
      ->check(CLI::Range(0.0, 1e30));
  app.add_option("--cold", flags.cold, "kT to end at; 0 for the instance's own")->check(CLI::Range(0.0, 1e30));
  app.add_option(
         "--solution", flags.solution,
         "write the best answer here, one number a line: side 0 or 1, bit, spin or literal, with names in front "
         "where variables have them")
      ->option_text("FILE");
  add_chip_flags(app, flags.chip);
  app.get_option("--chips")->description("number of chips; they share --budget, or have --runs each");
  add_price_flags(app, flags.prices, {Price::heat, Price::time, Price::update, Price::write, Price::flip});
  app.add_option("--isa", flags.isa, "instruction set of the kernels (portable, v3, v4, v4-bf16), for tests")
      ->option_text("NAME");
}

}  // namespace

Command ising_command() {
  return {"ising", "max-cut, QUBO, Ising ground states and MaxSAT by annealing p-bits",
          [](CLI::App& app) -> Action {
            auto flags = std::make_shared<Flags>();
            add_flags(app, *flags);
            return [flags](const Common& common) { return run(*flags, common); };
          },
          true};
}

}  // namespace swell::cmd
