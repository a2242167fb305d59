#pragma once

#include <string>
#include <utility>
#include <vector>

#include "swell/engine/run.h"

namespace swell {

// What the bytes of a run depend on: name and value, in the order in which a difference is told. Long arrays stand as
// their SHA-256.
using Fingerprint = std::vector<std::pair<std::string, std::string>>;
Fingerprint fingerprint(const Computer& computer, const Protocol& protocol, const RunOptions& options);

}  // namespace swell
