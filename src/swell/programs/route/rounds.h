#pragma once

#include <optional>
#include <string>

#include "swell/programs/route/round.h"
#include "swell/programs/route/runs.h"

namespace swell::route {

// A round and what is known about it.
struct RoundAnswer {
  Round round;
  std::string method;           // what gave the round, as words of a sentence
  std::optional<double> bound;  // no round is shorter; with rewards, none collects more
  bool proved = false;          // nothing is better: the round's length, or reward, is the bound
};

// The shortest round found, or the most rewarding. Exact methods and classical constructions come first; a cooled
// Metropolis chain on the order of the streets starts from what they give and goes on until time, runs, target or user
// end it, or at once where the answer is proved. Throws InputError where the duties alone are longer than the limit.
RoundAnswer solve_round(const RoundTask& task, const SearchOptions& options, SearchFigures& figures);

}  // namespace swell::route
