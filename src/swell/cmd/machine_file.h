#pragma once

#include <string>

namespace swell::cmd {

// Whether a command that takes machines of several kinds was given one of Langevin units: whitelam2026, a design by its
// name, or a trained computer by its name or its first bytes.
bool is_langevin_machine(const std::string& file);

}  // namespace swell::cmd
