#pragma once

#include <string>

#include "swell/ledger/diagnostics.h"

namespace swell {

// Whether the answer is that of an equilibrium, as a section of a report page: a warning where it is not, and a small
// table.
std::string diagnostics_table(const Diagnostics& diagnostics);

}  // namespace swell
