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
};

// The literature's best value, the exact optimum where reduction and enumeration find it, and a bound.
std::vector<Reference> references(const Problem& problem);

// The lowest energy, where at most kMostEnumerated p-bits are left after exact reduction (reduce.h); nothing above.
std::optional<double> exact_ground_energy(const IsingModel& model);

// What rounding may add to a value: 0 where all sums are exact in double precision, so that claims of an optimum are
// to the last digit.
double value_grain(const Problem& problem);

// Whether a value is as good as the goal, or better.
bool reaches(const Problem& problem, double value, double goal);

}  // namespace swell::ising
