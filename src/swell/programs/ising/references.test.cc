#include "swell/programs/ising/references.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "swell/io/bytes.h"

namespace swell::ising {

namespace {

// A complete graph of so many vertices whose weights are whole multiples of 10^-decimals, -999 to 999 of them.
Problem decimal_graph(int64_t vertices, int decimals, int64_t scale) {
  std::string text = fmt::format("{} {}\n", vertices, vertices * (vertices - 1) / 2);
  for (int64_t i = 1, k = 1; i <= vertices; ++i) {
    for (int64_t j = i + 1; j <= vertices; ++j, ++k)
      text += fmt::format("{} {} {:.{}f}\n", i, j,
                          static_cast<double>(k * k * 7919 % 1999 - 999) / static_cast<double>(scale), decimals);
  }
  return parse_problem(as_bytes_of(text), "p", {});
}

}  // namespace

// The same cuts in tenths of thousands and in whole numbers: the optimum is the same number, digit by digit, and the
// value one unit of the last digit below it does not reach it.
TEST(references, optima_of_decimal_fractions_are_those_of_whole_numbers) {
  for (const int64_t vertices : {9, 12, 15}) {
    const auto whole = references(decimal_graph(vertices, 0, 1));
    const Problem problem = decimal_graph(vertices, 4, 10000);
    const auto decimal = references(problem);
    ASSERT_EQ(whole.size(), 2u);
    ASSERT_EQ(decimal.size(), 2u);
    EXPECT_EQ(value_grain(problem), 0);
    for (size_t k = 0; k < 2; ++k) EXPECT_EQ(decimal[k].value, whole[k].value / 10000) << vertices;
    EXPECT_TRUE(reaches(problem, whole[0].value / 10000, decimal[0].value));
    EXPECT_FALSE(reaches(problem, (whole[0].value - 1) / 10000, decimal[0].value));
  }
}

// An offset that has no end takes the last digit from values whose couplings have one.
TEST(references, an_offset_counts_among_the_numbers) {
  Problem problem;
  problem.model = make_ising(3, std::vector<IsingEdge>{{0, 1, 0.5}, {1, 2, -0.25}});
  EXPECT_EQ(value_grain(problem), 0);
  problem.offset = 0x1p60 / 3;
  EXPECT_GT(value_grain(problem), 0);
}

}  // namespace swell::ising
