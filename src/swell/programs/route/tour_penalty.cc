#include "swell/programs/route/tour_penalty.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/engine/pbits/pbits.h"
#include "swell/random/streams.h"

namespace swell::route {

namespace {

// Bits x[c][t] of city c + 1 at place t + 1: distances between neighbours in place, and A (sum - 1)^2 for every city
// and every place. In p-bits m = 2 x - 1.
IsingModel penalty_model(const Tsplib& problem, double A) {
  const int64_t n = problem.cities - 1;
  const auto bit = [&](int64_t city, int64_t place) { return city * n + place; };
  std::vector<IsingEdge> edges;
  std::vector<double> h(n * n, 0.0);
  const auto add_pair = [&](int64_t a, int64_t b, double value) {
    edges.push_back({a, b, -value / 4});
    h[a] -= value / 4;
    h[b] -= value / 4;
  };
  for (int64_t c = 0; c < n; ++c) {
    for (int64_t t = 0; t < n; ++t) {
      h[bit(c, t)] += A;  // the linear part of both squares, -2 A x
      for (int64_t u = t + 1; u < n; ++u) add_pair(bit(c, t), bit(c, u), 2 * A);
      for (int64_t d = c + 1; d < n; ++d) add_pair(bit(c, t), bit(d, t), 2 * A);
      for (int64_t d = 0; d < n; ++d) {
        if (d != c && t + 1 < n)
          add_pair(bit(c, t), bit(d, t + 1), static_cast<double>(distance(problem, c + 1, d + 1)));
      }
    }
    for (const int64_t t : {int64_t{0}, n - 1}) h[bit(c, t)] -= static_cast<double>(distance(problem, 0, c + 1)) / 2;
  }
  return make_ising(n * n, edges, h);
}

std::vector<int64_t> decode(std::span<const int8_t> spins, int64_t n) {
  std::vector<int64_t> order = {0};
  for (int64_t t = 0; t < n; ++t) {
    for (int64_t c = 0; c < n; ++c) {
      if (spins[c * n + t] > 0) order.push_back(c + 1);
    }
  }
  return order;
}

}  // namespace

std::optional<Tour> search_tour_by_penalty(const Tsplib& problem, const SearchOptions& options, FlipRule rule,
                                           SearchFigures& figures) {
  if (problem.cities > kMostPenaltyCities) {
    throw InputError(
        fmt::format("the penalty encoding takes cities squared p-bits; {} cities were given, allowed are up to {}",
                    problem.cities, kMostPenaltyCities));
  }
  double longest = 0;
  for (int64_t a = 0; a < problem.cities; ++a) {
    for (int64_t b = 0; b < a; ++b) longest = std::max(longest, static_cast<double>(distance(problem, a, b)));
  }
  const Pbits pbits(penalty_model(problem, longest));
  figures.hot = longest / 2;
  figures.cold = longest / 100;
  constexpr int64_t sweeps = 20000;
  Runs<std::optional<Tour>> runs(options, Measure{1}, figures);
  figures.runs = runs.each([&](int64_t number) {
    RunOptions run_options;
    run_options.rule = rule;
    run_options.noise = {options.seed, stream::kRoute};
    run_options.first_trajectory = number;
    run_options.kept = Kept::part;
    run_options.progress = [&](const Progress&) { return runs.open(); };
    Segment segment;
    segment.name = "cooling";
    segment.duration = sweeps;
    segment.couplings = 0;
    segment.kT = {{{0.0, figures.hot}, {1.0, figures.cold}}, true};
    Run run;
    try {
      run = swell::run(System(pbits.model(), &pbits), {"cooling", {segment}}, run_options);
    } catch (const Interrupted&) {
      return;
    }
    runs.count(static_cast<double>(run.steps * run.units), static_cast<double>(run.flips[0]));
    const std::vector<int64_t> order = decode(run.best_of(0), problem.cities - 1);
    std::vector<int64_t> sorted = order;
    std::sort(sorted.begin(), sorted.end());
    const bool tour = static_cast<int64_t>(order.size()) == problem.cities &&
                      std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end();
    if (!tour) return;
    const int64_t length = check_tour(problem, order);
    runs.offer(static_cast<double>(length), number, [&] { return Tour{order, length}; });
  });
  return runs.take_best();
}

}  // namespace swell::route
