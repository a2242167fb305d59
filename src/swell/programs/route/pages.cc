#include "swell/programs/route/pages.h"

#include <fmt/format.h>

#include <cmath>

#include "swell/programs/route/map.h"
#include "swell/programs/route/map_round.h"
#include "swell/report/bill.h"
#include "swell/report/diagnostics.h"
#include "swell/report/page.h"

namespace swell::route {

namespace {

constexpr size_t kMostSteps = 500;  // of a round that stand on the page

std::string search_table(const SearchFigures& figures) {
  if (figures.runs == 0) return "";
  std::vector<Row> rows = {
      {"the answer was there after", fmt::format("{:.3g} s", figures.seconds_to_best),
       fmt::format("of {:.3g} s{}", figures.seconds, figures.interrupted ? "; interrupted" : "")},
      {"runs", fmt::format("{}", figures.runs)},
      {"moves", fmt::format("{:.3g} tried", figures.moves), fmt::format("{:.3g} taken", figures.accepted)}};
  if (figures.hot > 0)
    rows.push_back({"cooled", fmt::format("kT {:.3g} to {:.3g}", figures.hot, figures.cold), "in units of the length"});
  if (!figures.start.empty()) rows.push_back({"began with", escaped(figures.start)});
  return table("The search", rows);
}

// "at most 1.2 % to gain", for what a bound leaves.
std::string left_by(double bound, double value) {
  return fmt::format("at most {:.3g} % to gain", 100 * std::abs(bound - value) / std::max(1e-300, std::abs(value)));
}

std::string steps_table(const StreetNetwork& network, const Round& round) {
  std::vector<std::vector<std::string>> rows;
  double length = 0;
  for (const Step& step : round.steps) {
    if (rows.size() == kMostSteps) break;
    const auto& street = network.streets[step.street];
    length += street.walked(step.back);
    rows.push_back({fmt::format("{}", rows.size() + 1), escaped(network.junctions[begin_of(street, step.back)].name),
                    escaped(network.junctions[end_of(street, step.back)].name), escaped(street.name),
                    fmt::format("{:.6g}", street.walked(step.back)), fmt::format("{:.8g}", length)});
  }
  return number_table(rows.size() < round.steps.size()
                          ? fmt::format("The first {} of {} streets of the round", rows.size(), round.steps.size())
                          : "Street by street",
                      {"", "from", "to", "street", "length", "so far"}, rows);
}

}  // namespace

std::string round_page(const RoundTask& task, const RoundAnswer& answer, const SearchFigures& figures, const Bill& bill,
                       const std::string& title) {
  const StreetNetwork& network = task.network;
  const RoundCheck check = check_round(task, answer.round);
  const double value = task.rewards ? check.reward : check.length;
  std::string known = "No bound was found.";
  if (answer.proved) {
    known = task.rewards ? "No round collects more: this is proved." : "No round is shorter: this is proved.";
  } else if (answer.bound) {
    known = fmt::format("No round {} than {:.8g}: {}.", task.rewards ? "collects more" : "is shorter", *answer.bound,
                        left_by(*answer.bound, value));
  }
  std::string page = fmt::format("<h1>A {}</h1>\n", escaped(title));
  page += swell::answer(task.rewards ? "reward collected" : "length of the round",
                        fmt::format("{:.8g}{}", value, !task.rewards && network.origin ? " m" : ""),
                        fmt::format("{} Found by {}.", known, escaped(answer.method)));
  if (network.placed)
    page += figure(draw_round(task, answer.round, title), "The round, from its first street (blue) to its last (red).");
  std::vector<Row> rows = {{"length", fmt::format("{:.8g}", check.length),
                            fmt::format("of all streets once: {:.8g}", network.total_length())},
                           {"streets walked", fmt::format("{} of {}", check.walked, network.streets.size())}};
  if (check.duties > 0) rows.push_back({"duties", fmt::format("{} of {}", check.duties_done, check.duties)});
  if (check.reward > 0) rows.push_back({"reward", fmt::format("{:.8g}", check.reward), "each street once"});
  if (task.rewards) rows.push_back({"longest allowed", fmt::format("{:.8g}", task.most_length)});
  rows.push_back({"begins at", escaped(network.junctions[task.start].name),
                  task.end ? "ends at " + escaped(network.junctions[*task.end].name) : "ends anywhere"});
  page += table("What the round does", rows);
  for (const std::string& note : network.notes) page += "<p class=\"small\">" + escaped(note) + "</p>\n";
  page += search_table(figures) + bill_tables(bill) + diagnostics_table(figures.diagnostics) +
          steps_table(network, answer.round);
  return html_page(title, page);
}

std::string tour_page(const Tsplib& problem, const Tour& tour, std::optional<int64_t> optimum,
                      const SearchFigures& figures, const Bill& bill) {
  const auto text = [&](int64_t length) { return length_text(problem, length); };
  const std::string title = fmt::format("A tour of {} cities{}", problem.cities,
                                        problem.name.empty() ? "" : fmt::format(": {}", problem.name));
  const auto length = static_cast<double>(tour.length);
  const bool proved = (figures.bound && tour.length <= *figures.bound) || (optimum && tour.length <= *optimum);
  std::string known;
  if (proved) {
    known = "No tour is shorter: this is proved.";
  } else if (optimum) {
    known = fmt::format("The optimum, published and proved, is {}: {}.", text(*optimum),
                        left_by(static_cast<double>(*optimum), length));
  } else if (figures.bound && *figures.bound > 0) {
    known = fmt::format("No tour is shorter than {} (bound by 1-trees): {}.", text(*figures.bound),
                        left_by(static_cast<double>(*figures.bound), length));
  }
  std::string page = fmt::format("<h1>{}</h1>\n", escaped(title));
  page += swell::answer("length of the tour", text(tour.length), known);
  page += figure(draw_tour(problem, tour), "The tour: each city once, and back.");
  page += table("The problem", {{"cities", fmt::format("{}", problem.cities)},
                                {"distances", escaped(std::string(name_of(problem.weights)))},
                                {"fixed edges", fmt::format("{}", problem.fixed.size())}});
  return html_page(title, page + search_table(figures) + bill_tables(bill) + diagnostics_table(figures.diagnostics));
}

}  // namespace swell::route
