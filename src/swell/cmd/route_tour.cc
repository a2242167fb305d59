// The half of swell route that makes tours.

#include <fmt/format.h>

#include "swell/base/errors.h"
#include "swell/cmd/route.h"
#include "swell/programs/route/map.h"
#include "swell/programs/route/tours.h"

namespace swell::cmd {

Result route_tour(const Tsplib& problem, const RouteFlags& flags, const Common& common) {
  if (flags.duty != "auto" || flags.most_length > 0)
    throw InputError("--duty and --most-length are for street networks; this is a travelling salesman problem");
  Result result;
  Progress progress;
  route::SearchOptions options = search_options(flags, common, progress, 1);
  const auto optimum = route::known_optimum(problem);
  if (optimum && !options.target) options.target = static_cast<double>(*optimum);  // nothing is shorter
  common.say(fmt::format("{}: {} cities; seed {}", problem.name, problem.cities, common.seed));
  route::SearchFigures figures;
  std::optional<route::Tour> tour;
  if (flags.encoding == "tour") {
    tour = route::search_tour(problem, options, figures);
  } else {
    tour = route::search_tour_by_penalty(problem, options, figures);
  }
  if (!tour) {
    fmt::print(stderr, "swell: no state of the p-bits was a tour; a longer --time may find one\n");
    report_figures(result, figures, common);
    result.exit_code = 5;
    return result;
  }
  const int64_t length = route::check_tour(problem, tour->order);
  common.say(fmt::format("tour of length {}: valid, {} cities once each", length, problem.cities));
  result.json["inputs"] = {{"file", flags.file}, {"cities", problem.cities}, {"encoding", flags.encoding}};
  result.json["length"] = length;
  if (optimum) {
    const double gap = static_cast<double>(length - *optimum) / static_cast<double>(*optimum);
    common.say(fmt::format("  optimum (TSPLIB, proven; LKH finds it): {}, gap {:.3f} %", *optimum, 100 * gap));
    result.json["optimum"] = *optimum;
    result.json["gap"] = gap;
  }
  report_figures(result, figures, common);
  for (const int64_t city : tour->order) result.json["tour"].push_back(city + 1);
  write_outputs(flags, route::tour_text(problem, *tour), route::draw_tour(problem, *tour), common);
  result.exit_code = check_target(flags, static_cast<double>(length), false);
  return result;
}

}  // namespace swell::cmd
