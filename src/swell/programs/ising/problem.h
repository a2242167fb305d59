#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "swell/io/graph_files.h"
#include "swell/io/matrix_market.h"
#include "swell/model/ising.h"

namespace swell::ising {

enum class Kind { max_cut, qubo, ising, max_sat };

// A problem as it stands in its file, and as p-bits: value = offset + slope * energy.
struct Problem {
  Kind kind = Kind::ising;
  std::string name;     // the file's, without folder and suffix
  WeightedGraph graph;  // max_cut
  Qubo qubo;            // qubo
  MarketMatrix matrix;  // ising: J off the diagonal, h on it
  Cnf cnf;              // max_sat
  IsingModel model;
  double offset = 0, slope = 1;

  bool larger_is_better() const { return slope < 0; }
  double value_of_energy(double energy) const { return offset + slope * energy; }
  double energy_of_value(double value) const { return (value - offset) / slope; }
  // What the answer consists of: vertices, bits, spins or variables. Further p-bits are auxiliary.
  int64_t variables = 0;
};

std::string_view kind_name(Kind kind);
// What the value counts, for people: "cut", "x'Qx", "energy", "satisfied clauses".
std::string_view value_name(Kind kind);

// By the file's contents: a Matrix Market header, "p qubo", "p cnf", else a graph. `as_graph`: the entries of a Matrix
// Market file are edges to be cut. Throws IoError, or InputError where the problem is none.
Problem read_problem(const std::filesystem::path& path, bool as_graph);
Problem parse_problem(std::span<const std::byte> bytes, const std::string& name, bool as_graph);

// The value of an answer from the file's own data, by code that knows nothing of the p-bits' couplings.
double count_value(const Problem& problem, std::span<const int8_t> spins);

// No energy is lower than -(sum |J| + sum |h|).
double energy_bound(const IsingModel& model);

// The best value known from the literature for an instance of this name and size, and where from.
struct BestKnown {
  double value;
  std::string_view source;
};
std::optional<BestKnown> best_known(const Problem& problem);

// The lowest energy of at most kMostEnumerated p-bits, by looking at all states; nothing above.
constexpr int64_t kMostEnumerated = 24;
std::optional<double> enumerate_ground_energy(const IsingModel& model);

// The answer as text: one number a line, in the format's own terms (side 0 or 1, bit, spin, literal).
std::string solution_text(const Problem& problem, std::span<const int8_t> spins);

}  // namespace swell::ising
