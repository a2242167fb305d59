#include "swell/programs/route/relaxation.h"

#include <algorithm>
#include <cmath>

#include "swell/programs/route/matching.h"

namespace swell::route {

namespace {

constexpr double kBroken = 0.02;         // rows broken by less are left
constexpr int64_t kMostCutNodes = 1200;  // larger graphs are searched by their connected parts alone
constexpr double kCapacity = 1e7;

}  // namespace

Relaxation::Relaxation(const RoundTask& task, const WholeLengths& whole)
    : task_(task), whole_(whole), symmetric_(task.network.symmetric()), part_(parts_of_task(task)) {
  const auto& network = task.network;
  std::vector<double> cost;
  const auto column = [&](double price, double least, double most) {
    cost.push_back(price);
    least_.push_back(least);
    most_.push_back(most);
    return static_cast<int>(cost.size()) - 1;
  };
  const double often = 2.0 * static_cast<double>(network.streets.size() + network.junctions.size());
  scale_ = std::max(1e-300, network.total_length() / static_cast<double>(network.streets.size()));
  std::vector<double> length;
  for (size_t s = 0; s < network.streets.size(); ++s) {
    const auto& street = network.streets[s];
    const bool loop = street.a == street.b, must = task.must[s];
    if (must && (symmetric_ || loop)) base_ += street.shorter();
    forward_.push_back(-1);
    back_.push_back(-1);
    reward_.push_back(-1);
    const bool rewarding = task.rewards && !must && street.reward > 0;
    if (loop && !rewarding) continue;
    const double most = symmetric_ || loop ? (must || loop ? 1 : 2) : often;
    forward_[s] = column(street.length / scale_, !symmetric_ && !loop && must && street.one_way() ? 1 : 0, most);
    length.resize(cost.size(), street.length);
    if (!symmetric_ && !street.one_way() && !loop) back_[s] = column(street.back / scale_, 0, most);
    length.resize(cost.size(), street.back);
    if (rewarding) reward_[s] = column(0, 0, 1);
    length.resize(cost.size(), 0);
  }
  end_.assign(network.junctions.size(), -1);
  for (size_t j = 0; j < end_.size() && !task.end; ++j) end_[j] = column(0, 0, 1);
  length.resize(cost.size(), 0);
  if (task.rewards) {
    std::fill(cost.begin(), cost.end(), 0);
    scale_ = 1;
    for (size_t s = 0; s < network.streets.size(); ++s) {
      if (reward_[s] >= 0) cost[reward_[s]] = -network.streets[s].reward;
    }
  }
  program_ = std::make_unique<LinearProgram>(cost, most_);
  for (size_t k = 0; k < cost.size(); ++k) program_->set_bounds(static_cast<int>(k), least_[k], most_[k]);
  build(length);
}

void Relaxation::build(const std::vector<double>& length) {
  const auto& streets = task_.network.streets;
  for (size_t s = 0; s < streets.size(); ++s) {
    LinearRow row;
    for (const int column : {forward_[s], back_[s]}) {
      if (column >= 0) row.columns.push_back(column);
    }
    row.values.assign(row.columns.size(), 1);
    if (reward_[s] >= 0) {
      row.columns.push_back(reward_[s]);
      row.values.push_back(-1);
      program_->add(row);
    } else if (task_.must[s] && !symmetric_ && back_[s] >= 0) {
      row.least = 1;
      program_->add(row);
    }
  }
  if (!symmetric_) balance_rows();
  if (!task_.end) {
    LinearRow once;
    once.columns = end_;
    once.values.assign(end_.size(), 1);
    once.least = once.most = 1;
    program_->add(once);
  }
  if (!task_.rewards) return;
  LinearRow within;
  within.least = -1e30;
  within.most = task_.most_length * (1 + 1e-9) - base_;
  for (size_t k = 0; k < length.size(); ++k) {
    if (length[k] <= 0) continue;
    within.columns.push_back(static_cast<int>(k));
    within.values.push_back(length[k]);
  }
  program_->add(within);
  base_ = 0;
  for (size_t s = 0; s < streets.size(); ++s) {
    if (task_.must[s]) base_ -= streets[s].reward;
  }
}

// What leaves a junction is what enters it, the walk from start to end included.
void Relaxation::balance_rows() {
  const auto& network = task_.network;
  std::vector<LinearRow> rows(network.junctions.size());
  const auto put = [&](int64_t junction, int column, double value) {
    rows[junction].columns.push_back(column);
    rows[junction].values.push_back(value);
  };
  for (size_t s = 0; s < network.streets.size(); ++s) {
    const auto& street = network.streets[s];
    if (street.a == street.b) continue;
    put(street.a, forward_[s], 1);
    put(street.b, forward_[s], -1);
    if (back_[s] < 0) continue;
    put(street.b, back_[s], 1);
    put(street.a, back_[s], -1);
  }
  for (size_t j = 0; j < rows.size(); ++j) {
    if (end_[j] >= 0) put(static_cast<int64_t>(j), end_[j], 1);
    rows[j].least = (static_cast<int64_t>(j) == task_.start) - (task_.end && static_cast<int64_t>(j) == *task_.end);
    rows[j].most = rows[j].least;
    program_->add(rows[j]);
  }
}

void Relaxation::apply(const std::vector<Change>& changes) {
  std::vector<double> least = least_, most = most_;
  for (const auto& [column, up, value] : changes) {
    if (up) least[column] = std::max(least[column], std::ceil(value));
    if (!up) most[column] = std::min(most[column], std::floor(value));
  }
  for (int k = 0; k < static_cast<int>(least.size()); ++k) {
    if (program_->low(k) != least[k] || program_->high(k) != most[k]) program_->set_bounds(k, least[k], most[k]);
  }
}

double Relaxation::bound() const { return scale_ * program_->bound() + base_; }

double Relaxation::extra(int64_t s) const {
  double sum = symmetric_ || !task_.must[s] ? 0 : -1;
  for (const int column : {forward_[s], back_[s]}) sum += column >= 0 ? program_->x()[column] : 0;
  return task_.network.streets[s].a == task_.network.streets[s].b ? 0 : sum;
}

std::pair<int, double> Relaxation::fractional() const {
  int column = -1;
  double far = 1e-6, value = 0;
  for (int k = 0; k < static_cast<int>(program_->x().size()); ++k) {
    const double x = program_->x()[k], off = std::abs(x - std::round(x));
    if (off <= far + 1e-9) continue;
    far = off;
    column = k;
    value = x;
  }
  return {column, value};
}

std::vector<int64_t> Relaxation::prices() const {
  std::vector<int64_t> prices;
  for (int64_t s = 0; s < static_cast<int64_t>(forward_.size()); ++s)
    prices.push_back(std::llround(static_cast<double>(whole_.shorter(s)) * (1 - std::clamp(extra(s), 0.0, 1.0))));
  return prices;
}

std::vector<char> Relaxation::forward() const {
  std::vector<char> forward;
  for (size_t s = 0; s < forward_.size(); ++s) {
    const auto& street = task_.network.streets[s];
    if (forward_[s] < 0 || back_[s] < 0) {
      forward.push_back(street.length <= street.back);
    } else {
      forward.push_back(program_->x()[forward_[s]] >= program_->x()[back_[s]]);
    }
  }
  return forward;
}

// Streets across the border of the set are walked at least that often beyond their duties, ends of the walk counted.
void Relaxation::add_cut(const std::vector<char>& inside, double least, int reward_column) {
  LinearRow row;
  row.least = least;
  const auto put = [&](int column, double value) {
    row.columns.push_back(column);
    row.values.push_back(value);
  };
  for (size_t s = 0; s < forward_.size(); ++s) {
    const auto& street = task_.network.streets[s];
    if (inside[street.a] == inside[street.b]) continue;
    if (!symmetric_ && task_.must[s]) row.least += 1;
    for (const int column : {forward_[s], back_[s]}) {
      if (column >= 0) put(column, 1);
    }
  }
  for (size_t j = 0; j < end_.size(); ++j) {
    if (inside[j] && end_[j] >= 0) put(end_[j], 1);
  }
  if (reward_column >= 0) put(reward_column, -2);
  program_->add(row);
}

namespace {

// A graph whose nodes are joined sets of junctions, and the sets below each node of its cut tree.
struct Joining {
  std::vector<int64_t> node_of;  // [junction], the outer node included
  int64_t nodes = 0;

  explicit Joining(Joined& joined, int64_t count) : node_of(count, -1) {
    for (int64_t j = 0; j < count; ++j) {
      const int64_t root = joined.root(j);
      if (node_of[root] < 0) node_of[root] = nodes++;
      node_of[j] = node_of[root];
    }
  }
};

// below[v]: the nodes of v's subtree.
std::vector<std::vector<int64_t>> subtrees(const CutTree& tree) {
  std::vector<std::vector<int64_t>> below(tree.parent.size());
  for (size_t v = 0; v < tree.parent.size(); ++v) {
    for (int64_t up = static_cast<int64_t>(v); up >= 0; up = tree.parent[up])
      below[up].push_back(static_cast<int64_t>(v));
  }
  return below;
}

}  // namespace

bool Relaxation::cut_parity() {
  const auto& network = task_.network;
  const auto count = static_cast<int64_t>(network.junctions.size()), outer = count;
  std::vector<char> odd(count + 1, 0);
  odd[task_.start] ^= 1;
  odd[task_.end.value_or(outer)] ^= 1;
  Joined joined(count + 1);
  std::vector<LengthGraph::Edge> edges;
  const auto edge = [&](int64_t a, int64_t b, double weight) {
    if (weight >= 1 - kBroken) {
      joined.join(a, b);
    } else if (weight > 1e-6) {
      edges.push_back({a, b, std::llround(weight * kCapacity)});
    }
  };
  for (int64_t s = 0; s < static_cast<int64_t>(forward_.size()); ++s) {
    const auto& street = network.streets[s];
    if (task_.must[s]) {
      odd[street.a] ^= 1;
      odd[street.b] ^= 1;
    }
    edge(street.a, street.b, extra(s));
  }
  for (int64_t j = 0; j < count; ++j) {
    if (end_[j] >= 0) edge(j, outer, program_->x()[end_[j]]);
  }
  Joining joining(joined, count + 1);
  std::vector<char> odd_node(joining.nodes, 0);
  for (int64_t j = 0; j <= count; ++j) odd_node[joining.node_of[j]] ^= odd[j];
  LengthGraph graph{joining.nodes, {}};
  Joined parts(joining.nodes);
  for (const auto& e : edges) {
    const int64_t a = joining.node_of[e.a], b = joining.node_of[e.b];
    if (a == b) continue;
    graph.edges.push_back({a, b, e.length});
    parts.join(a, b);
  }
  int64_t found = 0;
  const int64_t outer_node = joining.node_of[outer];
  const auto add = [&](std::vector<char> in) {  // of nodes
    const bool turned = in[outer_node];
    std::vector<char> inside(count);
    for (int64_t j = 0; j < count; ++j) inside[j] = in[joining.node_of[j]] != turned;
    add_cut(inside, 1);
    ++found;
  };
  std::vector<char> odd_part(joining.nodes, 0);
  for (int64_t v = 0; v < joining.nodes; ++v) odd_part[parts.root(v)] ^= odd_node[v];
  for (int64_t root = 0; root < joining.nodes; ++root) {
    if (!odd_part[root]) continue;
    std::vector<char> in(joining.nodes);
    for (int64_t v = 0; v < joining.nodes; ++v) in[v] = parts.root(v) == root;
    add(std::move(in));
  }
  if (found > 0 || joining.nodes > kMostCutNodes) return found > 0;
  const CutTree tree = cut_tree(graph);
  const auto below = subtrees(tree);
  for (int64_t v = 0; v < joining.nodes; ++v) {
    if (tree.parent[v] < 0 || static_cast<double>(tree.capacity[v]) > (1 - kBroken) * kCapacity) continue;
    std::vector<char> in(joining.nodes, 0);
    char parity = 0;
    for (const int64_t w : below[v]) {
      in[w] = 1;
      parity ^= odd_node[w];
    }
    if (parity) add(std::move(in));
  }
  return found > 0;
}

bool Relaxation::cut_connections() {
  const auto& network = task_.network;
  const auto count = static_cast<int64_t>(network.junctions.size()), outer = count;
  Joined joined(count + 1);
  std::vector<LengthGraph::Edge> edges;
  joined.join(outer, task_.start);
  if (task_.end) joined.join(outer, *task_.end);
  const auto edge = [&](int64_t a, int64_t b, double weight) {
    if (weight >= 2 - kBroken) {
      joined.join(a, b);
    } else if (weight > 1e-6) {
      edges.push_back({a, b, std::llround(weight * kCapacity)});
    }
  };
  for (int64_t s = 0; s < static_cast<int64_t>(forward_.size()); ++s) {
    const auto& street = network.streets[s];
    if (task_.must[s]) joined.join(street.a, street.b);
    if (!task_.must[s]) edge(street.a, street.b, extra(s));
    if (task_.must[s]) edge(street.a, street.b, std::max(0.0, extra(s)));
  }
  for (int64_t j = 0; j < count; ++j) {
    if (end_[j] >= 0) edge(j, outer, program_->x()[end_[j]]);
  }
  Joining joining(joined, count + 1);
  std::vector<char> terminal(joining.nodes, 0);
  for (int64_t j = 0; j < count; ++j) terminal[joining.node_of[j]] |= part_[j] >= 0;
  LengthGraph graph{joining.nodes, {}};
  Joined parts(joining.nodes);
  for (const auto& e : edges) {
    const int64_t a = joining.node_of[e.a], b = joining.node_of[e.b];
    if (a == b) continue;
    graph.edges.push_back({a, b, e.length});
    parts.join(a, b);
  }
  const int64_t root = joining.node_of[outer];
  int64_t found = 0;
  // The set is left where it holds a duty, or as far as the streets within it are walked for their reward.
  const auto add = [&](std::vector<char> in, double capacity) {
    const bool turned = in[root];
    bool holds = false;
    std::vector<char> inside(count);
    for (int64_t j = 0; j < count; ++j) {
      inside[j] = in[joining.node_of[j]] != turned;
      holds = holds || (inside[j] && part_[j] >= 0);
    }
    if (holds && capacity < 2 - kBroken) {
      add_cut(inside, 2);
      ++found;
      return;
    }
    int most = -1;
    for (size_t s = 0; s < reward_.size(); ++s) {
      if (reward_[s] < 0 || !inside[network.streets[s].a] || !inside[network.streets[s].b]) continue;
      if (most < 0 || program_->x()[reward_[s]] > program_->x()[most]) most = reward_[s];
    }
    if (most < 0 || capacity > 2 * program_->x()[most] - kBroken) return;
    add_cut(inside, 0, most);
    ++found;
  };
  for (int64_t part = 0; part < joining.nodes; ++part) {
    if (parts.root(part) != part || part == parts.root(root)) continue;
    std::vector<char> in(joining.nodes);
    for (int64_t v = 0; v < joining.nodes; ++v) in[v] = parts.root(v) == part;
    add(std::move(in), 0);
  }
  if (found > 0 || joining.nodes > kMostCutNodes) return found > 0;
  const CutTree tree = cut_tree(graph);
  const auto below = subtrees(tree);
  for (int64_t v = 0; v < joining.nodes; ++v) {
    const double capacity = static_cast<double>(tree.capacity[v]) / kCapacity;
    if (tree.parent[v] < 0 || capacity > 2 - kBroken) continue;
    std::vector<char> in(joining.nodes, 0);
    for (const int64_t w : below[v]) in[w] = 1;
    add(std::move(in), capacity);
  }
  return found > 0;
}

bool Relaxation::cut() {
  // With rewards the streets that are walked are not known, and parity binds the duties alone.
  const bool parity = !task_.rewards && cut_parity();
  return cut_connections() || parity;
}

}  // namespace swell::route
