#include "swell/programs/bench/machines.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <tuple>
#include <utility>

#include "swell/model/sparse.h"

namespace swell::bench {

namespace {

constexpr int kPermutations = 6;  // each gives a unit two neighbours
constexpr double kSparseCoupling = 0.05;

DenseWeights random_couplings(int64_t n) {
  DenseWeights weights{std::vector<double>(n * n, 0.0)};
  std::minstd_rand random(1);
  const double scale = 0.5 / std::sqrt(static_cast<double>(n)) / static_cast<double>(std::minstd_rand::max());
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < i; ++j) {
      const double J = scale * (2 * static_cast<double>(random()) - static_cast<double>(std::minstd_rand::max()));
      weights.values[i * n + j] = weights.values[j * n + i] = J;
    }
  }
  return weights;
}

// The most nearly square shape of at most so many units.
std::vector<int64_t> lattice_shape(int64_t units) {
  const auto rows = static_cast<int64_t>(std::sqrt(static_cast<double>(units)) + 0.5);
  return {rows, units / rows};
}

SparseWeights lattice(const std::vector<int64_t>& shape) {
  const std::vector<std::vector<int64_t>> distances = {{0, 1}, {0, 2}, {1, -1}, {1, 0}, {1, 1}, {2, 0}};
  const int64_t size = shape[0] * shape[1];
  return sparse_from_edges(size, size, true, lattice_edges(shape, distances, true, kSparseCoupling));
}

SparseWeights graph(int64_t n) {
  std::mt19937_64 random(1);
  std::vector<std::pair<int64_t, int64_t>> pairs;
  std::vector<int64_t> permutation(n);
  std::iota(permutation.begin(), permutation.end(), 0);
  for (int k = 0; k < kPermutations; ++k) {
    for (int64_t i = n - 1; i > 0; --i) std::swap(permutation[i], permutation[random() % static_cast<uint64_t>(i + 1)]);
    for (int64_t i = 0; i < n; ++i) {
      if (permutation[i] != i) pairs.push_back(std::minmax(i, int64_t{permutation[i]}));
    }
  }
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  std::vector<Edge> edges;
  edges.reserve(pairs.size());
  for (const auto& [i, j] : pairs) edges.push_back({i, j, kSparseCoupling});
  return sparse_from_edges(n, n, true, std::move(edges));
}

}  // namespace

Workload make_workload(Kind kind, int64_t units) {
  const std::vector<int64_t> shape = kind == Kind::lattice ? lattice_shape(units) : std::vector<int64_t>{units};
  const int64_t n = std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
  Workload machine;
  machine.kind = kind;
  Computer& computer = machine.computer;
  computer.groups.push_back({"units", shape, 0, n});
  computer.J2.assign(n, 0.5);
  computer.J3.assign(n, 0.0);
  computer.J4.assign(n, 0.5);
  computer.mobility.assign(n, 1.0);
  if (kind == Kind::uncoupled) return machine;
  CouplingSet& set = computer.sets.emplace_back();
  set.name = "couplings";
  set.bias.assign(n, 0.0);
  set.biased.assign(1, 0);
  CouplingBlock& block = set.blocks.emplace_back();
  constexpr int64_t kFloat = sizeof(float), kColumn = sizeof(int32_t);
  if (kind == Kind::dense) {
    block.weights = random_couplings(n);
    machine.multiply_adds = n * n;
    machine.coupling_bytes = n * n * kFloat;
    return machine;
  }
  SparseWeights weights = kind == Kind::lattice ? lattice(shape) : graph(n);
  machine.multiply_adds = static_cast<int64_t>(weights.column.size());
  // A uniform lattice needs neither columns nor couplings: its distances and weights are the same everywhere.
  machine.coupling_bytes = kind == Kind::lattice ? 0 : machine.multiply_adds * (kFloat + kColumn);
  block.weights = std::move(weights);
  return machine;
}

Protocol hold(const Workload& machine, int64_t steps, double dt) {
  Segment segment;
  segment.name = "hold";
  segment.duration = static_cast<double>(steps) * dt;
  segment.couplings = machine.kind == Kind::uncoupled ? kNoCouplings : 0;
  segment.drive.resize(1);
  segment.clamped.assign(1, 0);
  segment.kT = {{{0.0, machine.computer.kT}}};
  return {"hold", {segment}};
}

}  // namespace swell::bench
