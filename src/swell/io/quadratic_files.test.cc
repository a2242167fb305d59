#include "swell/io/quadratic_files.h"

#include <gtest/gtest.h>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"
#include "swell/io/test_refusal.h"

namespace swell {

using test::expect_refused;

TEST(quadratic_files, qubo_has_its_entries_and_mistakes_are_refused) {
  const Qubo qubo = parse_qubo(as_bytes_of("c a comment\np qubo 0 3 1 1\n0 0 -1.5\n0 2 4\n"), "q");
  EXPECT_EQ(qubo.size, 3);
  ASSERT_EQ(qubo.entries.size(), 2u);
  EXPECT_EQ(qubo.entries[1].value, 4);
  expect_refused(parse_qubo, "c\n", "file", "p qubo");
  expect_refused(parse_qubo, "p qubo 0 3 1 1\n0 3 1.000000\n", "line 2", "0 to 2");
  expect_refused(parse_qubo, "p qubo 0 3 0 1\n2 0 1\n", "line 2", "smaller index");
  expect_refused(parse_qubo, "p qubo 0 3 0 2\n0 1 1\n0 1 1\n", "line 3", "line 2 already");
  expect_refused(parse_qubo, "p qubo 0 3 1 1\n0 0 1.000000\n", "file", "promised");
}

TEST(quadratic_files, blanks_and_comments_are_free) {
  const Quadratic qubo = parse_qubo(as_bytes_of("# x\np  qubo \t0   3 1   1\n 0  0 -1.5\nc y\n0 2 4 # z\n"), "q");
  EXPECT_EQ(qubo.size, 3);
  EXPECT_EQ(qubo.entries.size(), 2u);
}

TEST(quadratic_files, or_library_holds_several_problems_to_be_made_large) {
  const std::string text = "2\n2 2\n1 1 5\n1 2 -3\n3 1\n3 2 7\n";
  const auto read = [&](std::optional<int64_t> k) { return parse_or_library(as_bytes_of(text), "b", k); };
  EXPECT_EQ(read(1).entries[1].value, -6);
  EXPECT_EQ(read(2).size, 3);
  EXPECT_EQ(read(2).entries[0].value, 14);
  EXPECT_TRUE(read(2).maximize);
  EXPECT_THROW(read(std::nullopt), InputError);
  EXPECT_THROW(read(3), InputError);
  const auto one = [](std::span<const std::byte> bytes, std::string_view name) {
    return parse_or_library(bytes, name, 2);
  };
  expect_refused(one, "2\n2 1\n1 1 5\n", "file", "before problem 2 of 2");
  expect_refused(one, "2\n2 1\n1 1 5\n2 2\n1 2 1\n", "line 4", "cannot hold");
  expect_refused(one, "2\n2 1\n1 1 5\n2 1\n1 3 1\n", "line 5", "from 1 to 2");
}

TEST(quadratic_files, whole_matrices_add_up_both_halves) {
  const Quadratic qubo = parse_dense_qubo(as_bytes_of("3\n1 2 0\n2 -4 5\n0 5 0\n"), "m");
  ASSERT_EQ(qubo.entries.size(), 4u);
  EXPECT_EQ(qubo.entries[1].value, 4);
  EXPECT_EQ(qubo.entries[3].value, 10);
  expect_refused(parse_dense_qubo, "2\n1 2\n30000\n", "file", "3 of 4 values");
  expect_refused(parse_dense_qubo, "2\n1 2\n3 4 5\n", "line 3", "follows the last");
}

TEST(quadratic_files, coo_adds_up_and_keeps_names_and_its_vartype) {
  const auto read = [](const char* text, std::optional<bool> spins) {
    return parse_coo(as_bytes_of(text), "c", spins);
  };
  const Quadratic model = read("# vartype=SPIN\n5 5 1.0\n9 5 -2\n5 9 -0.5\n2 9 3\n", {});
  EXPECT_TRUE(model.spins);
  EXPECT_EQ(model.labels, (std::vector<std::string>{"2", "5", "9"}));
  ASSERT_EQ(model.entries.size(), 3u);
  EXPECT_EQ(model.entries[2].value, -2.5);  // 5 with 9
  EXPECT_FALSE(read("# vartype=BINARY\n0 1 2\n", {}).spins);
  EXPECT_TRUE(read("0 1 2\n", true).labels.empty());
  EXPECT_TRUE(read("0 1 2\n", true).spins);
  EXPECT_THROW(read("0 1 2\n", {}), InputError);
  EXPECT_THROW(read("# vartype=SPIN\n0 1 2\n", false), InputError);
  EXPECT_THROW(read("# vartype=COLOUR\n0 1 2\n", {}), IoError);
}

}  // namespace swell
