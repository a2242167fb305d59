#include "swell/programs/ising/problem.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "swell/base/errors.h"
#include "swell/io/atomic_file.h"
#include "swell/io/bytes.h"

namespace swell::ising {

namespace {

constexpr size_t kMaxBytes = size_t{4} << 30;

// Sums of such values are exact, or as near as double precision is.
void require_addable(double sum, const std::string& name) {
  if (!(sum < 0x1p53)) {
    throw InputError(
        fmt::format("{}: the weights add up to {:g}; sums above 2^53 = 9.007e15 are not exact", name, sum));
  }
}

// Cut = (W - sum w m m) / 2: J = -w.
void compile_cut(Problem& problem) {
  std::vector<IsingEdge> edges;
  double sum = 0, magnitude = 0;
  for (const auto& edge : problem.graph.edges) {
    edges.push_back({edge.a, edge.b, -edge.weight});
    sum += edge.weight;
    magnitude += std::abs(edge.weight);
  }
  require_addable(magnitude, problem.name);
  problem.kind = Kind::max_cut;
  problem.model = make_ising(problem.graph.vertices, edges);
  problem.offset = sum / 2;
  problem.slope = -0.5;
}

// x = (1 + m) / 2.
void compile_qubo(Problem& problem) {
  std::vector<double> h(problem.qubo.size, 0.0);
  std::vector<IsingEdge> edges;
  double offset = 0, magnitude = 0;
  for (const auto& entry : problem.qubo.entries) {
    magnitude += std::abs(entry.value);
    if (entry.i == entry.j) {
      h[entry.i] -= entry.value / 2;
      offset += entry.value / 2;
    } else {
      edges.push_back({entry.i, entry.j, -entry.value / 4});
      h[entry.i] -= entry.value / 4;
      h[entry.j] -= entry.value / 4;
      offset += entry.value / 4;
    }
  }
  require_addable(magnitude, problem.name);
  problem.kind = Kind::qubo;
  problem.model = make_ising(problem.qubo.size, edges, h);
  problem.offset = offset;
}

void compile_matrix(Problem& problem) {
  const MarketMatrix& matrix = problem.matrix;
  if (matrix.rows != matrix.columns || matrix.rows < 1) {
    throw InputError(fmt::format("{}: the matrix is {} x {}; couplings are a square matrix", problem.name, matrix.rows,
                                 matrix.columns));
  }
  std::map<std::pair<int64_t, int64_t>, double> seen;
  std::vector<double> h(matrix.rows, 0.0);
  double magnitude = 0;
  for (const auto& entry : matrix.entries) {
    magnitude += std::abs(entry.value);
    if (entry.row == entry.column) {
      h[entry.row] = entry.value;
    } else {
      seen[{entry.row, entry.column}] = entry.value;
    }
  }
  require_addable(magnitude, problem.name);
  std::vector<IsingEdge> edges;
  for (const auto& [place, value] : seen) {
    const auto mirror = seen.find({place.second, place.first});
    if (value != (mirror == seen.end() ? 0.0 : mirror->second)) {
      throw InputError(fmt::format("{}: entry ({}, {}) is {} and its mirror image {}; couplings are symmetric",
                                   problem.name, place.first + 1, place.second + 1, value,
                                   mirror == seen.end() ? 0.0 : mirror->second));
    }
    if (place.first < place.second) edges.push_back({place.first, place.second, value});
  }
  problem.kind = Kind::ising;
  problem.model = make_ising(matrix.rows, edges, h);
}

void matrix_to_graph(Problem& problem) {
  compile_matrix(problem);
  const IsingModel& model = problem.model;
  problem.graph.vertices = model.units;
  for (int64_t i = 0; i < model.units; ++i) {
    if (model.h[i] != 0) {
      throw InputError(fmt::format("{}: entry ({}, {}) is {}; a graph to be cut has no edge from a vertex to itself",
                                   problem.name, i + 1, i + 1, model.h[i]));
    }
    for (int64_t k = model.row_start[i]; k < model.row_start[i + 1]; ++k) {
      if (model.neighbour[k] > i) problem.graph.edges.push_back({i, model.neighbour[k], model.J[k]});
    }
  }
  compile_cut(problem);
}

// A polynomial in bits of degree two, as it is added up.
struct Quadratic {
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
void add_product(Quadratic& q, double value, Literal a, Literal b) {
  const double sa = a.negated ? -1 : 1, sb = b.negated ? -1 : 1;
  if (a.negated && b.negated) q.constant += value;
  if (b.negated) q.linear[a.bit] += value * sa;
  if (a.negated) q.linear[b.bit] += value * sb;
  q.add(a.bit, b.bit, value * sa * sb);
}

void add_single(Quadratic& q, double value, Literal a) {
  if (a.negated) q.constant += value;
  q.linear[a.bit] += a.negated ? -value : value;
}

// A clause costs 1 where all its literals are false, the product of their negations. Two factors a b of a longer
// product become one auxiliary bit w, held by a b - 2 w (a + b) + 3 w, which is 0 where w = a b and at least 1
// elsewhere (I. Rosenberg, Cahiers du Centre d'Etudes de Recherche Operationnelle 17, 71 (1975)): the least over w is
// the product.
void compile_sat(Problem& problem) {
  Quadratic q;
  int64_t bits = problem.cnf.variables;
  for (auto clause : problem.cnf.clauses) {
    std::sort(clause.begin(), clause.end());
    clause.erase(std::unique(clause.begin(), clause.end()), clause.end());
    if (std::any_of(clause.begin(), clause.end(),
                    [&](int32_t l) { return l > 0 && std::binary_search(clause.begin(), clause.end(), -l); }))
      continue;  // always satisfied
    std::vector<Literal> factors;
    for (const int32_t literal : clause) factors.push_back({std::abs(literal) - 1, literal > 0});
    while (factors.size() > 2) {
      const Literal a = factors[factors.size() - 2], b = factors.back(), w{bits++, false};
      add_product(q, 1, a, b);
      add_product(q, -2, w, a);
      add_product(q, -2, w, b);
      add_single(q, 3, w);
      factors.resize(factors.size() - 2);
      factors.insert(factors.begin(), w);
    }
    if (factors.size() == 2) add_product(q, 1, factors[0], factors[1]);
    if (factors.size() == 1) add_single(q, 1, factors[0]);
  }
  Problem as_bits;
  as_bits.name = problem.name;
  as_bits.qubo.size = bits;
  for (const auto& [bit, value] : q.linear) as_bits.qubo.entries.push_back({bit, bit, value});
  for (const auto& [pair, value] : q.pairs) as_bits.qubo.entries.push_back({pair.first, pair.second, value});
  compile_qubo(as_bits);
  problem.kind = Kind::max_sat;
  problem.model = std::move(as_bits.model);
  problem.offset = static_cast<double>(problem.cnf.clauses.size()) - as_bits.offset - q.constant;
  problem.slope = -1;
}

std::string_view first_word_of_header(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (line.starts_with("p qubo")) return "qubo";
    if (line.starts_with("p cnf")) return "cnf";
    const bool comment = line.empty() || line == "\r" || line.starts_with('c');
    if (!comment) return "graph";
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return "graph";
}

}  // namespace

std::string_view kind_name(Kind kind) {
  constexpr std::string_view names[] = {"max-cut", "qubo", "ising", "max-sat"};
  return names[static_cast<int>(kind)];
}

std::string_view value_name(Kind kind) {
  constexpr std::string_view names[] = {"cut", "x'Qx", "energy", "satisfied clauses"};
  return names[static_cast<int>(kind)];
}

Problem parse_problem(std::span<const std::byte> bytes, const std::string& name, bool as_graph) {
  Problem problem;
  problem.name = name;
  const std::string_view text = as_text(bytes), kind = first_word_of_header(text);
  if (text.starts_with("%%")) {
    problem.matrix = parse_matrix_market(bytes, name);
    if (as_graph) {
      matrix_to_graph(problem);
    } else {
      compile_matrix(problem);
    }
  } else if (kind == "graph") {
    problem.graph = parse_rudy(bytes, name);
    compile_cut(problem);
  } else if (as_graph) {
    throw InputError(fmt::format("{} is no graph; --maximize-cut takes graphs and Matrix Market files", name));
  } else if (kind == "qubo") {
    problem.qubo = parse_qubo(bytes, name);
    compile_qubo(problem);
  } else {
    problem.cnf = parse_cnf(bytes, name);
    compile_sat(problem);
  }
  problem.variables = problem.kind == Kind::max_sat ? problem.cnf.variables : problem.model.units;
  return problem;
}

Problem read_problem(const std::filesystem::path& path, bool as_graph) {
  Problem problem = parse_problem(read_file(path, kMaxBytes), path.string(), as_graph);
  problem.name = path.stem().string();
  return problem;
}

double count_value(const Problem& problem, std::span<const int8_t> spins) {
  double value = 0;
  switch (problem.kind) {
    case Kind::max_cut:
      for (const auto& edge : problem.graph.edges) value += spins[edge.a] != spins[edge.b] ? edge.weight : 0;
      return value;
    case Kind::qubo:
      for (const auto& entry : problem.qubo.entries)
        value += spins[entry.i] > 0 && spins[entry.j] > 0 ? entry.value : 0;
      return value;
    case Kind::ising:
      // Both halves of the matrix are there.
      for (const auto& entry : problem.matrix.entries) {
        value -= entry.row == entry.column ? entry.value * spins[entry.row]
                                           : entry.value / 2 * spins[entry.row] * spins[entry.column];
      }
      return value;
    default:
      for (const auto& clause : problem.cnf.clauses) {
        value += std::any_of(clause.begin(), clause.end(),
                             [&](int32_t literal) { return (spins[std::abs(literal) - 1] > 0) == (literal > 0); });
      }
      return value;
  }
}

double energy_bound(const IsingModel& model) {
  double sum = 0;
  for (int64_t i = 0; i < model.units; ++i) sum += largest_field(model, i) + std::abs(model.h[i]);
  return -sum / 2;
}

std::optional<BestKnown> best_known(const Problem& problem) {
  struct Entry {
    const char* name;
    int64_t vertices, edges;
    double cut;
  };
  // Cuts found by many authors' programs over the years; where an optimum is proven, it is the same.
  static constexpr Entry kCuts[] = {
      {"G1", 800, 19176, 11624},    {"G11", 800, 1600, 564},        {"G14", 800, 4694, 3064},
      {"G22", 2000, 19990, 13359},  {"G32", 2000, 4000, 1410},      {"G35", 2000, 11778, 7687},
      {"G39", 2000, 11778, 2408},   {"G43", 1000, 9990, 6660},      {"G48", 3000, 6000, 6000},
      {"G49", 3000, 6000, 6000},    {"G50", 3000, 6000, 5880},      {"G55", 5000, 12498, 10299},
      {"G60", 7000, 17148, 14188},  {"G63", 7000, 41459, 27047},    {"G67", 10000, 20000, 6950},
      {"G70", 10000, 9999, 9591},   {"G72", 10000, 20000, 7008},    {"G77", 14000, 28000, 9940},
      {"G81", 20000, 40000, 14060}, {"K2000", 2000, 1999000, 33337}};
  if (problem.kind != Kind::max_cut) return {};
  for (const Entry& entry : kCuts) {
    if (problem.name == entry.name && problem.graph.vertices == entry.vertices &&
        static_cast<int64_t>(problem.graph.edges.size()) == entry.edges)
      return BestKnown{entry.cut, "best known cut in the literature"};
  }
  return {};
}

std::optional<double> enumerate_ground_energy(const IsingModel& model) {
  if (model.units > kMostEnumerated) return {};
  std::vector<int8_t> spins(model.units, -1);
  double energy = ising_energy(model, spins), lowest = energy;
  // Gray code: from each state to the next by one flip.
  for (uint64_t k = 1; k < uint64_t{1} << model.units; ++k) {
    const int unit = __builtin_ctzll(k);
    energy += 2 * spins[unit] * local_field(model, spins, unit);
    spins[unit] = static_cast<int8_t>(-spins[unit]);
    lowest = std::min(lowest, energy);
  }
  return lowest;
}

std::string solution_text(const Problem& problem, std::span<const int8_t> spins) {
  std::string text;
  for (int64_t i = 0; i < problem.variables; ++i) {
    const bool up = spins[i] > 0;
    if (problem.kind == Kind::ising) {
      text += up ? "1\n" : "-1\n";
    } else if (problem.kind == Kind::max_sat) {
      text += fmt::format("{}\n", up ? i + 1 : -(i + 1));
    } else {
      text += up ? "1\n" : "0\n";
    }
  }
  return text;
}

}  // namespace swell::ising
