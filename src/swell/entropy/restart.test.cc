#include "swell/entropy/restart.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/entropy/distributions.h"
#include "swell/entropy/test_sources.h"

namespace swell::entropy {

namespace {

constexpr int64_t kAll = kRestarts * kSamplesOfRestart;

RestartOptions claiming(double min_entropy, bool iid) {
  RestartOptions options;
  options.min_entropy = min_entropy;
  options.iid = iid;
  return options;
}

}  // namespace

TEST(entropy_restarts, a_source_that_restarts_well_is_validated) {
  const RestartAssessment assessment = assess_restarts(test::biased(0.6, kAll, 950), 1, claiming(0.7, true));
  EXPECT_TRUE(assessment.sane);
  EXPECT_TRUE(assessment.validated) << assessment.verdict;
  EXPECT_NEAR(assessment.H_rows, -std::log2(0.6), 0.006);  // bound and 6 standard errors of the frequency
  EXPECT_EQ(assessment.H_rows, assessment.H_columns);      // the same counts, in another order
  EXPECT_EQ(assessment.H_assessed, 0.7);
}

TEST(entropy_restarts, restarts_that_begin_alike_fail_the_sanity_check) {
  std::vector<uint8_t> samples = test::uniform(1, kAll, 951);
  for (int64_t row = 0; row < kRestarts; ++row) samples[row * kSamplesOfRestart + 3] = row % 3 != 0;  // 2/3 ones
  const RestartAssessment assessment = assess_restarts(samples, 1, claiming(0.9, true));
  EXPECT_EQ(assessment.most_in_column, 666);
  EXPECT_LT(assessment.most_in_row, 600);
  EXPECT_NEAR(assessment.p_value, binomial_upper_tail(1000, std::exp2(-0.9), 666), 1e-15);
  EXPECT_FALSE(assessment.sane);
  EXPECT_FALSE(assessment.validated);
  EXPECT_EQ(assessment.H_assessed, 0);
  EXPECT_NE(assessment.verdict.find("in a column"), std::string::npos);
}

TEST(entropy_restarts, less_than_half_of_the_claim_is_not_validated) {
  // Bits that are the same as in the restart before, but for one in ten: frequencies are fair, columns have 0.15 bits.
  std::vector<uint8_t> samples = test::uniform(1, kAll, 952);
  Sequence draws = test::draws(953);
  for (int64_t i = kSamplesOfRestart; i < kAll; ++i) {
    samples[i] = static_cast<uint8_t>(samples[i - kSamplesOfRestart] ^ (draws.uniform() < 0.1));
  }
  const RestartAssessment assessment = assess_restarts(samples, 1, claiming(0.6, false));
  EXPECT_TRUE(assessment.sane) << assessment.verdict;
  EXPECT_GT(assessment.H_rows, 0.3);  // repeats of whole rows cost much there, too
  EXPECT_LE(assessment.H_columns, -std::log2(0.9));
  EXPECT_FALSE(assessment.validated);
  EXPECT_EQ(assessment.H_assessed, 0);
}

TEST(entropy_restarts, other_sizes_and_claims_are_refused) {
  EXPECT_THROW(assess_restarts(std::vector<uint8_t>(kAll - 1), 1, claiming(0.5, true)), InputError);
  EXPECT_THROW(assess_restarts(std::vector<uint8_t>(kAll), 1, claiming(0, true)), InputError);
  EXPECT_THROW(assess_restarts(std::vector<uint8_t>(kAll), 1, claiming(1.1, true)), InputError);
}

}  // namespace swell::entropy
