#pragma once

#include <memory>

#include "options.h"
#include "swell/base/ranks.h"

namespace swell::python {

// The option "ranks", a swell._ranks.Ranks, as those who share the work; null where it was not given. It lives as long
// as the work goes on, and ends with the interpreter's lock.
std::unique_ptr<Ranks> ranks_of(const nb::dict& given);

// So that the list of options has its name.
constexpr auto kNoteRanks = [](auto&, nb::handle) {};

}  // namespace swell::python
