#include "swell/io/graph_files.h"

#include <gtest/gtest.h>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"
#include "swell/io/test_refusal.h"

namespace swell {

using test::expect_refused;

TEST(graph_files, rudy_graph_has_its_edges_with_weights_or_ones) {
  const WeightedGraph graph = parse_rudy(as_bytes_of("3 2\r\n1 3 -2.5\n\n2 3"), "g");
  EXPECT_EQ(graph.vertices, 3);
  ASSERT_EQ(graph.edges.size(), 2u);
  EXPECT_EQ(graph.edges[0].b, 2);
  EXPECT_EQ(graph.edges[0].weight, -2.5);
  EXPECT_EQ(graph.edges[1].weight, 1);
}

TEST(graph_files, broken_graphs_are_refused_by_line) {
  expect_refused(parse_rudy, "", "file", "empty");
  expect_refused(parse_rudy, "3\n1 2\n", "line 1", "vertices edges");
  expect_refused(parse_rudy, "3 1\n1 4 1\n", "line 2", "from 1 to 3");
  expect_refused(parse_rudy, "3 1\n0 1 1\n", "line 2", "from 1 to 3");
  expect_refused(parse_rudy, "3 1\n2 2 1\n", "line 2", "itself");
  expect_refused(parse_rudy, "3 2\n1 2 1\n2 1 1\n", "line 3", "line 2 already");
  expect_refused(parse_rudy, "3 3\n1 2 1\n1 3 1\n", "file", "2 of 3 edges");
  expect_refused(parse_rudy, "3 1\n1 2 1\n1 3 1\n", "line 3", "follows the last");
  expect_refused(parse_rudy, "3 1\n1 2 x\n", "line 2", "x");
  expect_refused(parse_rudy, "3 1\n1 2 nan\n", "line 2", "finite");
  expect_refused(parse_rudy, "3 1\n1 2 1e300\n", "line 2", "overflow");
  expect_refused(parse_rudy, "3 1000000000\n1 2 1\n", "line 1", "cannot hold");
}

TEST(graph_files, comments_and_dimacs_graphs_are_read) {
  for (const char* text :
       {"# a\n3 2\nc b\n1 3 -2.5 # x\n% d\n2 3\n// e\n", "c a\np edge 3 2\nn 1 4\ne 1 3 -2.5\ne 2 3\n",
        "\xef\xbb\xbf"
        "3 2\r1 3 -2.5\r2 3 1\r",
        "p col 3 4\ne 1 3 -2.5\ne 3 1 -2.5\ne 2 3\ne 3 2\n", "p edge 3 2\ne 1 3 -2.5\ne 3 1 -2.5\ne 2 3\ne 3 2\n"}) {
    const WeightedGraph graph = parse_rudy(as_bytes_of(text), "g");
    EXPECT_EQ(graph.vertices, 3);
    ASSERT_EQ(graph.edges.size(), 2u) << text;
    EXPECT_EQ(graph.edges[0].weight, -2.5);
    EXPECT_EQ(graph.edges[1].weight, 1);
  }
  expect_refused(parse_rudy, "p edge 3 2\ne 1 3 1\ne 3 1 2\n", "line 3", "line 2 already");
  expect_refused(parse_rudy, "p edge 3 4\ne 1 3 10000000\n", "file", "1 of 4 edges");
  expect_refused(parse_rudy, "p edge 3 2\ne 1 3\ne 1 3\n", "line 3", "line 2 already");
}

// x'Qx of a symmetric matrix: what is given once off the diagonal counts twice.
TEST(graph_files, symmetric_entries_count_in_both_halves) {
  const auto entries = [](const char* text) { return to_symmetric_qubo(parse_pair_list(as_bytes_of(text), "q"), "q"); };
  for (const char* text : {"2 2\n1 1 -3\n1 2 4\n", "2 2\n1 1 -3\n2 1 4\n", "2 3\n1 1 -3\n2 1 4\n1 2 4\n"}) {
    const Quadratic qubo = entries(text);
    EXPECT_FALSE(qubo.spins || qubo.maximize);
    ASSERT_EQ(qubo.entries.size(), 2u) << text;
    EXPECT_EQ(qubo.entries[0].value, -3);
    EXPECT_EQ(qubo.entries[1].value, 8);
  }
  EXPECT_THROW(entries("2 2\n1 2 4\n2 1 5\n"), IoError);
  EXPECT_THROW(entries("2 2\n1 1 4\n1 1 4\n"), IoError);
}

TEST(graph_files, spins_have_couplings_and_fields) {
  const Quadratic glass = to_spin_glass(parse_pair_list(as_bytes_of("2 2\n2 1 1.5\n2 2 -0.5\n"), "g"), "g");
  EXPECT_TRUE(glass.spins);
  ASSERT_EQ(glass.entries.size(), 2u);
  EXPECT_EQ(glass.entries[0].value, -1.5);
  EXPECT_EQ(glass.entries[1].value, 0.5);
  EXPECT_EQ(glass.entries[1].i, 1);
}

}  // namespace swell
