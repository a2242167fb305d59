// The half of swell route that makes rounds through streets.

#include <fmt/format.h>

#include "swell/base/errors.h"
#include "swell/cmd/route.h"
#include "swell/programs/route/map.h"
#include "swell/programs/route/rounds.h"

namespace swell::cmd {

namespace {

route::Duty duty_of(const Streets& streets, const RouteFlags& flags) {
  bool duties = false, rewards = false;
  for (const auto& street : streets.streets) {
    duties = duties || street.duty;
    rewards = rewards || street.reward > 0;
  }
  if (flags.duty == "required" && !duties)
    throw InputError(fmt::format("{}: no street has a duty; 'duty' behind its length gives it one", flags.file));
  const bool by_reward = flags.duty == "rewards" || (flags.duty == "auto" && flags.most_length > 0);
  if (by_reward && !rewards)
    throw InputError(fmt::format("{}: no street has a reward; 'reward R' behind its length gives it one", flags.file));
  if (by_reward && flags.most_length <= 0) throw InputError("--duty rewards needs the longest round: --most-length");
  if (!by_reward && flags.most_length > 0) throw InputError("--most-length goes with --duty rewards");
  if (by_reward) return route::Duty::rewards;
  return flags.duty == "all" || (flags.duty == "auto" && !duties) ? route::Duty::all : route::Duty::required;
}

std::string round_text(const Streets& streets, const route::Round& round, const route::RoundCheck& check) {
  std::string text =
      fmt::format("# round of length {:.8g}, from {} and back\n", check.length, streets.junctions[streets.depot].name);
  for (size_t k = 0; k < round.streets.size(); ++k) {
    const auto& street = streets.streets[round.streets[k]];
    text += fmt::format("{:>4}  {} -> {}  {:.8g}  {}\n", k + 1, streets.junctions[check.junctions[k]].name,
                        streets.junctions[check.junctions[k + 1]].name, street.length, street.name);
  }
  return text;
}

}  // namespace

Result route_round(const Streets& streets, const RouteFlags& flags, const Common& common) {
  const route::Duty duty = duty_of(streets, flags);
  if (flags.encoding != "tour") throw InputError("--encoding penalty is for travelling salesman problems");
  const route::Ways ways(streets);
  const double sign = duty == route::Duty::rewards ? -1 : 1;
  Result result;
  route::SearchFigures figures;
  route::Round round;
  std::optional<double> exact;
  if (duty == route::Duty::all) exact = route::exact_postman(streets, ways).length;
  {
    Progress progress;
    route::SearchOptions options = search_options(flags, common, progress, sign);
    if (exact && !options.target) options.target = *exact;  // nothing is shorter: the search is over
    round = duty == route::Duty::all ? route::search_postman(streets, ways, options, figures)
                                     : route::search_round(streets, ways, duty, flags.most_length, options, figures);
  }
  const route::RoundCheck check = route::check_round(streets, round.streets);
  double all = 0, rewards = 0;
  for (const auto& street : streets.streets) {
    all += street.length;
    rewards += street.reward;
  }
  common.say(fmt::format("{} junctions, {} streets of total length {:.8g}; depot {}; seed {}", streets.junctions.size(),
                         streets.streets.size(), all, streets.junctions[streets.depot].name, common.seed));
  std::string title =
      fmt::format("round of length {:.8g}, {} of {} streets", check.length, check.walked, streets.streets.size());
  if (duty == route::Duty::required) title += fmt::format(", {} of {} duties", check.duties_done, check.duties);
  if (duty == route::Duty::rewards)
    title += fmt::format(", reward {:.8g} of {:.8g} within {:.8g}", check.reward, rewards, flags.most_length);
  common.say(title + ": valid");
  result.json["inputs"] = {{"file", flags.file},
                           {"junctions", streets.junctions.size()},
                           {"streets", streets.streets.size()},
                           {"total_length", all}};
  result.json["length"] = check.length;
  result.json["reward"] = check.reward;
  result.json["streets_walked"] = check.walked;
  if (exact) {
    common.say(fmt::format("  exact optimum, by minimum-weight matching: {:.8g}, gap {:.3g} %", *exact,
                           100 * std::max(0.0, check.length / *exact - 1)));
    result.json["optimum"] = *exact;
  }
  report_figures(result, figures, common);
  for (const int64_t junction : check.junctions) result.json["round"].push_back(streets.junctions[junction].name);
  write_outputs(flags, round_text(streets, round, check), route::draw_round(streets, round, title), common);
  result.exit_code =
      check_target(flags, duty == route::Duty::rewards ? check.reward : check.length, duty == route::Duty::rewards);
  return result;
}

}  // namespace swell::cmd
