#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "swell/io/cnf_files.h"
#include "swell/io/graph_files.h"
#include "swell/io/quadratic_files.h"
#include "swell/model/ising.h"
#include "swell/programs/ising/values.h"

namespace swell::ising {

enum class Kind { max_cut, qubo, ising, max_sat, weighted_max_sat };

// A problem as it stands in its file, and as p-bits: value = offset + slope * energy.
struct Problem {
  Kind kind = Kind::ising;
  std::string name;     // the file's, without folder and suffix
  std::string format;   // what the file was read as, for people
  WeightedGraph graph;  // max_cut
  Quadratic quadratic;  // qubo, ising
  Cnf cnf;              // max_sat, weighted_max_sat
  IsingModel model;
  double offset = 0, slope = 1;
  // Data are whole multiples of 10^-decimals, so that values are counted without rounding; -1 where they are not, or
  // their sum is too large for that. `integral`: decimals = 0, all data are whole numbers, and so are all values; then
  // energies are whole multiples of 1/4 below 2^51, exact in double precision however they are added up.
  int decimals = -1;
  bool integral = false;
  double hard_weight = 0;  // weighted_max_sat: what a violated hard clause adds to the value, more than all soft ones

  bool larger_is_better() const { return slope < 0; }
  // Rounded to `decimals`.
  double value_of_energy(double energy) const;
  double energy_of_value(double value) const { return (value - offset) / slope; }
  // What the answer consists of: vertices, bits, spins or variables. Further p-bits are auxiliary.
  int64_t variables = 0;
};

std::string_view kind_name(Kind kind);
// What the value counts, for people: "cut", "x'Qx", "energy", "satisfied clauses", "weight of violated soft clauses".
std::string_view value_name(const Problem& problem);

// How to read what a file leaves open.
struct ReadOptions {
  std::optional<Kind> as;      // of pair lists, Matrix Market files and COO without a vartype: max_cut, qubo, ising
  std::optional<bool> larger;  // QUBO and Ising: whether the value is to be made large; else what the format says
  std::optional<int64_t> instance;  // of a file that holds several problems, from 1
};

// By the file's contents (docs/ising.md); gzip is inflated. Throws IoError, or InputError where the problem is none, or
// where the options do not go with the file.
Problem read_problem(const std::filesystem::path& path, const ReadOptions& options = {});
Problem parse_problem(std::span<const std::byte> bytes, const std::string& name, const ReadOptions& options = {});
// `as_graph`: the entries of a Matrix Market file are edges to be cut.
Problem parse_problem(std::span<const std::byte> bytes, const std::string& name, bool as_graph);

// The value with all its digits and no more: those of the data, or the shortest that give the same double.
std::string value_text(const Problem& problem, double value);

// No energy is lower than -(sum |J| + sum |h|).
double energy_bound(const IsingModel& model);

// The lowest energy of at most kMostEnumerated p-bits, by looking at all states; nothing above.
// The energy is followed from flip to flip, and added up anew after so many, so that rounding stays small.
constexpr int64_t kMostEnumerated = 24, kFlipsBetweenSums = 1024;
std::optional<double> enumerate_ground_energy(const IsingModel& model);

// The answer as numbers in the format's own terms: side 0 or 1, bit, spin, or literal.
std::vector<int64_t> solution_of(const Problem& problem, std::span<const int8_t> spins);

// The same as text, one number a line; variables with names have them in front.
std::string solution_text(const Problem& problem, std::span<const int8_t> spins);

}  // namespace swell::ising
