#include "swell/programs/ising/pages.h"

#include <fmt/format.h>

#include <algorithm>

#include "swell/report/bill.h"
#include "swell/report/diagnostics.h"
#include "swell/report/page.h"
#include "swell/report/plot.h"

namespace swell::ising {

namespace {

constexpr size_t kMostCurves = 10, kMostSeeds = 100;

// The best value so far against time, a step at each improvement.
std::string progress_plot(const Problem& problem, std::span<const Seeded> searches) {
  Plot plot{"time, s", std::string(value_name(problem)), true, false, {}};
  bool moved = false;
  for (const Seeded& one : searches.first(std::min(searches.size(), kMostCurves))) {
    moved = moved || one.search.trace.size() > 1;
    Series series{searches.size() > 1 ? fmt::format("seed {}", one.seed) : "", {}, {}, {}, Mark::line};
    const auto add = [&](double seconds, double value) {
      series.x.push_back(std::max(1e-4, seconds));
      series.y.push_back(value);
    };
    for (const SearchResult::Improvement& step : one.search.trace) {
      if (!series.y.empty()) add(step.seconds, series.y.back());
      add(step.seconds, problem.value_of_energy(step.cost));
    }
    if (!series.y.empty()) add(one.search.seconds, series.y.back());
    plot.series.push_back(std::move(series));
  }
  return moved ? draw(plot) : "";  // nothing to see where the first value was the best
}

std::string seeds_table(const Problem& problem, std::span<const Seeded> searches) {
  if (searches.size() < 2) return "";
  std::vector<std::vector<std::string>> rows;
  for (const Seeded& one : searches.first(std::min(searches.size(), kMostSeeds))) {
    rows.push_back({fmt::format("{}", one.seed), value_text(problem, one.value),
                    fmt::format("{:.3g}", one.search.seconds_to_best), fmt::format("{}", one.search.runs),
                    fmt::format("{:.3g}", one.search.flips), escaped(one.search.best_by)});
  }
  return number_table(searches.size() > kMostSeeds ? fmt::format("The first {} searches", kMostSeeds) : "Each search",
                      {"seed", "value", "found after, s", "runs", "flips", "found by"}, rows);
}

}  // namespace

std::string search_page(const Problem& problem, const std::vector<Reference>& references,
                        std::span<const Seeded> searches, size_t best, const Bill& bill) {
  const Seeded& winner = searches[best];
  const int64_t broken = violated_hard_clauses(problem, winner.search.spins);
  const double grain = value_grain(problem), value = winner.value - static_cast<double>(broken) * problem.hard_weight;
  const std::string title = fmt::format("{}: {}", problem.name, kind_name(problem.kind));
  std::string page = fmt::format("<h1>{}</h1>\n", escaped(title)), complaint;
  std::vector<Row> held;
  for (const Reference& reference : references) {
    if (reference.violated > 0)
      complaint = reference.what;
    else if (broken == 0)
      held.push_back({escaped(reference.what), value_text(problem, reference.value),
                      escaped(standing(problem, reference, winner.value, grain))});
  }
  if (broken > 0 && complaint.empty()) complaint = "no answer was found that satisfies all hard clauses";
  page += answer(
      fmt::format("best {}", value_name(problem)), value_text(problem, value),
      fmt::format("{}Counted from the file's own data; found by {} after {:.3g} s. {} p-bits, {} couplings, to be made "
                  "{}.",
                  broken > 0 ? fmt::format("With {} hard clauses violated. ", broken) : "",
                  escaped(winner.search.best_by), winner.search.seconds_to_best, problem.model.units,
                  problem.model.edges(), problem.larger_is_better() ? "large" : "small"));
  page += warning(complaint);
  if (!held.empty()) page += table("What it is held against", held);
  page += figure(progress_plot(problem, searches), "The best value so far, as each search goes on.");
  page += seeds_table(problem, searches);
  double heat = 0;
  for (const Seeded& one : searches) heat += one.search.heat / static_cast<double>(searches.size());
  page += bill_tables(bill) + diagnostics_table(winner.search.diagnostics);
  if (searches.size() > 1) page += explain_errors(fmt::format("the searches of {} seeds", searches.size()));
  page += table("Cooling", {{"heat of an answer", fmt::format("{:.4g}", heat), "in units of the couplings"},
                            {"kT", fmt::format("{:.3g} to {:.3g}", winner.search.hot, winner.search.cold)}});
  return html_page(title, page);
}

}  // namespace swell::ising
