// swell route: travelling salesman and mail rounds by thermal moves.

#include "swell/cmd/route.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include "swell/base/counted.h"
#include "swell/base/errors.h"
#include "swell/base/lower_case.h"
#include "swell/cmd/console.h"
#include "swell/cmd/diagnostics.h"
#include "swell/cmd/flags.h"
#include "swell/cmd/progress.h"
#include "swell/io/atomic_file.h"
#include "swell/io/bytes.h"
#include "swell/io/gzip.h"
#include "swell/io/problem_kind.h"
#include "swell/io/street_files.h"
#include "swell/io/tsplib_reader.h"
#include "swell/ledger/to_json.h"

namespace swell::cmd {

void require_no_rule(const RouteFlags& flags) {
  if (flags.rule != "auto")
    throw InputError(fmt::format("--rule {} is of p-bits, and so of --encoding penalty", flags.rule));
}

nlohmann::ordered_json time_in_force(const RouteFlags& flags, const Common& common) {
  if (flags.runs > 0) return nullptr;
  const double time = seconds("--budget", flags.time);
  return common.quick ? std::min(time, 0.5) : time;
}

route::SearchOptions search_options(const RouteFlags& flags, const Common& common, ProgressLine& progress,
                                    double sign) {
  route::SearchOptions options;
  options.seed = common.seed;
  options.threads = common.threads;
  options.ranks = common.ranks;
  options.start = flags.start;
  options.seconds = flags.runs > 0 ? 0 : seconds("--budget", flags.time);
  if (common.quick) options.seconds = std::min(options.seconds, 0.5);
  options.runs = flags.runs;
  if (flags.has_target) options.target = sign * flags.target;
  options.go_on = [] { return !interrupted(); };
  options.progress = [&progress, sign](const Progress& at) {
    return progress.show(at, std::isfinite(at.figure) ? fmt::format("best {:.12g}", sign * at.figure) : "");
  };
  return options;
}

void report_figures(Result& result, const route::SearchFigures& figures, const Common& common) {
  if (figures.interrupted) common.say("interrupted: this is the best so far");
  common.say(
      fmt::format("  found after {:.2f} s; {}, {:.3g} moves tried, {:.3g} taken, cooled from kT {:.3g} to {:.3g}",
                  figures.seconds_to_best, counted(figures.runs, "run"), figures.moves, figures.accepted, figures.hot,
                  figures.cold));
  result.result["search"] = {{"seconds", figures.seconds},   {"seconds_to_best", figures.seconds_to_best},
                             {"runs", figures.runs},         {"moves", figures.moves},
                             {"accepted", figures.accepted}, {"kT_hot", figures.hot},
                             {"kT_cold", figures.cold},      {"interrupted", figures.interrupted}};
}

void report_bill(Result& result, const Bill& bill) {
  say_bill(bill);
  result.bill = to_json(bill);
}

void add_checks(Result& result, const RouteFlags& flags, const route::SearchFigures& figures, bool reached) {
  result.check("valid, counted anew", true, "");
  add_diagnostics(result, figures.diagnostics);
  result.check("search ended by itself", !figures.interrupted, "it was interrupted: this is the best so far");
  if (figures.interrupted) result.exit_code = 130;
  if (flags.has_target) result.check("target", reached, "it was not reached", {{"target", flags.target}});
}

int check_target(const RouteFlags& flags, const route::Measure& measure, double value, bool larger) {
  const double sign = larger ? -1 : 1;
  if (!flags.has_target || measure.reaches(sign * value, sign * flags.target)) return 0;
  fmt::print(stderr, "swell: the best is {:.8g}; the target {:.8g} was not reached\n", value, flags.target);
  return 5;
}

void write_outputs(const RouteFlags& flags, const std::string& tour, const std::string& map, const Common& common) {
  if (!flags.tour.empty()) {
    write_file_atomically(flags.tour, tour);
    common.say(fmt::format("wrote {}", flags.tour));
  }
  if (flags.map.empty()) return;
  if (map.empty()) throw InputError(fmt::format("{} has no places to draw; leave --map out", flags.file));
  write_file_atomically(flags.map, map);
  common.say(fmt::format("wrote {}", flags.map));
}

namespace {

constexpr size_t kMaxBytes = size_t{1} << 30;

void require_tour_problem(std::span<const std::byte> bytes, const std::string& name) {
  const ProblemKind kind = problem_kind(bytes);
  const std::string_view text = as_text(bytes), readers = readers_of(kind, bytes);
  if (kind == ProblemKind::tsplib || text.find("DIMENSION") != std::string_view::npos ||
      text.find("_SECTION") != std::string_view::npos)
    return;
  throw IoError(
      fmt::format("{} looks like {}{}; swell route reads TSPLIB problems and street networks as GeoJSON, OpenStreetMap "
                  "XML, GraphML, "
                  "CSV or plain lines (docs/route.md)",
                  name, describe(kind, bytes),
                  readers.empty() || readers == "swell route" ? "" : fmt::format(", for {}", readers)));
}

// Throws InputError where a map is named like a picture of another kind.
void require_svg(const std::string& map) {
  const std::string kind = lower_case(std::filesystem::path(map).extension().string());
  if (!map.empty() && !kind.empty() && kind != ".svg")
    throw InputError(fmt::format("--map {}: a map is a drawing as SVG, and its name ends in .svg", map));
}

Result run(const RouteFlags& flags, const Common& common) {
  require_svg(flags.map);
  for (const std::string& path : {flags.tour, flags.map}) {
    if (!path.empty()) require_writable_file(path);
  }
  NothingToKeep nothing(!common.random_bits.feed);  // a tape that is recorded is something
  auto bytes = read_file(flags.file, kMaxBytes);
  if (is_gzip(bytes)) bytes = inflate_gzip(bytes, flags.file, kMaxBytes);
  if (auto network = parse_street_file(bytes, flags.file)) {
    nothing.end();
    return route_round(std::move(*network), flags, common);
  }
  require_tour_problem(bytes, flags.file);
  const Tsplib problem = parse_tsplib(bytes, flags.file);
  nothing.end();
  return route_tour(problem, flags, common);
}

}  // namespace

Command route_command() {
  return {
      "route", "shortest tours (TSPLIB) and mail rounds through street networks, by thermal moves",
      [](CLI::App& app) -> Action {
        auto flags = std::make_shared<RouteFlags>();
        app.add_option("file", flags->file,
                       "TSPLIB problem, or a street network: GeoJSON, OpenStreetMap XML, GraphML, CSV or plain lines "
                       "(docs/route.md)")
            ->required();
        app.add_option("--duty", flags->duty,
                       "streets to be walked: all, required (those with a duty), rewards (as much reward as "
                       "--most-length allows); auto: what the file says")
            ->capture_default_str()
            ->check(CLI::IsMember({"auto", "all", "required", "rewards"}));
        app.add_option(
               "--depot", flags->depot,
               "where the round begins: a junction's name, or LONGITUDE,LATITUDE (X,Y) for the nearest one; else "
               "what the file says, else the first junction of the largest part")
            ->option_text("PLACE");
        app.add_option("--end", flags->end,
                       "where the round ends, like --depot, or 'anywhere'; else what the file says, "
                       "else at the depot")
            ->option_text("PLACE");
        app.add_option("--most-length", flags->most_length,
                       "longest round, in the file's unit of length (metres of longitude and latitude)")
            ->check(CLI::Range(1e-12, 1e30));
        app.add_option("--encoding", flags->encoding,
                       "tour: moves that keep a tour a tour; penalty: a p-bit for each city and place, the baseline")
            ->capture_default_str()
            ->check(CLI::IsMember({"tour", "penalty"}));
        add_rule_flag(app, flags->rule);
        app.add_option("--budget", flags->time, "wall time: 500ms, 30s, 5m, 1h; Ctrl-C ends it with the best so far")
            ->capture_default_str()
            ->option_text("TIME");
        app.add_option("--runs", flags->runs, "this many runs instead of --budget: the same answer for any threads")
            ->check(CLI::Range(int64_t{1}, int64_t{1} << 30));
        app.add_option("--target", flags->target,
                       "stop at this length (or reward); exit code 5 where it is not reached")
            ->each([flags](const std::string&) { flags->has_target = true; });
        app.add_option("--tour", flags->tour,
                       "write the tour here: a TSPLIB tour; of a round the streets in order, or as FILE.gpx or "
                       "FILE.geojson")
            ->option_text("FILE");
        app.add_option("--map", flags->map, "write a map here, SVG")->option_text("FILE");
        add_price_flags(app, flags->prices, {Price::flip});
        CLI::Option* const flip = app.get_option("--price-flip");
        flip->description("with --encoding penalty: " + flip->get_description());
        return [flags, flip](const Common& common) {
          flags->start = std::chrono::steady_clock::now();
          if (flip->count() > 0 && flags->encoding != "penalty")
            throw InputError(
                "--price-flip prices p-bits, which only --encoding penalty has; moves of tours and rounds have none");
          return run(*flags, common);
        };
      },
      true};
}

}  // namespace swell::cmd
