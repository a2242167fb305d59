#include "swell/learn/evolution.h"

#include <gtest/gtest.h>

#include <cmath>

#include "swell/base/errors.h"

namespace swell {

namespace {

double valley(std::span<const float> p) {
  return std::pow(static_cast<double>(p[0]) - 1, 2) + 4 * std::pow(static_cast<double>(p[1]) + 0.5, 2);
}

Score score() {
  return [](int64_t, int, std::span<const float> parameters, int64_t& evaluations) {
    ++evaluations;
    return valley(parameters);
  };
}

EvolutionOptions options(Selection selection) {
  EvolutionOptions options;
  options.selection = selection;
  options.population = 20;
  options.generations = 200;
  options.mutation = 0.05;
  options.rate = 0.05;
  return options;
}

TrainingState start() {
  TrainingState state;
  state.parameters = {0, 0};
  return state;
}

}  // namespace

TEST(evolution, both_selections_find_the_bottom_of_a_valley) {
  for (const Selection selection : {Selection::elites, Selection::average}) {
    TrainingState state = start();
    EXPECT_TRUE(evolve(score(), options(selection), state));
    EXPECT_LT(valley(state.parameters), 1e-3);  // from 2
    EXPECT_EQ(state.loss.size(), 200u);
    EXPECT_EQ(state.evaluations, 200 * 20);
  }
}

TEST(evolution, elites_never_get_worse_without_noise) {
  TrainingState state = start();
  evolve(score(), options(Selection::elites), state);
  for (size_t k = 1; k < state.loss.size(); ++k) EXPECT_LE(state.loss[k], state.loss[k - 1]);
}

TEST(evolution, a_stopped_training_goes_on_to_the_same_bytes) {
  for (const Selection selection : {Selection::elites, Selection::average}) {
    TrainingState whole = start(), parts = start();
    evolve(score(), options(selection), whole);
    EvolutionOptions stopping = options(selection);
    stopping.after_update = [](const TrainingState& state) { return state.update % 70 != 0; };
    EXPECT_FALSE(evolve(score(), stopping, parts));
    EXPECT_EQ(parts.update, 70);
    while (!evolve(score(), stopping, parts)) continue;
    EXPECT_EQ(parts.parameters, whole.parameters);
    EXPECT_EQ(parts.loss, whole.loss);
  }
}

TEST(evolution, populations_that_cannot_be_are_refused) {
  TrainingState state = start();
  EvolutionOptions odd = options(Selection::average);
  odd.population = 7;
  EXPECT_THROW(evolve(score(), odd, state), InputError);
  EvolutionOptions all = options(Selection::elites);
  all.elites = 20;
  EXPECT_THROW(evolve(score(), all, state), InputError);
}

TEST(descent, a_loss_that_is_not_finite_names_update_and_rate) {
  TrainingState state = start();
  DescentOptions descent;
  const Objective broken = [](int64_t update, std::span<const float> p, std::vector<float>& gradient, int64_t&) {
    gradient.assign(p.size(), 1.0f);
    return update == 3 ? NAN : 1.0;
  };
  try {
    descend(broken, descent, state);
    ADD_FAILURE();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("update 3"), std::string::npos);
  }
}

}  // namespace swell
