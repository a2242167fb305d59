#include "swell/model/ising.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "swell/base/errors.h"

namespace swell {

TEST(ising, energy_counts_each_pair_once_and_flips_cost_twice_the_field) {
  const std::vector<IsingEdge> edges = {{0, 1, 2.0}, {2, 1, -1.5}, {1, 0, 1.0}};
  const IsingModel model = make_ising(3, edges, {0.5, 0.0, -2.0});
  EXPECT_EQ(model.edges(), 2);  // the two of units 0 and 1 are one coupling of 3
  std::vector<int8_t> spins = {1, -1, 1};
  const double energy = ising_energy(model, spins);
  EXPECT_EQ(energy, -(-3.0 + 1.5) - (0.5 - 2.0));
  for (int64_t i = 0; i < 3; ++i) {
    const double cost = 2 * spins[i] * local_field(model, spins, i);
    spins[i] = static_cast<int8_t>(-spins[i]);
    EXPECT_DOUBLE_EQ(ising_energy(model, spins), energy + cost);
    spins[i] = static_cast<int8_t>(-spins[i]);
  }
  EXPECT_EQ(largest_field(model, 1), 4.5);
}

TEST(ising, couplings_that_cancel_vanish) {
  const std::vector<IsingEdge> edges = {{0, 1, 2.0}, {1, 0, -2.0}};
  EXPECT_EQ(make_ising(2, edges).edges(), 0);
}

TEST(ising, lattice_has_four_neighbours_everywhere_and_its_ground_energy) {
  const IsingModel model = square_lattice(4, 6, 1.0, 0.25);
  for (int64_t i = 0; i < model.units; ++i) EXPECT_EQ(model.degree(i), 4);
  EXPECT_EQ(ising_energy(model, std::vector<int8_t>(24, 1)), -48 - 6);
}

TEST(ising, mistakes_are_refused) {
  const auto refused = [](int64_t units, const IsingEdge& edge, std::vector<double> h = {}) {
    EXPECT_THROW(make_ising(units, std::vector<IsingEdge>{edge}, std::move(h)), InputError);
  };
  refused(2, {0, 2, 1});
  refused(2, {-1, 0, 1});
  refused(2, {1, 1, 1});
  refused(2, {0, 1, std::numeric_limits<double>::infinity()});
  refused(2, {0, 1, 1}, {1});
  refused(2, {0, 1, 1}, {1, std::nan("")});
  refused(0, {0, 1, 1});
  EXPECT_THROW(square_lattice(2, 5, 1), InputError);
}

}  // namespace swell
