#pragma once

#include <chrono>
#include <string>

#include "swell/cmd/command.h"
#include "swell/cmd/progress.h"
#include "swell/io/street_network.h"
#include "swell/io/tsplib.h"
#include "swell/ledger/bill.h"
#include "swell/programs/route/runs.h"

namespace swell::cmd {

// What the two halves of `swell route` share: tours (route_tour.cc) and rounds through streets (route_round.cc).
struct RouteFlags {
  std::string file, time = "10s", duty = "auto", encoding = "tour", rule = "auto", tour, map, depot, end;
  double most_length = 0, target = 0;
  bool has_target = false;
  int64_t runs = 0;
  Prices prices;
  std::chrono::steady_clock::time_point start;  // of the command: --budget counts from here
};

Result route_tour(const Tsplib& problem, const RouteFlags& flags, const Common& common);
Result route_round(StreetNetwork network, const RouteFlags& flags, const Common& common);

// Throws where a rule of p-bits is asked for and none flip.
void require_no_rule(const RouteFlags& flags);

// The seconds of --budget; null where --runs says how long.
nlohmann::ordered_json time_in_force(const RouteFlags& flags, const Common& common);
// sign: -1 where the search's cost is the negative of what people read.
route::SearchOptions search_options(const RouteFlags& flags, const Common& common, ProgressLine& progress, double sign);
void report_figures(Result& result, const route::SearchFigures& figures, const Common& common);
void report_bill(Result& result, const Bill& bill);
void add_checks(Result& result, const RouteFlags& flags, const route::SearchFigures& figures, bool reached);

// 0, or 5 with a sentence where the target is missed.
int check_target(const RouteFlags& flags, const route::Measure& measure, double value, bool larger);

// Writes --tour and --map where they are asked for; an empty map is one that cannot be drawn.
void write_outputs(const RouteFlags& flags, const std::string& tour, const std::string& map, const Common& common);

}  // namespace swell::cmd
