#include "swell/kernels/ceilings.h"

#include <gtest/gtest.h>

#include "swell/kernels/dispatch.h"

namespace swell {

// Each round adds w x to every sum in every lane: the total is known, so no multiply-add was left out or merged.
TEST(ceilings, multiply_adds_are_all_done) {
  for (const std::string& isa : instruction_sets()) {
    const cpu::CeilingKernels& kernels = *cpu::kernels(isa).ceilings;
    constexpr int64_t kRounds = 1000;
    const auto sums = static_cast<double>(kernels.f32_per_round / cpu::kLanes);
    // Lanes have w = 1e-3 (lane + 1) and x = 1e-3, sums start at 0, 1, ...
    const auto expected = [&](double lanes) {
      return lanes * sums * (sums - 1) / 2 + kRounds * sums * 1e-6 * lanes * (lanes + 1) / 2;
    };
    // Single precision: 1000 additions of relative error 2^-24 each.
    EXPECT_NEAR(kernels.multiply_adds_f32(kRounds), expected(16), 1e-4 * expected(16)) << isa;
    EXPECT_NEAR(kernels.multiply_adds_f64(kRounds), expected(8), 1e-12 * expected(8)) << isa;
  }
}

TEST(ceilings, every_word_is_read_once) {
  constexpr int64_t kWords = 5 * cpu::kReadWords;
  alignas(64) uint32_t words[kWords];
  uint32_t expected = 0;
  for (int64_t k = 0; k < kWords; ++k) expected += words[k] = static_cast<uint32_t>(2654435761u * (k + 1));
  for (const std::string& isa : instruction_sets())
    EXPECT_EQ(cpu::kernels(isa).ceilings->read(words, kWords), expected);
}

TEST(ceilings, lines_are_read_as_often_as_they_are_named) {
  constexpr int64_t kLines = 5;
  alignas(64) uint32_t words[kLines * cpu::kLineWords];
  for (int64_t k = 0; k < kLines * cpu::kLineWords; ++k) words[k] = static_cast<uint32_t>(2654435761u * (k + 1));
  const uint32_t order[] = {3, 0, 3, 4};
  uint32_t expected = 0;
  for (const uint32_t line : order) {
    for (int64_t k = 0; k < cpu::kLineWords; ++k) expected += words[line * cpu::kLineWords + k];
  }
  for (const std::string& isa : instruction_sets())
    EXPECT_EQ(cpu::kernels(isa).ceilings->read_lines(words, order, 4), expected);
}

TEST(ceilings, measured_rates_are_positive) {
  for (const std::string& isa : instruction_sets()) {
    EXPECT_GT(measure_multiply_adds_f32(1, 1e-3, isa), 0);
    EXPECT_GT(measure_multiply_adds_f64(2, 1e-3, isa), 0);
    EXPECT_GT(measure_normals(2, 1e-3, isa), 0);
    EXPECT_GT(measure_scattered_reads(1 << 20, 2, 1e-3, isa), 0);
    EXPECT_GT(measure_reads(1, 3, 1e-3, isa), 0);  // a buffer has at least one block for each thread
  }
}

}  // namespace swell
