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

SearchFigures take_figures(Parcel& parcel) {
  SearchFigures figures;
  figures.seconds = parcel.take<double>();
  figures.seconds_to_best = parcel.take<double>();
  figures.runs = parcel.take<int64_t>();
  figures.hit_target = parcel.take<bool>();
  figures.interrupted = parcel.take<bool>();
  figures.trace = parcel.take_all<SearchCourse::Improvement>();
  figures.moves = parcel.take<double>();
  figures.accepted = parcel.take<double>();
  figures.best_run = parcel.take<int64_t>();
  return figures;
}

// The answer of the rank that has the best; `figures` becomes those of all.
template <class Answer, class Put, class Take, class Better>
Answer share(Ranks& ranks, const Answer& answer, SearchFigures& figures, const Put& put_answer, const Take& take_answer,
             const Better& better) {
  Parcel mine;
  put_answer(mine, answer);
  put(mine, figures);
  std::vector<Answer> answers;
  std::vector<SearchFigures> of_ranks;
  for (Ranks::Bytes& bytes : ranks.gather(mine.bytes())) {
    Parcel parcel(std::move(bytes));
    answers.push_back(take_answer(parcel));
    of_ranks.push_back(take_figures(parcel));
  }
  size_t best = 0;
  for (size_t k = 1; k < answers.size(); ++k) {
    const bool behind = better(answers[best], answers[k]), ahead = better(answers[k], answers[best]);
    if (ahead || (!behind && of_ranks[k].best_run < of_ranks[best].best_run)) best = k;
  }
  figures.seconds_to_best = of_ranks[best].seconds_to_best;
  figures.best_run = of_ranks[best].best_run;
  figures.seconds = figures.moves = figures.accepted = 0;
  figures.runs = 0;
  std::vector<SearchCourse::Improvement> steps;
  for (const SearchFigures& one : of_ranks) {
    figures.seconds = std::max(figures.seconds, one.seconds);
    figures.runs += one.runs;
    figures.moves += one.moves;
    figures.accepted += one.accepted;
    figures.hit_target = figures.hit_target || one.hit_target;
    figures.interrupted = figures.interrupted || one.interrupted;
    steps.insert(steps.end(), one.trace.begin(), one.trace.end());
  }
  figures.trace = in_one_course(std::move(steps));
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
