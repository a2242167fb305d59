// Tours and mail rounds.

#include <fmt/format.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <cmath>

#include "arrays.h"
#include "course.h"
#include "json.h"
#include "module.h"
#include "options.h"
#include "swell/base/errors.h"
#include "swell/ledger/to_json.h"
#include "swell/programs/route/price.h"
#include "swell/programs/route/rounds.h"
#include "swell/programs/route/tours.h"
#include "watch.h"

namespace swell::python {

namespace {

using route::SearchFigures;
using route::SearchOptions;

const Options<SearchOptions>& options_of_a_route() {
  static const Options<SearchOptions> all = search_options<SearchOptions>({});
  return all;
}

SearchOptions options_of(const nb::dict& given, Watch& watch) {
  SearchOptions options;
  read_search(given, options_of_a_route(), "a route", options, watch);
  return options;
}

nb::dict told_of_route(const SearchFigures& figures, const Watch& watch) {
  nb::dict told = told_of(figures, watch);
  told["moves"] = figures.moves;
  told["accepted"] = figures.accepted;
  told["kT_hot"] = figures.hot;
  told["kT_cold"] = figures.cold;
  told["start"] = figures.start;
  told["bill"] = to_python(to_json(route::price(figures, false, {})));
  return told;
}

constexpr std::pair<std::string_view, Tsplib::Weights> kRules[] = {
    {"EUC_2D", Tsplib::Weights::euc_2d}, {"CEIL_2D", Tsplib::Weights::ceil_2d}, {"MAN_2D", Tsplib::Weights::man_2d},
    {"MAX_2D", Tsplib::Weights::max_2d}, {"GEO", Tsplib::Weights::geo},         {"ATT", Tsplib::Weights::att}};

nb::dict tour(const Tsplib& problem, const nb::dict& given, nb::object progress) {
  if (problem.cities < 1) throw InputError("a tour needs at least one city");
  Watch watch(std::move(progress));
  const SearchOptions options = options_of(given, watch);
  SearchFigures figures;
  route::Tour found;
  watch.run(false, [&] { found = route::search_tour(problem, options, figures); });
  const int64_t length = route::check_tour(problem, found.order);
  nb::dict told = told_of_route(figures, watch);
  told["length"] = length;
  told["bound"] = figures.bound ? nb::object(nb::int_(*figures.bound)) : nb::none();
  const auto cities = static_cast<int64_t>(found.order.size());
  told["order"] = give(std::move(found.order), {cities});
  return told;
}

nb::dict tour_of_matrix(const In<int64_t, 2>& matrix, const nb::dict& given, nb::object progress) {
  Tsplib problem;
  problem.weights = Tsplib::Weights::matrix;
  problem.cities = static_cast<int64_t>(matrix.shape(0));
  if (matrix.shape(0) != matrix.shape(1))
    throw InputError(fmt::format("distances need a square matrix; this is {} x {}", matrix.shape(0), matrix.shape(1)));
  problem.matrix = to_vector(matrix);
  constexpr int64_t kMost = 1'000'000'000;
  for (size_t k = 0; k < problem.matrix.size(); ++k) {
    const size_t row = k / matrix.shape(0), column = k % matrix.shape(0);
    if (problem.matrix[k] < 0 || problem.matrix[k] > kMost)
      throw InputError(
          fmt::format("distance [{}, {}] is {}; 0 to {} is allowed", row, column, problem.matrix[k], kMost));
    if (problem.matrix[k] != matrix.data()[column * matrix.shape(0) + row])
      throw InputError(
          fmt::format("distances [{0}, {1}] and [{1}, {0}] differ; a symmetric matrix is needed", row, column));
  }
  return tour(problem, given, std::move(progress));
}

nb::dict tour_of_points(const In<double, 2>& points, std::string_view rule, const nb::dict& given,
                        nb::object progress) {
  const auto* found = std::ranges::find(kRules, rule, &std::pair<std::string_view, Tsplib::Weights>::first);
  if (found == std::end(kRules))
    throw InputError(fmt::format("rule '{}' is not known; EUC_2D, CEIL_2D, MAN_2D, MAX_2D, GEO, ATT are", rule));
  if (points.shape(1) != 2)
    throw InputError(fmt::format("points are rows of two coordinates; these have {}", points.shape(1)));
  Tsplib problem;
  problem.weights = found->second;
  problem.cities = static_cast<int64_t>(points.shape(0));
  for (size_t c = 0; c < points.shape(0); ++c) {
    problem.x.push_back(points.data()[2 * c]);
    problem.y.push_back(points.data()[2 * c + 1]);
    if (!(std::abs(problem.x.back()) <= 1e9 && std::abs(problem.y.back()) <= 1e9))
      throw InputError(fmt::format("point {} lies at ({}, {}); numbers of at most 1e9 are allowed", c, problem.x.back(),
                                   problem.y.back()));
  }
  return tour(problem, given, std::move(progress));
}

// Streets [streets] from junction a to b; `back` infinite for one-way ones; `must` 1 where the round has to go.
nb::dict round_of(int64_t junctions, const In<int64_t, 1>& a, const In<int64_t, 1>& b, const In<double, 1>& length,
                  const In<double, 1>& back, const In<int8_t, 1>& must, int64_t start, std::optional<int64_t> end,
                  bool ends_anywhere, const nb::dict& given, nb::object progress) {
  StreetNetwork network;
  network.placed = false;
  for (int64_t j = 0; j < junctions; ++j) network.junctions.push_back({fmt::format("{}", j), {}});
  const size_t count = a.size();
  if (b.size() != count || length.size() != count || back.size() != count || must.size() != count)
    throw InputError("streets need ends, lengths and duties of one size");
  const auto require_junction = [&](int64_t j) {
    if (j < 0 || j >= junctions) throw InputError(fmt::format("there is no junction {} of {}", j, junctions));
  };
  for (size_t s = 0; s < count; ++s) {
    require_junction(a.data()[s]);
    require_junction(b.data()[s]);
    if (!(length.data()[s] >= 0 && std::isfinite(length.data()[s])) || !(back.data()[s] >= 0))
      throw InputError(fmt::format("street {} has length {}; 0 or more is allowed", s, length.data()[s]));
    StreetNetwork::Street& street = network.streets.emplace_back();
    street.a = a.data()[s];
    street.b = b.data()[s];
    street.length = length.data()[s];
    street.back = back.data()[s];
    street.duty = must.data()[s] != 0;
    street.name = fmt::format("{}", s);
  }
  require_junction(start);
  if (end) require_junction(*end);
  network.depot = start;
  network.end = end;
  network.ends_anywhere = ends_anywhere;
  keep_part_of_depot(network, "graph");
  // Junctions and streets may have gone; names say which they were.
  route::RoundTask task{network, std::vector<char>(network.streets.size()), *network.depot, {}, false, INFINITY};
  if (!ends_anywhere) task.end = network.end.value_or(task.start);
  size_t duties = 0;
  for (size_t s = 0; s < network.streets.size(); ++s) duties += task.must[s] = network.streets[s].duty;
  if (duties != static_cast<size_t>(std::count_if(must.data(), must.data() + count, [](int8_t m) { return m != 0; })))
    throw InputError("a required edge cannot be reached from the start and left again");
  Watch watch(std::move(progress));
  const SearchOptions options = options_of(given, watch);
  SearchFigures figures;
  route::RoundAnswer answer;
  watch.run(false, [&] { answer = route::solve_round(task, options, figures); });
  const route::RoundCheck check = route::check_round(task, answer.round);
  nb::dict told = told_of_route(figures, watch);
  told["length"] = check.length;
  told["method"] = answer.method;
  told["bound"] = answer.bound ? nb::object(nb::float_(*answer.bound)) : nb::none();
  told["proved"] = answer.proved;
  nb::list steps, nodes;
  for (const route::Step& step : answer.round.steps)
    steps.append(nb::make_tuple(std::stoll(network.streets[step.street].name), step.back));
  for (const int64_t junction : check.junctions) nodes.append(std::stoll(network.junctions[junction].name));
  told["steps"] = steps;
  told["nodes"] = nodes;
  return told;
}

}  // namespace

void add_routes(nb::module_& module) {
  module.attr("_route_options") = tuple_of(options_of_a_route());
  const auto progress = nb::arg("progress").none();
  module.def("_tour_of_matrix", &tour_of_matrix, nb::arg("matrix"), nb::arg("options"), progress);
  module.def("_tour_of_points", &tour_of_points, nb::arg("points"), nb::arg("rule"), nb::arg("options"), progress);
  module.def("_round", &round_of, nb::arg("junctions"), nb::arg("a"), nb::arg("b"), nb::arg("length"), nb::arg("back"),
             nb::arg("must"), nb::arg("start"), nb::arg("end").none(), nb::arg("ends_anywhere"), nb::arg("options"),
             progress);
}

}  // namespace swell::python
