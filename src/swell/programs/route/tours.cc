#include "swell/programs/route/tours.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "swell/base/errors.h"
#include "swell/engine/ising/pbits.h"
#include "swell/random/sequence.h"
#include "swell/random/streams.h"

namespace swell::route {

namespace {

constexpr int64_t kNeighbours = 10;
constexpr int64_t kMostTabled = 3000;    // cities whose distances are tabled
constexpr int64_t kMovesPerCity = 4000;  // of the first runs; later ones twice, four, eight times as many
constexpr int64_t kMovesPerLook = 1 << 14;

// Distances at hand, and each city's nearest.
struct Map {
  const Tsplib& problem;
  int64_t cities, width;
  std::vector<int32_t> table;
  std::vector<int64_t> near;  // [cities][width]
  double mean_near = 0;

  explicit Map(const Tsplib& given)
      : problem(given), cities(given.cities), width(std::min(kNeighbours, given.cities - 1)) {
    if (cities <= kMostTabled) {
      table.resize(cities * cities);
      bool fits = true;
      for (int64_t a = 0; a < cities; ++a) {
        for (int64_t b = 0; b < cities; ++b) {
          const int64_t d = distance(problem, a, b);
          fits = fits && d <= INT32_MAX;
          table[a * cities + b] = static_cast<int32_t>(d);
        }
      }
      if (!fits) table.clear();
    }
    std::vector<int64_t> others(cities);
    for (int64_t a = 0; a < cities; ++a) {
      std::iota(others.begin(), others.end(), 0);
      std::swap(others[a], others.back());
      std::partial_sort(others.begin(), others.begin() + width, others.end() - 1, [&](int64_t p, int64_t q) {
        return std::pair(between(a, p), p) < std::pair(between(a, q), q);
      });
      near.insert(near.end(), others.begin(), others.begin() + width);
      std::iota(others.begin(), others.end(), 0);
      for (int64_t k = 0; k < width; ++k) mean_near += static_cast<double>(between(a, near[a * width + k]));
    }
    mean_near /= static_cast<double>(cities * width);
  }

  int64_t between(int64_t a, int64_t b) const {
    return table.empty() ? distance(problem, a, b) : table[a * cities + b];
  }
};

// A tour in an array, with the place of each city.
class Chain {
 public:
  Chain(const Map& map, Sequence& draws) : map_(map), draws_(draws), order_(map.cities), place_(map.cities) {
    std::iota(order_.begin(), order_.end(), 0);
    for (int64_t k = map.cities - 1; k > 0; --k) std::swap(order_[k], order_[draws.below(k + 1)]);
    for (int64_t k = 0; k < map.cities; ++k) place_[order_[k]] = k;
  }

  const std::vector<int64_t>& order() const { return order_; }

  // Tries one move at temperature kT; whether it was taken.
  bool move(double kT) {
    const int64_t a = draws_.below(map_.cities), b = map_.near[a * map_.width + draws_.below(map_.width)];
    return draws_.bits() >> 31 ? reverse_towards(a, b, kT) : carry_towards(a, b, kT);
  }

 private:
  int64_t after(int64_t place) const { return place + 1 == map_.cities ? 0 : place + 1; }
  int64_t before(int64_t place) const { return place == 0 ? map_.cities - 1 : place - 1; }

  bool accept(int64_t cost, double kT) {
    return cost <= 0 || draws_.uniform() < std::exp(-static_cast<double>(cost) / kT);
  }

  // Reverses the stretch from place i to place j, going forward; or, which is the same tour, the rest.
  void reverse(int64_t i, int64_t j) {
    const int64_t n = map_.cities;
    int64_t length = j - i;
    if (length < 0) length += n;
    ++length;
    if (2 * length > n) {
      const int64_t first = after(j);
      j = before(i);
      i = first;
      length = n - length;
    }
    for (int64_t k = length / 2; k > 0; --k) {
      std::swap(order_[i], order_[j]);
      place_[order_[i]] = i;
      place_[order_[j]] = j;
      i = after(i);
      j = before(j);
    }
  }

  // Makes b follow a (or precede it): the edges behind both are exchanged for two others.
  bool reverse_towards(int64_t a, int64_t b, double kT) {
    const bool forward = draws_.bits() >> 31;
    const int64_t pa = place_[a], pb = place_[b];
    const int64_t qa = forward ? after(pa) : before(pa), qb = forward ? after(pb) : before(pb);
    const int64_t na = order_[qa], nb = order_[qb];
    if (na == b || nb == a) return false;
    const int64_t cost = map_.between(a, b) + map_.between(na, nb) - map_.between(a, na) - map_.between(b, nb);
    if (!accept(cost, kT)) return false;
    if (forward) {
      reverse(qa, pb);
    } else {
      reverse(pb, qa);
    }
    return true;
  }

  // Takes a stretch of one to three cities that begins at a out, and puts it beside b, either way round.
  bool carry_towards(int64_t a, int64_t b, double kT) {
    const int64_t n = map_.cities, length = 1 + draws_.below(3);
    if (n < length + 3) return false;
    const bool a_first = draws_.bits() >> 31;
    // Places [i, j] of the stretch, going forward, with a at one end.
    const int64_t pa = place_[a];
    const int64_t i = a_first ? pa : (pa - length + 1 + n) % n, j = a_first ? (pa + length - 1) % n : pa;
    const int64_t pb = place_[b];
    if ((pb - i + n) % n < length) return false;
    const int64_t head = order_[i], tail = order_[j], left = order_[before(i)], right = order_[after(j)];
    // a comes next to b: between b and the one after it, or before it.
    const bool behind = draws_.bits() >> 31;
    const int64_t other = order_[behind ? after(pb) : before(pb)];
    if ((place_[other] - i + n) % n < length) return false;
    const int64_t far_end = a_first ? tail : head;
    const int64_t cost = map_.between(left, right) - map_.between(left, head) - map_.between(tail, right) +
                         map_.between(a, b) + map_.between(far_end, other) - map_.between(b, other);
    if (!accept(cost, kT)) return false;
    // Three reversals at most: the stretch changes places with what lies between it and its new neighbours.
    const int64_t first = behind ? b : other, second = behind ? other : b;  // the stretch goes between these two
    const int64_t entry = first == b ? a : far_end;                         // that follows `first`
    carry(i, j, first, second);
    if (order_[after(place_[first])] != entry) {
      reverse(after(place_[first]), before(place_[second]));
      // The rest may have been turned over instead: neighbours are what counts.
    }
    return true;
  }

  void carry(int64_t i, int64_t j, int64_t first, int64_t second) {
    const int64_t n = map_.cities;
    const int64_t forward = (place_[first] - j + n) % n, backward = (i - place_[second] + n) % n;
    std::vector<int64_t>& stretch = scratch_;
    stretch.clear();
    for (int64_t k = i;; k = after(k)) {
      stretch.push_back(order_[k]);
      if (k == j) break;
    }
    int64_t at = 0;
    if (forward <= backward) {
      // The cities behind the stretch move back, up to and with `first`.
      at = i;
      int64_t from = after(j);
      for (int64_t k = 0; k < forward; ++k, at = after(at), from = after(from)) put(at, order_[from]);
      for (const int64_t city : stretch) {
        put(at, city);
        at = after(at);
      }
    } else {
      at = j;
      int64_t from = before(i);
      for (int64_t k = 0; k < backward; ++k, at = before(at), from = before(from)) put(at, order_[from]);
      for (size_t k = stretch.size(); k-- > 0; at = before(at)) put(at, stretch[k]);
    }
  }

  void put(int64_t place, int64_t city) {
    order_[place] = city;
    place_[city] = place;
  }

  const Map& map_;
  Sequence& draws_;
  std::vector<int64_t> order_, place_, scratch_;
};

void run_chain(const Map& map, const SearchOptions& options, int64_t number, Runs<Tour>& runs,
               const SearchFigures& figures) {
  Sequence draws({options.seed, stream::kRoute}, static_cast<uint64_t>(number));
  Chain chain(map, draws);
  // Longer and longer, since short runs that fail would fail again.
  const int64_t moves = kMovesPerCity * map.cities << std::min<int64_t>(number / 4, 5);
  const double ratio = std::log(figures.cold / figures.hot);
  double accepted = 0;
  int64_t done = 0;
  while (done < moves && runs.open()) {
    for (const int64_t to = std::min(moves, done + kMovesPerLook); done < to;) {
      // The temperature is taken anew every 64 moves.
      const double kT = figures.hot * std::exp(ratio * static_cast<double>(done) / static_cast<double>(moves));
      for (int64_t k = 0; k < 64 && done < to; ++k, ++done) accepted += chain.move(kT);
    }
  }
  if (done < moves) {
    for (int64_t k = 0; k < 200 * map.cities; ++k) accepted += chain.move(figures.cold);
  }
  runs.count(static_cast<double>(done), accepted);
  Tour tour{chain.order(), check_tour(map.problem, chain.order())};
  runs.offer(tour, static_cast<double>(tour.length), number);
}

}  // namespace

Tour search_tour(const Tsplib& problem, const SearchOptions& options, SearchFigures& figures) {
  const Map map(problem);
  figures.hot = std::max(1e-3, 0.5 * map.mean_near);
  figures.cold = 0.01 * figures.hot;
  Runs<Tour> runs(options, figures);
  return runs.best_of([&](int64_t number) { run_chain(map, options, number, runs, figures); });
}

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

std::optional<Tour> search_tour_by_penalty(const Tsplib& problem, const SearchOptions& options,
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
  Runs<std::optional<Tour>> runs(options, figures);
  return runs.best_of([&](int64_t number) {
    PbitOptions pbit_options;
    pbit_options.coding = Coding::narrow;
    pbit_options.noise = {options.seed, stream::kRoute};
    pbit_options.first_replica = number;
    for (int64_t k = 0; k < sweeps; ++k)
      pbit_options.beta.push_back(
          1 / (figures.hot * std::pow(figures.cold / figures.hot, static_cast<double>(k) / sweeps)));
    pbit_options.go_on = [&] { return runs.open(); };
    const PbitRun run = pbits.sample(pbit_options);
    runs.count(static_cast<double>(run.sweeps_done[0] * run.units), static_cast<double>(run.flips[0]));
    const std::vector<int64_t> order = decode(run.best_of(0), problem.cities - 1);
    std::vector<int64_t> sorted = order;
    std::sort(sorted.begin(), sorted.end());
    const bool tour = static_cast<int64_t>(order.size()) == problem.cities &&
                      std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end();
    if (!tour) return;
    const int64_t length = check_tour(problem, order);
    runs.offer(Tour{order, length}, static_cast<double>(length), number);
  });
}

int64_t check_tour(const Tsplib& problem, std::span<const int64_t> order) {
  std::vector<char> seen(problem.cities, 0);
  for (const int64_t city : order) {
    if (city < 0 || city >= problem.cities || seen[city]++)
      throw InputError(fmt::format("city {} is not in the problem or stands twice in the tour", city + 1));
  }
  if (static_cast<int64_t>(order.size()) != problem.cities)
    throw InputError(fmt::format("the tour visits {} of {} cities", order.size(), problem.cities));
  int64_t length = 0;
  for (size_t k = 0; k < order.size(); ++k) length += distance(problem, order[k], order[(k + 1) % order.size()]);
  return length;
}

std::optional<int64_t> known_optimum(const Tsplib& problem) {
  struct Entry {
    const char* name;
    int64_t cities, length;
  };
  static constexpr Entry kOptima[] = {{"burma14", 14, 3323},   {"ulysses16", 16, 6859},  {"ulysses22", 22, 7013},
                                      {"att48", 48, 10628},    {"eil51", 51, 426},       {"berlin52", 52, 7542},
                                      {"st70", 70, 675},       {"eil76", 76, 538},       {"rat99", 99, 1211},
                                      {"kroA100", 100, 21282}, {"eil101", 101, 629},     {"lin105", 105, 14379},
                                      {"ch130", 130, 6110},    {"ch150", 150, 6528},     {"kroA200", 200, 29368},
                                      {"a280", 280, 2579},     {"lin318", 318, 42029},   {"pcb442", 442, 50778},
                                      {"rat783", 783, 8806},   {"pr1002", 1002, 259045}, {"pcb1173", 1173, 56892}};
  std::string name = problem.name;
  if (name.ends_with(".tsp")) name.resize(name.size() - 4);
  for (const Entry& entry : kOptima) {
    if (name == entry.name && problem.cities == entry.cities) return entry.length;
  }
  return {};
}

std::string tour_text(const Tsplib& problem, const Tour& tour) {
  std::string text = fmt::format("NAME : {}\nCOMMENT : length {}\nTYPE : TOUR\nDIMENSION : {}\nTOUR_SECTION\n",
                                 problem.name, tour.length, problem.cities);
  for (const int64_t city : tour.order) text += fmt::format("{}\n", city + 1);
  return text + "-1\nEOF\n";
}

}  // namespace swell::route
