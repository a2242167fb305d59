#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "swell/engine/run.h"

namespace swell {

// What the bytes of a run depend on: name and value, in the order in which a difference is told. Long arrays stand as
// their SHA-256.
using Fingerprint = std::vector<std::pair<std::string, std::string>>;
Fingerprint fingerprint(const System& system, const Protocol& protocol, const RunOptions& options);

// Throws IoError where a file with these metadata is no checkpoint, or one of another format; InputError where it is of
// another run. `name` stands for the file.
void require_same_run(const std::map<std::string, std::string>& metadata, const std::string& format_key,
                      const std::string& format, const Fingerprint& fingerprint, const std::string& name);

}  // namespace swell
