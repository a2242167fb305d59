#include "swell/programs/ising/references.h"

#include <cmath>

#include "swell/programs/ising/reduce.h"

namespace swell::ising {

std::optional<double> exact_ground_energy(const IsingModel& model) {
  const Reduction reduction(model);
  if (reduction.units() > kMostEnumerated) return {};
  // The reduced model's energies are those of the whole one, less a constant.
  const std::vector<int8_t> any(reduction.units(), 1);
  const double whole = ising_energy(model, reduction.expand(any));
  if (reduction.units() == 0) return whole;
  return whole - ising_energy(reduction.model(), any) + *enumerate_ground_energy(reduction.model());
}

double value_grain(const Problem& problem) {
  if (has_exact_sums(problem.model)) return 0;
  double sum = 0;
  for (int64_t i = 0; i < problem.model.units; ++i) sum += largest_field(problem.model, i);
  return 1e-14 * sum * std::abs(problem.slope);
}

bool reaches(const Problem& problem, double value, double goal) {
  const double grain = value_grain(problem);
  return problem.larger_is_better() ? value >= goal - grain : value <= goal + grain;
}

std::vector<Reference> references(const Problem& problem) {
  std::vector<Reference> all;
  if (const auto known = best_known(problem)) all.push_back({known->value, std::string(known->source), false});
  if (const auto exact = exact_ground_energy(problem.model))
    all.push_back({problem.value_of_energy(*exact), "exact optimum, by reduction and enumeration", true});
  if (problem.kind == Kind::max_sat) {
    all.push_back({static_cast<double>(problem.cnf.clauses.size()), "bound: all clauses", true});
  } else if (problem.kind == Kind::weighted_max_sat) {
    all.push_back({0, "bound: no clause violated", true});
  } else {
    all.push_back({problem.value_of_energy(energy_bound(problem.model)), "bound: every coupling satisfied", true});
  }
  return all;
}

}  // namespace swell::ising
