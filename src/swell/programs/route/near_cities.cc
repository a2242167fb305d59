#include "swell/programs/route/near_cities.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace swell::route {

namespace {

constexpr int32_t kLeaf = 8;

double norm(PlaceTree::Metric metric, double dx, double dy, double dz) {
  if (metric == PlaceTree::Metric::euclidean) return dx * dx + dy * dy + dz * dz;
  if (metric == PlaceTree::Metric::manhattan) return std::abs(dx) + std::abs(dy) + std::abs(dz);
  return std::max({std::abs(dx), std::abs(dy), std::abs(dz)});
}

// Half-open quarter turns, so that each point but the centre is in one.
int quadrant_of(double dx, double dy) {
  if (dx > 0 && dy >= 0) return 0;
  if (dx <= 0 && dy > 0) return 1;
  if (dx < 0 && dy <= 0) return 2;
  if (dx >= 0 && dy < 0) return 3;
  return -1;
}

}  // namespace

struct PlaceTree::Search {
  int32_t from;
  size_t most;
  int quadrant;
  std::vector<std::pair<double, int32_t>> heap;  // the nearest so far, the farthest on top
};

PlaceTree::PlaceTree(std::span<const double> x, std::span<const double> y, std::span<const double> z, Metric metric)
    : metric_(metric), place_(3 * x.size()), order_(x.size()) {
  for (size_t k = 0; k < x.size(); ++k) {
    place_[3 * k] = x[k];
    place_[3 * k + 1] = y[k];
    place_[3 * k + 2] = z.empty() ? 0 : z[k];
  }
  std::iota(order_.begin(), order_.end(), 0);
  build(0, static_cast<int32_t>(order_.size()));
  rank_.resize(order_.size());
  for (size_t k = 0; k < order_.size(); ++k) rank_[order_[k]] = static_cast<int32_t>(k);
}

int32_t PlaceTree::build(int32_t begin, int32_t end) {
  Node node{{INFINITY, INFINITY, INFINITY}, {-INFINITY, -INFINITY, -INFINITY}, begin, end, -1, -1};
  for (int32_t k = begin; k < end; ++k) {
    for (int d = 0; d < 3; ++d) {
      node.low[d] = std::min(node.low[d], place_[3 * order_[k] + d]);
      node.high[d] = std::max(node.high[d], place_[3 * order_[k] + d]);
    }
  }
  const auto number = static_cast<int32_t>(nodes_.size());
  nodes_.push_back(node);
  int widest = 0;
  for (int d = 1; d < 3; ++d) {
    if (node.high[d] - node.low[d] > node.high[widest] - node.low[widest]) widest = d;
  }
  if (end - begin <= kLeaf) return number;
  const int32_t middle = begin + (end - begin) / 2;
  std::nth_element(order_.begin() + begin, order_.begin() + middle, order_.begin() + end, [&](int32_t a, int32_t b) {
    return std::pair(place_[3 * a + widest], a) < std::pair(place_[3 * b + widest], b);
  });
  const int32_t left = build(begin, middle), right = build(middle, end);
  nodes_[number].left = left;
  nodes_[number].right = right;
  return number;
}

double PlaceTree::apart(const double* a, const double* b) const {
  return norm(metric_, a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

double PlaceTree::apart(const double* from, const Node& node) const {
  double d[3];
  for (int k = 0; k < 3; ++k) d[k] = std::max({0.0, node.low[k] - from[k], from[k] - node.high[k]});
  return norm(metric_, d[0], d[1], d[2]);
}

void PlaceTree::visit(int32_t number, Search& search) const {
  const Node& node = nodes_[number];
  const double* from = &place_[3 * search.from];
  auto& heap = search.heap;
  if (heap.size() == search.most && apart(from, node) >= heap.front().first) return;
  if (search.quadrant >= 0) {
    const bool right = search.quadrant == 0 || search.quadrant == 3, up = search.quadrant < 2;
    if (right ? node.high[0] < from[0] : node.low[0] > from[0]) return;
    if (up ? node.high[1] < from[1] : node.low[1] > from[1]) return;
  }
  if (node.left >= 0) {
    // Of equally near parts that of the point itself comes first, so that many points in one place do not all find the
    // same few.
    const double left = apart(from, nodes_[node.left]), right = apart(from, nodes_[node.right]);
    const bool left_first = left < right || (left == right && rank_[search.from] < nodes_[node.right].begin);
    visit(left_first ? node.left : node.right, search);
    visit(left_first ? node.right : node.left, search);
    return;
  }
  for (int32_t k = node.begin; k < node.end; ++k) {
    const int32_t point = order_[k];
    const double* to = &place_[3 * point];
    if (point == search.from) continue;
    if (search.quadrant >= 0 && quadrant_of(to[0] - from[0], to[1] - from[1]) != search.quadrant) continue;
    const std::pair candidate(apart(from, to), point);
    if (heap.size() < search.most) {
      heap.push_back(candidate);
      std::push_heap(heap.begin(), heap.end());
    } else if (candidate < heap.front()) {
      std::pop_heap(heap.begin(), heap.end());
      heap.back() = candidate;
      std::push_heap(heap.begin(), heap.end());
    }
  }
}

void PlaceTree::nearest(int32_t from, int64_t most, int quadrant, std::vector<int32_t>& found) const {
  Search search{from, static_cast<size_t>(most), quadrant, {}};
  visit(0, search);
  std::sort_heap(search.heap.begin(), search.heap.end());
  found.clear();
  for (const auto& [distance, point] : search.heap) found.push_back(point);
}

}  // namespace swell::route
