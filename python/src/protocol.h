#pragma once

#include <nanobind/nanobind.h>

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "machine.h"
#include "swell/model/protocol.h"

namespace swell::python {

// A protocol with names where a Protocol has numbers, so that it is written down before its machine and fits several.
struct NamedSegment {
  std::string name;
  double duration = 0;
  std::variant<std::monostate, std::string, int> couplings;  // none; the set's name, or its number
  Schedule kT;
  std::vector<std::pair<std::string, Schedule>> drive;  // by group
  std::vector<std::string> clamped;                     // groups
};

struct NamedProtocol {
  std::string name;
  std::vector<NamedSegment> segments;
};

// Throws InputError where the machine has not got what the protocol names.
Protocol bind(const NamedProtocol& protocol, const AnySystem& system);
NamedProtocol unbind(const Protocol& protocol, const Computer& computer);

}  // namespace swell::python
