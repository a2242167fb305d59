#pragma once

#include <optional>
#include <string>
#include <vector>

#include "swell/programs/ising/problem.h"

namespace swell::ising {

// What an answer is held against.
struct Reference {
  double value;
  std::string what;
  bool exact;  // no answer is better

  // Hard clauses of weighted_max_sat that every answer violates, where that is proved. The value holds their cost.
  int64_t violated = 0;
};

// The literature's best value, the exact optimum where reduction and enumeration find it, and a bound.
std::vector<Reference> references(const Problem& problem);

// The lowest energy, where at most kMostEnumerated p-bits are left after exact reduction (reduce.h); nothing above.
std::optional<double> exact_ground_energy(const Problem& problem);

// What rounding may add to a value or take from it, at the most: 0 where all data are decimal fractions, which are
// counted as whole numbers, or all sums are exact in double precision; then claims are exact to the last digit.
double value_grain(const Problem& problem);

// Whether a value is as good as the goal, or better, as far as the grain lets it be told.
bool reaches(const Problem& problem, double value, double goal);
bool reaches(const Problem& problem, double value, double goal, double grain);

// How an answer stands beside a reference, in words: "reached: this is an optimum", "gap 3 (0.5 %)".
std::string standing(const Problem& problem, const Reference& reference, double value, double grain);

}  // namespace swell::ising
