#include "swell/report/chips.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "swell/ledger/statistics.h"
#include "swell/ledger/to_json.h"
#include "swell/report/page.h"
#include "swell/report/plot.h"

namespace swell {
namespace {

nlohmann::ordered_json number(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
}

}  // namespace

nlohmann::ordered_json to_json(const ChipErrors& chips) {
  nlohmann::ordered_json json = {{"spec", chips.spec},
                                 {"chips", static_cast<int64_t>(chips.error.size()) + chips.failed},
                                 {"failed", chips.failed},
                                 {"what", chips.what},
                                 {"median", number(quantile(chips.error, 0.5))},
                                 {"p10", number(quantile(chips.error, 0.1))},
                                 {"p90", number(quantile(chips.error, 0.9))},
                                 {"average", to_json(estimate(chips.error), "1")},
                                 {"perfect", number(chips.perfect)}};
  if (!chips.entropy.empty()) json["entropy_production"] = number(quantile(chips.entropy, 0.5));
  return json;
}

std::string sentence(const ChipErrors& chips) {
  if (chips.error.empty())
    return fmt::format("none of {} chips '{}' works: all settle nowhere; {} as designed {:.3g}", chips.failed,
                       chips.spec, chips.what, chips.perfect);
  std::string text =
      fmt::format("{} chips '{}': {} {:.3g} (median; 80 % between {:.3g} and {:.3g}), as designed {:.3g}",
                  chips.error.size(), chips.spec, chips.what, quantile(chips.error, 0.5), quantile(chips.error, 0.1),
                  quantile(chips.error, 0.9), chips.perfect);
  if (chips.failed > 0) text += fmt::format("; {} more settle nowhere", chips.failed);
  if (!chips.entropy.empty())
    text += fmt::format("; no potential: they make entropy at {:.3g} k per 1/mu at rest (median)",
                        quantile(chips.entropy, 0.5));
  return text;
}

std::string section(const ChipErrors& chips) {
  return "<h2>Chips with faults</h2>\n<p>" + escaped(sentence(chips)) + ".</p>\n" +
         figure(histogram(chips.error, chips.what, "chips"),
                escaped("Chips by their error; each has faults of its own, drawn from the specification."));
}

}  // namespace swell
