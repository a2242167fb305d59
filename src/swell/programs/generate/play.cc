#include "swell/programs/generate/play.h"

#include <fmt/format.h>

#include "swell/base/errors.h"
#include "swell/io/base64.h"

namespace swell::generate {

std::string page_with_machine(std::string_view page, std::string_view name, const Trained& trained) {
  constexpr std::string_view kPlace = R"(<script type="application/octet-stream" id="machine">)";
  const size_t place = page.find(kPlace);
  if (place == std::string_view::npos || page.substr(place + kPlace.size(), 9) != "</script>")
    throw InputError(
        fmt::format("{} is not a page with a place for a machine; build/web/swell.html of 'make web' is", name));
  if (trained.design.stages)
    throw InputError(
        fmt::format("design '{}' is a machine of stages, which the page in the browser does not run; one with the "
                    "protocol \"generation\" of fixed segments is needed",
                    trained.design.name));
  std::string result(page);
  result.insert(place + kPlace.size(), encode_base64(encode_trained(trained)));
  return result;
}

}  // namespace swell::generate
