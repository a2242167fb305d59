#include "swell/base/errors.h"

#include <fmt/format.h>

namespace swell {

Diverged::Diverged(int64_t trajectory, int64_t step, int64_t unit, double dt)
    : Error(fmt::format("the state diverged: trajectory {}, step {}, unit {} is not finite with dt = {}; "
                        "a smaller dt or a weaker coupling is needed",
                        trajectory, step, unit, dt)),
      trajectory(trajectory),
      step(step),
      unit(unit),
      dt(dt) {}

}  // namespace swell
