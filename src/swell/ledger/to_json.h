#pragma once

#include <nlohmann/json.hpp>

#include "swell/ledger/bill.h"
#include "swell/ledger/diagnostics.h"
#include "swell/ledger/statistics.h"

namespace swell {

// What the ledger says as JSON, for reports: apart from the ledger's own headers, which programs that use the library
// include.

// As every report has it, {value, stderr, count, unit}; null where there is none: stderr of fewer than two values,
// value of none. Units as text: "kT", "E0", "J", "1" for a pure number.
nlohmann::ordered_json to_json(const Estimate& estimate, const char* unit);

// The same keys for every bill; what is not known is null, and why stands under "unknown".
nlohmann::ordered_json to_json(const Bill& bill);

// {r_hat, r_hat_limit, r_hat_of, chains, draws, effective_draws, kT, kT_set, kT_of_step, note, unknown}: figures of the
// check "equilibrium" (docs/report.schema.json).
nlohmann::ordered_json to_json(const Diagnostics& diagnostics);

}  // namespace swell
