#include "swell/io/graph_files.h"

#include <gtest/gtest.h>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"

namespace swell {

namespace {

template <class Parse>
void expect_refused(Parse parse, const std::string& text, const std::string& where, const std::string& what) {
  try {
    parse(as_bytes_of(text), "file");
    ADD_FAILURE() << text;
  } catch (const IoError& error) {
    EXPECT_NE(std::string(error.what()).find(where), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find(what), std::string::npos) << error.what();
  }
}

}  // namespace

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

TEST(graph_files, qubo_has_its_entries_and_mistakes_are_refused) {
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

TEST(graph_files, clauses_end_with_zero_and_mistakes_are_refused) {
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

}  // namespace swell
