#include "swell/programs/ising/chip_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "physics/machines.h"
#include "swell/base/errors.h"
#include "swell/hardware/imperfections.h"

namespace swell::ising {
namespace {

// Twelve p-bits coupled by +-1 at random; the ground state by going through all states. A chip whose couplings are off
// by 2 % in each direction cools into it, and what is best is judged by the machine as designed.
TEST(chip_search, a_chip_without_an_energy_cools_into_the_ground_state_of_the_design) {
  std::vector<IsingEdge> edges;
  for (int64_t i = 0; i < 12; ++i) {
    for (int64_t j = 0; j < i; ++j)
      edges.push_back({i, j, test::fixed_normal(51, static_cast<uint64_t>(i * 12 + j)) > 0 ? 1.0 : -1.0});
  }
  const IsingModel model = make_ising(12, edges);
  double lowest = INFINITY;
  std::vector<int8_t> m(12);
  for (int state = 0; state < 1 << 12; ++state) {
    for (int i = 0; i < 12; ++i) m[i] = state >> i & 1 ? 1 : -1;
    lowest = std::min(lowest, ising_energy(model, m));
  }
  hardware::Imperfections spec;
  spec.asymmetry = 0.02;
  const Pbits chip(hardware::perturb(model, spec, 5));
  SearchOptions options;
  options.seconds = 0;
  options.runs = 40;
  options.sweeps = 200;
  const auto cost = [&](std::span<const int8_t> spins) { return ising_energy(model, spins); };
  const SearchResult found = search_by_cooling(chip, temperature_range(model), options, cost);
  EXPECT_EQ(ising_energy(model, found.spins), lowest);
  EXPECT_EQ(found.runs, 40);
  EXPECT_EQ(found.sweeps, 40 * 200);
  EXPECT_GT(found.flips, 0);
  // The same answer for any number of threads, and no search by an energy that is not there.
  options.threads = 3;
  EXPECT_EQ(search_by_cooling(chip, temperature_range(model), options, cost).spins, found.spins);
  EXPECT_THROW(search(chip, options), InputError);
  // Coolings too short to end alike: the best of all that were judged.
  options.threads = 1;
  options.sweeps = 1;
  double best = INFINITY, worst = -INFINITY;
  const SearchResult hasty = search_by_cooling(chip, temperature_range(model), options, [&](auto spins) {
    best = std::min(best, cost(spins));
    worst = std::max(worst, cost(spins));
    return cost(spins);
  });
  EXPECT_EQ(cost(hasty.spins), best);
  EXPECT_LT(best, worst);
}

}  // namespace
}  // namespace swell::ising
