#include "swell/ledger/first_law.h"

#include <gtest/gtest.h>

namespace swell {

// By hand: V from 1 to 2, work 3 and heat 2 close; a heat of 2.5 leaves 0.5 of the 8.5 that stand in the books.
TEST(first_law, books_that_do_not_close_are_told) {
  swell::Run run;
  run.trajectories = 2;
  run.segments = 1;
  run.start_energy = {1, 1};
  run.end_energy = {2, 2};
  run.books = {{3, 2, 0}, {3, 2, 0}};
  EXPECT_EQ(first_law(run).residual, 0);
  EXPECT_EQ(first_law(run).complaint(), "");
  run.books[1].heat = 2.5;
  EXPECT_EQ(first_law(run).residual, 0.5);
  EXPECT_EQ(first_law(run).share, 0.5 / 8.5);
  EXPECT_NE(first_law(run).complaint().find("the books do not close"), std::string::npos);
}

}  // namespace swell
