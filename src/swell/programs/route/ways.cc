#include "swell/programs/route/ways.h"

#include <algorithm>
#include <queue>

namespace swell::route {

Ways::Ways(const StreetNetwork& network, const std::vector<int64_t>& junctions)
    : network_(network),
      junctions_(junctions),
      number_(network.junctions.size(), -1),
      at_(network.junctions.size()),
      length_(junctions.size() * junctions.size(), INFINITY) {
  for (size_t k = 0; k < junctions.size(); ++k) number_[junctions[k]] = static_cast<int64_t>(k);
  for (size_t s = 0; s < network.streets.size(); ++s) {
    const auto& street = network.streets[s];
    if (street.a == street.b) continue;
    at_[street.a].push_back({static_cast<int64_t>(s), false});
    if (!street.one_way()) at_[street.b].push_back({static_cast<int64_t>(s), true});
  }
}

void Ways::search(int64_t from, int64_t until, std::vector<double>& far, std::vector<Step>& by) const {
  far.assign(at_.size(), INFINITY);
  by.assign(at_.size(), {-1, false});
  using Item = std::pair<double, int64_t>;
  std::priority_queue<Item, std::vector<Item>, std::greater<>> queue;
  far[from] = 0;
  queue.emplace(0.0, from);
  while (!queue.empty()) {
    const auto [length, junction] = queue.top();
    queue.pop();
    if (length > far[junction]) continue;
    if (junction == until) return;
    for (const Step& step : at_[junction]) {
      const auto& street = network_.streets[step.street];
      const int64_t to = end_of(street, step.back);
      if (length + street.walked(step.back) >= far[to]) continue;
      far[to] = length + street.walked(step.back);
      by[to] = step;
      queue.emplace(far[to], to);
    }
  }
}

void Ways::grow(size_t k) {
  std::vector<double> far;
  std::vector<Step> by;
  search(junctions_[k], -1, far, by);
  for (size_t l = 0; l < junctions_.size(); ++l) length_[k * junctions_.size() + l] = far[junctions_[l]];
}

void Ways::append(int64_t a, int64_t b, std::vector<Step>& steps) const {
  if (a == b) return;
  std::vector<double> far;
  std::vector<Step> by;
  search(a, b, far, by);
  const auto first = static_cast<int64_t>(steps.size());
  for (int64_t junction = b; junction != a;) {
    const Step step = by[junction];
    steps.push_back(step);
    junction = begin_of(network_.streets[step.street], step.back);
  }
  std::reverse(steps.begin() + first, steps.end());
}

}  // namespace swell::route
