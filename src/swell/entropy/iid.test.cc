#include "swell/entropy/iid.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/entropy/test_sources.h"

namespace swell::entropy {

TEST(entropy_iid, independent_samples_pass_and_have_the_entropy_of_their_commonest_symbol) {
  const double p[6] = {0.4, 0.2, 0.1, 0.1, 0.1, 0.1};
  const std::vector<uint8_t> samples = test::independent(p, 20'000, 900);
  const IidAssessment assessment = assess_iid(samples, 3);
  EXPECT_TRUE(assessment.iid) << assessment.failed.front();
  EXPECT_EQ(assessment.distinct, 6);
  const double error = std::sqrt(0.4 * 0.6 / 20'000) / (0.4 * std::log(2.0));
  EXPECT_NEAR(assessment.entropy.H_original, -std::log2(0.4) - 2.58 * error, 6 * error);
  // Ones of the bits: 0.2 + 0.1 + 2 0.1 + 0.1 + 2 0.1 = 0.8 of three bits a symbol.
  EXPECT_NEAR(*assessment.entropy.H_bitstring, -std::log2(2.2 / 3), 0.02);
  EXPECT_EQ(assessment.entropy.H_assessed,
            std::min(assessment.entropy.H_original, 3 * *assessment.entropy.H_bitstring));
  EXPECT_EQ(assessment.warnings.size(), 1u);  // fewer than a million
}

TEST(entropy_iid, dependent_samples_are_told_by_name) {
  IidOptions options;
  options.shuffles = 100;
  const IidAssessment assessment = assess_iid(test::sticky(0.65, 3000, 901), 1, options);
  EXPECT_FALSE(assessment.iid);
  for (const char* name : {"permutations: runs about the median", "chi-square: independence"}) {
    EXPECT_NE(std::find(assessment.failed.begin(), assessment.failed.end(), name), assessment.failed.end()) << name;
  }
}

TEST(entropy_iid, samples_out_of_range_are_refused) {
  EXPECT_THROW(assess_iid(std::vector<uint8_t>{0, 1, 2}, 1), InputError);
  EXPECT_THROW(assess_iid(std::vector<uint8_t>{0}, 1), InputError);
  EXPECT_THROW(iid_entropy(std::vector<uint8_t>{0}, 1), InputError);
}

}  // namespace swell::entropy
