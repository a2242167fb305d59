#include "swell/learn/teacher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "physics/machines.h"

namespace swell {

namespace {

// Two classes that no straight line separates: the sign of the product of the two inputs.
struct Quadrants {
  std::vector<float> inputs;
  std::vector<int> labels;
  explicit Quadrants(int64_t rows) {
    for (int64_t row = 0; row < rows; ++row) {
      for (int k = 0; k < 2; ++k) inputs.push_back(static_cast<float>(test::fixed_normal(320, 2 * row + k)));
      labels.push_back(inputs[2 * row] * inputs[2 * row + 1] > 0);
    }
  }
};

}  // namespace

// Central differences in f32: 1e-3 of the largest derivative.
TEST(teacher, gradient_is_that_of_finite_differences) {
  const Teacher teacher(2, {4, 3}, 2, 1);
  const Quadrants data(20);
  std::vector<float> gradient, unused;
  teacher.loss_and_gradient(teacher.parameters(), data.inputs.data(), data.labels.data(), 20, gradient);
  for (size_t k = 0; k < gradient.size(); ++k) {
    std::vector<float> up = teacher.parameters(), down = up;
    up[k] += 1e-2f;
    down[k] -= 1e-2f;
    const double slope = (teacher.loss_and_gradient(up, data.inputs.data(), data.labels.data(), 20, unused) -
                          teacher.loss_and_gradient(down, data.inputs.data(), data.labels.data(), 20, unused)) /
                         static_cast<double>(up[k] - down[k]);
    EXPECT_NEAR(gradient[k], slope, 1e-3) << k;
  }
}

TEST(teacher, learns_classes_that_no_line_separates_whatever_the_threads) {
  const Quadrants data(2000), other(2000);
  Teacher one(2, {8, 8}, 2, 1), three(2, {8, 8}, 2, 1);
  EXPECT_TRUE(one.train(data.inputs, data.labels, 80, 0, 1, 1));
  three.train(data.inputs, data.labels, 80, 0, 1, 3);
  EXPECT_EQ(one.parameters(), three.parameters());
  EXPECT_GT(one.accuracy(data.inputs, data.labels, 2), 0.95);
  EXPECT_EQ(one.hidden_units(), 16);
  EXPECT_EQ(one.multiply_adds(), 2 * 8 + 8 * 8 + 8 * 2);
}

TEST(teacher, an_epoch_takes_each_example_once_in_an_order_of_its_own) {
  std::vector<int64_t> first = order_of_epoch(100, 1, 0), second = order_of_epoch(100, 1, 1);
  EXPECT_NE(first, second);
  EXPECT_EQ(first, order_of_epoch(100, 1, 0));
  std::sort(first.begin(), first.end());
  for (int64_t k = 0; k < 100; ++k) EXPECT_EQ(first[k], k);
}

}  // namespace swell
