#include "swell/programs/route/connect.h"

#include <algorithm>
#include <numeric>
#include <queue>

#include "swell/programs/route/matching.h"

namespace swell::route {

Joined::Joined(int64_t count) : up_(count) { std::iota(up_.begin(), up_.end(), 0); }

int64_t Joined::root(int64_t v) {
  while (up_[v] != v) v = up_[v] = up_[up_[v]];
  return v;
}

bool Joined::join(int64_t a, int64_t b) {
  a = root(a);
  b = root(b);
  up_[std::max(a, b)] = std::min(a, b);
  return a != b;
}

std::vector<int64_t> parts_of_task(const RoundTask& task) {
  const auto count = static_cast<int64_t>(task.network.junctions.size());
  Joined joined(count);
  std::vector<char> touched(count, 0);
  touched[task.start] = 1;
  if (task.end) touched[*task.end] = 1;
  if (task.end) joined.join(task.start, *task.end);  // a round's end is joined to its start by its return
  for (size_t s = 0; s < task.must.size(); ++s) {
    if (!task.must[s]) continue;
    const auto& street = task.network.streets[s];
    touched[street.a] = touched[street.b] = 1;
    joined.join(street.a, street.b);
  }
  std::vector<int64_t> part(count, -1);
  for (int64_t j = 0; j < count; ++j) {
    if (touched[j]) part[j] = joined.root(j);
  }
  return part;
}

namespace {

// Streets of a least tree of shortest ways between the parts: ways are grown from all parts at once, and of those that
// meet the shortest are taken first (K. Mehlhorn, Inf. Process. Lett. 27, 125 (1988)).
std::vector<int64_t> tree_between(const StreetNetwork& network, const std::vector<int64_t>& part,
                                  const std::vector<int64_t>& price) {
  const auto count = static_cast<int64_t>(network.junctions.size());
  std::vector<std::vector<int64_t>> at(count);
  for (size_t s = 0; s < network.streets.size(); ++s) {
    at[network.streets[s].a].push_back(static_cast<int64_t>(s));
    at[network.streets[s].b].push_back(static_cast<int64_t>(s));
  }
  std::vector<int64_t> far(count, INT64_MAX), by(count, -1), of(count, -1);
  using Item = std::pair<int64_t, int64_t>;
  std::priority_queue<Item, std::vector<Item>, std::greater<>> queue;
  for (int64_t j = 0; j < count; ++j) {
    if (part[j] < 0) continue;
    far[j] = 0;
    of[j] = part[j];
    queue.emplace(0, j);
  }
  const auto across = [&](int64_t s, int64_t j) {
    return network.streets[s].a == j ? network.streets[s].b : network.streets[s].a;
  };
  while (!queue.empty()) {
    const auto [length, j] = queue.top();
    queue.pop();
    if (length > far[j]) continue;
    for (const int64_t s : at[j]) {
      const int64_t to = across(s, j);
      if (length + price[s] >= far[to]) continue;
      far[to] = length + price[s];
      by[to] = s;
      of[to] = of[j];
      queue.emplace(far[to], to);
    }
  }
  std::vector<std::pair<int64_t, int64_t>> meetings;
  for (size_t s = 0; s < network.streets.size(); ++s) {
    const auto& street = network.streets[s];
    if (of[street.a] >= 0 && of[street.b] >= 0 && of[street.a] != of[street.b])
      meetings.emplace_back(far[street.a] + price[s] + far[street.b], s);
  }
  std::sort(meetings.begin(), meetings.end());
  Joined joined(count);
  std::vector<char> in(network.streets.size(), 0);
  for (const auto& [length, s] : meetings) {
    const auto& street = network.streets[s];
    if (!joined.join(of[street.a], of[street.b])) continue;
    in[s] = 1;
    for (int64_t j : {street.a, street.b}) {
      for (; by[j] >= 0; j = across(by[j], j)) in[by[j]] = 1;
    }
  }
  std::vector<int64_t> tree;
  for (size_t s = 0; s < in.size(); ++s) {
    if (in[s]) tree.push_back(static_cast<int64_t>(s));
  }
  return tree;
}

// The junctions that the copies and the ends leave odd; with an end anywhere, a further node behind them.
std::vector<char> odd_nodes(const RoundTask& task, const std::vector<int64_t>& copies) {
  std::vector<char> odd(task.network.junctions.size() + 1, 0);
  for (const int64_t s : copies) {
    odd[task.network.streets[s].a] ^= 1;
    odd[task.network.streets[s].b] ^= 1;
  }
  odd[task.start] ^= 1;
  odd[task.end ? *task.end : static_cast<int64_t>(odd.size()) - 1] ^= 1;
  return odd;
}

// Makes the copies even by the least T-join.
void make_even(const RoundTask& task, const WholeLengths& whole, std::vector<int64_t>& copies) {
  const auto& network = task.network;
  const auto streets = static_cast<int64_t>(network.streets.size());
  const auto nowhere = static_cast<int64_t>(network.junctions.size());
  LengthGraph graph{nowhere + 1, {}};
  int64_t all = 1;
  for (int64_t s = 0; s < streets; ++s) {
    graph.edges.push_back({network.streets[s].a, network.streets[s].b, whole.forward[s]});
    all += whole.forward[s];
  }
  // The walk ends once: a second edge to the further node is dearer than all streets.
  if (!task.end) {
    for (int64_t j = 0; j < nowhere; ++j) graph.edges.push_back({j, nowhere, all});
  }
  for (const int64_t e : least_join(graph, odd_nodes(task, copies))) {
    if (e < streets) copies.push_back(e);
  }
}

// Leaves out pairs of copies of a street, the longest first, as long as all that is walked hangs together.
void drop_pairs(const RoundTask& task, const WholeLengths& whole, std::vector<int64_t>& copies) {
  const auto& network = task.network;
  std::vector<int> times(network.streets.size(), 0);
  for (const int64_t s : copies) ++times[s];
  std::vector<int64_t> doubled;
  for (size_t s = 0; s < times.size(); ++s) {
    while (times[s] > 2) times[s] -= 2;
    if (times[s] == 2 && !task.must[s]) doubled.push_back(static_cast<int64_t>(s));
  }
  std::stable_sort(doubled.begin(), doubled.end(),
                   [&](int64_t a, int64_t b) { return whole.forward[a] > whole.forward[b]; });
  // Backwards: those that are needed, the shortest first, join what the others have not.
  Joined joined(static_cast<int64_t>(network.junctions.size()));
  const std::vector<int64_t> part = parts_of_task(task);
  for (size_t s = 0; s < times.size(); ++s) {
    if (times[s] == 1 || (times[s] == 2 && task.must[s])) joined.join(network.streets[s].a, network.streets[s].b);
  }
  for (auto s = doubled.rbegin(); s != doubled.rend(); ++s) {
    if (!joined.join(network.streets[*s].a, network.streets[*s].b)) times[*s] = 0;
  }
  // Ends of the tree that serve nothing.
  std::vector<std::vector<int64_t>> at(network.junctions.size());
  std::vector<int64_t> degree(network.junctions.size(), 0);
  for (size_t s = 0; s < times.size(); ++s) {
    if (times[s] == 0) continue;
    for (const int64_t j : {network.streets[s].a, network.streets[s].b}) {
      at[j].push_back(static_cast<int64_t>(s));
      degree[j] += times[s];
    }
  }
  std::vector<int64_t> open(network.junctions.size());
  std::iota(open.begin(), open.end(), 0);
  while (!open.empty()) {
    const int64_t j = open.back();
    open.pop_back();
    if (part[j] >= 0 || degree[j] != 2) continue;
    for (const int64_t s : at[j]) {
      if (times[s] != 2) continue;
      times[s] = 0;
      for (const int64_t end : {network.streets[s].a, network.streets[s].b}) {
        degree[end] -= 2;
        open.push_back(end);
      }
    }
  }
  copies.clear();
  for (size_t s = 0; s < times.size(); ++s) copies.insert(copies.end(), times[s], static_cast<int64_t>(s));
}

// Steps so that each junction is left as often as entered, the walk from start to end included.
bool balance(const RoundTask& task, const WholeLengths& whole, std::vector<Step>& steps) {
  const auto& network = task.network;
  const auto nowhere = static_cast<int64_t>(network.junctions.size());
  std::vector<int64_t> supply(nowhere + 1, 0);
  for (const Step& step : steps) {
    ++supply[end_of(network.streets[step.street], step.back)];
    --supply[begin_of(network.streets[step.street], step.back)];
  }
  ++supply[task.start];
  --supply[task.end.value_or(nowhere)];
  std::vector<FlowArc> arcs;
  std::vector<Step> of;
  for (int64_t s = 0; s < static_cast<int64_t>(network.streets.size()); ++s) {
    const auto& street = network.streets[s];
    if (street.a == street.b) continue;
    arcs.push_back({street.a, street.b, whole.forward[s]});
    of.push_back({s, false});
    if (street.one_way()) continue;
    arcs.push_back({street.b, street.a, whole.back[s]});
    of.push_back({s, true});
  }
  if (!task.end) {
    for (int64_t j = 0; j < nowhere; ++j) arcs.push_back({j, nowhere, 0});
  }
  const std::vector<int64_t> flow = cheapest_flow(arcs, supply);
  for (size_t k = 0; k < of.size() && k < flow.size(); ++k) steps.insert(steps.end(), flow[k], of[k]);
  return !flow.empty();
}

bool connected(const RoundTask& task, std::span<const int64_t> copies) {
  Joined joined(static_cast<int64_t>(task.network.junctions.size()));
  for (const int64_t s : copies) joined.join(task.network.streets[s].a, task.network.streets[s].b);
  return std::all_of(copies.begin(), copies.end(),
                     [&](int64_t s) { return joined.root(task.network.streets[s].a) == joined.root(task.start); }) &&
         (!task.end || joined.root(*task.end) == joined.root(task.start));
}

std::vector<int64_t> must_streets(const RoundTask& task) {
  std::vector<int64_t> streets;
  for (size_t s = 0; s < task.must.size(); ++s) {
    if (task.must[s]) streets.push_back(static_cast<int64_t>(s));
  }
  return streets;
}

std::vector<int64_t> streets_of(const std::vector<Step>& steps) {
  std::vector<int64_t> streets;
  for (const Step& step : steps) streets.push_back(step.street);
  return streets;
}

}  // namespace

Round construct_round(const RoundTask& task, const WholeLengths& whole, const std::vector<int64_t>& price,
                      const std::vector<char>& forward) {
  const auto& network = task.network;
  const std::vector<int64_t> tree = tree_between(network, parts_of_task(task), price);
  if (network.symmetric()) {
    std::vector<int64_t> copies = must_streets(task);
    copies.insert(copies.end(), tree.begin(), tree.end());
    make_even(task, whole, copies);
    drop_pairs(task, whole, copies);
    return walk_through(network, copies, task.start);
  }
  std::vector<Step> steps;
  for (const int64_t s : must_streets(task)) steps.push_back({s, !network.streets[s].one_way() && !forward[s]});
  for (const int64_t s : tree) steps.push_back({s, !network.streets[s].one_way() && !forward[s]});
  balance(task, whole, steps);
  return walk_along(network, steps, task.start);
}

Relaxed relaxed_round(const RoundTask& task, const WholeLengths& whole) {
  const auto& network = task.network;
  std::vector<int64_t> copies = must_streets(task);
  Relaxed relaxed;
  if (network.symmetric()) {
    make_even(task, whole, copies);
    for (const int64_t s : copies) relaxed.bound += network.streets[s].length;
    if (connected(task, copies)) relaxed.round = walk_through(network, copies, task.start);
    return relaxed;
  }
  const bool directed =
      std::all_of(copies.begin(), copies.end(), [&](int64_t s) { return network.streets[s].one_way(); });
  if (!directed) {
    for (const int64_t s : copies) relaxed.bound += network.streets[s].shorter();
    return relaxed;
  }
  std::vector<Step> steps;
  for (const int64_t s : copies) steps.push_back({s, false});
  balance(task, whole, steps);
  relaxed.bound = length_of(network, steps);
  if (connected(task, streets_of(steps))) relaxed.round = walk_along(network, steps, task.start);
  return relaxed;
}

}  // namespace swell::route
