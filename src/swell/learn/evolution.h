#pragma once

#include "swell/learn/descent.h"

namespace swell {

// Training without derivatives, for machines that can only be run: a population of perturbed machines is scored, by a
// simulation or by a device.

enum class Selection {
  elites,   // the published rule (S. Whitelam, C. Casert, Nat. Commun. 17, 1189 (2026)): the best machines stay, the
            // others are replaced by copies of them with random changes
  average,  // one machine moves along the changes weighted by their scores, in pairs +- (T. Salimans et al.,
            // arXiv 1703.03864): what all of the population found out is used
};

struct EvolutionOptions {
  Selection selection = Selection::elites;
  int64_t generations = 100;
  int population = 50;  // average: an even number
  int elites = 5;
  double mutation = 0.1;  // standard deviation of the change of a parameter
  double rate = 1e-2;     // average: of its descent (DescentOptions)
  uint64_t seed = 1;
  std::vector<float> free;  // [parameters] 1 where a parameter may change, 0 where it stays; empty for all
  AfterUpdate after_update;
};

// The loss of one machine, lower is better. All machines of a generation are asked about the same questions.
// `evaluations` is the trajectories it took.
using Score =
    std::function<double(int64_t generation, int member, std::span<const float> parameters, int64_t& evaluations)>;

// Draws are addressed by seed, generation, member and parameter. state.parameters is the best machine (elites) or the
// middle of the population (average); loss is the best of a generation, or their mean. False where after_update stopped
// it.
bool evolve(const Score& score, const EvolutionOptions& options, TrainingState& state);

}  // namespace swell
