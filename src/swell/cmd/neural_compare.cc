// swell neural compare: right answers against heat and units, from the reports of several tests.

#include <fmt/format.h>

#include <algorithm>

#include "swell/base/errors.h"
#include "swell/cmd/flags.h"
#include "swell/cmd/neural.h"
#include "swell/io/atomic_file.h"
#include "swell/io/bytes.h"
#include "swell/ledger/to_json.h"
#include "swell/report/page.h"
#include "swell/report/plot.h"

namespace swell::cmd {

namespace {

using Json = nlohmann::ordered_json;

struct Flags {
  std::vector<std::string> reports;
  std::string output;
};

struct Row {
  std::string design;
  int64_t free_units = 0, parameters = 0, images = 0;
  double kT = 0, accuracy = 0, error = 0, averaged = 0, heat = 0;
};

// The machine at its own temperature, then at the others that the test tried.
std::vector<Row> read_rows(const std::string& name) {
  const std::vector<std::byte> bytes = read_file(name, size_t{1} << 28);
  const auto json = nlohmann::json::parse(as_text(bytes), nullptr, false);
  try {
    const auto& test = json.at("result");
    const auto& machine = test.at("machine");
    std::vector<Row> rows;
    const auto add = [&](const nlohmann::json& kT, const nlohmann::json& at, const char* averaged) {
      rows.push_back({json.at("inputs").at("design"), machine.at("free_units"), machine.at("parameters"),
                      test.at("images"), kT, 100 * at.at("accuracy").at("value").get<double>(),
                      100 * at.at("accuracy").at("stderr").get<double>(),
                      100 * at.at(averaged).at("value").get<double>(), at.at("heat").at("value")});
    };
    add(machine.at("kT"), test, "accuracy_averaged");
    for (const auto& at : test.at("by_temperature")) add(at.at("kT"), at, "accuracy_of_3_averaged");
    return rows;
  } catch (const nlohmann::json::exception&) {
    throw IoError(fmt::format("{} is not the report.json of 'swell neural test' of a classifier", name));
  }
}

// One series for each machine, in the order of heat.
std::string plot(const std::vector<std::vector<Row>>& machines) {
  Plot plot{"heat of an answer, kT", "right answers in one run, %", true, false, {}};
  for (std::vector<Row> rows : machines) {
    std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.heat < b.heat; });
    Series series{fmt::format("{}, {} free units", rows[0].design, rows[0].free_units),
                  {},
                  {},
                  {},
                  rows.size() > 1 ? Mark::line : Mark::points};
    for (const Row& row : rows) {
      series.x.push_back(row.heat);
      series.y.push_back(row.accuracy);
      series.error.push_back(row.error);
    }
    plot.series.push_back(std::move(series));
  }
  return draw(plot);
}

// The best machine on top, then all of them.
std::string page(const std::vector<std::vector<Row>>& machines) {
  const Row* best = &machines[0][0];
  std::vector<std::vector<std::string>> cells;
  for (const std::vector<Row>& rows : machines) {
    for (const Row& row : rows) {
      if (row.accuracy > best->accuracy) best = &row;
      cells.push_back({escaped(row.design), fmt::format("{}", row.free_units), fmt::format("{}", row.parameters),
                       fmt::format("{:g}", row.kT), fmt::format("{:.2f} &plusmn; {:.2f}", row.accuracy, row.error),
                       fmt::format("{:.2f}", row.averaged), fmt::format("{:.4g}", row.heat)});
    }
  }
  std::string html = "<h1>Right answers against heat</h1>\n";
  html += answer("most right answers in one run", fmt::format("{:.2f} &plusmn; {:.2f} %", best->accuracy, best->error),
                 fmt::format("{} at kT = {:g} E0, {} free units, {:.4g} kT of heat an answer.", escaped(best->design),
                             best->kT, best->free_units, best->heat));
  html += explain_errors("the questions");
  html += figure(plot(machines), "Each machine at the temperatures at which it was tested.");
  html += number_table(
      "All machines",
      {"design", "free units", "parameters", "kT, E0", "right in one run, %", "by the mean of several, %", "heat, kT"},
      cells);
  return html_page("Right answers against heat", html);
}

Result run(const Flags& flags, const Common& common) {
  if (!flags.output.empty()) require_writable_file(flags.output);
  std::vector<std::vector<Row>> machines;
  for (const std::string& name : flags.reports) machines.push_back(read_rows(name));
  Result result;
  result.result["points"] = Json::array();
  common.say(fmt::format("{:<20} {:>10} {:>11} {:>8} {:>18} {:>10} {:>12}", "design", "free units", "parameters",
                         "kT, E0", "one run, %", "mean, %", "heat, kT"));
  for (const std::vector<Row>& rows : machines) {
    for (const Row& row : rows) {
      common.say(fmt::format("{:<20} {:>10} {:>11} {:>8g} {:>9.2f} +- {:>5.2f} {:>10.2f} {:>12.4g}", row.design,
                             row.free_units, row.parameters, row.kT, row.accuracy, row.error, row.averaged, row.heat));
      const auto share = [](double percent, double error, int64_t count) {
        return to_json(Estimate{percent / 100, error / 100, count}, "1");
      };
      result.result["points"].push_back({{"design", row.design},
                                         {"free_units", row.free_units},
                                         {"parameters", row.parameters},
                                         {"kT", row.kT},
                                         {"accuracy", share(row.accuracy, row.error, row.images)},
                                         {"accuracy_averaged", row.averaged / 100},
                                         {"heat_kT", row.heat}});
    }
  }
  result.page = page(machines);
  if (!flags.output.empty()) {
    write_file_atomically(flags.output, plot(machines));
    common.say(fmt::format("wrote {}", flags.output));
  }
  return result;
}

}  // namespace

Command neural_compare_command() {
  return {"compare", "right answers against heat and units, from the reports of several tests",
          [](CLI::App& app) -> Action {
            auto flags = std::make_shared<Flags>();
            app.add_option("REPORTS", flags->reports, "report.json files of 'swell neural test'")->required();
            app.add_option("--save", flags->output, "plot to write (SVG)");
            return [flags](const Common& common) { return run(*flags, common); };
          }};
}

}  // namespace swell::cmd
