#include "swell/programs/ising/compile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "swell/base/errors.h"
#include "swell/base/sort_by_row.h"

namespace swell::ising {

namespace {

// Decimals that all numbers have at most, up to 15: each is the double nearest to a whole multiple of 10^-decimals, and
// so are sums of magnitudes up to `sum`. -1 where there are no such decimals.
int common_decimals(const std::vector<double>& values, double sum) {
  int decimals = 0;
  double unit = 1;
  for (const double value : values) {
    while (std::nearbyint(value * unit) / unit != value) {
      if (++decimals > 15) return -1;
      unit = std::pow(10, decimals);
    }
    if (sum * unit >= 0x1p53) return -1;
  }
  return sum * unit < 0x1p53 ? decimals : -1;
}

// Sums of such values are exact, or as near as double precision is.
void set_exactness(Problem& problem, const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += std::abs(value);
  if (!(sum < 0x1p53)) {
    throw InputError(fmt::format("{}: the weights add up to {}; sums above 2^53 = 9007199254740992 are not exact",
                                 problem.name, sum));
  }
  problem.decimals = common_decimals(values, sum);
  problem.integral = problem.decimals == 0 && sum < 0x1p51;
}

}  // namespace

// Cut = (W - sum w m m) / 2: J = -w.
void compile_cut(Problem& problem) {
  std::vector<IsingEdge> edges;
  std::vector<double> weights;
  edges.reserve(problem.graph.edges.size());
  weights.reserve(problem.graph.edges.size());
  double sum = 0;
  for (const auto& edge : problem.graph.edges) {
    edges.push_back({edge.a, edge.b, -edge.weight});
    weights.push_back(edge.weight);
    sum += edge.weight;
  }
  set_exactness(problem, weights);
  problem.kind = Kind::max_cut;
  problem.model = make_ising(problem.graph.vertices, edges);
  problem.offset = sum / 2;
  problem.slope = -0.5;
}

// Bits are x = (1 + m) / 2. What is to be made large is turned over.
void compile_quadratic(Problem& problem) {
  const Quadratic& quadratic = problem.quadratic;
  const double sign = quadratic.maximize ? -1 : 1;
  std::vector<double> h(quadratic.size, 0.0), values = {quadratic.offset};
  values.reserve(quadratic.entries.size() + 1);
  std::vector<IsingEdge> edges;
  edges.reserve(quadratic.entries.size());
  double offset = sign * quadratic.offset;
  for (const auto& entry : quadratic.entries) {
    values.push_back(entry.value);
    const double value = sign * entry.value;
    const bool single = entry.i == entry.j;
    if (quadratic.spins) {
      if (single) {
        h[entry.i] -= value;
      } else {
        edges.push_back({entry.i, entry.j, -value});
      }
    } else if (single) {
      h[entry.i] -= value / 2;
      offset += value / 2;
    } else {
      edges.push_back({entry.i, entry.j, -value / 4});
      h[entry.i] -= value / 4;
      h[entry.j] -= value / 4;
      offset += value / 4;
    }
  }
  set_exactness(problem, values);
  problem.kind = quadratic.spins ? Kind::ising : Kind::qubo;
  problem.model = make_ising(quadratic.size, edges, h);
  problem.offset = sign * offset;
  problem.slope = sign;
}

namespace {

void require_square(const MarketMatrix& matrix, const std::string& name) {
  if (matrix.rows != matrix.columns || matrix.rows < 1) {
    throw InputError(
        fmt::format("{}: the matrix is {} x {}; couplings are a square matrix", name, matrix.rows, matrix.columns));
  }
  for (const auto& entry : matrix.entries) {
    if (std::abs(entry.value) > 1e15) {
      throw InputError(fmt::format("{}: entry ({}, {}) is {}; the largest allowed is 1e15", name, entry.row + 1,
                                   entry.column + 1, entry.value));
    }
  }
}

using Places = std::vector<MarketMatrix::Entry>;

bool before(const MarketMatrix::Entry& p, const MarketMatrix::Entry& q) {
  return std::tie(p.row, p.column) < std::tie(q.row, q.column);
}

// All entries in the order of rows and columns, those of one place added up.
Places summed(Places places) {
  sort_by_row(
      places, [](const MarketMatrix::Entry& entry) { return entry.row; }, before);
  size_t kept = 0;
  for (size_t k = 0; k < places.size(); ++k) {
    if (kept > 0 && !before(places[kept - 1], places[k])) {
      places[kept - 1].value += places[k].value;
    } else {
      places[kept++] = places[k];
    }
  }
  places.resize(kept);
  return places;
}

Places symmetric_places(const MarketMatrix& matrix, const std::string& name) {
  require_square(matrix, name);
  Places places = summed(matrix.entries);
  // [rows] the first place of each row that may be the next one's mirror image: their columns ascend as rows do.
  std::vector<size_t> next(matrix.rows + 1, 0);
  for (const auto& place : places) ++next[place.row + 1];
  std::partial_sum(next.begin(), next.end(), next.begin());
  for (const auto& [row, column, value] : places) {
    size_t& at = next[column];
    while (at < places.size() && places[at].row == column && places[at].column < row) ++at;
    const bool any = at < places.size() && places[at].row == column && places[at].column == row;
    const double mirrored = any ? places[at].value : 0.0;
    if (value != mirrored) {
      throw InputError(fmt::format("{}: entry ({}, {}) is {} and its mirror image {}; couplings are symmetric", name,
                                   row + 1, column + 1, value, mirrored));
    }
  }
  return places;
}

}  // namespace

Quadratic matrix_to_spin_glass(const MarketMatrix& matrix, const std::string& name) {
  Quadratic glass;
  glass.spins = true;
  glass.first_label = 1;
  for (const auto& [row, column, value] : symmetric_places(matrix, name)) {
    if (row <= column && value != 0) glass.entries.push_back({row, column, -value});
  }
  glass.size = matrix.rows;
  return glass;
}

WeightedGraph matrix_to_graph(const MarketMatrix& matrix, const std::string& name) {
  WeightedGraph graph;
  for (const auto& [row, column, value] : symmetric_places(matrix, name)) {
    if (row == column && value != 0) {
      throw InputError(fmt::format("{}: entry ({}, {}) is {}; a graph to be cut has no edge from a vertex to itself",
                                   name, row + 1, row + 1, value));
    }
    if (row < column && value != 0) graph.edges.push_back({row, column, value});
  }
  graph.vertices = matrix.rows;
  return graph;
}

Quadratic matrix_to_qubo(const MarketMatrix& matrix, const std::string& name) {
  require_square(matrix, name);
  Places places = matrix.entries;
  for (auto& [row, column, value] : places) {
    if (row > column) std::swap(row, column);
  }
  Quadratic qubo;
  qubo.size = matrix.rows;
  qubo.first_label = 1;
  for (const auto& [row, column, value] : summed(std::move(places))) {
    if (value != 0) qubo.entries.push_back({row, column, value});
  }
  return qubo;
}

namespace {

// A polynomial in bits of degree two, as it is added up.
struct Polynomial {
  std::map<int64_t, double> linear;
  std::map<std::pair<int64_t, int64_t>, double> pairs;
  double constant = 0;

  void add(int64_t i, int64_t j, double value) {
    if (i == j) {
      linear[i] += value;
    } else {
      pairs[std::minmax(i, j)] += value;
    }
  }
};

// A false literal is a bit: 1 - x of variable v, or x of its negation: {bit, negated}.
struct Literal {
  int64_t bit;
  bool negated;  // the factor is 1 - bit
};

// value * a * b with factors bit or 1 - bit.
void add_product(Polynomial& q, double value, Literal a, Literal b) {
  const double sa = a.negated ? -1 : 1, sb = b.negated ? -1 : 1;
  if (a.negated && b.negated) q.constant += value;
  if (b.negated) q.linear[a.bit] += value * sa;
  if (a.negated) q.linear[b.bit] += value * sb;
  q.add(a.bit, b.bit, value * sa * sb);
}

void add_single(Polynomial& q, double value, Literal a) {
  if (a.negated) q.constant += value;
  q.linear[a.bit] += a.negated ? -value : value;
}

// A clause costs `cost` where all its literals are false, the product of their negations. Two factors a b of a longer
// product become one auxiliary bit w, held by a b - 2 w (a + b) + 3 w, which is 0 where w = a b and at least 1
// elsewhere (I. Rosenberg, Cahiers du Centre d'Etudes de Recherche Operationnelle 17, 71 (1975)): the least over w is
// the product.
void add_clause(Polynomial& q, int64_t& bits, std::vector<int32_t> clause, double cost) {
  std::sort(clause.begin(), clause.end());
  clause.erase(std::unique(clause.begin(), clause.end()), clause.end());
  if (std::any_of(clause.begin(), clause.end(),
                  [&](int32_t l) { return l > 0 && std::binary_search(clause.begin(), clause.end(), -l); }))
    return;  // always satisfied
  std::vector<Literal> factors;
  for (const int32_t literal : clause) factors.push_back({std::abs(literal) - 1, literal > 0});
  while (factors.size() > 2) {
    const Literal a = factors[factors.size() - 2], b = factors.back(), w{bits++, false};
    add_product(q, cost, a, b);
    add_product(q, -2 * cost, w, a);
    add_product(q, -2 * cost, w, b);
    add_single(q, 3 * cost, w);
    factors.resize(factors.size() - 2);
    factors.insert(factors.begin(), w);
  }
  if (factors.size() == 2) add_product(q, cost, factors[0], factors[1]);
  if (factors.size() == 1) add_single(q, cost, factors[0]);
  if (factors.empty()) q.constant += cost;
}

}  // namespace

void compile_sat(Problem& problem) {
  const Cnf& cnf = problem.cnf;
  const bool weighted = !cnf.weights.empty();
  double soft = 0;
  for (const int64_t weight : cnf.weights) soft += weight == Cnf::kHard ? 0 : static_cast<double>(weight);
  // One hard clause violated costs more than all soft ones: the least value violates none, if that can be.
  problem.hard_weight = weighted ? soft + 1 : 0;
  Polynomial q;
  int64_t bits = cnf.variables;
  for (size_t k = 0; k < cnf.clauses.size(); ++k) {
    const bool hard = weighted && cnf.weights[k] == Cnf::kHard;
    add_clause(q, bits, cnf.clauses[k],
               hard       ? problem.hard_weight
               : weighted ? static_cast<double>(cnf.weights[k])
                          : 1);
  }
  Problem as_bits;
  as_bits.name = problem.name;
  as_bits.quadratic.size = bits;
  as_bits.quadratic.offset = q.constant;
  for (const auto& [bit, value] : q.linear) as_bits.quadratic.entries.push_back({bit, bit, value});
  for (const auto& [pair, value] : q.pairs) as_bits.quadratic.entries.push_back({pair.first, pair.second, value});
  compile_quadratic(as_bits);
  problem.kind = weighted ? Kind::weighted_max_sat : Kind::max_sat;
  problem.model = std::move(as_bits.model);
  problem.decimals = 0;
  problem.integral = as_bits.integral;
  problem.offset = weighted ? as_bits.offset : static_cast<double>(cnf.clauses.size()) - as_bits.offset;
  problem.slope = weighted ? 1 : -1;
}

}  // namespace swell::ising
