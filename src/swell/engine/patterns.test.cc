#include "swell/engine/patterns.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <set>

#include "swell/base/errors.h"
#include "swell/model/test_stages.h"

namespace swell {

namespace {

Design ring(const std::string& pattern, const std::string& segment) {
  return parse_design("name = \"ring\"\nkT = 0.1\ndt = 0.01\n[[group]]\nname = \"ring\"\nshape = [4]\nJ2 = 1.0\n" +
                          (pattern.empty() ? "" : "pattern = \"" + pattern + "\"\n") +
                          "[[protocol.drive]]\nname = \"push\"\nduration = 1.0\n" + segment + "\n",
                      "ring.toml");
}

// The sentence with which a protocol is refused; empty where it is not.
std::string refusal(const Design& design, const Patterns& patterns) {
  try {
    require_patterns(design, design.protocols[0], patterns);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST(patterns, a_drive_or_clamp_without_a_pattern_is_refused_by_its_key) {
  for (const auto& [segment, key] : {std::pair("drive = { ring = 1.0 }", "'drive.ring'"),
                                     std::pair("drive = { ring = [[0.0, 0.0], [1.0, 2.0]] }", "'drive.ring'"),
                                     std::pair("clamp = [\"ring\"]", "'clamp'")}) {
    const Design design = ring("", segment);
    const std::string said = refusal(design, fixed_patterns(design));
    EXPECT_NE(said.find(key), std::string::npos) << said;
    EXPECT_NE(said.find("protocol.drive[0] ('push')"), std::string::npos) << said;
    EXPECT_NE(said.find("pattern = \"ones\""), std::string::npos) << said;
  }
}

TEST(patterns, patterns_that_follow_images_need_images) {
  for (const char* pattern : {"data", "repeat", "projection"}) {
    const Design design = ring(pattern, "drive = { ring = 1.0 }");
    EXPECT_NE(refusal(design, fixed_patterns(design)).find("give images"), std::string::npos) << pattern;
    EXPECT_EQ(refusal(design, {1, {0, 0, 0.5, 0}}), "") << pattern;
  }
}

TEST(patterns, a_drive_by_zeros_is_refused_for_it_moves_nothing) {
  const Design design = ring("zeros", "drive = { ring = 1.0 }");
  const std::string said = refusal(design, fixed_patterns(design));
  for (const char* part : {"'drive.ring'", "pattern \"zeros\" gives no force", "pattern = \"ones\""})
    EXPECT_NE(said.find(part), std::string::npos) << said;
}

TEST(patterns, what_moves_nothing_on_purpose_is_taken) {
  for (const char* pattern : {"", "data"}) {
    EXPECT_EQ(refusal(ring(pattern, ""), {}), "");
    EXPECT_EQ(refusal(ring(pattern, "drive = { ring = 0.0 }"), {}), "");
  }
  EXPECT_EQ(refusal(ring("zeros", "clamp = [\"ring\"]"), {}), "");
  const Design ones = ring("ones", "drive = { ring = 1.0 }");
  EXPECT_EQ(fixed_patterns(ones).values, (std::vector<double>{1, 1, 1, 1}));
  EXPECT_EQ(refusal(ones, fixed_patterns(ones)), "");
}

// A trap of stiffness 2 pulled by a uniform force 1: <x> = (1 - e^{-2t})/2. At T = 0 it is exact but for the step:
// 1 - (1 - 2 dt)^k of it.
TEST(patterns, a_uniform_drive_moves_every_unit_alike) {
  const Design design = ring("ones", "kT = 0.0\ndrive = { ring = 1.0 }");
  const Patterns patterns = fixed_patterns(design);
  for (const EngineKind engine : {EngineKind::cpu, EngineKind::reference}) {
    RunOptions options;
    options.engine = engine;
    options.dt = design.dt;
    options.patterns = &patterns;
    const auto run = swell::run(design.computer, design.protocols[0], options);
    for (const double x : run.states) EXPECT_NEAR(x, 0.5 * (1 - std::pow(0.98, 100)), 1e-6);
    EXPECT_NEAR(run.book(0, 0).heat, 4 * run.states[0] * (1 - run.states[0]), 1e-5);  // V falls from 0 to x^2 - x
  }
}

// Of a class with styles each comes as often as its share says, evenly over the rows; the seed decides where they
// begin.
TEST(patterns, styles_come_as_often_as_their_share_says) {
  std::string text = test::kStagesDesign;
  text.replace(text.rfind("shape = [2]"), 11, "shape = [2, 3]");
  Design design = parse_design(text, "s.toml");
  design.stages->style_share = {0.5, 0.3, 0.2, 0, 0, 1};
  const auto styles = [&](const Patterns& patterns, int64_t rows) {
    std::vector<int64_t> count(6, 0);
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t l = 0; l < 6; ++l) count[l] += patterns.values[row * 13 + 7 + l] == 1;
      EXPECT_EQ(std::accumulate(patterns.values.begin() + row * 13, patterns.values.begin() + (row + 1) * 13, 0.0), 1);
    }
    return count;
  };
  const Patterns both = fixed_patterns(design);
  ASSERT_EQ(both.rows, 256);
  for (int64_t row = 0; row < 10; ++row) EXPECT_EQ(asked_class(design, both, row), row % 2);
  const std::vector<int64_t> count = styles(both, 200);  // a hundred of each class
  EXPECT_NEAR(static_cast<double>(count[0]), 50, 2);
  EXPECT_NEAR(static_cast<double>(count[1]), 30, 2);
  EXPECT_NEAR(static_cast<double>(count[2]), 20, 2);
  EXPECT_EQ(count[3] + count[4], 0);
  EXPECT_EQ(count[5], 100);
  const std::vector<int> zero{0};
  const Patterns one = fixed_patterns(design, zero, 1);
  ASSERT_EQ(one.rows, 128);
  EXPECT_EQ(styles(one, 128)[5], 0);
  std::set<std::vector<double>> firsts;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const Patterns some = fixed_patterns(design, zero, seed);
    firsts.insert({some.values.begin(), some.values.begin() + 13});
  }
  EXPECT_EQ(firsts.size(), 3u);
}

}  // namespace swell
