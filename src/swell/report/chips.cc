#include "swell/report/chips.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "swell/ledger/statistics.h"
#include "swell/report/page.h"
#include "swell/report/plot.h"

namespace swell {
namespace {

double quantile_of(std::vector<double> values, double p) {
  if (values.empty()) return std::nan("");
  std::ranges::sort(values);
  const double place = p * static_cast<double>(values.size() - 1);
  const auto low = static_cast<size_t>(place);
  const size_t high = std::min(low + 1, values.size() - 1);
  return values[low] + (place - static_cast<double>(low)) * (values[high] - values[low]);
}

nlohmann::ordered_json number(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
}

}  // namespace

double ChipErrors::quantile(double p) const { return quantile_of(error, p); }

nlohmann::ordered_json to_json(const ChipErrors& chips) {
  nlohmann::ordered_json json = {{"spec", chips.spec},
                                 {"chips", static_cast<int64_t>(chips.error.size()) + chips.failed},
                                 {"failed", chips.failed},
                                 {"what", chips.what},
                                 {"median", number(chips.quantile(0.5))},
                                 {"p10", number(chips.quantile(0.1))},
                                 {"p90", number(chips.quantile(0.9))},
                                 {"mean", to_json(estimate(chips.error), "1")},
                                 {"perfect", number(chips.perfect)}};
  if (!chips.entropy.empty()) json["entropy_production"] = number(quantile_of(chips.entropy, 0.5));
  return json;
}

std::string sentence(const ChipErrors& chips) {
  std::string text = fmt::format(
      "{} chips '{}': {} {:.3g} (median; 80 % between {:.3g} and {:.3g}), as designed {:.3g}", chips.error.size(),
      chips.spec, chips.what, chips.quantile(0.5), chips.quantile(0.1), chips.quantile(0.9), chips.perfect);
  if (chips.failed > 0) text += fmt::format("; {} more settle nowhere", chips.failed);
  if (!chips.entropy.empty())
    text += fmt::format("; no potential: they make entropy at {:.3g} k per 1/mu at rest (median)",
                        quantile_of(chips.entropy, 0.5));
  return text;
}

std::string section(const ChipErrors& chips) {
  return "<h2>Chips with faults</h2>\n<p>" + escaped(sentence(chips)) + ".</p>\n" +
         figure(histogram(chips.error, chips.what, "chips"),
                escaped("Chips by their error; each has faults of its own, drawn from the specification."));
}

}  // namespace swell
