#pragma once

#include <string>
#include <string_view>

#include "swell/learn/trained.h"

namespace swell::generate {

// The page of `make web` (web/src/index.html) with a machine inside, which it opens at once. `name` of the page starts
// messages. Throws InputError where the text is no such page, or where the page cannot run the machine: one of stages.
std::string page_with_machine(std::string_view page, std::string_view name, const Trained& trained);

}  // namespace swell::generate
