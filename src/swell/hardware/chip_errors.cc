#include "swell/hardware/chip_errors.h"

#include "swell/base/errors.h"
#include "swell/hardware/imperfections.h"

namespace swell {

void try_chips(ChipErrors& result, int64_t chips, const std::function<bool()>& go_on,
               const std::function<double()>& perfect_of,
               const std::function<std::optional<double>(int64_t)>& error_of) {
  const auto error_if_it_settles = [&](int64_t k) -> std::optional<double> {
    try {
      return error_of(k);
    } catch (const hardware::NoMinimum&) {
      return {};
    } catch (const Diverged&) {
      return {};
    }
  };
  try {
    if (perfect_of) result.perfect = perfect_of();
    for (int64_t k = 0; k < chips && (!go_on || go_on()); ++k) {
      if (const std::optional<double> error = error_if_it_settles(k))
        result.error.push_back(*error);
      else
        ++result.failed;
    }
  } catch (const Interrupted&) {
    // What was tried before stands.
  }
}

}  // namespace swell
