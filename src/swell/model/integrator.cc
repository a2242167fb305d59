#include "swell/model/integrator.h"

namespace swell {

std::string_view name_of(Integrator integrator) {
  switch (integrator) {
    case Integrator::euler_maruyama:
      return "euler-maruyama";
    case Integrator::leimkuhler_matthews:
      return "leimkuhler-matthews";
    default:
      return "exact";
  }
}

}  // namespace swell
