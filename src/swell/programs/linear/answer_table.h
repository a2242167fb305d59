#pragma once

#include <string>

#include "swell/programs/linear/report.h"

namespace swell::linear {

// The answer itself for the top of a page, as HTML: each entry with its standard error, beside that by ordinary means
// where there is one; of large ones the first entries, and where the rest is.
std::string answer_table(const Average& average, const Comparison* comparison);

}  // namespace swell::linear
