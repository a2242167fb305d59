#include "swell/io/street_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/lower_case.h"

namespace swell {

int64_t StreetBuilder::point(std::string name, double x, double y) {
  points_.push_back({std::move(name), x, y, 0});
  return static_cast<int64_t>(points_.size()) - 1;
}

int64_t StreetBuilder::point_at(double x, double y) {
  // Beyond 9e11 units the grid is as coarse as doubles are; the key only has to be the same for the same place.
  const auto grid = [](double value) { return std::llround(std::clamp(value, -9e11, 9e11) * 1e7); };
  const auto [found, fresh] = at_.try_emplace({grid(x), grid(y)}, static_cast<int64_t>(points_.size()));
  if (fresh) points_.push_back({fmt::format("{:.7g},{:.7g}", x, y), x, y, 0});
  if (fresh && geographic_) points_.back().name = fmt::format("{:.6f},{:.6f}", x, y);
  return found->second;
}

void StreetBuilder::line(const std::vector<int64_t>& points, Line line) {
  std::vector<int64_t> kept;
  for (const int64_t point : points) {
    if (kept.empty() || kept.back() != point) kept.push_back(point);
  }
  if (kept.size() < 2) return;
  // Ends count twice: they are junctions, whatever else meets there.
  for (const int64_t point : kept) ++points_[point].uses;
  ++points_[kept.front()].uses;
  ++points_[kept.back()].uses;
  lines_.emplace_back(std::move(kept), std::move(line));
}

double StreetBuilder::between(int64_t a, int64_t b) const {
  const Point &from = points_[a], &to = points_[b];
  // Millimetres, so that sums of lengths are exact decimals.
  if (geographic_) return std::round(1000 * metres_between({from.x, from.y}, {to.x, to.y})) / 1000;
  return std::hypot(to.x - from.x, to.y - from.y);
}

StreetNetwork::Place StreetBuilder::placed(int64_t point, const StreetNetwork& network) const {
  const Point& p = points_[point];
  if (!network.origin) return {p.x, p.y};
  return project(*network.origin, p.x, p.y);
}

int64_t StreetBuilder::junction(int64_t point, StreetNetwork& network) {
  if (junction_of_[point] < 0) {
    junction_of_[point] = static_cast<int64_t>(network.junctions.size());
    network.junctions.push_back({points_[point].name, placed(point, network)});
  }
  return junction_of_[point];
}

void StreetBuilder::cut(const std::vector<int64_t>& points, const Line& line, StreetNetwork& network) {
  double drawn = 0;
  for (size_t k = 1; k < points.size(); ++k) drawn += between(points[k - 1], points[k]);
  size_t first = 0;
  double length = 0;
  StreetNetwork::Street street;
  for (size_t k = 1; k < points.size(); ++k) {
    length += between(points[k - 1], points[k]);
    if (points_[points[k]].uses < 2) {
      street.bends.push_back(placed(points[k], network));
      continue;
    }
    const double share =
        drawn > 0 ? length / drawn : static_cast<double>(k - first) / static_cast<double>(points.size() - 1);
    street.a = junction(points[first], network);
    street.b = junction(points[k], network);
    const auto part = [&](double whole) { return share < 1 ? std::round(1000 * whole * share) / 1000 : whole; };
    street.length = line.length ? part(*line.length) : std::round(1e6 * length) / 1e6;
    street.back = line.one_way ? INFINITY : line.back ? part(*line.back) : street.length;
    street.duty = line.duty;
    street.reward = line.reward * share;
    street.name = line.name;
    network.streets.push_back(std::move(street));
    street = {};
    length = 0;
    first = k;
  }
}

StreetNetwork StreetBuilder::build() {
  StreetNetwork network;
  if (geographic_ && !points_.empty()) {
    double west = INFINITY, east = -INFINITY, south = INFINITY, north = -INFINITY;
    for (const auto& [points, line] : lines_) {
      for (const int64_t p : points) {
        west = std::min(west, points_[p].x);
        east = std::max(east, points_[p].x);
        south = std::min(south, points_[p].y);
        north = std::max(north, points_[p].y);
      }
    }
    if (west <= east) network.origin = {(west + east) / 2, (south + north) / 2};
  }
  junction_of_.assign(points_.size(), -1);
  for (const auto& [points, line] : lines_) cut(points, line, network);
  if (depot_) {
    // A depot beside the lines stands for the junction nearest to it.
    const auto far = [&](const StreetNetwork::Junction& junction) {
      const StreetNetwork::Place wanted = placed(*depot_, network);
      return std::hypot(junction.place.x - wanted.x, junction.place.y - wanted.y);
    };
    const auto nearest = std::min_element(network.junctions.begin(), network.junctions.end(),
                                          [&](const auto& a, const auto& b) { return far(a) < far(b); });
    if (nearest != network.junctions.end()) network.depot = nearest - network.junctions.begin();
  }
  return network;
}

std::optional<bool> yes_or_no(std::string_view word) {
  const std::string lower = lower_case(word);
  if (lower == "yes" || lower == "true" || lower == "1" || lower == "y" || lower == "t") return true;
  if (lower == "no" || lower == "false" || lower == "0" || lower == "n" || lower == "f" || lower.empty()) return false;
  return {};
}

}  // namespace swell
