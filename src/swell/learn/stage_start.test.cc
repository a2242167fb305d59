#include "swell/learn/stage_start.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "swell/base/errors.h"
#include "swell/model/test_stages.h"

namespace swell {
namespace {

Design design_with(const std::string& lines) { return parse_design(test::kStagesDesign + lines, "s.toml"); }

std::string refusal(const std::string& lines) {
  const Design design = design_with(lines);  // the machine itself does not ask how its training begins
  try {
    stage_beginning(design);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(stage_start, is_what_the_design_says_of_it) {
  const StageBeginning usual = stage_beginning(design_with(""));
  EXPECT_FALSE(usual.from_images);
  EXPECT_EQ(usual.linear, 0);
  EXPECT_EQ(usual.local, 1);
  EXPECT_EQ(usual.window_least, 0);
  const StageBeginning said =
      stage_beginning(design_with("begin = \"images\"\nlinear = 3\nlocal = 0.25\nwindows = [1.5, 2.5]\n"));
  EXPECT_TRUE(said.from_images);
  EXPECT_EQ(said.linear, 3);
  EXPECT_EQ(said.local, 0.25);
  EXPECT_EQ(said.window_least, 1.5);
  EXPECT_EQ(said.window_most, 2.5);
}

TEST(stage_start, refuses_with_a_sentence) {
  EXPECT_NE(refusal("linear = 1.5\n").find("'stages.linear' is 1.5; a number of hidden units, 0 or more, is needed"),
            std::string::npos);
  EXPECT_NE(refusal("local = 1.1\n").find("a share of the hidden units, 0 to 1, is needed"), std::string::npos);
  EXPECT_NE(refusal("windows = [2.0, 1.0]\n").find("two numbers above 0, the least and the greatest width in pixels"),
            std::string::npos);
  EXPECT_NE(refusal("begin = \"pictures\"\n").find("pictures"), std::string::npos);
}

// Units of norm 1.5, as many of them principal components as the design says: those of two images that differ in one
// pixel are that pixel alone.
TEST(stage_start, principal_components_come_first) {
  const Design design = design_with("linear = 1\n");
  const std::vector<float> pixels{0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0};
  const StageStart start = start_of_stages(design, pixels, std::vector<int>{0, 0, 1, 1}, 4, 1);
  EXPECT_EQ(start.linear, 1);
  EXPECT_EQ(start.is_linear, (std::vector<char>{1, 0, 0}));
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(std::abs(start.W[i]), i == 1 ? kStartNorm : 0, 1e-6);
  ASSERT_EQ(start.variance.size(), 1u);
  EXPECT_NEAR(start.variance[0], 0.25, 1e-12);  // +-1/2 about the mean of each kind
  double norm = 0;
  for (int i = 4; i < 8; ++i) norm += static_cast<double>(start.W[i]) * static_cast<double>(start.W[i]);
  EXPECT_NEAR(std::sqrt(norm), kStartNorm, 1e-6);
}

}  // namespace
}  // namespace swell
