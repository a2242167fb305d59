#include "swell/learn/learned_protocol.h"

#include <gtest/gtest.h>

#include <string>

#include "swell/base/errors.h"

namespace swell {

namespace {

std::string design_text(const std::string& learned) {
  return R"(name = "two"
dt = 0.1
kT = 1
[[group]]
name = "g"
shape = [2]
J2 = 1
[[protocol.noising]]
duration = 1
[[protocol.noising]]
duration = 2
)" + learned;
}

}  // namespace

TEST(learned_protocol, says_which_segments_are_learned) {
  const LearnedProtocol protocol =
      learned_protocol(parse_design(design_text("learned = true\n"), "two.toml"), "noising");
  EXPECT_EQ(protocol.learned, (std::vector<char>{0, 1}));
  EXPECT_EQ(protocol.segments.size(), 2u);
  EXPECT_NO_THROW(require_learned(protocol));
  const Design published = read_design(std::string(SWELL_SOURCE_DIR) + "/designs/whitelam2026.toml");
  EXPECT_EQ(learned_protocol(published, "noising").learned, (std::vector<char>{0, 1}));
}

TEST(learned_protocol, refuses_what_is_no_flag_and_what_learns_nothing) {
  try {
    learned_protocol(parse_design(design_text("learned = 1\n"), "two.toml"), "noising");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(), "two.toml:12: key 'protocol.noising[1].learned' is 1; true or false is needed");
  }
  EXPECT_THROW(require_learned(learned_protocol(parse_design(design_text(""), "two.toml"), "noising")), InputError);
  EXPECT_THROW(learned_protocol(parse_design(design_text(""), "two.toml"), "generation"), InputError);
}

}  // namespace swell
