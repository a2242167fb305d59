#include "swell/physics/potential.h"

#include <gtest/gtest.h>

#include "physics/machines.h"
#include "swell/physics/onsite.h"

namespace swell {

namespace {

// Two groups with couplings within and between, all four on-site terms, biases and forces.
struct Scene {
  Computer computer = test::quartic_machine({7, 5}, 1.0);
  std::vector<double> force, x;
  Scene() {
    for (int64_t i = 0; i < computer.units(); ++i) {
      force.push_back(test::fixed_normal(20, i));
      x.push_back(test::fixed_normal(21, i));
    }
  }
  Control control() const { return {&computer.sets[0], force}; }
};

// The dense blocks of a set as compressed rows, zeros left out.
CouplingSet sparse_copy(const Computer& computer, const CouplingSet& set) {
  CouplingSet copy = set;
  for (CouplingBlock& block : copy.blocks) {
    const auto& dense = std::get<DenseWeights>(block.weights);
    const int64_t columns = computer.groups[block.column_group].size;
    SparseWeights sparse{{0}, {}, {}};
    for (int64_t r = 0; r < computer.groups[block.row_group].size; ++r) {
      for (int64_t c = 0; c < columns; ++c) {
        if (dense.values[r * columns + c] == 0) continue;
        sparse.column.push_back(static_cast<int32_t>(c));
        sparse.values.push_back(dense.values[r * columns + c]);
      }
      sparse.row_start.push_back(static_cast<int64_t>(sparse.column.size()));
    }
    block.weights = std::move(sparse);
  }
  return copy;
}

}  // namespace

// By hand: V = 2 - 3 x0 ... with every term of the formula once and the pair counted once.
TEST(potential, energy_is_the_formula_with_each_pair_once) {
  Computer computer = test::machine({2});
  computer.J2 = {2, -1};
  computer.J3 = {0.5, 0};
  computer.J4 = {1, 3};
  test::add_set(computer, {0, 7, 7, 0}, {0.25, -4});
  const std::vector<double> force{1.5, 0}, x{2, -1};
  const double onsite = 2 * 4 + 0.5 * 8 + 1 * 16 + (-1 * 1 + 3 * 1);
  const double expected = onsite + (0.25 * 2 + 4 * 1) + 7 * 2 * -1 - 1.5 * 2;
  EXPECT_DOUBLE_EQ(energy(computer, {&computer.sets[0], force}, x), expected);
  EXPECT_DOUBLE_EQ(energy(computer, {}, x), onsite);  // without a set neither couplings nor biases are in force
}

// Central differences: error h^2 V'''/6 + rounding/h = 1e-10 x 5 + 1e-14/1e-5. Sees any missing factor or term.
TEST(potential, gradient_is_the_derivative_of_the_energy) {
  const Scene scene;
  constexpr double h = 1e-5;
  const std::vector<double> got = gradient(scene.computer, scene.control(), scene.x);
  for (int64_t i = 0; i < scene.computer.units(); ++i) {
    std::vector<double> up = scene.x, down = scene.x;
    up[i] += h;
    down[i] -= h;
    const double slope =
        (energy(scene.computer, scene.control(), up) - energy(scene.computer, scene.control(), down)) / (2 * h);
    EXPECT_NEAR(got[i], slope, 1e-8) << i;
  }
}

// Alone, so that no term can hide behind another.
TEST(potential, each_term_has_its_own_derivative) {
  constexpr double h = 1e-5;
  for (int term = 0; term < 6; ++term) {
    Computer computer = test::machine({3});
    computer.J2.assign(3, term == 0);
    computer.J3.assign(3, term == 1);
    computer.J4.assign(3, term == 2);
    test::add_set(computer, test::random_couplings(3, term == 3, 5), std::vector<double>(3, term == 4));
    const std::vector<double> force(3, term == 5), x{0.7, -1.1, 0.4};
    const Control control{&computer.sets[0], force};
    const std::vector<double> got = gradient(computer, control, x);
    for (int i = 0; i < 3; ++i) {
      std::vector<double> up = x, down = x;
      up[i] += h;
      down[i] -= h;
      EXPECT_NEAR(got[i], (energy(computer, control, up) - energy(computer, control, down)) / (2 * h), 1e-8) << term;
    }
  }
}

// The second derivative that learning through the dynamics uses, term by term; central differences of cubics are exact
// to h^2.
TEST(potential, curvature_is_the_derivative_of_the_onsite_gradient) {
  constexpr double h = 1e-5;
  for (int term = 0; term < 3; ++term) {
    const double J2 = term == 0, J3 = term == 1, J4 = term == 2;
    for (const double x : {0.7, -1.1, 0.4}) {
      const double slope = (onsite_gradient(x + h, J2, J3, J4) - onsite_gradient(x - h, J2, J3, J4)) / (2 * h);
      EXPECT_NEAR(onsite_curvature(x, J2, J3, J4), slope, 1e-8) << term;
    }
  }
}

// The same numbers in another order of storage: equal to the rounding of 12 terms.
TEST(potential, sparse_and_dense_couplings_agree) {
  const Scene scene;
  const CouplingSet sparse = sparse_copy(scene.computer, scene.computer.sets[0]);
  const auto dense_field = coupling_field(scene.computer, &scene.computer.sets[0], scene.x);
  const auto sparse_field = coupling_field(scene.computer, &sparse, scene.x);
  const auto matrix = dense_matrix(scene.computer, scene.computer.sets[0]);
  EXPECT_EQ(matrix, dense_matrix(scene.computer, sparse));
  const int64_t n = scene.computer.units();
  for (int64_t i = 0; i < n; ++i) {
    double sum = 0;
    for (int64_t j = 0; j < n; ++j) sum += matrix[i * n + j] * scene.x[j];
    EXPECT_NEAR(dense_field[i], sum, 1e-14);
    EXPECT_NEAR(sparse_field[i], sum, 1e-14);
  }
}

}  // namespace swell
