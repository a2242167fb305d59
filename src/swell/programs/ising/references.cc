#include "swell/programs/ising/references.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "swell/programs/ising/reduce.h"

namespace swell::ising {

namespace {

// A model whose energies are `factor` times those of the problem, and how far rounding may take a sum of them.
struct Summed {
  const IsingModel* of_problem = nullptr;
  std::optional<IsingModel> whole;  // where it is not the problem's own
  double factor = 1;
  double grain = 0;  // units of the problem's energy

  const IsingModel& model() const { return whole ? *whole : *of_problem; }
};

// Decimal fractions become whole numbers, so that energies of them are exact, too. The problem outlives what is made.
Summed summed(const Problem& problem) {
  const IsingModel& model = problem.model;
  if (problem.decimals > 0) {
    const double factor = 4 * std::pow(10, problem.decimals);
    double sum = 0;
    int64_t widest = 1;
    for (int64_t i = 0; i < model.units; ++i) {
      sum += largest_field(model, i);
      widest = std::max(widest, model.degree(i) + 2);
    }
    // The data are known to half a digit only where what was added up is off by less than that.
    if (sum * factor * static_cast<double>(widest) < 0x1p50) {
      IsingModel whole = model;
      for (double& J : whole.J) J = std::nearbyint(J * factor);
      for (double& h : whole.h) h = std::nearbyint(h * factor);
      if (has_exact_sums(whole)) return {&model, std::move(whole), factor};
    }
  }
  const double offset = problem.offset / problem.slope;  // is added to energies
  if (has_exact_sums(model, offset)) return {&model, {}};
  double sum = std::abs(offset);
  for (int64_t i = 0; i < model.units; ++i) sum += largest_field(model, i);
  const auto terms = static_cast<double>(model.edges() + 2 * model.units + 2 * kFlipsBetweenSums);
  return {&model, {}, 1, 0x1p-52 * terms * sum};
}

std::optional<double> ground_energy(const IsingModel& model) {
  const Reduction reduction(model);
  if (reduction.units() > kMostEnumerated) return {};
  // The reduced model's energies are those of the whole one, less a constant.
  const std::vector<int8_t> any(reduction.units(), 1);
  const double whole = ising_energy(model, reduction.expand(any));
  if (reduction.units() == 0) return whole;
  return whole - ising_energy(reduction.model(), any) + *enumerate_ground_energy(reduction.model());
}

// What a lowest value says about clauses that exclude each other, if anything.
std::string contradiction(const Problem& problem, double lowest) {
  if (problem.kind == Kind::max_sat && lowest < static_cast<double>(problem.cnf.clauses.size()))
    return " (the clauses cannot all hold)";
  return "";
}

}  // namespace

std::optional<double> exact_ground_energy(const Problem& problem) {
  const Summed sums = summed(problem);
  const std::optional<double> lowest = ground_energy(sums.model());
  if (!lowest) return {};
  return *lowest / sums.factor;
}

double value_grain(const Problem& problem) { return summed(problem).grain * std::abs(problem.slope); }

bool reaches(const Problem& problem, double value, double goal) {
  return reaches(problem, value, goal, value_grain(problem));
}

bool reaches(const Problem& problem, double value, double goal, double grain) {
  return problem.larger_is_better() ? value >= goal - grain : value <= goal + grain;
}

std::string standing(const Problem& problem, const Reference& reference, double value, double grain) {
  if (!reaches(problem, value, reference.value, grain)) {
    const double gap = problem.larger_is_better() ? reference.value - value : value - reference.value;
    const double share = reference.value != 0 ? 100 * gap / std::abs(reference.value) : 0;
    return fmt::format("gap {} ({:.3f} %)", value_text(problem, gap), share);
  }
  if (!reference.exact) return "reached";
  if (grain == 0) return "reached: this is an optimum";
  return fmt::format("reached within the interval of rounding, +- {:.1g}: no answer is better by more than {:.1g}",
                     grain, 2 * grain);
}

std::vector<Reference> references(const Problem& problem) {
  std::vector<Reference> all;
  if (const auto known = best_known(problem)) all.push_back({known->value, std::string(known->source), false});
  if (const auto exact = exact_ground_energy(problem)) {
    const double value = problem.value_of_energy(*exact);
    Reference proved{value, "exact optimum" + contradiction(problem, value) + ", by reduction and enumeration", true};
    if (problem.kind == Kind::weighted_max_sat)
      proved.violated = static_cast<int64_t>(std::max(0.0, value - value_grain(problem)) / problem.hard_weight);
    if (proved.violated > 0) {
      proved.what = fmt::format(
          "the hard clauses cannot all hold: every answer violates {} or more, by reduction and "
          "enumeration",
          proved.violated);
    }
    all.push_back(std::move(proved));
  }
  if (problem.kind == Kind::max_sat) {
    all.push_back({static_cast<double>(problem.cnf.clauses.size()), "bound: all clauses", true});
  } else if (problem.kind == Kind::weighted_max_sat) {
    all.push_back({0, "bound: no clause violated", true});
  } else {
    const Summed sums = summed(problem);
    all.push_back(
        {problem.value_of_energy(energy_bound(sums.model()) / sums.factor), "bound: every coupling satisfied", true});
  }
  return all;
}

}  // namespace swell::ising
