#include "swell/programs/ising/problem.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <numeric>

#include "swell/base/errors.h"
#include "swell/io/bqm_files.h"
#include "swell/io/bytes.h"
#include "swell/io/matrix_market.h"
#include "swell/io/problem_kind.h"
#include "swell/programs/ising/compile.h"

namespace swell::ising {

namespace {

constexpr size_t kMaxBytes = size_t{4} << 30;

[[noreturn]] void refuse_foreign(const std::string& name, ProblemKind kind, std::span<const std::byte> bytes) {
  const std::string_view readers = readers_of(kind, bytes);
  throw IoError(fmt::format(
      "{} looks like {}{}; problems of p-bits are graphs (rudy, G-set, DIMACS), QUBO files (qbsolv, BiqMac, "
      "OR-Library), "
      "binary quadratic models (dimod, bqpjson), Ising models (text, Matrix Market) and DIMACS CNF and WCNF",
      name, describe(kind, bytes),
      readers.empty() || readers.starts_with("swell ising") ? "" : fmt::format(", for {}", readers)));
}

void refuse_choice(const ReadOptions& options, const std::string& name, ProblemKind kind,
                   std::span<const std::byte> bytes) {
  if (!options.as) return;
  throw InputError(
      fmt::format("{} is {}, which can be read in one way only; do not ask for another", name, describe(kind, bytes)));
}

void read_pairs(Problem& problem, std::span<const std::byte> bytes, const ReadOptions& options, bool is_qubo_file) {
  const PairList list = parse_pair_list(bytes, problem.name);
  const bool weights_on_loops =
      list.loops && std::ranges::any_of(list.pairs, [](const auto& p) { return p.a == p.b && p.weight != 1; });
  const Kind kind = options.as         ? *options.as
                    : is_qubo_file     ? Kind::qubo
                    : weights_on_loops ? Kind::ising
                                       : Kind::max_cut;
  if (kind == Kind::max_cut) {
    problem.format = list.dimacs ? "DIMACS graph" : "graph (rudy)";
    problem.graph = to_graph(list, problem.name);
    compile_cut(problem);
  } else if (kind == Kind::qubo) {
    problem.format = "symmetric Q as a list of entries (BiqMac)";
    problem.quadratic = to_symmetric_qubo(list, problem.name);
    compile_quadratic(problem);
  } else {
    problem.format = "couplings and fields as a list, E = -sum J m m - sum h m";
    problem.quadratic = to_spin_glass(list, problem.name);
    compile_quadratic(problem);
  }
}

void read_matrix(Problem& problem, std::span<const std::byte> bytes, const ReadOptions& options) {
  const MarketMatrix matrix = parse_matrix_market(bytes, problem.name);
  problem.format = "Matrix Market";
  switch (options.as.value_or(Kind::ising)) {
    case Kind::max_cut:
      problem.graph = matrix_to_graph(matrix, problem.name);
      return compile_cut(problem);
    case Kind::qubo:
      problem.quadratic = matrix_to_qubo(matrix, problem.name);
      return compile_quadratic(problem);
    default:
      problem.quadratic = matrix_to_spin_glass(matrix, problem.name);
      return compile_quadratic(problem);
  }
}

std::optional<bool> spins_asked_for(const ReadOptions& options, const std::string& name) {
  if (!options.as) return {};
  if (*options.as == Kind::max_cut)
    throw InputError(fmt::format("{} is no graph; max-cut takes graphs and Matrix Market files", name));
  return *options.as == Kind::ising;
}

// Formats that say themselves what they are.
void read_fixed(Problem& problem, std::span<const std::byte> bytes, const ReadOptions& options, ProblemKind kind) {
  const std::string& name = problem.name;
  if (kind == ProblemKind::triples) {
    problem.quadratic = parse_coo(bytes, name, spins_asked_for(options, name));
    return compile_quadratic(problem);
  }
  if (options.as == Kind::max_cut && kind != ProblemKind::cnf && kind != ProblemKind::wcnf)
    spins_asked_for(options, name);
  const bool is_qubo = kind == ProblemKind::qubo || kind == ProblemKind::or_library || kind == ProblemKind::dense_qubo;
  if (!(is_qubo && options.as == Kind::qubo)) refuse_choice(options, name, kind, bytes);
  switch (kind) {
    case ProblemKind::qubo:
      problem.quadratic = parse_qubo(bytes, name);
      break;
    case ProblemKind::or_library:
      problem.quadratic = parse_or_library(bytes, name, options.instance);
      break;
    case ProblemKind::dense_qubo:
      problem.quadratic = parse_dense_qubo(bytes, name);
      break;
    case ProblemKind::bqm_json:
      problem.quadratic = parse_bqm_json(bytes, name);
      break;
    case ProblemKind::bqm_binary:
      problem.quadratic = parse_bqm_binary(bytes, name);
      break;
    case ProblemKind::bqpjson:
      problem.quadratic = parse_bqpjson(bytes, name);
      break;
    case ProblemKind::cnf:
      problem.cnf = parse_cnf(bytes, name);
      return compile_sat(problem);
    case ProblemKind::wcnf:
      problem.cnf = parse_wcnf(bytes, name);
      return compile_sat(problem);
    default:
      refuse_foreign(name, kind, bytes);
  }
  compile_quadratic(problem);
}

Problem parse_kind(std::span<const std::byte> bytes, const std::string& name, const ReadOptions& options,
                   bool is_qubo_file) {
  Problem problem;
  problem.name = name;
  const ProblemKind kind = problem_kind(bytes);
  if (options.instance && kind != ProblemKind::or_library)
    throw InputError(
        fmt::format("an instance is chosen from files of OR-Library; {} is {}", name, describe(kind, bytes)));
  problem.format = describe(kind, bytes);
  if (kind == ProblemKind::pair_list || kind == ProblemKind::dimacs_graph) {
    read_pairs(problem, bytes, options, is_qubo_file);
  } else if (kind == ProblemKind::matrix_market) {
    read_matrix(problem, bytes, options);
  } else {
    read_fixed(problem, bytes, options, kind);
  }
  if (options.larger) {
    if (problem.kind != Kind::qubo && problem.kind != Kind::ising) {
      throw InputError(
          fmt::format("a sense is for QUBO files and Ising models; {} is a {} problem", name, kind_name(problem.kind)));
    }
    problem.quadratic.maximize = *options.larger;
    compile_quadratic(problem);
  }
  const bool sat = problem.kind == Kind::max_sat || problem.kind == Kind::weighted_max_sat;
  problem.variables = sat ? problem.cnf.variables : problem.model.units;
  return problem;
}

}  // namespace

std::string_view kind_name(Kind kind) {
  constexpr std::string_view names[] = {"max-cut", "qubo", "ising", "max-sat", "weighted max-sat"};
  return names[static_cast<int>(kind)];
}

std::string_view value_name(const Problem& problem) {
  constexpr std::string_view names[] = {"cut", "x'Qx", "energy", "satisfied clauses",
                                        "weight of violated soft clauses"};
  const bool model = problem.kind == Kind::qubo && (problem.quadratic.offset != 0 || !problem.quadratic.labels.empty());
  return model ? "energy" : names[static_cast<int>(problem.kind)];
}

Problem parse_problem(std::span<const std::byte> bytes, const std::string& name, const ReadOptions& options) {
  return parse_kind(bytes, name, options, false);
}

Problem parse_problem(std::span<const std::byte> bytes, const std::string& name, bool as_graph) {
  ReadOptions options;
  if (as_graph) options.as = Kind::max_cut;
  return parse_problem(bytes, name, options);
}

Problem read_problem(const std::filesystem::path& path, const ReadOptions& options) {
  std::filesystem::path plain = path;
  if (plain.extension() == ".gz") plain.replace_extension();
  // A list of pairs is written alike for graphs and for QUBO files: there the suffix decides.
  const std::string suffix = plain.extension().string();
  const bool is_qubo_file = suffix == ".sparse" || suffix == ".bq" || suffix == ".qubo" || suffix == ".bqp";
  Problem problem = parse_kind(read_maybe_gzip(path, kMaxBytes), path.string(), options, is_qubo_file);
  // What follows a point is no suffix where it is a number: ising2.5-100_5555.
  const bool letters = std::ranges::all_of(suffix.substr(std::min<size_t>(1, suffix.size())),
                                           [](unsigned char c) { return std::isalpha(c) != 0; });
  problem.name = letters ? plain.stem().string() : plain.filename().string();
  return problem;
}

double Problem::value_of_energy(double energy) const {
  const double value = offset + slope * energy;
  if (decimals < 0 || !std::isfinite(value)) return value;
  const double unit = std::pow(10, decimals);
  return std::nearbyint(value * unit) / unit;
}

std::string value_text(const Problem& problem, double value) {
  if (problem.decimals < 0 || std::abs(value) >= 0x1p53) return fmt::format("{}", value);
  std::string text = fmt::format("{:.{}f}", value, problem.decimals);
  if (problem.decimals > 0) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

double energy_bound(const IsingModel& model) {
  double sum = 0;
  for (int64_t i = 0; i < model.units; ++i) sum += largest_field(model, i) + std::abs(model.h[i]);
  return -sum / 2;
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
    if (k % kFlipsBetweenSums == 0) energy = ising_energy(model, spins);
    lowest = std::min(lowest, energy);
  }
  return lowest;
}

std::vector<int64_t> solution_of(const Problem& problem, std::span<const int8_t> spins) {
  std::vector<int64_t> solution(problem.variables);
  const bool literals = problem.kind == Kind::max_sat || problem.kind == Kind::weighted_max_sat;
  for (int64_t i = 0; i < problem.variables; ++i) {
    const bool up = spins[i] > 0;
    if (problem.kind == Kind::ising) {
      solution[i] = up ? 1 : -1;
    } else if (literals) {
      solution[i] = up ? i + 1 : -(i + 1);
    } else {
      solution[i] = up ? 1 : 0;
    }
  }
  return solution;
}

namespace {

// A name without quotes where it is a plain word.
std::string plain_label(const std::string& label) {
  if (label.size() < 3 || label.front() != '"') return label;
  const std::string inside = label.substr(1, label.size() - 2);
  return inside.find_first_of(" \\\"") == std::string::npos ? inside : label;
}

}  // namespace

std::string solution_text(const Problem& problem, std::span<const int8_t> spins) {
  std::string text;
  const std::vector<int64_t> solution = solution_of(problem, spins);
  for (int64_t i = 0; i < problem.variables; ++i) {
    if (!problem.quadratic.labels.empty()) text += plain_label(problem.quadratic.labels[i]) + " ";
    text += fmt::format("{}\n", solution[i]);
  }
  return text;
}

}  // namespace swell::ising
