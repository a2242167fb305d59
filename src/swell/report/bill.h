#pragma once

#include <string>

#include "swell/ledger/bill.h"

namespace swell {

// The bill as a section of a report page: its heading and a table for each of its parts.
std::string bill_tables(const Bill& bill);

}  // namespace swell
