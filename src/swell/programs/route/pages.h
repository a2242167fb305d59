#pragma once

#include <optional>
#include <string>

#include "swell/ledger/bill.h"
#include "swell/programs/route/rounds.h"
#include "swell/programs/route/tour_facts.h"

namespace swell::route {

// One self-contained page each: the answer and what is proved about it, the map, the streets in order, and the search.
std::string round_page(const RoundTask& task, const RoundAnswer& answer, const SearchFigures& figures, const Bill& bill,
                       const std::string& title);
// `optimum`: the published one of these cities, where it is known.
std::string tour_page(const Tsplib& problem, const Tour& tour, std::optional<int64_t> optimum,
                      const SearchFigures& figures, const Bill& bill);

}  // namespace swell::route
