#include "swell/programs/route/tours.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "swell/base/threads.h"
#include "swell/programs/route/one_tree.h"
#include "swell/programs/route/start_tour.h"
#include "swell/programs/route/tour_chain.h"
#include "swell/random/sequence.h"
#include "swell/random/streams.h"

namespace swell::route {

namespace {

constexpr int64_t kStretch = 5000;     // cities, about, of the parts of a larger tour
constexpr int64_t kStepsPerCity = 40;  // of the first runs; later ones two, four, eight times as many
constexpr int64_t kStepsPerLook = 64;
constexpr double kHot = 0.1;           // first kT, in mean distances to near cities
constexpr double kEnoughSteps = 200;   // per city, from which on it pays to begin hot
constexpr double kShareOfBound = 0.2;  // of the time at most

// The best tour of several threads, and when the search is over: at a tour that the bound proves best as well.
class Search : public Runs<Tour> {
 public:
  Search(const Tsplib& problem, const SearchOptions& options, SearchFigures& figures)
      : Runs(options, Measure{1}, figures), problem_(problem), options_(options), figures_(figures) {}

  // Cities by the map.
  void offer(const TourMap& map, std::span<const int32_t> order, int64_t length, int64_t number) {
    Restarts::offer(static_cast<double>(length), number, [&] {
      Tour tour;
      for (const int32_t city : order) tour.order.push_back(map.name(city));
      tour.length = length;
      return tour;
    });
    if (timed() && figures_.bound && length <= *figures_.bound) close();
  }

  void count_run(int64_t steps, int64_t taken) { count(static_cast<double>(steps), static_cast<double>(taken), 1); }

  Tour finish() {
    figures_.seconds = elapsed();
    figures_.best_run = best_run();
    Tour best = take_best();
    if (figures_.bound && *figures_.bound > best.length) figures_.bound = best.length;
    return best;
  }

  const Tsplib& problem_;
  const SearchOptions& options_;
  SearchFigures& figures_;
};

// Steps of one run, cooled as it goes: a fixed number, or as many as fit until `end`.
struct Schedule {
  int64_t steps = 0;          // at most
  double begin = 0, end = 0;  // seconds; end = 0 for no limit but the steps
  double hot = 0;

  double share(int64_t done, double now) const {
    const double of_steps = static_cast<double>(done) / static_cast<double>(steps);
    return end > 0 ? std::max(of_steps, (now - begin) / std::max(1e-9, end - begin)) : of_steps;
  }
};

// Large steps from the chain's tour, the best of which is offered.
void anneal(const TourMap& map, TourChain& chain, const Schedule& schedule, Sequence& draws, int64_t number,
            Search& search) {
  int64_t done = 0, taken = 0, best = chain.length();
  std::vector<int32_t> best_order = chain.order();
  search.offer(map, best_order, best, number);
  double kT = schedule.hot;
  while (done < schedule.steps && search.open()) {
    const double share = schedule.share(done, search.elapsed());
    if (share >= 1) break;
    // The last fifth is cold: descent only.
    kT = schedule.hot * std::max(0.0, 1 - share / 0.8);
    const int64_t to = std::min(schedule.steps, done + kStepsPerLook);
    for (; done < to; ++done) {
      taken += chain.step(kT, draws);
      if (chain.length() < best) {
        best = chain.length();
        best_order = chain.order();
      }
    }
    if (static_cast<double>(best) < search.best_cost()) search.offer(map, best_order, best, number);
  }
  search.offer(map, best_order, best, number);
  search.count_run(done, taken);
}

// Run `number` of a problem of few cities. Timed runs share the time that is left; where it is plenty they are many.
void run_alone(const TourMap& map, std::span<const int32_t> start, int64_t number, Search& search) {
  Sequence draws({search.options_.seed, stream::kRoute}, static_cast<uint64_t>(number));
  TourChain chain(map, start);
  chain.descend(start, [&] { return search.open(); });
  Schedule schedule;
  schedule.steps = std::max<int64_t>(2000, kStepsPerCity * map.cities()) << std::min<int64_t>(number / 4, 5);
  schedule.hot = kHot * map.mean_near();
  if (search.timed()) {
    // What a run of some length costs is seen from its first steps.
    schedule.begin = search.elapsed();
    int64_t tried = 0;
    for (; tried < kStepsPerLook && search.open(); ++tried) chain.step(0, draws);
    const double rate = static_cast<double>(tried) / std::max(1e-6, search.elapsed() - schedule.begin);
    const double fit = rate * std::max(0.0, search.left());
    const auto wanted = static_cast<double>(kStepsPerCity * 20 * map.cities());
    schedule.steps = static_cast<int64_t>(std::max(1.0, fit < 2 * wanted ? 1e15 : wanted));
    schedule.end = fit < 2 * wanted ? search.elapsed() + search.left() : 0;
    if (fit < kEnoughSteps * static_cast<double>(map.cities())) schedule.hot = 0;
  }
  anneal(map, chain, schedule, draws, number, search);
}

// Improves stretches of a large tour at the same time, each as a problem of its own, then the seams between them.
void run_in_stretches(const TourMap& map, std::vector<int32_t> order, Search& search) {
  const int64_t n = map.cities(), parts = n / kStretch;
  std::vector<int32_t> everywhere = order;
  for (int64_t round = 0; round == 0 || ((search.timed() || round <= search.options_.runs) && search.open()); ++round) {
    TourChain whole(map, order);
    whole.descend(everywhere, [&] { return search.open(); });
    order = whole.order();
    search.offer(map, order, whole.length(), -round);
    if (!search.timed() && round == search.options_.runs) break;
    Sequence draws({search.options_.seed, stream::kRoute}, static_cast<uint64_t>(round) << 32);
    std::rotate(order.begin(), order.begin() + draws.below(n), order.end());
    std::vector<int32_t> part_of(n);
    parallel_for(parts, search.options_.threads, [&](int64_t part) {
      const int64_t begin = part * n / parts, end = (part + 1) * n / parts;
      const std::span<int32_t> cities(order.data() + begin, static_cast<size_t>(end - begin));
      for (const int32_t city : cities) part_of[city] = static_cast<int32_t>(part);
      if (!search.open()) return;
      const TourMap stretch = map.stretch(cities);
      std::vector<int32_t> path(cities.size());
      std::iota(path.begin(), path.end(), 0);
      TourChain chain(stretch, path);
      Sequence own({search.options_.seed, stream::kRoute}, (static_cast<uint64_t>(round) << 32) + part + 1);
      int64_t done = 0, taken = 0;
      for (const int64_t steps = 3 * (end - begin); done < steps && search.open();) {
        for (int64_t k = 0; k < kStepsPerLook; ++k, ++done) taken += chain.step(0, own);
      }
      path = chain.order();
      std::rotate(path.begin(), std::find(path.begin(), path.end(), 0), path.end());
      if (path[1] == static_cast<int32_t>(cities.size()) - 1) std::reverse(path.begin() + 1, path.end());
      for (int32_t& city : path) city = cities[city];
      std::copy(path.begin(), path.end(), cities.begin());
      search.count_run(done, taken);
    });
    int64_t length = 0;
    for (int64_t k = 0; k < n; ++k) length += map.between(order[k], order[k + 1 == n ? 0 : k + 1]);
    search.offer(map, order, length, -round);
    everywhere.clear();
    for (int64_t city = 0; city < n; ++city) {
      for (const auto& near : map.near(city)) {
        if (part_of[near.city] != part_of[city]) {
          everywhere.push_back(static_cast<int32_t>(city));
          break;
        }
      }
    }
  }
}

// The bound, and better candidates with it; both take time by the square of the cities.
void find_bound(TourMap& map, std::span<const int32_t> start, Search& search) {
  const int64_t n = map.cities();
  TourChain chain(map, start);
  chain.descend(start, [&] { return search.open(); });
  Sequence draws({search.options_.seed, stream::kRoute}, UINT64_MAX);
  for (int64_t k = 0; k < 2 * n && (k % kStepsPerLook != 0 || search.open()); ++k) chain.step(0, draws);
  search.offer(map, chain.order(), chain.length(), INT64_MAX);
  if (n > kMostOneTreeCities) return;
  const double until = search.timed() ? search.elapsed() + kShareOfBound * std::max(0.0, search.left()) : 1e300;
  const OneTreeBound found = one_tree_bound(
      map, chain.length(), [&] { return search.elapsed() < until && search.open(); }, [&] { return search.open(); });
  search.figures_.bound = found.bound;
  if (!found.candidates.empty()) map.put_first(found.candidates);
  search.offer(map, chain.order(), chain.length(), INT64_MAX - 1);
}

}  // namespace

Tour search_tour(const Tsplib& problem, const SearchOptions& options, SearchFigures& figures) {
  Search search(problem, options, figures);
  if (problem.cities <= kMostExactCities) {
    Tour tour = exact_tour(problem);
    figures.bound = tour.length;
    figures.seconds = figures.seconds_to_best = search.elapsed();
    figures.runs = 1;
    return tour;
  }
  TourMap map(problem);
  const std::vector<int32_t> start = greedy_tour(map);
  figures.start = "greedy edges";
  if (problem.cities > kMostCitiesOfOwnTours) {
    run_in_stretches(map, start, search);
    return search.finish();
  }
  figures.hot = kHot * map.mean_near();
  find_bound(map, start, search);
  if (search.open()) search.each([&](int64_t number) { run_alone(map, start, number, search); });
  return search.finish();
}

}  // namespace swell::route
