#include "swell/report/json_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "swell/report/page.h"
#include "swell/report/plot.h"

namespace swell {

namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kShortList = 12;

std::string words(std::string key) {
  std::replace(key.begin(), key.end(), '_', ' ');
  return escaped(key);
}

std::string number(double value) { return fmt::format("{:.10g}", value); }

// {value, stderr, count, unit}, as ledger/statistics.h writes it.
bool is_estimate(const Json& value) {
  return value.is_object() && value.contains("value") && value.contains("stderr") && value.contains("unit");
}

// The value with its error and unit; empty where it is no single number.
std::string estimate_text(const Json& estimate) {
  if (!is_estimate(estimate) || estimate["value"].is_structured()) return "";
  const std::string unit = estimate["unit"].get<std::string>();
  const std::string after = unit == "1" ? std::string() : fmt::format(" {}", escaped(unit));
  if (!estimate["value"].is_number()) return "none";
  const double value = estimate["value"].get<double>();
  if (!estimate["stderr"].is_number()) return fmt::format("{:.6g}{} (no error)", value, after);
  return fmt::format("{:.6g} &plusmn; {:.2g}{}", value, estimate["stderr"].get<double>(), after);
}

bool all_numbers(const Json& list) {
  return std::all_of(list.begin(), list.end(), [](const Json& value) { return value.is_number() || value.is_null(); });
}

std::string scalar_text(const Json& value) {
  if (value.is_string()) return escaped(value.get<std::string>());
  if (value.is_null()) return "none";
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_number_float()) return number(value.get<double>());
  return escaped(value.dump());
}

bool is_short(const Json& value) {
  if (!value.is_structured()) return true;
  if (!estimate_text(value).empty()) return true;
  return value.is_array() && value.size() <= kShortList &&
         std::none_of(value.begin(), value.end(), [](const Json& each) { return each.is_structured(); });
}

std::string short_text(const Json& value) {
  if (const std::string text = estimate_text(value); !text.empty()) return text;
  if (!value.is_array()) return scalar_text(value);
  std::string text;
  for (const Json& each : value) text += (text.empty() ? "" : ", ") + scalar_text(each);
  return text.empty() ? "none" : text;
}

std::string list_part(const std::string& name, const Json& list) {
  if (list.empty()) return "";
  if (all_numbers(list)) {
    std::vector<double> x, y;
    for (size_t k = 0; k < list.size(); ++k) {
      if (!list[k].is_number()) continue;
      x.push_back(static_cast<double>(k));
      y.push_back(list[k].get<double>());
    }
    return figure(draw({"number", name, false, false, {{"", x, y, {}, Mark::line}}}), name);
  }
  if (!list.front().is_object()) return fmt::format("<p>{}: {} entries, in the JSON.</p>\n", name, list.size());
  std::vector<std::string> head;
  for (const auto& [key, value] : list.front().items()) {
    if (is_short(value)) head.push_back(key);
  }
  std::vector<std::vector<std::string>> rows;
  for (size_t k = 0; k < std::min<size_t>(list.size(), 100); ++k) {
    auto& row = rows.emplace_back();
    for (const std::string& key : head)
      row.push_back(list[k].is_object() && list[k].contains(key) ? short_text(list[k][key]) : "");
  }
  for (std::string& key : head) key = words(key);
  return number_table(name, head, rows);
}

// An object: its short members as one table, its others after it.
std::string part(const std::string& name, const Json& object) {
  std::vector<Row> rows;
  std::string after;
  for (const auto& [key, value] : object.items()) {
    const std::string full = name.empty() ? words(key) : name + ": " + words(key);
    if (is_short(value)) {
      rows.push_back({words(key), short_text(value)});
    } else {
      after += value.is_array() ? list_part(full, value) : part(full, value);
    }
  }
  return (rows.empty() ? "" : table(name, rows)) + after;
}

// What a command was asked for, by the name under which its JSON holds it, and what it is called.
std::string headline(const Json& report) {
  if (!report.contains("result")) return "";
  const Json& result = report["result"];
  constexpr std::pair<const char*, const char*> kAnswers[] = {
      {"value", "best value found"}, {"length", "length"}, {"reward", "reward collected"}, {"residual", "residual"}};
  std::string html;
  for (const auto& [key, name] : kAnswers) {
    if (!result.contains(key) || !result[key].is_number()) continue;
    std::string sentence;
    for (const char* beside : {"optimum", "gap", "streets_walked"}) {
      if (result.contains(beside) && result[beside].is_number())
        sentence += fmt::format("{}{}: {}", sentence.empty() ? "" : "; ", words(beside), scalar_text(result[beside]));
    }
    html += answer(name, scalar_text(result[key]), sentence);
    break;
  }
  return html;
}

}  // namespace

std::string json_page(const Json& result) {
  const std::string command = result.contains("command") ? scalar_text(result["command"]) : "results";
  std::string page = fmt::format("<h1>swell {}</h1>\n", command) + headline(result);
  if (result.contains("diagnostics")) {
    for (const Json& each : result["diagnostics"]) {
      if (each.is_object() && each.contains("message") && each["message"].is_string())
        page += "<p class=\"warning\">" + scalar_text(each["message"]) + "</p>\n";
    }
  }
  // What was found before what was asked for.
  Json rest = Json::object();
  if (result.contains("result")) rest["result"] = result["result"];
  rest.update(result);
  rest.erase("diagnostics");
  for (const auto& [key, value] : rest.items()) {
    if (value.is_structured() && !is_short(value)) {
      page += value.is_array() ? list_part(words(key), value) : part(words(key), value);
    } else if (value.is_structured()) {
      page += table(words(key), {{words(key), short_text(value)}});
    }
  }
  if (page.find("\u00b1") != std::string::npos || page.find("&plusmn;") != std::string::npos)
    page += explain_errors("what the command averages over");
  std::vector<Row> rows;
  for (const auto& [key, value] : rest.items()) {
    if (!value.is_structured()) rows.push_back({words(key), scalar_text(value)});
  }
  return html_page(command, page + table("The run of the command", rows));
}

}  // namespace swell
