#include "swell/programs/route/rounds.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/clock.h"
#include "swell/base/errors.h"
#include "swell/programs/route/branch.h"
#include "swell/programs/route/connect.h"
#include "swell/programs/route/plan.h"
#include "swell/programs/route/round_chain.h"
#include "swell/programs/route/ways.h"

namespace swell::route {

namespace {

constexpr const char* kConstructed = "a classical construction (tree and matching)";

// Duties alone, whatever their length.
RoundTask without_rewards(const RoundTask& task) {
  RoundTask duties = task;
  duties.rewards = false;
  duties.most_length = INFINITY;
  return duties;
}

Round first_round(const RoundTask& task, const WholeLengths& whole) {
  std::vector<int64_t> price;
  std::vector<char> forward;
  for (size_t s = 0; s < task.must.size(); ++s) {
    price.push_back(whole.shorter(static_cast<int64_t>(s)));
    forward.push_back(task.network.streets[s].length <= task.network.streets[s].back);
  }
  return construct_round(task, whole, price, forward);
}

// Cooled chains from the round so far and from orders at random, in turn.
void anneal(const RoundTask& task, const SearchOptions& options, SearchFigures& figures, RoundAnswer& answer) {
  const std::vector<int64_t> junctions = junctions_of_plan(task);
  if (static_cast<int64_t>(junctions.size()) > Ways::kMost) return;
  const auto in_time = [&] {
    return options.go_on() && (options.seconds <= 0 || seconds_since(options.start) < options.seconds);
  };
  const Ways ways(task.network, junctions, in_time);
  if (!ways.finished()) return;
  Plan start(task, ways);
  start.follow(answer.round);
  const Cooling whole = cooling_of(task, start);
  figures.hot = whole.hot;
  figures.cold = whole.cold;
  const Measure lengths = measure_of_lengths(task.network), rewards = measure_of_rewards(task.network);
  Runs<Round> runs(options, task.rewards ? rewards : lengths, figures);
  figures.runs = runs.each([&](int64_t number) {
    const bool warm = number % 2 == 0 && !task.rewards;
    Cooling cooling = whole;
    if (warm) cooling.hot /= 8;
    cooling.moves <<= std::min<int64_t>(number / 4, 6);
    RoundChain chain(start, cooling, !warm, options.seed, number);
    while (!chain.finished() && runs.open()) chain.advance(4096);
    runs.count(static_cast<double>(chain.moves()), static_cast<double>(chain.accepted()));
    const Plan& plan = chain.plan();
    if (plan.best_cost() >= 1e300) return;
    const Round round = plan.best_round();
    runs.offer(task.rewards ? -check_round(task, round).reward : round.length, number, [&] { return round; });
  });
  const Round round = runs.take_best();
  if (figures.runs == 0 || round.steps.empty()) return;
  const RoundCheck found = check_round(task, round), before = check_round(task, answer.round);
  const bool shorter = lengths.less(found.length, before.length);
  const bool better = task.rewards ? rewards.less(before.reward, found.reward) ||
                                         (!rewards.less(found.reward, before.reward) && shorter)
                                   : shorter;
  if (!better) return;
  answer.round = round;
  answer.method = "the thermal search";
  figures.best_run = runs.best_run();
}

}  // namespace

RoundAnswer solve_round(const RoundTask& task, const SearchOptions& options, SearchFigures& figures) {
  const WholeLengths whole = whole_lengths(task.network);
  const RoundTask duties = without_rewards(task);
  const Relaxed relaxed = relaxed_round(duties, whole);
  RoundAnswer answer;
  if (relaxed.round) {
    answer = {
        *relaxed.round,
        duties.network.symmetric() ? "minimum-weight matching, which is exact" : "minimum-cost flow, which is exact",
        relaxed.bound, true};
  } else {
    answer = {first_round(duties, whole), kConstructed, relaxed.bound, false};
  }
  const Measure lengths = measure_of_lengths(task.network), rewards = measure_of_rewards(task.network);
  const auto within = [&](double length, double bound) { return lengths.value(length) <= lengths.value(bound); };
  answer.proved = answer.proved || within(answer.round.length, relaxed.bound);
  const auto finish = [&] {
    figures.seconds = std::max(figures.seconds, seconds_since(options.start));
    figures.interrupted = figures.interrupted || (!answer.proved && !options.go_on());
    return answer;
  };
  const auto reached = [&](double value) { return options.target && lengths.reaches(value, *options.target); };
  if (!task.rewards) {
    if (answer.proved || reached(answer.round.length)) return finish();
    prove_round(task, whole, options, answer);
    if (answer.proved || reached(answer.round.length) || answer.round.length * (1 - 4e-9) <= *answer.bound)
      return finish();
    anneal(task, options, figures, answer);
    answer.proved = answer.bound && within(answer.round.length, *answer.bound);
    return finish();
  }
  const bool any_duty = std::any_of(task.must.begin(), task.must.end(), [](char m) { return m; });
  if (lengths.value(answer.round.length) > task.most_length && any_duty && !answer.proved) {
    prove_round(duties, whole, options, answer);
    if (lengths.value(answer.round.length) > task.most_length) anneal(duties, options, figures, answer);
  }
  if (lengths.value(answer.round.length) > task.most_length)
    throw InputError(fmt::format("a round that does its duties {} {:.8g} long; the most allowed is {:.8g}",
                                 answer.proved ? "is at least" : "was not found shorter than", answer.round.length,
                                 task.most_length));
  answer = {answer.round, "a classical construction", {}, false};
  answer.bound = most_reward(task, whole, options);
  SearchOptions search = options;
  if (!search.target || *search.target < -*answer.bound) search.target = -*answer.bound;  // nothing collects more
  anneal(task, search, figures, answer);
  answer.proved = rewards.value(check_round(task, answer.round).reward) >= rewards.value(*answer.bound);
  return finish();
}

}  // namespace swell::route
