#pragma once

#include <span>

#include "swell/ledger/bill.h"
#include "swell/programs/ising/pages.h"

namespace swell::ising {

// What an answer of these searches costs, each search an answer: p-bits by their flips, continuous units by the heat
// that they gave to the bath. All that a search did is counted, however early it ended.
Bill price(std::span<const Seeded> searches, const IsingModel& model, bool continuous, const Prices& prices);

}  // namespace swell::ising
