#pragma once

#include "swell/cmd/command.h"
#include "swell/ledger/diagnostics.h"

namespace swell::cmd {

// The checks "first law", where there are books, and "equilibrium". Where the books do not close, a sentence on
// standard error and exit code 5.
void add_diagnostics(Result& result, const Diagnostics& diagnostics);

// A line for people; where the answer has not equilibrated, a sentence on standard error.
void say_diagnostics(const Diagnostics& diagnostics);

}  // namespace swell::cmd
