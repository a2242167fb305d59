#include "swell/hardware/target.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <numeric>

#include "swell/base/errors.h"
#include "swell/hardware/precision.h"
#include "swell/model/levels.h"
#include "swell/model/protocol.h"
#include "swell/physics/metropolis.h"
#include "swell/random/streams.h"
#include "swell/random/uniform.h"

namespace swell::hardware {
namespace {

constexpr int64_t kMostPlaces = 1'000'000, kMostDense = 20'000;
constexpr int64_t kMostSearched = 2000;  // places of a chip that is no grid
constexpr size_t kShown = 5;             // pairs that a message names

// The quarter turns of an offset.
std::array<std::pair<int64_t, int64_t>, 4> turns(std::pair<int64_t, int64_t> offset) {
  const auto [a, b] = offset;
  return {{{a, b}, {b, -a}, {-a, -b}, {-b, a}}};
}

// ---- placing ----

// Neighbours of each unit in the machine.
std::vector<std::vector<int64_t>> adjacency(const Wanted& machine) {
  std::vector<std::vector<int64_t>> near(machine.units);
  for (const IsingEdge& edge : machine.couplings) {
    near[edge.a].push_back(edge.b);
    near[edge.b].push_back(edge.a);
  }
  return near;
}

int64_t count_unheld(const Wanted& machine, const Target& target, const std::vector<int64_t>& places) {
  return std::ranges::count_if(machine.couplings,
                               [&](const IsingEdge& edge) { return !target.coupled(places[edge.a], places[edge.b]); });
}

std::vector<int64_t> in_order(const Wanted& machine) {
  std::vector<int64_t> places(machine.units);
  std::iota(places.begin(), places.end(), 0);
  return places;
}

// Cell (r, c) of a machine that is a grid on cell (r, c) of the chip; empty where it is none or is larger.
std::vector<int64_t> by_cells(const Wanted& machine, const Target& target) {
  if (machine.shape.size() != 2 || !target.is_grid()) return {};
  int64_t rows = machine.shape[0], columns = machine.shape[1];
  const bool turned = rows > target.rows || columns > target.columns;
  if (turned) std::swap(rows, columns);
  if (rows > target.rows || columns > target.columns) return {};
  std::vector<int64_t> places(machine.units);
  for (int64_t u = 0; u < machine.units; ++u) {
    const int64_t r = u / machine.shape[1], c = u % machine.shape[1];
    places[u] = turned ? c * target.columns + r : r * target.columns + c;
  }
  return places;
}

// The two sides of a machine on those of the chip; empty where it has an odd cycle, or a side is too large.
std::vector<int64_t> by_sides(const Wanted& machine, const Target& target,
                              const std::vector<std::vector<int64_t>>& near) {
  if (target.graph != Target::Graph::bipartite) return {};
  std::vector<int> side(machine.units, -1);
  int64_t count[2] = {0, 0};
  const int64_t room[2] = {target.left, target.units - target.left};
  for (int64_t first = 0; first < machine.units; ++first) {
    if (side[first] >= 0) continue;
    std::vector<int64_t> part = {first};
    side[first] = 0;
    int64_t of_part[2] = {1, 0};
    for (size_t k = 0; k < part.size(); ++k) {
      for (const int64_t next : near[part[k]]) {
        if (side[next] == side[part[k]]) return {};
        if (side[next] >= 0) continue;
        side[next] = 1 - side[part[k]];
        ++of_part[side[next]];
        part.push_back(next);
      }
    }
    // A part may lie either way around; its larger side goes where there is more room.
    const bool larger = of_part[1] > of_part[0], roomier = room[1] - count[1] > room[0] - count[0];
    if (larger != roomier) {
      for (const int64_t unit : part) side[unit] = 1 - side[unit];
      std::swap(of_part[0], of_part[1]);
    }
    count[0] += of_part[0];
    count[1] += of_part[1];
  }
  if (count[0] > room[0] || count[1] > room[1]) return {};
  std::vector<int64_t> places(machine.units);
  int64_t next[2] = {0, target.left};
  for (int64_t u = 0; u < machine.units; ++u) places[u] = next[side[u]]++;
  return places;
}

// How many couplings a chip needs from one place to another: 1 where there is one. On a grid that of a grid without
// ends, from its middle to every other place.
class Distance {
 public:
  explicit Distance(const Target& target) : target_(target) {
    if (!target.is_grid()) return;
    const int64_t width = 2 * target.columns - 1, height = 2 * target.rows - 1;
    steps_.assign(width * height, kFar);
    Target wide = target;
    wide.rows = height;
    wide.columns = width;
    std::vector<int64_t> reached = {(target.rows - 1) * width + target.columns - 1};
    steps_[reached[0]] = 0;
    for (size_t k = 0; k < reached.size(); ++k) {
      for (const int64_t next : wide.neighbours(reached[k])) {
        if (steps_[next] < kFar || steps_[reached[k]] + 1 >= kFar) continue;
        steps_[next] = static_cast<int16_t>(steps_[reached[k]] + 1);
        reached.push_back(next);
      }
    }
  }
  int64_t operator()(int64_t a, int64_t b) const {
    if (steps_.empty()) return target_.coupled(a, b) ? 1 : 2;
    const int64_t dr = b / target_.columns - a / target_.columns, dc = b % target_.columns - a % target_.columns;
    return steps_[(dr + target_.rows - 1) * (2 * target_.columns - 1) + dc + target_.columns - 1];
  }

 private:
  static constexpr int16_t kFar = 10'000;
  const Target& target_;
  std::vector<int16_t> steps_;
};

// Exchanges of two places (one may be empty), cooled. What falls is the sum over couplings of the distance of their two
// places less 1, which is 0 where all fit and tells near from far where they do not.
class Search {
 public:
  Search(const Wanted& machine, const Target& target, const std::vector<std::vector<int64_t>>& near,
         std::vector<int64_t> places, uint64_t seed)
      : machine_(machine),
        target_(target),
        distance_(target),
        near_(near),
        places_(std::move(places)),
        key_{seed, stream::kPlacement} {
    unit_at_.assign(target.units, -1);
    for (int64_t u = 0; u < machine.units; ++u) unit_at_[places_[u]] = u;
    for (const IsingEdge& edge : machine.couplings) cost_ += distance_(places_[edge.a], places_[edge.b]) - 1;
  }

  // The number of moves that it took.
  int64_t run(int64_t moves) {
    best_ = places_;
    least_ = cost_;
    for (int64_t m = 0; m < moves; ++m) {
      if (least_ == 0) return m;
      const double kT = geometric_at(kHot, kCold, static_cast<double>(m) / static_cast<double>(moves));
      move(static_cast<uint64_t>(m), kT);
    }
    return moves;
  }
  const std::vector<int64_t>& best() const { return best_; }

 private:
  static constexpr double kHot = 4, kCold = 0.1;

  int64_t draw(uint64_t move, uint64_t what, int64_t below) const {
    return std::min(below - 1, static_cast<int64_t>(draw_uniform(key_, move, what) * static_cast<double>(below)));
  }
  // Of a unit's couplings with it at a place, but for that to one other unit.
  int64_t cost_at(int64_t unit, int64_t place, int64_t other) const {
    int64_t sum = 0;
    for (const int64_t next : near_[unit]) sum += next == other ? 0 : distance_(place, places_[next]) - 1;
    return sum;
  }

  void move(uint64_t m, double kT) {
    const int64_t unit = draw(m, 0, machine_.units), from = places_[unit];
    // Beside a neighbour, half of the time: where it is wanted.
    int64_t to = draw(m, 1, target_.units);
    if (!near_[unit].empty() && draw_uniform(key_, m, 2) < 0.5) {
      const int64_t beside = places_[near_[unit][draw(m, 3, static_cast<int64_t>(near_[unit].size()))]];
      const std::vector<int64_t> around = target_.neighbours(beside);
      if (!around.empty()) to = around[draw(m, 4, static_cast<int64_t>(around.size()))];
    }
    if (to == from) return;
    const int64_t other = unit_at_[to];
    int64_t change = cost_at(unit, to, other) - cost_at(unit, from, other);
    if (other >= 0) change += cost_at(other, from, unit) - cost_at(other, to, unit);
    if (!metropolis_takes(static_cast<double>(change), kT, [&] { return draw_uniform(key_, m, 5); })) return;
    places_[unit] = to;
    unit_at_[to] = unit;
    unit_at_[from] = other;
    if (other >= 0) places_[other] = from;
    cost_ += change;
    if (cost_ < least_) {
      least_ = cost_;
      best_ = places_;
    }
  }

  const Wanted& machine_;
  const Target& target_;
  Distance distance_;
  const std::vector<std::vector<int64_t>>& near_;
  std::vector<int64_t> places_, unit_at_, best_;
  NoiseKey key_;
  int64_t cost_ = 0, least_ = 0;
};

// ---- numbers ----

double largest_of(const Wanted& machine) {
  double largest = 0;
  for (const IsingEdge& edge : machine.couplings) largest = std::max(largest, std::abs(edge.J));
  return largest;
}

const char* name_of(Target::Law law) {
  switch (law) {
    case Target::Law::p_bit:
      return "p-bits";
    case Target::Law::linear:
      return "linear units, x^2";
    case Target::Law::quartic:
      return "units with x^2 and x^4";
    case Target::Law::any_unit:
      break;
  }
  return "units with x^2, x^3 and x^4";
}

bool holds(Target::Law chip, Target::Law machine) {
  if (chip == Target::Law::p_bit || machine == Target::Law::p_bit) return chip == machine;
  return static_cast<int>(machine) <= static_cast<int>(chip);
}

void check_numbers(const Wanted& machine, const Target& target, Placement& placement) {
  if (!holds(target.law, machine.law))
    placement.refusals.push_back(
        fmt::format("its units are {}, and those of the machine {}", name_of(target.law), name_of(machine.law)));
  if (!target.biased && std::ranges::any_of(machine.bias, [](double b) { return b != 0; }))
    placement.refusals.push_back("it has no biases, and the machine has");
  // The chip's unit of energy is free: what counts is J / kT. So its kT decides the scale, or its largest J.
  const double largest = largest_of(machine);
  if (target.largest > 0 && largest > target.largest) placement.scale = target.largest / largest;
  if (machine.kT > 0 && target.least_kT > 0 && machine.kT * placement.scale < target.least_kT)
    placement.refusals.push_back(
        fmt::format("its largest coupling {:g} and least kT {:g} allow J / kT up to {:g}; the machine has {:.3g}",
                    target.largest, target.least_kT, target.largest / target.least_kT, largest / machine.kT));
  if (machine.kT > 0 && target.most_kT > 0 && machine.kT * placement.scale > target.most_kT)
    placement.scale = target.most_kT / machine.kT;
  for (const IsingEdge& edge : machine.couplings) {
    if (target.sign != 0 && edge.J * (machine.ising ? -target.sign : target.sign) < 0)
      placement.wrong_sign.push_back(edge);
  }
  if (!target.dominant || machine.curvature.empty()) return;
  std::vector<double> rest = machine.curvature;
  for (const IsingEdge& edge : machine.couplings) {
    rest[edge.a] -= std::abs(edge.J);
    rest[edge.b] -= std::abs(edge.J);
  }
  const auto least = std::ranges::min_element(rest);
  if (least != rest.end() && *least < -1e-12 * std::abs(*std::ranges::max_element(machine.curvature)))
    placement.refusals.push_back(fmt::format(
        "unit {} needs a capacitance to ground of {:.3g}, below 0: its second derivative must be the sum of "
        "its couplings' sizes or more",
        least - rest.begin(), *least));
}

double rounded(double value, double largest, int bits) {
  if (bits == 0 || !(largest > 0)) return value;
  const double step = levels_up_to(largest, bits).step;
  return std::clamp(nearest_level(value, step) * step, -largest, largest);
}

double largest_of(std::span<const double> values) {
  double largest = 0;
  for (const double value : values) largest = std::max(largest, std::abs(value));
  return largest;
}

}  // namespace

bool Target::coupled(int64_t a, int64_t b) const {
  if (a == b) return false;
  if (graph == Graph::all_to_all) return true;
  if (graph == Graph::bipartite) return (a < left) != (b < left);
  const int64_t dr = b / columns - a / columns, dc = b % columns - a % columns;
  if (graph == Graph::king) return std::abs(dr) <= 1 && std::abs(dc) <= 1;
  return std::ranges::any_of(offsets, [&](const auto& offset) {
    return std::ranges::any_of(turns(offset), [&](const auto& turn) { return turn == std::pair(dr, dc); });
  });
}

std::vector<int64_t> Target::neighbours(int64_t place) const {
  std::vector<int64_t> near;
  if (!is_grid()) {
    for (int64_t other = 0; other < units; ++other) {
      if (coupled(place, other)) near.push_back(other);
    }
    return near;
  }
  const auto add = [&](int64_t dr, int64_t dc) {
    const int64_t r = place / columns + dr, c = place % columns + dc;
    if (r >= 0 && r < rows && c >= 0 && c < columns) near.push_back(r * columns + c);
  };
  if (graph == Graph::king) {
    for (int64_t dr = -1; dr <= 1; ++dr) {
      for (int64_t dc = -1; dc <= 1; ++dc) {
        if (dr != 0 || dc != 0) add(dr, dc);
      }
    }
    return near;
  }
  for (const auto& offset : offsets) {
    for (const auto& [dr, dc] : turns(offset)) add(dr, dc);
  }
  return near;
}

int64_t Target::most_neighbours() const {
  switch (graph) {
    case Graph::all_to_all:
      return units - 1;
    case Graph::king:
      return 8;
    case Graph::grid:
      return 4 * static_cast<int64_t>(offsets.size());
    case Graph::bipartite:
      break;
  }
  return std::max(left, units - left);
}

void validate(const Target& target, std::string_view where) {
  const auto refuse = [&](const std::string& what) { throw InputError(fmt::format("{}: {}", where, what)); };
  if (target.is_grid()) {
    if (target.rows < 1 || target.columns < 1 || target.rows > kMostPlaces || target.columns > kMostPlaces ||
        target.rows * target.columns > kMostPlaces)
      refuse(fmt::format("[graph] rows {} and columns {}; 1 x 1 to {} places are allowed", target.rows, target.columns,
                         kMostPlaces));
  }
  if (target.units < 1 || target.units > kMostPlaces)
    refuse(fmt::format("[graph] units is {}; 1 to {} are allowed", target.units, kMostPlaces));
  if (target.graph == Target::Graph::bipartite && (target.left < 1 || target.left >= target.units))
    refuse(fmt::format("[graph] left is {}; 1 to {} are allowed, the rest are on the right", target.left,
                       target.units - 1));
  if (target.graph == Target::Graph::grid) {
    if (target.offsets.empty() || target.offsets.size() > 64) refuse("[graph] offsets needs 1 to 64 pairs");
    std::vector<std::pair<int64_t, int64_t>> all;
    for (const auto& offset : target.offsets) {
      if (std::abs(offset.first) > 1000 || std::abs(offset.second) > 1000 ||
          offset == std::pair<int64_t, int64_t>(0, 0))
        refuse(fmt::format("[graph] offset [{}, {}]; not both 0, and -1000 to 1000 are allowed", offset.first,
                           offset.second));
      for (const auto& turn : turns(offset)) all.push_back(turn);
    }
    std::ranges::sort(all);
    if (std::ranges::adjacent_find(all) != all.end())
      refuse("[graph] offsets: two of them lead to the same neighbour, by quarter turns");
  }
  for (const auto& [bits, key] : {std::pair(target.bits, "[couplings] bits"),
                                  {target.bias_bits, "[units] bias_bits"},
                                  {target.readout_bits, "[readout] bits"}}) {
    if (bits != 0 && (bits < 2 || bits > 24)) refuse(fmt::format("{} is {}; 0 for any, or 2 to 24", key, bits));
  }
  const auto within = [&](double value, const char* key) {
    if (!(value >= 0 && value <= 1e12)) refuse(fmt::format("{} is {:g}; 0 for any, or up to 1e12", key, value));
  };
  within(target.largest, "[couplings] largest");
  within(target.least_kT, "[noise] least_kT");
  within(target.most_kT, "[noise] most_kT");
  if (target.most_kT > 0 && target.least_kT > target.most_kT)
    refuse(fmt::format("[noise] least_kT {:g} is above most_kT {:g}", target.least_kT, target.most_kT));
}

Wanted wanted_of(const Computer& machine, const CouplingSet& set) {
  require_potential(machine, "a target holds couplings of");
  Wanted wanted;
  wanted.units = machine.units();
  if (wanted.units > kMostDense)
    throw InputError(fmt::format("a machine of {} Langevin units is too large to be placed; {} are allowed",
                                 wanted.units, kMostDense));
  for (int64_t i = 0; i < wanted.units; ++i) wanted.curvature.push_back(2 * quadratic(machine, &set, i));
  wanted.bias = set.bias;
  wanted.kT = machine.kT;
  if (machine.groups.size() == 1 && machine.groups[0].shape.size() == 2) wanted.shape = machine.groups[0].shape;
  const bool cubic = std::ranges::any_of(machine.J3, [](double J) { return J != 0; });
  const bool quartic = std::ranges::any_of(machine.J4, [](double J) { return J != 0; });
  wanted.law = cubic ? Target::Law::any_unit : quartic ? Target::Law::quartic : Target::Law::linear;
  const std::vector<double> J = dense_matrix(machine, set);
  for (int64_t i = 0; i < wanted.units; ++i) {
    for (int64_t j = i + 1; j < wanted.units; ++j) {
      if (J[i * wanted.units + j] != 0) wanted.couplings.push_back({i, j, J[i * wanted.units + j]});
    }
  }
  return wanted;
}

Wanted wanted_of(const IsingModel& model) {
  require_reciprocal(model, "a target holds couplings of");
  Wanted wanted;
  wanted.units = model.units;
  wanted.bias = model.h;
  wanted.law = Target::Law::p_bit;
  wanted.kT = 0;
  wanted.ising = true;
  for (int64_t a = 0; a < model.units; ++a) {
    for (int64_t e = model.row_start[a]; e < model.row_start[a + 1]; ++e) {
      if (model.neighbour[e] > a && model.J[e] != 0) wanted.couplings.push_back({a, model.neighbour[e], model.J[e]});
    }
  }
  return wanted;
}

Wanted wanted_of(const LinearSystem& system) {
  Wanted wanted;
  wanted.units = system.size();
  wanted.bias = system.c;
  for (int64_t i = 0; i < wanted.units; ++i) {
    wanted.curvature.push_back(system.drift(i, i));
    for (int64_t j = 0; j < wanted.units; ++j) {
      const double noise = i == j ? system.noise(0, 0) : 0;
      if (system.drift(i, j) != system.drift(j, i) || system.noise(i, j) != noise)
        throw InputError(
            "a linear system whose couplings are not the same both ways, or whose noise is not the same "
            "everywhere, has no potential, and chips that targets describe have one");
      if (j > i && system.drift(i, j) != 0) wanted.couplings.push_back({i, j, system.drift(i, j)});
    }
  }
  wanted.kT = system.noise(0, 0) / 2;
  return wanted;
}

Placement place(const Wanted& machine, const Target& target, uint64_t seed, int64_t moves) {
  validate(target, target.name);
  Placement placement;
  check_numbers(machine, target, placement);
  if (machine.units > target.units) {
    placement.refusals.push_back(fmt::format("it has {} units, and the machine needs {}", target.units, machine.units));
    return placement;
  }
  const auto near = adjacency(machine);
  placement.place = in_order(machine);
  int64_t left = count_unheld(machine, target, placement.place);
  for (std::vector<int64_t> other : {by_cells(machine, target), by_sides(machine, target, near)}) {
    if (other.empty() || left == 0) continue;
    const int64_t count = count_unheld(machine, target, other);
    if (count >= left) continue;
    placement.place = std::move(other);
    left = count;
  }
  // A unit with more neighbours than any place has: no search will do.
  const bool hopeless = std::ranges::any_of(
      near, [&](const auto& units) { return static_cast<int64_t>(units.size()) > target.most_neighbours(); });
  const bool searched = target.is_grid() || target.units <= kMostSearched;
  if (left > 0 && searched && !hopeless && moves > 0) {
    Search search(machine, target, near, placement.place, seed);
    placement.tried = search.run(moves);
    if (count_unheld(machine, target, search.best()) < left) placement.place = search.best();
  }
  for (const IsingEdge& edge : machine.couplings) {
    if (!target.coupled(placement.place[edge.a], placement.place[edge.b])) placement.unheld.push_back(edge);
  }
  return placement;
}

Computer compiled(const Computer& machine, int set, const Target& target) {
  Computer chip = machine;
  CouplingSet& held = chip.sets[set];
  std::vector<double> J = dense_matrix(machine, held);
  const double largest = largest_of(J), bias = largest_of(held.bias);
  for (double& value : J) value = rounded(value, largest, target.bits);
  assign_from_dense(chip, J, held);
  for (double& value : held.bias) value = rounded(value, bias, target.bias_bits);
  return chip;
}

IsingModel compiled(const IsingModel& model, const Target& target) {
  const Wanted wanted = wanted_of(model);
  std::vector<IsingEdge> edges = wanted.couplings;
  const double largest = largest_of(wanted), field = largest_of(model.h);
  for (IsingEdge& edge : edges) edge.J = rounded(edge.J, largest, target.bits);
  std::vector<double> h = model.h;
  for (double& value : h) value = rounded(value, field, target.bias_bits);
  return make_ising(model.units, edges, std::move(h));
}

LinearSystem compiled(const LinearSystem& system, const Target& target) {
  LinearSystem chip = system;
  chip.stiffness = {};  // of the couplings before they were rounded
  const double largest = largest_of(wanted_of(system)), bias = largest_of(system.c);
  for (int64_t i = 0; i < chip.size(); ++i) {
    for (int64_t j = 0; j < chip.size(); ++j) {
      if (i != j) chip.drift(i, j) = rounded(chip.drift(i, j), largest, target.bits);
    }
    chip.c[i] = rounded(chip.c[i], bias, target.bias_bits);
  }
  return chip;
}

std::string complaint(const Wanted& machine, const Target& target, const Placement& placement) {
  if (placement.fits()) return "";
  const auto pairs = [](const std::vector<IsingEdge>& edges) {
    std::string text;
    for (size_t k = 0; k < std::min(edges.size(), kShown); ++k)
      text += fmt::format("{}({}, {})", k > 0 ? ", " : "", edges[k].a, edges[k].b);
    return text + (edges.size() > kShown ? ", ..." : "");
  };
  std::vector<std::string> parts = placement.refusals;
  if (!placement.wrong_sign.empty())
    parts.push_back(fmt::format("{} couplings are {}, which it has not got: {}", placement.wrong_sign.size(),
                                target.sign > 0 ? "below 0" : "above 0", pairs(placement.wrong_sign)));
  if (!placement.unheld.empty())
    parts.push_back(fmt::format(
        "{} of {} couplings do not fit its graph, of at most {} neighbours: {}; a minor embedding, "
        "which makes a unit of several places, may hold them (minorminer, or D-Wave's "
        "EmbeddingComposite)",
        placement.unheld.size(), machine.couplings.size(), target.most_neighbours(), pairs(placement.unheld)));
  return fmt::format("chip '{}' cannot hold this machine: {}", target.name, fmt::join(parts, "; "));
}

}  // namespace swell::hardware
