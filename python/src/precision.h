#pragma once

#include "options.h"
#include "swell/engine/run.h"

namespace swell::python {

// How dense couplings are multiplied, by name.
inline void set_precision(EngineChoice& choice, nb::handle value) {
  const auto word = nb::cast<std::string>(value);
  const auto named = precision_named(word);
  if (!named) throw InputError(fmt::format("precision '{}' is not known; f32, bf16x3, bf16, tf32 are", word));
  choice.precision = *named;
}

}  // namespace swell::python
