// swell ising on the files that people have: comments, byte order marks, gzip, weights, and what belongs elsewhere.

#include <fmt/format.h>
#include <zlib.h>

#include "cli/program.h"

namespace swell::test {

namespace {

using Json = nlohmann::json;

}  // namespace

class optimisation_files : public Program {
 protected:
  Json answer_of(std::vector<std::string> words) {
    words.insert(words.begin(), "ising");
    for (const char* word : {"--runs", "4", "--sweeps", "300", "--json", "-"}) words.emplace_back(word);
    const Answer answer = swell(words);
    EXPECT_EQ(answer.exit_code, 0) << answer.err;
    return Json::parse(answer.out)["result"];
  }
};

TEST_F(optimisation_files, the_same_graph_however_it_is_written) {
  const std::string plain = "5 6\n1 2\n2 3\n3 4\n4 1\n3 5\n4 5\n";
  std::string dimacs = "c a house\np edge 5 6\n";
  for (const char* edge : {"1 2", "2 3", "3 4", "4 1", "3 5", "4 5"}) dimacs += fmt::format("e {}\n", edge);
  std::string returns = "\xef\xbb\xbf# a house, with comments\n" + plain;
  std::ranges::replace(returns, '\n', '\r');
  for (const std::string& text : {plain, dimacs, returns}) {
    write("house", text);
    EXPECT_EQ(answer_of({"house"})["value"], 5);
  }
  const gzFile zipped = gzopen((folder_ / "house.txt.gz").c_str(), "wb");
  gzwrite(zipped, plain.data(), static_cast<unsigned>(plain.size()));
  gzclose(zipped);
  EXPECT_EQ(answer_of({"house.txt.gz"})["value"], 5);
}

TEST_F(optimisation_files, json_holds_every_reads_solution) {
  write("a.coo", "# vartype=SPIN\n3 3 0.5\n3 8 -1\n8 9 2\n");
  const Json json = answer_of({"a.coo", "--seeds", "3"});
  EXPECT_EQ(json["variables"], Json({3, 8, 9}));
  ASSERT_EQ(json["searches"].size(), 3u);
  for (const Json& search : json["searches"]) {
    EXPECT_EQ(search["solution"], Json({-1, -1, 1}));
    EXPECT_EQ(search["value"], -3.5);
  }
}

TEST_F(optimisation_files, numbers_keep_all_their_digits) {
  write("a.qubo", "p qubo 0 2 2 0\n0 0 -999999.9\n1 1 0.1\n");
  const Answer answer = swell({"ising", "a.qubo", "--runs", "2", "--sweeps", "100"});
  EXPECT_TRUE(contains(answer.out, "best x'Qx: -999999.9 ")) << answer.out;
  write("b.qubo", "p qubo 0 2 2 0\n0 0 -999999999999999\n1 1 -3\n");
  EXPECT_TRUE(contains(swell({"ising", "b.qubo", "--runs", "2", "--sweeps", "100"}).out, "-1000000000000002"));
}

TEST_F(optimisation_files, qubos_of_collections_are_made_small_or_large) {
  write("gka.sparse", "2 3\n1 1 -3\n2 2 -3\n1 2 1\n");
  EXPECT_EQ(answer_of({"gka.sparse"})["value"], -4);
  EXPECT_EQ(answer_of({"gka.sparse", "--sense", "max"})["value"], 0);
  write("bqp.txt", "2\n2 1\n1 1 5\n2 3\n1 1 3\n2 2 3\n1 2 -1\n");
  EXPECT_EQ(answer_of({"bqp.txt", "--instance", "2"})["value"], 4);
  expect_refused(2, {"ising", "bqp.txt"}, {"bqp.txt holds 2 problems", "choose an instance"});
  expect_refused(2, {"ising", "bqp.txt", "--instance", "3"}, {"instance 3", "1 to 2"});
}

TEST_F(optimisation_files, weighted_clauses_are_answered_and_hard_ones_have_to_hold) {
  write("a.wcnf", "p wcnf 3 4 20\n20 1 2 0\n20 -1 -2 0\n5 -1 0\n7 -2 -3 0\n");
  const Json json = answer_of({"a.wcnf"});
  EXPECT_EQ(json["value"], 0);
  EXPECT_EQ(json["violated_hard_clauses"], 0);
  EXPECT_EQ(json["searches"][0]["solution"], Json({-1, 2, -3}));
}

// x1 and not x1, x2 and not x2; the soft clause of x3 can hold and does not make up for it.
TEST_F(optimisation_files, clauses_that_exclude_each_other_have_no_optimum) {
  for (const char* text :
       {"h 1 0\nh -1 0\nh 2 0\nh -2 0\n2 3 0\n", "p wcnf 3 5 9\n9 1 0\n9 -1 0\n9 2 0\n9 -2 0\n2 3 0\n"}) {
    write("never.wcnf", text);
    const Answer answer = swell({"ising", "never.wcnf", "--runs", "2", "--sweeps", "50"});
    EXPECT_EQ(answer.exit_code, 5);
    EXPECT_TRUE(contains(answer.err, "the hard clauses cannot all hold: every answer violates 2 or more"))
        << answer.err;
    EXPECT_TRUE(contains(answer.out, "with 2 hard clauses violated")) << answer.out;
    for (const char* claim : {"optimum", "reached", "gap"})
      EXPECT_EQ(answer.out.find(claim), std::string::npos) << claim << "\n" << answer.out;
  }
  write("never.cnf", "p cnf 1 2\n1 0\n-1 0\n");
  EXPECT_TRUE(contains(swell({"ising", "never.cnf", "--runs", "2", "--sweeps", "50"}).out,
                       "exact optimum (the clauses cannot all hold), by reduction and enumeration: 1, reached: this is "
                       "an optimum"));
}

// Decimal fractions are counted as whole numbers, so a proof is one to the last digit; 1/3 has no end, and there the
// claim has an interval.
TEST_F(optimisation_files, a_proof_is_exact_where_numbers_have_an_end) {
  const auto said_of = [&](const char* weights) {
    write("a.txt", weights);
    return swell({"ising", "a.txt", "--runs", "2", "--sweeps", "50"}).out;
  };
  const std::string dyadic = said_of("4 5\n1 2 0.5\n2 3 0.375\n3 4 1.25\n1 4 0.5\n1 3 -0.0625\n");
  EXPECT_TRUE(contains(dyadic, "enumeration: 2.625, reached: this is an optimum")) << dyadic;
  const std::string decimal = said_of("4 5\n1 2 0.1\n2 3 0.2\n3 4 0.7\n1 4 0.3\n1 3 -0.1\n");
  EXPECT_TRUE(contains(decimal, "enumeration: 1.3, reached: this is an optimum")) << decimal;
  const std::string endless =
      said_of("4 5\n1 2 0.3333333333333333\n2 3 0.2\n3 4 0.7\n1 4 0.14285714285714285\n1 3 -0.1\n");
  EXPECT_TRUE(contains(endless, "reached within the interval of rounding, +- ")) << endless;
}

TEST_F(optimisation_files, foreign_files_are_named) {
  write("a.csv", "from,to,weight\n1,2,3\n");
  expect_refused(3, {"ising", "a.csv"}, {"a.csv looks like a CSV table", "WCNF"});
  write("a.lp", "\\ model\nMaximize\n obj: x\nEnd\n");
  expect_refused(3, {"ising", "a.lp"}, {"a linear program (LP)"});
  write("a.geojson", "{\"type\": \"FeatureCollection\", \"features\": []}");
  expect_refused(3, {"ising", "a.geojson"}, {"GeoJSON"});
  write("a.tsp", "NAME: a\nTYPE: TSP\n");
  expect_refused(3, {"ising", "a.tsp"}, {"swell route"});
  write("a.png", "\x89PNG\r\n\x1a\n....");
  for (const char* command : {"ising", "route"})
    expect_refused(3, {command, "a.png"}, {"a.png looks like a PNG image"});
  write("a.txt", "3 2\n1 2\n2 3\n");
  expect_refused(3, {"route", "a.txt"}, {"a.txt looks like", "swell ising", "TSPLIB"});
  write("b.txt", "Dear all,\nhello\n");
  expect_refused(3, {"route", "b.txt"}, {"text in no format known here"});
  write("a.cnf", "p cnf 1 1\n1 0\n");
  expect_refused(2, {"ising", "a.cnf", "--as", "qubo"}, {"in one way only"});
  expect_refused(2, {"ising", "a.cnf", "--sense", "max"}, {"a sense is for", "max-sat"});
}

}  // namespace swell::test
