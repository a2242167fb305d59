// swell route: travelling salesman and mail rounds by thermal moves.

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "swell/base/errors.h"
#include "swell/cmd/command.h"
#include "swell/cmd/flags.h"
#include "swell/cmd/progress.h"
#include "swell/io/atomic_file.h"
#include "swell/io/bytes.h"
#include "swell/programs/route/map.h"
#include "swell/programs/route/rounds.h"
#include "swell/programs/route/tours.h"

namespace swell::cmd {

namespace {

struct Flags {
  std::string file, time = "10s", duty = "auto", encoding = "tour", tour, map;
  double most_length = 0, target = 0;
  bool has_target = false;
  int64_t runs = 0;
};

constexpr size_t kMaxBytes = size_t{1} << 30;

route::SearchOptions search_options(const Flags& flags, const Common& common, Progress& progress, double sign) {
  route::SearchOptions options;
  options.seed = common.seed;
  options.threads = common.threads;
  options.seconds = flags.runs > 0 ? 0 : seconds("--time", flags.time);
  if (common.quick) options.seconds = std::min(options.seconds, 0.5);
  options.runs = flags.runs;
  if (flags.has_target) options.target = sign * flags.target;
  options.go_on = [] { return !interrupted(); };
  options.progress = [&progress, limit = options.seconds, sign](double best, double at) {
    progress.show("searching", at, limit, best < 1e299 ? fmt::format("best {:.8g}", sign * best) : "");
  };
  return options;
}

void report_figures(Result& result, const route::SearchFigures& figures, const Common& common) {
  if (figures.interrupted) common.say("interrupted: this is the best so far");
  common.say(
      fmt::format("  found after {:.2f} s; {} runs, {:.3g} moves tried, {:.3g} taken, cooled from kT {:.3g} to {:.3g}",
                  figures.seconds_to_best, figures.runs, figures.moves, figures.accepted, figures.hot, figures.cold));
  result.json["search"] = {{"seconds", figures.seconds},   {"seconds_to_best", figures.seconds_to_best},
                           {"runs", figures.runs},         {"moves", figures.moves},
                           {"accepted", figures.accepted}, {"kT_hot", figures.hot},
                           {"kT_cold", figures.cold},      {"interrupted", figures.interrupted}};
}

// 0, or 5 with a sentence where the target is missed.
int check_target(const Flags& flags, double value, bool larger) {
  const double grain = 1e-9 * std::max(1.0, std::abs(flags.target));
  if (!flags.has_target || (larger ? value >= flags.target - grain : value <= flags.target + grain)) return 0;
  fmt::print(stderr, "swell: the best is {:.8g}; the target {:.8g} was not reached\n", value, flags.target);
  return 5;
}

void write_outputs(const Flags& flags, const std::string& tour, const std::string& map, const Common& common) {
  if (!flags.tour.empty()) {
    write_file_atomically(flags.tour, tour);
    common.say(fmt::format("wrote {}", flags.tour));
  }
  if (flags.map.empty()) return;
  if (map.empty()) throw InputError(fmt::format("{} has no places to draw; leave --map out", flags.file));
  write_file_atomically(flags.map, map);
  common.say(fmt::format("wrote {}", flags.map));
}

Result travel(const Tsplib& problem, const Flags& flags, const Common& common) {
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

route::Duty duty_of(const Streets& streets, const Flags& flags) {
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

Result walk(const Streets& streets, const Flags& flags, const Common& common) {
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

Result run(const Flags& flags, const Common& common) {
  for (const std::string& path : {flags.tour, flags.map}) {
    if (!path.empty()) require_writable_file(path);
  }
  const auto bytes = read_file(flags.file, kMaxBytes);
  // A line of a street network begins with one of its words, or with #; TSPLIB has neither.
  const std::string_view text = as_text(bytes);
  const size_t first = text.find_first_not_of(" \t\r\n");
  const std::string_view start = first == std::string_view::npos ? "" : text.substr(first);
  if (start.starts_with("#") || start.starts_with("junction") || start.starts_with("street"))
    return walk(parse_streets(bytes, flags.file), flags, common);
  return travel(parse_tsplib(bytes, flags.file), flags, common);
}

}  // namespace

Command route_command() {
  return {"route", "shortest tours (TSPLIB) and mail rounds through street networks, by thermal moves",
          [](CLI::App& app) -> Action {
            auto flags = std::make_shared<Flags>();
            app.add_option("file", flags->file, "TSPLIB problem, or a street network (docs/route.md)")->required();
            app.add_option("--duty", flags->duty,
                           "streets to be walked: all, required (those with a duty), rewards (as much reward as "
                           "--most-length allows); auto: what the file says")
                ->capture_default_str()
                ->check(CLI::IsMember({"auto", "all", "required", "rewards"}));
            app.add_option("--most-length", flags->most_length, "longest round, in the file's unit of length")
                ->check(CLI::Range(0.0, 1e300));
            app.add_option(
                   "--encoding", flags->encoding,
                   "tour: moves that keep a tour a tour; penalty: a p-bit for each city and place, the baseline")
                ->capture_default_str()
                ->check(CLI::IsMember({"tour", "penalty"}));
            app.add_option("--time", flags->time, "wall time: 500ms, 30s, 5m, 1h; Ctrl-C ends it with the best so far")
                ->capture_default_str()
                ->option_text("TIME");
            app.add_option("--runs", flags->runs, "this many runs instead of --time: the same answer for any threads")
                ->check(CLI::Range(int64_t{1}, int64_t{1} << 30));
            app.add_option("--target", flags->target,
                           "stop at this length (or reward); exit code 5 where it is not reached")
                ->each([flags](const std::string&) { flags->has_target = true; });
            app.add_option("--tour", flags->tour, "write the tour here: a TSPLIB tour, or the streets in order");
            app.add_option("--map", flags->map, "write a map here, SVG");
            return [flags](const Common& common) { return run(*flags, common); };
          }};
}

}  // namespace swell::cmd
