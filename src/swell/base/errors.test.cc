#include "swell/base/errors.h"

#include <gtest/gtest.h>

namespace swell {

TEST(errors, each_kind_has_its_documented_exit_code) {
  EXPECT_EQ(InputError("x").exit_code(), 2);
  EXPECT_EQ(IoError("x").exit_code(), 3);
  EXPECT_EQ(Diverged(1, 2, 3, 0.5).exit_code(), 4);
  EXPECT_EQ(Interrupted("x").exit_code(), 130);
}

TEST(errors, divergence_says_where_and_what_helps) {
  const std::string message = Diverged(7, 1203, 5, 0.25).what();
  for (const char* part : {"trajectory 7", "step 1203", "unit 5", "dt = 0.25", "smaller dt"}) {
    EXPECT_NE(message.find(part), std::string::npos) << message;
  }
}

}  // namespace swell
