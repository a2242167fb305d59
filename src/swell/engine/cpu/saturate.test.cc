#define SWELL_KERNEL_NAMESPACE tested
#include "swell/engine/cpu/saturate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace swell::cpu {

// To a few units of the last place of single precision, 6e-8 of the value each.
TEST(saturate, is_the_hyperbolic_tangent_to_single_precision) {
  double worst = 0;
  for (int k = -12000; k <= 12000; ++k) {
    if (k == 0) continue;
    const float z = static_cast<float>(k) / 1000.0f;
    const double exact = std::tanh(static_cast<double>(z));
    worst = std::max(worst, std::abs(static_cast<double>(tested::tanh_of(z)) - exact) / std::abs(exact));
  }
  EXPECT_LT(worst, 4e-7);
  EXPECT_EQ(tested::put_by(5.0f, 0.0f, 0.0f), 5.0f);
}

}  // namespace swell::cpu
