#include "swell/report/diagnostics.h"

#include <fmt/format.h>

#include <cmath>

#include "swell/report/page.h"

namespace swell {

std::string diagnostics_table(const Diagnostics& diagnostics) {
  std::vector<Row> rows;
  const auto absent = [&](const char* what, const auto& figure) {
    if (!figure && figure.applies()) rows.push_back({what, "not known", escaped(figure.why())});
  };
  if (diagnostics.r_hat) {
    rows.push_back({"split R-hat of " + escaped(diagnostics.r_hat_of), fmt::format("{:.4g}", *diagnostics.r_hat),
                    fmt::format("at most {:.3g} where {} agree; {} of them, {} draws each", diagnostics.r_hat_limit,
                                escaped(diagnostics.chain), diagnostics.chains, diagnostics.draws)});
  }
  absent("split R-hat", diagnostics.r_hat);
  if (diagnostics.effective_draws) {
    rows.push_back({"effective draws", fmt::format("{:.3g}", *diagnostics.effective_draws),
                    fmt::format("independent values that those {} are worth", diagnostics.chains * diagnostics.draws)});
  }
  if (diagnostics.kT) {
    rows.push_back({"temperature achieved", with_error(*diagnostics.kT) + " " + diagnostics.kT_unit,
                    fmt::format("by what the units do; {:.4g} is set", diagnostics.kT_set)});
  }
  absent("temperature achieved", diagnostics.kT);
  if (diagnostics.first_law) {
    rows.push_back({"first law", fmt::format("closes to {:.1e}", diagnostics.first_law->residual),
                    fmt::format("{:.1e} of the energies in it; work \u2212 heat against the change of V",
                                diagnostics.first_law->share)});
  }
  std::string html = warning(diagnostics.complaint());
  if (!rows.empty()) {
    html += table("Diagnostics", rows) +
            "<p class=\"small\">Whether the run reached its equilibrium, by its own figures: trajectories that have "
            "all seen the same have an R-hat of 1, and units at equilibrium have the temperature that was set.</p>\n";
  }
  if (!diagnostics.no_claim.empty())
    html += fmt::format("<p class=\"small\">No equilibrium is claimed: {}.</p>\n", escaped(diagnostics.no_claim));
  if (!diagnostics.r_hat && !diagnostics.kT && !diagnostics.r_hat.applies())
    html += fmt::format("<p class=\"small\">No equilibrium: {}.</p>\n", escaped(diagnostics.r_hat.why()));
  return html;
}

}  // namespace swell
