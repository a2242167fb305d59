#include "swell/programs/route/tour_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "swell/base/errors.h"

namespace swell::route {

int64_t check_tour(const Tsplib& problem, std::span<const int64_t> order) {
  const int64_t n = problem.cities;
  std::vector<int64_t> place(n, -1);
  for (size_t k = 0; k < order.size(); ++k) {
    const int64_t city = order[k];
    if (city < 0 || city >= n || place[city] >= 0)
      throw InputError(
          fmt::format("city {} is not in the problem or stands twice in the tour", city + problem.first_city));
    place[city] = static_cast<int64_t>(k);
  }
  if (static_cast<int64_t>(order.size()) != n)
    throw InputError(fmt::format("the tour visits {} of {} cities", order.size(), n));
  for (const auto& [a, b] : problem.fixed) {
    const int64_t apart = std::abs(place[a] - place[b]);
    if (apart != 1 && apart != n - 1)
      throw InputError(
          fmt::format("the tour leaves out the fixed edge {} {}", a + problem.first_city, b + problem.first_city));
  }
  int64_t length = 0;
  for (size_t k = 0; k < order.size(); ++k) length += distance(problem, order[k], order[(k + 1) % order.size()]);
  return length;
}

// Proven optima as TSPLIB lists them. They belong to the data: a file of the same name with other cities has none.
std::optional<int64_t> known_optimum(const Tsplib& problem) {
  struct Entry {
    int64_t cities, length;
    std::string_view fingerprint;
  };
  static constexpr Entry kOptima[] = {
      {14, 3323, "315dfc6c669bf2f4054339a99f5ef2e9df5c65de49e3a65f641027912cf0f020"},    // burma14
      {16, 6859, "fff0055359225c6edbb7a3a5a8c4117fd0a9ae060c1e21558b71f221dc7e9dc9"},    // ulysses16
      {22, 7013, "3f51cdb25080bedc9fecfb2814559dc9ca5dd55f11a0a6ac9504240610007d41"},    // ulysses22
      {48, 10628, "3d981698f60f3162457d2a6dea81300c2760af24a5bf23221ecfafeef9140993"},   // att48
      {51, 426, "38a2e9760f7d727dea386eb12b44d4b2410ba89e32f89a251d429951757e9cd0"},     // eil51
      {52, 7542, "8c8e33ec21ba17faad66e597ca2af848331ea0563b2c451e726a69c02d2ef0f9"},    // berlin52
      {70, 675, "62293c2a70a1aff4a376fd7e1a3eb9f0978f63eb5c054a2a74f66a5facff0342"},     // st70
      {100, 21282, "b89c21efea98f2135c3de82496868f26b389f4912b98c9269e58b18b8d8df84f"},  // kroA100
      {280, 2579, "91c8d21ee20fa33f9d562591b0ccef5ac6b670265e933c581736df65e7a3957d"},   // a280
  };
  for (const Entry& entry : kOptima) {
    if (problem.cities == entry.cities && fingerprint(problem) == entry.fingerprint) return entry.length;
  }
  return {};
}

// The shortest of all tours, by the shortest way to each city through each set of others (M. Held, R. M. Karp, J. SIAM
// 10, 196 (1962)).
Tour exact_tour(const Tsplib& problem) {
  if (problem.cities > kMostExactCities)
    throw InputError(fmt::format("all tours of {} cities; allowed are up to {}", problem.cities, kMostExactCities));
  const auto n = static_cast<int>(problem.cities);
  if (n <= 1) return {n == 1 ? std::vector<int64_t>{0} : std::vector<int64_t>{}, 0};
  constexpr int64_t kHeld = int64_t{1} << 50;  // less for an edge that must be there
  std::vector<int64_t> cost(n * n);
  for (int a = 0; a < n; ++a) {
    for (int b = 0; b < n; ++b) cost[a * n + b] = distance(problem, a, b);
  }
  for (const auto& [a, b] : problem.fixed) {
    cost[a * n + b] -= kHeld;
    cost[b * n + a] -= kHeld;
  }
  const int m = n - 1;  // the last city is where tours begin
  constexpr int64_t kNone = std::numeric_limits<int64_t>::max();
  std::vector<int64_t> best(static_cast<size_t>(m) << m, kNone);
  std::vector<int8_t> from(best.size(), -1);
  for (int c = 0; c < m; ++c) best[(size_t{1} << c) * m + c] = cost[m * n + c];
  for (size_t set = 1; set < size_t{1} << m; ++set) {
    for (int last = 0; last < m; ++last) {
      const int64_t here = best[set * m + last];
      if (here == kNone) continue;
      for (int next = 0; next < m; ++next) {
        if (set >> next & 1) continue;
        const size_t to = (set | size_t{1} << next) * m + next;
        if (here + cost[last * n + next] < best[to]) {
          best[to] = here + cost[last * n + next];
          from[to] = static_cast<int8_t>(last);
        }
      }
    }
  }
  size_t set = (size_t{1} << m) - 1;
  int last = 0;
  for (int c = 1; c < m; ++c) {
    if (best[set * m + c] + cost[c * n + m] < best[set * m + last] + cost[last * n + m]) last = c;
  }
  Tour tour{{m}, 0};
  while (last >= 0) {
    tour.order.push_back(last);
    const int before = from[set * m + last];
    set &= ~(size_t{1} << last);
    last = before;
  }
  tour.length = check_tour(problem, tour.order);
  return tour;
}

std::string tour_text(const Tsplib& problem, const Tour& tour) {
  std::string text = fmt::format("NAME : {}\nCOMMENT : length {}\nTYPE : TOUR\nDIMENSION : {}\nTOUR_SECTION\n",
                                 problem.name, length_text(problem, tour.length), problem.cities);
  for (const int64_t city : tour.order) text += fmt::format("{}\n", city + problem.first_city);
  return text + "-1\nEOF\n";
}

}  // namespace swell::route
