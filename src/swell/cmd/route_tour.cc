// The half of swell route that makes tours.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/cmd/diagnostics.h"
#include "swell/cmd/route.h"
#include "swell/programs/route/map.h"
#include "swell/programs/route/pages.h"
#include "swell/programs/route/price.h"
#include "swell/programs/route/share.h"
#include "swell/programs/route/tour_penalty.h"
#include "swell/programs/route/tours.h"

namespace swell::cmd {

namespace {

// A length in the units in which tours are counted; a decimal becomes the whole number that it stands for.
double in_whole_units(const Tsplib& problem, double length) {
  const double per_unit = std::pow(10, problem.decimals), whole = std::nearbyint(length * per_unit);
  return whole / per_unit == length ? whole : length * per_unit;
}

// 0, or 5 with a sentence where the target is missed. Exact: both are counted in the same units.
int check_tour_target(const RouteFlags& flags, const Tsplib& problem, int64_t length) {
  if (!flags.has_target || static_cast<double>(length) / std::pow(10, problem.decimals) <= flags.target) return 0;
  fmt::print(stderr, "swell: the best is {}; the target {} was not reached\n", length_text(problem, length),
             flags.target);
  return 5;
}

// A length as a number of JSON: whole, or with the file's decimals.
nlohmann::ordered_json number(const Tsplib& problem, int64_t length) {
  if (problem.decimals == 0) return length;
  return static_cast<double>(length) / std::pow(10, problem.decimals);
}

void report_problem(Result& result, const Tsplib& problem, const RouteFlags& flags, const Common& common) {
  common.say(fmt::format("{}: {} cities, distances {}; seed {}", problem.name.empty() ? flags.file : problem.name,
                         problem.cities, name_of(problem.weights), common.seed));
  result.inputs = {{"name", problem.name},
                   {"cities", problem.cities},
                   {"distances", name_of(problem.weights)},
                   {"budget", time_in_force(flags, common)}};
  if (!problem.fixed.empty()) {
    common.say(fmt::format("  {} fixed edge{}: every tour holds {}", problem.fixed.size(),
                           problem.fixed.size() == 1 ? "" : "s", problem.fixed.size() == 1 ? "it" : "them"));
    result.inputs["fixed_edges"] = problem.fixed.size();
  }
  if (problem.decimals > 0) result.inputs["decimals"] = problem.decimals;
  if (problem.rounded) {
    common.say(fmt::format("  distances are rounded to {} decimals; the file has finer ones", problem.decimals));
    result.inputs["rounded"] = true;
  }
}

// What is known of the shortest tour: the published optimum of these cities, and the search's own bound.
void report_bounds(Result& result, const Tsplib& problem, int64_t length, std::optional<int64_t> optimum,
                   std::optional<int64_t> bound, const Common& common) {
  if (optimum) {
    const double gap = static_cast<double>(length - *optimum) / static_cast<double>(std::max<int64_t>(1, *optimum));
    common.say(fmt::format("  optimum (TSPLIB, proven): {}, gap {:.3f} %", *optimum, 100 * gap));
    result.references.push_back(
        {{"what", "optimum (TSPLIB, proven)"}, {"value", *optimum}, {"exact", true}, {"gap", gap}});
    result.result["optimum"] = *optimum;
    result.result["gap"] = gap;
  }
  result.result["proven_optimal"] = (bound && length <= *bound) || (optimum && length <= *optimum);
  if (!bound) return;
  result.result["lower_bound"] = number(problem, *bound);
  result.references.push_back({{"what", "lower bound of the search"}, {"value", number(problem, *bound)}});
  if (length <= *bound) {
    common.say(fmt::format("  this is an optimum: {}", problem.cities <= route::kMostExactCities
                                                           ? "all tours were compared"
                                                           : "the bound by 1-trees proves it"));
  } else if (*bound > 0 && !optimum) {
    common.say(fmt::format("  no tour is shorter than {} (bound by 1-trees): at most {:.3f} % to gain",
                           length_text(problem, *bound),
                           100 * static_cast<double>(length - *bound) / static_cast<double>(*bound)));
  }
}

}  // namespace

Result route_tour(const Tsplib& problem, const RouteFlags& flags, const Common& given) {
  Common common = given;
  if (flags.encoding == "penalty" || problem.cities > route::kMostCitiesOfOwnTours)
    common.leave_to_first(fmt::format("a search by p-bits, or of more than {} cities,", route::kMostCitiesOfOwnTours));
  if (flags.duty != "auto" || flags.most_length > 0)
    throw InputError("--duty and --most-length are for street networks; this is a travelling salesman problem");
  if (!flags.depot.empty() || !flags.end.empty())
    throw InputError("--depot and --end are for street networks; a tour of cities is closed, and begins anywhere");
  if (flags.encoding == "penalty" && !problem.fixed.empty())
    throw InputError(fmt::format("{} has fixed edges; --encoding penalty does not hold them", flags.file));
  if (flags.encoding != "penalty") require_no_rule(flags);
  const FlipRule rule = flip_rule_named(flags.rule).value_or(FlipRule::metropolis);
  Result result;
  route::SearchFigures figures;
  std::optional<route::Tour> tour;
  const auto optimum = route::known_optimum(problem);
  report_problem(result, problem, flags, common);
  result.inputs["rule"] = flags.encoding == "penalty" ? nlohmann::ordered_json(name_of(rule)) : nullptr;
  {
    ProgressLine progress;
    route::SearchOptions options = search_options(flags, common, progress, 1);
    if (options.target) options.target = in_whole_units(problem, *options.target);
    if (optimum && !options.target) options.target = static_cast<double>(*optimum);  // nothing is shorter
    tour = flags.encoding == "tour" ? route::search_tour(problem, options, figures)
                                    : route::search_tour_by_penalty(problem, options, rule, figures);
    if (common.ranks && problem.cities > route::kMostExactCities)
      tour = route::best_of_ranks(*common.ranks, *tour, figures);
  }
  const auto bill = [&] { return route::price(figures, flags.encoding == "penalty", flags.prices); };
  if (!tour) {
    fmt::print(stderr, "swell: no state of the p-bits was a tour; a larger --budget may find one\n");
    report_figures(result, figures, common);
    report_bill(result, bill());
    add_diagnostics(result, figures.diagnostics);
    result.check("a tour was found", false, "no state of the p-bits was a tour");
    result.exit_code = figures.interrupted ? 130 : 5;
    return result;
  }
  const int64_t length = route::check_tour(problem, tour->order);
  common.say(
      fmt::format("tour of length {}: valid, {} cities once each", length_text(problem, length), problem.cities));
  result.result["length"] = number(problem, length);
  report_bounds(result, problem, length, optimum, figures.bound, common);
  if (!figures.start.empty()) {
    common.say(fmt::format("  the search began with a classical tour: {}", figures.start));
    result.result["start"] = figures.start;
  }
  report_figures(result, figures, common);
  report_bill(result, bill());
  for (const int64_t city : tour->order) result.result["tour"].push_back(city + problem.first_city);
  write_outputs(flags, route::tour_text(problem, *tour), flags.map.empty() ? "" : route::draw_tour(problem, *tour),
                common);
  if (!common.report.empty()) result.page = route::tour_page(problem, *tour, optimum, figures, bill());
  result.exit_code = check_tour_target(flags, problem, length);
  add_checks(result, flags, figures, result.exit_code == 0);
  return result;
}

}  // namespace swell::cmd
