#pragma once

#include "swell/base/ranks.h"
#include "swell/programs/route/rounds.h"
#include "swell/programs/route/tour_facts.h"

// Searches that the ranks of a job share: each makes runs of its own, and all go on with the best that any found, of
// equals with that of the lowest run, so that a fixed number of runs has one answer.
namespace swell::route {

Tour best_of_ranks(Ranks& ranks, Tour tour, SearchFigures& figures);
RoundAnswer best_of_ranks(Ranks& ranks, const RoundTask& task, RoundAnswer answer, SearchFigures& figures);

}  // namespace swell::route
