#pragma once

#include "swell/programs/route/connect.h"
#include "swell/programs/route/rounds.h"

namespace swell::route {

// Branch and cut: a bound by linear relaxations with connectivity and parity cuts, rounds built from them, and a proof
// where the tree closes in time. Betters `answer` where it can.
void prove_round(const RoundTask& task, const WholeLengths& whole, const SearchOptions& options, RoundAnswer& answer);

// No round with the task collects more: the bound of the linear relaxation with its cuts.
double most_reward(const RoundTask& task, const WholeLengths& whole, const SearchOptions& options);

}  // namespace swell::route
