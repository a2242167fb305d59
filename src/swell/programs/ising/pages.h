#pragma once

#include <span>
#include <string>
#include <vector>

#include "swell/ledger/bill.h"
#include "swell/programs/ising/problem.h"
#include "swell/programs/ising/references.h"
#include "swell/programs/ising/search.h"

namespace swell::ising {

// One search of a call, and its value as counted from the file.
struct Seeded {
  uint64_t seed = 0;
  double value = 0;
  SearchResult search;
};

// One self-contained page: the best value and what is known about it, how each search went on, and what all of it cost.
std::string search_page(const Problem& problem, const std::vector<Reference>& references,
                        std::span<const Seeded> searches, size_t best, const Bill& bill);

}  // namespace swell::ising
