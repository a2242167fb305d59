#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace swell::route {

// Points in space, found by place: a k-d tree.
class PlaceTree {
 public:
  enum class Metric { euclidean, manhattan, chessboard };

  // x, y, z: [points], all finite; z may be empty.
  PlaceTree(std::span<const double> x, std::span<const double> y, std::span<const double> z, Metric metric);

  // The points in the tree's order: near ones stand near each other.
  const std::vector<int32_t>& order() const { return order_; }

  // Fills `found` with the `most` points nearest to `from`, which is left out, nearest first. quadrant 0 to 3: only
  // points of that quadrant of the plane around `from`, which belong to one each and do not stand where it stands; -1:
  // all.
  void nearest(int32_t from, int64_t most, int quadrant, std::vector<int32_t>& found) const;

 private:
  struct Node {
    double low[3], high[3];
    int32_t begin, end;        // of order_
    int32_t left = -1, right;  // children; left = -1 for a leaf
  };
  struct Search;
  int32_t build(int32_t begin, int32_t end);
  void visit(int32_t node, Search& search) const;
  double apart(const double* a, const double* b) const;
  double apart(const double* from, const Node& node) const;

  Metric metric_;
  std::vector<double> place_;  // [points][3]
  std::vector<int32_t> order_, rank_;
  std::vector<Node> nodes_;
};

}  // namespace swell::route
