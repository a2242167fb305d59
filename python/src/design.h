#pragma once

#include <memory>
#include <vector>

#include "swell/learn/trained.h"

namespace swell::python {

// A design, or a trained machine, which is one with numbers in its couplings and the images that it learned.
struct NamedDesign {
  std::shared_ptr<const Trained> trained;
  const Design& design() const { return trained->design; }
};

}  // namespace swell::python
