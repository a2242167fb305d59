#pragma once

#include "swell/cmd/command.h"
#include "swell/ledger/diagnostics.h"

namespace swell::cmd {

// The checks "first law", where there are books, and "equilibrium". Where the books do not close, a sentence on
// standard error and exit code 5.
void add_diagnostics(Result& result, const Diagnostics& diagnostics);

// Work that was stopped and keeps its part: says so in this sentence, which is a check that did not pass, and exit code
// 130. Nothing where the sentence is empty.
void say_interruption(Result& result, const std::string& sentence);

// A line for people; where the answer has not equilibrated, a sentence on standard error.
void say_diagnostics(const Diagnostics& diagnostics);

}  // namespace swell::cmd
