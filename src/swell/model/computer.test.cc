#include "swell/model/computer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "physics/machines.h"
#include "swell/base/errors.h"

namespace swell {

namespace {

// Two groups with one dense and one sparse block.
Computer mixed() {
  Computer computer = test::machine({3, 2});
  CouplingSet set{"s", {}, std::vector<double>(5, 0.0), {1, 0}};
  set.blocks.resize(2);
  set.blocks[0].row_group = 0;
  set.blocks[0].column_group = 1;
  set.blocks[0].weights = DenseWeights{{1, 2, 3, 4, 5, 6}};
  set.blocks[1].weights = SparseWeights{{0, 1, 3, 4}, {1, 0, 2, 1}, {7, 7, 8, 8}};
  computer.sets.push_back(std::move(set));
  return computer;
}

SparseWeights& sparse(Computer& computer) { return std::get<SparseWeights>(computer.sets[0].blocks[1].weights); }
DenseWeights& dense(Computer& computer) { return std::get<DenseWeights>(computer.sets[0].blocks[0].weights); }

}  // namespace

TEST(computer, dense_matrix_is_symmetric_and_round_trips) {
  Computer computer = mixed();
  EXPECT_NO_THROW(validate(computer, "here"));
  const std::vector<double> J = dense_matrix(computer, computer.sets[0]);
  const std::vector<double> expected{0, 7, 0, 1, 2, 7, 0, 8, 3, 4, 0, 8, 0, 5, 6, 1, 3, 5, 0, 0, 2, 4, 6, 0, 0};
  EXPECT_EQ(J, expected);
  CouplingSet copy = computer.sets[0];
  std::vector<double> twice = J;
  for (double& value : twice) value *= 2;
  assign_from_dense(computer, twice, copy);
  EXPECT_EQ(dense_matrix(computer, copy), twice);
}

TEST(computer, parameters_count_each_pair_once) {
  const Computer computer = mixed();
  EXPECT_EQ(count_parameters(computer, computer.sets[0]), 6 + 2 + 3);  // dense, sparse pairs, biases of the first group
}

TEST(computer, names_are_found) {
  const Computer computer = mixed();
  EXPECT_EQ(find_group(computer, "g1"), 1);
  EXPECT_EQ(find_group(computer, "g2"), -1);
  EXPECT_EQ(find_set(computer, "s"), 0);
  EXPECT_EQ(find_set(computer, "none"), -1);
  EXPECT_EQ(group_of_unit(computer, 2), 0);
  EXPECT_EQ(group_of_unit(computer, 3), 1);
}

TEST(computer, what_does_not_fit_is_an_input_error) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const struct {
    std::function<void(Computer&)> spoil;
    std::string says;
  } cases[] = {
      {[](Computer& c) { c = {}; }, "no units"},
      {[](Computer& c) { c.J3.pop_back(); }, "J3 has 4 values; 5"},
      {[](Computer& c) { c.J4.pop_back(); }, "J4 has 4 values; 5"},
      {[](Computer& c) { c.mobility.push_back(1); }, "mobility has 6 values; 5"},
      {[](Computer& c) { c.mobility[1] = -1; }, "mobility -1; a positive number"},
      {[&](Computer& c) { c.J2[1] = nan; }, "coefficient nan"},
      {[](Computer& c) { c.J2[1] = -1; }, "not confined"},
      {[](Computer& c) { c.J3[1] = 1; }, "not confined"},
      {[](Computer& c) { c.J4[1] = -1; }, "not confined"},
      {[](Computer& c) { c.kT = -1; }, "kT = -1"},
      {[&](Computer& c) { c.kT = nan; }, "kT = nan"},
      {[](Computer& c) { c.sets[0].bias.pop_back(); }, "bias has 4 values; 5"},
      {[](Computer& c) { c.sets[0].biased.pop_back(); }, "biased has 1 values; 2"},
      {[&](Computer& c) { c.sets[0].bias[3] = nan; }, "bias of unit 3 is nan"},
      {[](Computer& c) { dense(c).values.pop_back(); }, "5 values; 6"},
      {[&](Computer& c) { dense(c).values[3] = nan; }, "units 1 and 4 is nan"},
      {[](Computer& c) { sparse(c).row_start.pop_back(); }, "row_start has 3 values; 4"},
      {[](Computer& c) { sparse(c).values.pop_back(); }, "values has 3 values; 4"},
      {[](Computer& c) { sparse(c).row_start[1] = 5; }, "row_start 5 is not allowed"},
      {[](Computer& c) { sparse(c).row_start[2] = 0; }, "row_start 0 is not allowed"},
      {[](Computer& c) { sparse(c).column[3] = 3; }, "column 3 is not allowed; 0 to 2"},
      {[](Computer& c) { sparse(c).column[3] = -1; }, "column -1 is not allowed"},
      {[](Computer& c) {
         sparse(c).column = {1, 2, 0, 1};
       },
       "ascending columns"},
      {[](Computer& c) {
         sparse(c).column = {1, 2, 2, 1};
       },
       "ascending columns"},
      {[](Computer& c) { sparse(c).values[0] = 1; }, "not symmetric: units (0, 1) have 1 but (1, 0) have 7"},
      {[](Computer& c) { sparse(c).column[3] = 0; }, "not symmetric: units (1, 2) have 8 but (2, 1) have 0"},
      {[](Computer& c) { sparse(c).column[0] = 0; }, "diagonal must be 0"},
  };
  for (const auto& bad : cases) {
    Computer computer = mixed();
    bad.spoil(computer);
    try {
      validate(computer, "here");
      ADD_FAILURE() << "accepted; expected: " << bad.says;
    } catch (const InputError& error) {
      const std::string message = error.what();
      EXPECT_NE(message.find(bad.says), std::string::npos) << message << "\nlacks: " << bad.says;
      EXPECT_EQ(message.rfind("here", 0), 0u) << message;
    }
  }
}

}  // namespace swell
