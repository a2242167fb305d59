#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "swell/cmd/command.h"
#include "swell/hardware/imperfections.h"
#include "swell/report/chips.h"

namespace swell::cmd {

// Faults of chips, for commands whose machine can have them.
struct ChipFlags {
  std::string spec;  // file; empty for none
  int64_t chips = 50;
};
void add_chip_flags(CLI::App& app, ChipFlags& flags);
// The specification; nothing without --chip.
std::optional<hardware::Imperfections> chip_of(const ChipFlags& flags);
// Chips to make: fewer with --quick.
int64_t chip_count(const ChipFlags& flags, const Common& common);
// Says the distribution, and puts it into the report and its page.
void add_chips(Result& result, const ChipErrors& chips, const Common& common);

}  // namespace swell::cmd
