#include "swell/programs/ising/recombine.h"

#include <algorithm>

#include "swell/programs/ising/local_search.h"
#include "swell/programs/ising/low_width.h"
#include "swell/programs/ising/reduce.h"

namespace swell::ising {

namespace {

constexpr int64_t kHopsPerBlock = 30;
constexpr int64_t kMostTabu = 1000;  // blocks, where every step looks at all of them
constexpr int kWidth = 10;           // of the parts of the blocks that are solved exactly: tables of 2^10
constexpr double kMostDegree = 8;    // of blocks that are solved in such parts: of others, parts are small
constexpr int kPartsInVain = 6;      // after which no more are tried

// Parts of low width, each solved exactly while the rest is held. Whether nothing was held, so that the state is the
// best.
bool improve_by_parts(LocalSearch& state, const IsingModel& blocks, Sequence& draws,
                      const std::function<bool()>& go_on) {
  LowWidth parts(blocks, kWidth);
  for (int vain = 0; vain < kPartsInVain && go_on(); ++vain) {
    parts.choose(draws);
    if (parts.relax(state, 0, draws) < -state.grain()) vain = -1;
    if (parts.units() == blocks.units) return true;
  }
  return false;
}

// A low state of the blocks, not above the one that all +1 has.
std::vector<int8_t> solve(const IsingModel& blocks, Sequence& draws, const std::function<bool()>& go_on) {
  const Reduction reduction(blocks);
  if (reduction.units() == 0) return reduction.expand({});
  const std::vector<int8_t> ones(blocks.units, 1);
  LocalSearch search(reduction.model(), reduction.project(ones));
  search.descend();
  const double degree =
      static_cast<double>(reduction.model().neighbour.size()) / static_cast<double>(reduction.units());
  const bool sparse = degree <= kMostDegree;
  if (sparse && improve_by_parts(search, reduction.model(), draws, go_on)) return reduction.expand(search.spins());
  if (!sparse) {
    const HopScale scale = hop_scale(search, draws);
    walk_minima(search, {scale.hot, scale.cold, kHopsPerBlock * reduction.units()}, draws, go_on);
    if (reduction.units() <= kMostTabu) tabu(search, 2 * reduction.units(), draws, go_on);
  }
  return reduction.expand(search.spins());
}

}  // namespace

Blocks contract(const IsingModel& model, std::span<const int8_t> state, std::span<const std::vector<int8_t>> others) {
  Blocks blocks;
  blocks.block_of.assign(model.units, -1);
  // [units] bit k: whether the unit is as in `state` in state k of the others.
  std::vector<uint32_t> agrees(model.units, 0);
  for (size_t k = 0; k < others.size(); ++k) {
    for (int64_t i = 0; i < model.units; ++i) agrees[i] |= static_cast<uint32_t>(state[i] == others[k][i]) << k;
  }
  int32_t count = 0;
  std::vector<int32_t> members;
  for (int64_t start = 0; start < model.units; ++start) {
    if (blocks.block_of[start] >= 0) continue;
    members.assign(1, static_cast<int32_t>(start));
    blocks.block_of[start] = count;
    for (size_t at = 0; at < members.size(); ++at) {
      const int32_t i = members[at];
      for (int64_t k = model.row_start[i]; k < model.row_start[i + 1]; ++k) {
        const int32_t j = model.neighbour[k];
        if (blocks.block_of[j] >= 0 || agrees[i] != agrees[j]) continue;
        blocks.block_of[j] = count;
        members.push_back(j);
      }
    }
    ++count;
  }
  std::vector<IsingEdge> edges;
  std::vector<double> h(count, 0.0);
  for (int64_t i = 0; i < model.units; ++i) {
    const int32_t a = blocks.block_of[i];
    h[a] += model.h[i] * state[i];
    for (int64_t k = model.row_start[i]; k < model.row_start[i + 1]; ++k) {
      const int32_t j = model.neighbour[k], b = blocks.block_of[j];
      if (a < b) edges.push_back({a, b, model.J[k] * state[i] * state[j]});
    }
  }
  blocks.model = make_ising(count, edges, std::move(h));
  return blocks;
}

double recombine(const IsingModel& model, std::span<int8_t> state, std::span<const std::vector<int8_t>> others,
                 Sequence& draws, const std::function<bool()>& go_on) {
  const Blocks blocks = contract(model, state, others);
  if (blocks.model.units < 2) return 0;
  const std::vector<int8_t> best = solve(blocks.model, draws, go_on);
  const std::vector<int8_t> ones(blocks.model.units, 1);
  const double gain = ising_energy(blocks.model, best) - ising_energy(blocks.model, ones);
  // Even without a gain: another state of the same energy, so that ground states drift.
  if (gain > 0) return 0;
  for (int64_t i = 0; i < model.units; ++i) state[i] = static_cast<int8_t>(state[i] * best[blocks.block_of[i]]);
  return gain;
}

double take_better_clusters(const IsingModel& model, std::span<int8_t> state, std::span<const int8_t> other) {
  const bool fields = std::any_of(model.h.begin(), model.h.end(), [](double h) { return h != 0; });
  int64_t overlap = 0;
  for (size_t i = 0; i < state.size(); ++i) overlap += state[i] * other[i];
  const int8_t sign = !fields && overlap < 0 ? -1 : 1;
  const auto differs = [&](int64_t i) { return state[i] != sign * other[i]; };
  std::vector<char> seen(state.size(), 0);
  std::vector<int32_t> cluster;
  double gain = 0;
  for (int64_t start = 0; start < model.units; ++start) {
    if (seen[start] || !differs(start)) continue;
    cluster.assign(1, static_cast<int32_t>(start));
    seen[start] = 1;
    double cost = 0;
    for (size_t at = 0; at < cluster.size(); ++at) {
      const int32_t i = cluster[at];
      double outside = model.h[i];
      for (int64_t k = model.row_start[i]; k < model.row_start[i + 1]; ++k) {
        const int32_t j = model.neighbour[k];
        if (!differs(j)) {
          outside += model.J[k] * state[j];
        } else if (!seen[j]) {
          seen[j] = 1;
          cluster.push_back(j);
        }
      }
      cost += 2 * state[i] * outside;
    }
    if (cost > 0) continue;
    // Turned over below, so that `differs` holds until all clusters are found: mark with 2.
    for (const int32_t i : cluster) seen[i] = 2;
    gain += cost;
  }
  for (size_t i = 0; i < state.size(); ++i) {
    if (seen[i] == 2) state[i] = static_cast<int8_t>(-state[i]);
  }
  return gain;
}

}  // namespace swell::ising
