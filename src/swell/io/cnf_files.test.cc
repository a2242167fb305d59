#include "swell/io/cnf_files.h"

#include <gtest/gtest.h>

#include "swell/io/bytes.h"
#include "swell/io/test_refusal.h"

namespace swell {

using test::expect_refused;

TEST(cnf_files, clauses_end_with_zero_and_mistakes_are_refused) {
  const Cnf cnf = parse_cnf(as_bytes_of("c x\np cnf 3 2\n1 -2\n3 0 -1 0\n"), "c");
  EXPECT_EQ(cnf.variables, 3);
  EXPECT_EQ(cnf.clauses, (std::vector<std::vector<int32_t>>{{1, -2, 3}, {-1}}));
  expect_refused(parse_cnf, "p cnf 3 1\n1 4 0\n", "line 2", "-3 to 3");
  expect_refused(parse_cnf, "p cnf 3 1\n1 2\n", "file", "end with 0");
  expect_refused(parse_cnf, "p cnf 3 2\n1 2 0\n", "file", "1 of 2 clauses");
  expect_refused(parse_cnf, "p cnf 3 1\n1 0 2 0\n", "line 2", "follows the last");
  expect_refused(parse_cnf, "p cnf 3 1\n0\n", "line 2", "without literals");
  expect_refused(parse_cnf, "p dnf 3 1\n", "line 1", "p cnf");
}

TEST(cnf_files, weighted_clauses_of_both_formats_are_the_same) {
  for (const char* text : {"c x\np  wcnf 3  4 16\n16 1 -2 0\n3 3 0\n 5 -1\n -3 0\n20 2 0\n",
                           "c x\nh 1 -2 0\n3 3 0\n5 -1 -3 0\nc y\nh 2 0\n"}) {
    const Cnf cnf = parse_wcnf(as_bytes_of(text), "w");
    EXPECT_EQ(cnf.variables, 3) << text;
    EXPECT_EQ(cnf.clauses, (std::vector<std::vector<int32_t>>{{1, -2}, {3}, {-1, -3}, {2}}));
    EXPECT_EQ(cnf.weights, (std::vector<int64_t>{Cnf::kHard, 3, 5, Cnf::kHard}));
  }
  // Without a top all are soft; weights are read to the last digit.
  EXPECT_EQ(parse_wcnf(as_bytes_of("p wcnf 1 2\n9007199254740993 1 0\n7 -1 0\n"), "w").weights,
            (std::vector<int64_t>{9007199254740993, 7}));
}

TEST(cnf_files, broken_weighted_clauses_are_refused_by_line) {
  expect_refused(parse_wcnf, "c\n", "file", "no clauses");
  expect_refused(parse_wcnf, "p wcnf 2 1 5\n5 1 3 0\n", "line 2", "-2 to 2");
  expect_refused(parse_wcnf, "p wcnf 2 1 5\n-1 1 0\n", "line 2", "weight");
  expect_refused(parse_wcnf, "p wcnf 2 1 5\n5 0\n", "line 2", "hard clause");
  expect_refused(parse_wcnf, "p wcnf 2 2 5\n5 1 0\n", "file", "1 of 2");
  expect_refused(parse_wcnf, "p wcnf 2 1 5\n5 1 0\n1 2 0\n", "line 3", "follows the last");
  expect_refused(parse_wcnf, "h 1 2\n", "line 1", "own line");
  expect_refused(parse_wcnf, "h 1 x 0\n", "line 1", "x");
}

}  // namespace swell
