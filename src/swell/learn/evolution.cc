#include "swell/learn/evolution.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <numeric>

#include "swell/base/clock.h"
#include "swell/base/errors.h"
#include "swell/kernels/rows.h"
#include "swell/random/streams.h"

namespace swell {

namespace {

void check(const EvolutionOptions& options) {
  if (options.population < 2 || options.elites < 1 || options.elites >= options.population) {
    throw InputError(
        fmt::format("a population of {} with {} elites; at least 1 elite and more machines than elites are needed",
                    options.population, options.elites));
  }
  if (options.selection == Selection::average && options.population % 2 != 0)
    throw InputError(
        fmt::format("a population of {}; an even number is needed, since changes come in pairs", options.population));
}

// The change of one member in one generation, [parameters].
std::vector<float> change(const EvolutionOptions& options, int64_t generation, int member, size_t count) {
  std::vector<float> normals(count);
  draw_rows({options.seed, stream::kMutation}, static_cast<uint64_t>(member), 1, static_cast<uint64_t>(generation), 0,
            static_cast<int64_t>(count), static_cast<int64_t>(count), normals.data());
  for (float& value : normals) value *= static_cast<float>(options.mutation);
  for (size_t k = 0; k < options.free.size(); ++k) normals[k] *= options.free[k];
  return normals;
}

void add(std::span<const float> change, float times, std::vector<float>& to) {
  for (size_t k = 0; k < to.size(); ++k) to[k] += times * change[k];
}

bool keep_elites(const Score& score, const EvolutionOptions& options, TrainingState& state) {
  if (state.memory.empty()) state.memory.assign(options.elites, state.parameters);
  const size_t count = state.parameters.size();
  while (state.update < options.generations) {
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::vector<float>> population = state.memory;
    for (int member = options.elites; member < options.population; ++member) {
      population.push_back(state.memory[member % options.elites]);
      add(change(options, state.update, member, count), 1, population.back());
    }
    std::vector<double> scores(options.population);
    for (int member = 0; member < options.population; ++member)
      scores[member] = score(state.update, member, population[member], state.evaluations);
    std::vector<int> order(options.population);
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return scores[a] < scores[b]; });
    for (int k = 0; k < options.elites; ++k) state.memory[k] = population[order[k]];
    state.parameters = state.memory[0];
    state.loss.push_back(scores[order[0]]);
    ++state.update;
    state.wall_s += seconds_since(start);
    if (options.after_update && !options.after_update(state)) return false;
  }
  return true;
}

// The scores of pairs of changes are differences along random directions: their mean is a gradient, smoothed over
// changes of that size.
bool follow_average(const Score& score, const EvolutionOptions& options, TrainingState& state) {
  const size_t count = state.parameters.size();
  const Objective objective = [&](int64_t generation, std::span<const float> parameters, std::vector<float>& gradient,
                                  int64_t& evaluations) {
    gradient.assign(count, 0.0f);
    double mean = 0;
    const double pairs = options.population / 2;
    for (int pair = 0; pair < options.population / 2; ++pair) {
      const std::vector<float> step = change(options, generation, pair, count);
      std::vector<float> plus(parameters.begin(), parameters.end()), minus = plus;
      add(step, 1, plus);
      add(step, -1, minus);
      const double up = score(generation, 2 * pair, plus, evaluations);
      const double down = score(generation, 2 * pair + 1, minus, evaluations);
      add(step, static_cast<float>((up - down) / (2 * options.mutation * options.mutation * pairs)), gradient);
      mean += (up + down) / (2 * pairs);
    }
    return mean;
  };
  DescentOptions descent;
  descent.updates = options.generations;
  descent.rate = options.rate;
  descent.after_update = options.after_update;
  return descend(objective, descent, state);
}

}  // namespace

bool evolve(const Score& score, const EvolutionOptions& options, TrainingState& state) {
  check(options);
  return options.selection == Selection::elites ? keep_elites(score, options, state)
                                                : follow_average(score, options, state);
}

}  // namespace swell
