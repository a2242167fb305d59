#include "swell/programs/route/round.h"

#include <fmt/format.h>

#include <algorithm>

#include "swell/base/errors.h"

namespace swell::route {

RoundTask round_task(const StreetNetwork& network, const std::string& duty, double most_length) {
  const auto& streets = network.streets;
  const bool duties = std::ranges::any_of(streets, [](const auto& s) { return s.duty; });
  const bool rewards = std::ranges::any_of(streets, [](const auto& s) { return s.reward > 0; });
  RoundTask task = {network, std::vector<char>(streets.size(), 0), *network.depot, {}, false, INFINITY};
  if (!network.ends_anywhere) task.end = network.end.value_or(task.start);
  if (most_length > 0) task.most_length = most_length;
  task.rewards = most_length > 0 && duty != "all" && rewards;
  const bool all = duty == "all" || (duty == "auto" && !duties && !task.rewards);
  // Where rewards are collected, duties are binding only if they are asked for.
  const bool binding = duty == "required" || (duty == "auto" && !task.rewards);
  for (size_t s = 0; s < streets.size(); ++s) task.must[s] = all || (streets[s].duty && binding);
  return task;
}

double length_of(const StreetNetwork& network, std::span<const Step> steps) {
  double sum = 0;
  for (const Step& step : steps) sum += network.streets[step.street].walked(step.back);
  return sum;
}

RoundCheck check_round(const RoundTask& task, const Round& round) {
  const auto& network = task.network;
  const auto name = [&](int64_t junction) { return network.junctions[junction].name; };
  RoundCheck check;
  std::vector<char> walked(network.streets.size(), 0);
  int64_t at = task.start;
  check.junctions.push_back(at);
  for (const auto& [s, back] : round.steps) {
    if (s < 0 || s >= static_cast<int64_t>(network.streets.size()))
      throw InputError(fmt::format("the round names street {} of {}", s, network.streets.size()));
    const auto& street = network.streets[s];
    if (begin_of(street, back) != at)
      throw InputError(fmt::format("the round goes on with a street that does not begin at {}", name(at)));
    if (back && street.one_way())
      throw InputError(
          fmt::format("the round goes against the one-way street from {} to {}", name(street.a), name(street.b)));
    at = end_of(street, back);
    check.junctions.push_back(at);
    check.length += street.walked(back);
    if (walked[s]) continue;
    walked[s] = 1;
    ++check.walked;
    check.reward += street.reward;
  }
  if (task.end && at != *task.end)
    throw InputError(fmt::format("the round ends at {}, not at {}", name(at), name(*task.end)));
  for (size_t s = 0; s < walked.size(); ++s) {
    check.duties += network.streets[s].duty;
    check.duties_done += network.streets[s].duty && walked[s];
    if (task.must[s] && !walked[s])
      throw InputError(fmt::format("the round leaves out the street from {} to {}", name(network.streets[s].a),
                                   name(network.streets[s].b)));
  }
  if (measure_of_lengths(network).value(check.length) > task.most_length * (1 + 1e-12))
    throw InputError(fmt::format("the round is {:.10g} long, more than {:.10g}", check.length, task.most_length));
  return check;
}

namespace {

// The least power of ten that makes all of these whole numbers, whose sum then stays below 2^45; 0 where there is none.
double whole_per_unit(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += std::abs(value);
  for (double per_unit = 1; per_unit <= 1e9 && sum * per_unit <= 0x1p45; per_unit *= 10) {
    if (std::ranges::all_of(values, [&](double value) { return std::round(value * per_unit) / per_unit == value; }))
      return per_unit;
  }
  return 0;
}

std::vector<double> lengths_of(const StreetNetwork& network) {
  std::vector<double> all;
  for (const auto& street : network.streets) {
    all.push_back(street.length);
    if (!street.one_way() && street.back != street.length) all.push_back(street.back);
  }
  return all;
}

}  // namespace

Measure measure_of_lengths(const StreetNetwork& network) { return {whole_per_unit(lengths_of(network))}; }

Measure measure_of_rewards(const StreetNetwork& network) {
  std::vector<double> all;
  for (const auto& street : network.streets) all.push_back(street.reward);
  return {whole_per_unit(all)};
}

WholeLengths whole_lengths(const StreetNetwork& network) {
  WholeLengths whole;
  const std::vector<double> lengths = lengths_of(network);
  double per_unit = whole_per_unit(lengths);
  whole.exact = per_unit > 0;
  if (!whole.exact) per_unit = 0x1p40 / std::max(*std::ranges::max_element(lengths), 1e-300);
  whole.unit = 1 / per_unit;
  for (const auto& street : network.streets) {
    whole.forward.push_back(std::llround(street.length * per_unit));
    whole.back.push_back(street.one_way() ? -1 : std::llround(street.back * per_unit));
  }
  return whole;
}

namespace {

// Steps that can be taken, by junction where they begin; `twin` marks both directions of one copy as one.
struct Choice {
  size_t copy;
  Step step;
};

Round walk(const StreetNetwork& network, std::vector<std::vector<Choice>>& at, size_t copies, int64_t start) {
  Round round;
  std::vector<char> used(copies, 0);
  std::vector<std::pair<int64_t, Step>> stack = {{start, {-1, false}}};  // junction, step that led there
  while (!stack.empty()) {
    const auto [junction, by] = stack.back();
    auto& open = at[junction];
    while (!open.empty() && used[open.back().copy]) open.pop_back();
    if (open.empty()) {
      if (by.street >= 0) round.steps.push_back(by);
      stack.pop_back();
      continue;
    }
    const Choice choice = open.back();
    used[choice.copy] = 1;
    stack.emplace_back(end_of(network.streets[choice.step.street], choice.step.back), choice.step);
  }
  std::reverse(round.steps.begin(), round.steps.end());
  round.length = length_of(network, round.steps);
  return round;
}

}  // namespace

Round walk_through(const StreetNetwork& network, const std::vector<int64_t>& copies, int64_t start) {
  std::vector<std::vector<Choice>> at(network.junctions.size());
  for (size_t k = 0; k < copies.size(); ++k) {
    const auto& street = network.streets[copies[k]];
    at[street.a].push_back({k, {copies[k], false}});
    if (street.a != street.b) at[street.b].push_back({k, {copies[k], true}});
  }
  return walk(network, at, copies.size(), start);
}

Round walk_along(const StreetNetwork& network, const std::vector<Step>& steps, int64_t start) {
  std::vector<std::vector<Choice>> at(network.junctions.size());
  for (size_t k = 0; k < steps.size(); ++k)
    at[begin_of(network.streets[steps[k].street], steps[k].back)].push_back({k, steps[k]});
  return walk(network, at, steps.size(), start);
}

}  // namespace swell::route
