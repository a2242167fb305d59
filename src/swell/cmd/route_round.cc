// The half of swell route that makes rounds through streets.

#include <fmt/format.h>

#include <algorithm>

#include "swell/base/counted.h"
#include "swell/base/errors.h"
#include "swell/cmd/route.h"
#include "swell/programs/route/map_round.h"
#include "swell/programs/route/pages.h"
#include "swell/programs/route/price.h"
#include "swell/programs/route/round_files.h"
#include "swell/programs/route/rounds.h"
#include "swell/programs/route/share.h"

namespace swell::cmd {

namespace {

void set_ends(StreetNetwork& network, const RouteFlags& flags) {
  if (!flags.depot.empty()) network.depot = junction_named(network, flags.depot, "--depot");
  if (flags.end.empty()) return;
  network.ends_anywhere = flags.end == "anywhere";
  network.end.reset();
  if (!network.ends_anywhere) network.end = junction_named(network, flags.end, "--end");
}

route::RoundTask task_of(const StreetNetwork& network, const RouteFlags& flags) {
  const auto& streets = network.streets;
  const bool duties = std::any_of(streets.begin(), streets.end(), [](const auto& s) { return s.duty; });
  const bool rewards = std::any_of(streets.begin(), streets.end(), [](const auto& s) { return s.reward > 0; });
  if (flags.duty == "required" && !duties)
    throw InputError(fmt::format("{}: no street has a duty (docs/route.md says how a file gives one)", flags.file));
  if (flags.duty == "rewards" && flags.most_length <= 0)
    throw InputError("--duty rewards needs the longest round: --most-length");
  if (flags.duty == "rewards" && !rewards)
    throw InputError(fmt::format("{}: no street has a reward (docs/route.md says how a file gives one)", flags.file));
  return route::round_task(network, flags.duty, flags.most_length);
}

std::string title_of(const route::RoundTask& task, const route::RoundCheck& check) {
  const auto& streets = task.network.streets;
  std::string title = fmt::format("round of length {:.8g}{}, {} of {} streets", check.length,
                                  task.network.origin ? " m" : "", check.walked, streets.size());
  if (check.duties > 0) title += fmt::format(", {} of {} duties", check.duties_done, check.duties);
  double rewards = 0;
  for (const auto& street : streets) rewards += street.reward;
  if (task.rewards)
    title += fmt::format(", reward {:.8g} of {:.8g} within {:.8g}", check.reward, rewards, task.most_length);
  return title;
}

void say_network(const StreetNetwork& network, const Common& common) {
  common.say(fmt::format("{}, {} of total length {:.8g}{}; depot {}; seed {}",
                         counted(std::ssize(network.junctions), "junction"),
                         counted(std::ssize(network.streets), "street"), network.total_length(),
                         network.origin ? " m" : "", network.junctions[*network.depot].name, common.seed));
  const auto one_way =
      std::count_if(network.streets.begin(), network.streets.end(), [](const auto& s) { return s.one_way(); });
  if (one_way > 0) common.say(fmt::format("  {} {} one-way", counted(one_way, "street"), one_way == 1 ? "is" : "are"));
  for (const std::string& note : network.notes) common.say("  " + note);
}

// What is known about the answer: where it comes from, the bound, the gap.
void report_answer(Result& result, const route::RoundTask& task, const route::RoundAnswer& answer,
                   const route::RoundCheck& check, const Common& common) {
  const double value = task.rewards ? check.reward : check.length;
  common.say(fmt::format("  found by {}", answer.method));
  result.result["method"] = answer.method;
  result.result["proven_optimal"] = answer.proved;
  if (answer.bound)
    result.references.push_back({{"what", task.rewards ? "no round collects more" : "no round is shorter"},
                                 {"value", *answer.bound},
                                 {"exact", answer.proved}});
  if (answer.bound) result.result[task.rewards ? "upper_bound" : "lower_bound"] = *answer.bound;
  if (answer.proved) {
    common.say(fmt::format("  exact optimum: {:.8g}, reached", value));
    result.result["optimum"] = value;
  } else if (answer.bound) {
    common.say(fmt::format("  {} than {:.8g}: gap at most {:.3g} %",
                           task.rewards ? "no round collects more" : "no round is shorter", *answer.bound,
                           100 * std::abs(*answer.bound - value) / std::max(1e-300, std::abs(value))));
  }
}

bool ends_with(const std::string& path, const std::string& ending) { return path.ends_with(ending); }

// The round as the file's ending asks for it.
std::string tour_file(const route::RoundTask& task, const route::Round& round, const RouteFlags& flags,
                      const std::string& title) {
  const bool gpx = ends_with(flags.tour, ".gpx"),
             json = ends_with(flags.tour, ".geojson") || ends_with(flags.tour, ".json");
  const std::string text = gpx    ? route::round_gpx(task, round, title)
                           : json ? route::round_geojson(task, round)
                                  : route::round_text(task, round);
  if (text.empty())
    throw InputError(fmt::format("--tour {}: {} has no {} to write; another ending writes the streets as text",
                                 flags.tour, flags.file, gpx ? "longitudes and latitudes" : "places"));
  return text;
}

}  // namespace

Result route_round(StreetNetwork network, const RouteFlags& flags, const Common& common) {
  if (flags.encoding != "tour") throw InputError("--encoding penalty is for travelling salesman problems");
  require_no_rule(flags);
  set_ends(network, flags);
  keep_part_of_depot(network, flags.file);
  const route::RoundTask task = task_of(network, flags);
  if (!flags.map.empty() && !network.placed)
    throw InputError(fmt::format("{} has no places to draw; leave --map out", flags.file));
  say_network(network, common);
  Result result;
  route::SearchFigures figures;
  route::RoundAnswer answer;
  {
    ProgressLine progress;
    answer = route::solve_round(task, search_options(flags, common, progress, task.rewards ? -1 : 1), figures);
    if (common.ranks) answer = route::best_of_ranks(*common.ranks, task, std::move(answer), figures);
  }
  const route::RoundCheck check = route::check_round(task, answer.round);
  const std::string title = title_of(task, check);
  common.say(title + ": valid");
  result.inputs = {{"budget", time_in_force(flags, common)},
                   {"junctions", network.junctions.size()},
                   {"streets", network.streets.size()},
                   {"total_length", network.total_length()},
                   {"notes", network.notes}};
  result.result["length"] = check.length;
  result.result["reward"] = check.reward;
  result.result["streets_walked"] = check.walked;
  report_answer(result, task, answer, check, common);
  if (figures.runs > 0) {
    report_figures(result, figures, common);
  } else if (figures.interrupted) {
    common.say("interrupted: this is the best so far");
  }
  const Bill bill = route::price(figures, false, flags.prices);
  report_bill(result, bill);
  for (const int64_t junction : check.junctions) result.result["round"].push_back(network.junctions[junction].name);
  for (const auto& step : answer.round.steps) result.result["streets"].push_back(network.streets[step.street].name);
  write_outputs(flags, flags.tour.empty() ? "" : tour_file(task, answer.round, flags, title),
                flags.map.empty() ? "" : route::draw_round(task, answer.round, title), common);
  if (!common.report.empty()) result.page = route::round_page(task, answer, figures, bill, title);
  result.exit_code =
      check_target(flags, task.rewards ? route::measure_of_rewards(network) : route::measure_of_lengths(network),
                   task.rewards ? check.reward : check.length, task.rewards);
  add_checks(result, flags, figures, result.exit_code == 0);
  return result;
}

}  // namespace swell::cmd
