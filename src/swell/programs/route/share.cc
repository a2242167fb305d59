#include "swell/programs/route/share.h"

#include <algorithm>

#include "swell/base/parcel.h"

namespace swell::route {

namespace {

void put(Parcel& parcel, const SearchFigures& figures) {
  parcel.put(figures.seconds);
  parcel.put(figures.seconds_to_best);
  parcel.put(figures.runs);
  parcel.put(figures.hit_target);
  parcel.put(figures.interrupted);
  parcel.put_all(figures.trace);
  parcel.put(figures.moves);
  parcel.put(figures.accepted);
  parcel.put(figures.best_run);
}

// What one rank adds to the figures of all; `best`: it has the answer.
void take_over(Parcel& parcel, bool best, SearchFigures& all) {
  all.seconds = std::max(all.seconds, parcel.take<double>());
  const auto to_best = parcel.take<double>();
  if (best) all.seconds_to_best = to_best;
  all.runs += parcel.take<int64_t>();
  all.hit_target = parcel.take<bool>() || all.hit_target;
  all.interrupted = parcel.take<bool>() || all.interrupted;
  for (const SearchCourse::Improvement& step : parcel.take_all<SearchCourse::Improvement>()) all.trace.push_back(step);
  all.moves += parcel.take<double>();
  all.accepted += parcel.take<double>();
  const auto run = parcel.take<int64_t>();
  if (best) all.best_run = run;
}

// The parts of all ranks: `figures` becomes those of all, answers[k] that of rank k.
template <class Answer, class Put, class Take, class Better>
Answer share(Ranks& ranks, const Answer& answer, SearchFigures& figures, const Put& put_answer, const Take& take_answer,
             const Better& better) {
  Parcel mine;
  put_answer(mine, answer);
  mine.put(figures.best_run);
  put(mine, figures);
  std::vector<Parcel> rest;
  std::vector<Answer> answers;
  std::vector<int64_t> runs;
  for (Ranks::Bytes& bytes : ranks.gather(mine.bytes())) {
    Parcel parcel(std::move(bytes));
    answers.push_back(take_answer(parcel));
    runs.push_back(parcel.take<int64_t>());
    rest.push_back(std::move(parcel));
  }
  size_t best = 0;
  for (size_t k = 1; k < answers.size(); ++k) {
    const bool behind = better(answers[best], answers[k]), ahead = better(answers[k], answers[best]);
    if (ahead || (!behind && runs[k] < runs[best])) best = k;
  }
  figures.seconds = figures.moves = figures.accepted = 0;
  figures.runs = 0;
  figures.hit_target = figures.interrupted = false;
  figures.trace.clear();
  for (size_t k = 0; k < rest.size(); ++k) take_over(rest[k], k == best, figures);
  std::ranges::stable_sort(figures.trace, {}, &SearchCourse::Improvement::seconds);
  std::vector<SearchCourse::Improvement> trace;
  for (const SearchCourse::Improvement& step : figures.trace) {
    if (trace.empty() || step.cost < trace.back().cost) trace.push_back(step);
  }
  figures.trace = std::move(trace);
  return answers[best];
}

template <class T>
void put_optional(Parcel& parcel, const std::optional<T>& value) {
  parcel.put(value.has_value());
  parcel.put(value.value_or(T{}));
}

template <class T>
std::optional<T> take_optional(Parcel& parcel) {
  const auto there = parcel.take<bool>();
  const auto value = parcel.take<T>();
  return there ? std::optional<T>(value) : std::nullopt;
}

}  // namespace

Tour best_of_ranks(Ranks& ranks, Tour tour, SearchFigures& figures) {
  std::optional<int64_t> bound;  // the highest that any rank found
  const Tour best = share(
      ranks, tour, figures,
      [&](Parcel& parcel, const Tour& one) {
        parcel.put_all(one.order);
        parcel.put(one.length);
        put_optional(parcel, figures.bound);
      },
      [&](Parcel& parcel) {
        Tour one;
        one.order = parcel.take_all<int64_t>();
        one.length = parcel.take<int64_t>();
        const auto its = take_optional<int64_t>(parcel);
        if (its && (!bound || *its > *bound)) bound = its;
        return one;
      },
      [](const Tour& a, const Tour& b) { return a.length < b.length; });
  figures.bound = bound;
  if (figures.bound) figures.bound = std::min(*figures.bound, best.length);
  return best;
}

RoundAnswer best_of_ranks(Ranks& ranks, const RoundTask& task, RoundAnswer answer, SearchFigures& figures) {
  const Measure lengths = measure_of_lengths(task.network), rewards = measure_of_rewards(task.network);
  std::optional<double> bound;
  RoundAnswer best = share(
      ranks, answer, figures,
      [](Parcel& parcel, const RoundAnswer& one) {
        parcel.put_all(one.round.steps);
        parcel.put(one.round.length);
        parcel.put_text(one.method);
        put_optional(parcel, one.bound);
        parcel.put(one.proved);
      },
      [&](Parcel& parcel) {
        RoundAnswer one;
        one.round.steps = parcel.take_all<Step>();
        one.round.length = parcel.take<double>();
        one.method = parcel.take_text();
        one.bound = take_optional<double>(parcel);
        one.proved = parcel.take<bool>();
        const bool closer = one.bound && (!bound || (task.rewards ? *one.bound < *bound : *one.bound > *bound));
        if (closer) bound = one.bound;
        return one;
      },
      [&](const RoundAnswer& a, const RoundAnswer& b) {
        if (a.proved != b.proved) return a.proved;
        const RoundCheck one = check_round(task, a.round), other = check_round(task, b.round);
        if (task.rewards && rewards.less(other.reward, one.reward)) return true;
        if (task.rewards && rewards.less(one.reward, other.reward)) return false;
        return lengths.less(one.length, other.length);
      });
  if (!best.proved && bound) best.bound = bound;
  return best;
}

}  // namespace swell::route
