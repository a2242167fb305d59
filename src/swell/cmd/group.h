#pragma once

#include <string>
#include <vector>

#include "swell/cmd/command.h"

namespace swell::cmd {

// A command made of parts, of which one is typed behind its name: `swell neural train`.
Command group(std::string name, std::string summary, std::vector<Command> parts);

}  // namespace swell::cmd
