#include "swell/model/sparse.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

#include "swell/base/errors.h"

namespace swell {

namespace {

void check_edges(int64_t rows, int64_t columns, bool within, const std::vector<Edge>& edges) {
  for (const Edge& edge : edges) {
    if (edge.row < 0 || edge.row >= rows || edge.column < 0 || edge.column >= columns) {
      throw InputError(fmt::format("the coupling of units {} and {} is out of range; units 0 to {} and 0 to {} are",
                                   edge.row, edge.column, rows - 1, columns - 1));
    }
    if (within && edge.row == edge.column) {
      throw InputError(fmt::format("unit {} is coupled to itself; two units are needed", edge.row));
    }
  }
}

}  // namespace

SparseWeights sparse_from_edges(int64_t rows, int64_t columns, bool within, std::vector<Edge> edges) {
  check_edges(rows, columns, within, edges);
  if (within) {
    const size_t given = edges.size();
    edges.reserve(2 * given);
    for (size_t k = 0; k < given; ++k) edges.push_back({edges[k].column, edges[k].row, edges[k].J});
  }
  const auto place = [](const Edge& edge) { return std::tuple(edge.row, edge.column); };
  std::sort(edges.begin(), edges.end(), [&](const Edge& a, const Edge& b) { return place(a) < place(b); });
  SparseWeights sparse;
  sparse.row_start.assign(rows + 1, 0);
  for (size_t k = 0; k < edges.size(); ++k) {
    if (k > 0 && place(edges[k]) == place(edges[k - 1])) {
      throw InputError(
          fmt::format("the coupling of units {} and {} stands twice; once is allowed", edges[k].row, edges[k].column));
    }
    ++sparse.row_start[edges[k].row + 1];
    sparse.column.push_back(static_cast<int32_t>(edges[k].column));
    sparse.values.push_back(edges[k].J);
  }
  for (int64_t r = 0; r < rows; ++r) sparse.row_start[r + 1] += sparse.row_start[r];
  return sparse;
}

std::vector<Edge> lattice_edges(std::span<const int64_t> shape, std::span<const std::vector<int64_t>> distances,
                                bool periodic, double J) {
  const size_t extents = shape.size();
  for (const auto& distance : distances) {
    bool fits = distance.size() == extents;
    for (size_t d = 0; fits && d < extents; ++d) fits = std::abs(distance[d]) < shape[d];
    if (!fits) {
      throw InputError(fmt::format("the distance [{}] does not fit a lattice of shape [{}]", fmt::join(distance, ", "),
                                   fmt::join(shape, ", ")));
    }
  }
  int64_t size = 1;
  for (const int64_t extent : shape) size *= extent;
  std::vector<Edge> edges;
  edges.reserve(size * distances.size());
  std::vector<int64_t> at(extents, 0);
  for (int64_t unit = 0; unit < size; ++unit) {
    for (const auto& distance : distances) {
      int64_t other = 0;
      bool inside = true;
      for (size_t d = 0; d < extents; ++d) {
        const int64_t to = at[d] + distance[d];
        inside = inside && (periodic || (to >= 0 && to < shape[d]));
        other = other * shape[d] + (to + shape[d]) % shape[d];
      }
      if (inside) edges.push_back({unit, other, J});
    }
    for (size_t d = extents; d-- > 0;) {
      if (++at[d] < shape[d]) break;
      at[d] = 0;
    }
  }
  return edges;
}

}  // namespace swell
