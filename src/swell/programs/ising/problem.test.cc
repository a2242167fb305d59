#include "swell/programs/ising/problem.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "swell/base/errors.h"
#include "swell/io/atomic_file.h"
#include "swell/io/bytes.h"
#include "swell/io/test_folder.h"

namespace swell::ising {

namespace {

using test::TestFolder;

Problem problem_of(const std::string& text, const ReadOptions& options = {}) {
  return parse_problem(as_bytes_of(text), "p", options);
}

ReadOptions as(Kind kind) {
  ReadOptions options;
  options.as = kind;
  return options;
}

// Calls `look` with every state of the p-bits.
template <class Look>
void for_all_states(int64_t units, Look look) {
  std::vector<int8_t> spins(units);
  for (uint64_t state = 0; state < uint64_t{1} << units; ++state) {
    for (int64_t i = 0; i < units; ++i) spins[i] = (state >> i & 1) != 0 ? 1 : -1;
    look(spins);
  }
}

double best_value(const Problem& problem) { return problem.value_of_energy(*enumerate_ground_energy(problem.model)); }

std::string torus(int64_t rows, int64_t columns) {
  std::string text = fmt::format("{} {}\n", rows * columns, 2 * rows * columns);
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < columns; ++c) {
      text += fmt::format("{} {}\n", r * columns + c + 1, r * columns + (c + 1) % columns + 1);
      text += fmt::format("{} {}\n", r * columns + c + 1, (r + 1) % rows * columns + c + 1);
    }
  }
  return text;
}

}  // namespace

// The p-bits' energy gives the value that is counted from the data, in every state.
TEST(problem, energies_are_values_in_every_format) {
  ReadOptions large;
  large.larger = true;
  const Problem problems[] = {
      problem_of("4 4\n1 2 3\n2 3 -1\n3 4 2\n4 1 1\n"),
      problem_of("p qubo 0 3 2 2\n0 0 -2\n2 2 1\n0 1 1\n1 2 -3\n"),
      problem_of("p qubo 0 3 2 2\n0 0 -2\n2 2 1\n0 1 1\n1 2 -3\n", large),
      problem_of("3 4\n1 1 -2\n1 2 1.5\n2 3 -1\n3 3 0.25\n"),
      problem_of("3 4\n1 1 -2\n1 2 1.5\n2 3 -1\n3 3 0.25\n", as(Kind::qubo)),
      problem_of("1\n3 3\n1 1 -2\n1 2 1\n2 3 4\n"),
      problem_of("3\n1 2 0\n2 -4 5\n0 5 0\n"),
      problem_of("# vartype=SPIN\n0 0 1\n0 1 -2\n1 2 0.5\n"),
      problem_of("# vartype=BINARY\n0 0 1\n0 1 -2\n1 2 0.5\n"),
      problem_of(R"({"type": "BinaryQuadraticModel", "use_bytes": false, "variable_labels": ["a", "b"],
                  "variable_type": "BINARY", "offset": -7.5, "linear_biases": [1, -2], "quadratic_biases": [3],
                  "quadratic_head": [0], "quadratic_tail": [1]})"),
      problem_of("%%MatrixMarket matrix coordinate real symmetric\n3 3 3\n1 1 0.5\n2 1 -1\n3 2 2\n"),
      problem_of("%%MatrixMarket matrix coordinate real symmetric\n3 3 3\n1 1 0.5\n2 1 -1\n3 2 2\n", as(Kind::qubo)),
      problem_of("%%MatrixMarket matrix coordinate real general\n2 2 2\n1 2 3\n2 1 -1\n", as(Kind::qubo)),
  };
  for (const Problem& problem : problems) {
    ASSERT_EQ(problem.variables, problem.model.units);
    for_all_states(problem.variables, [&](const std::vector<int8_t>& spins) {
      EXPECT_EQ(problem.value_of_energy(ising_energy(problem.model, spins)), count_value(problem, spins))
          << problem.format;
    });
  }
}

TEST(problem, lists_of_pairs_are_cut_or_have_fields_or_are_qubos) {
  const std::string text = "3 3\n1 1 -2\n1 2 1\n2 3 -1\n";
  EXPECT_EQ(problem_of(text).kind, Kind::ising);
  EXPECT_EQ(best_value(problem_of(text)), -4);  // -(-2)(-1) - 1 - 1
  EXPECT_EQ(problem_of(text, as(Kind::qubo)).kind, Kind::qubo);
  EXPECT_EQ(best_value(problem_of(text, as(Kind::qubo))), -2);
  EXPECT_EQ(problem_of("3 2\n1 2 1\n2 3 -1\n").kind, Kind::max_cut);
  EXPECT_EQ(best_value(problem_of("3 2\n1 2 1\n2 3 -1\n")), 1);
  EXPECT_EQ(best_value(problem_of("3 2\n1 2 1\n2 3 -1\n", as(Kind::ising))), -2);
  EXPECT_THROW(problem_of("3 1\n2 2\n"), IoError);  // a loop without a weight is no field
  const TestFolder folder;
  write_file_atomically(folder / "a.sparse", text);
  EXPECT_EQ(read_problem(folder / "a.sparse").kind, Kind::qubo);
  write_file_atomically(folder / "ising2.5-3_1", text);
  EXPECT_EQ(read_problem(folder / "ising2.5-3_1").name, "ising2.5-3_1");
}

TEST(problem, or_library_is_made_large_unless_asked_otherwise) {
  const std::string text = "2\n1 1\n1 1 9\n2 2\n1 1 -5\n1 2 4\n";
  ReadOptions options;
  options.instance = 2;
  EXPECT_EQ(best_value(problem_of(text, options)), 3);
  options.larger = false;
  EXPECT_EQ(best_value(problem_of(text, options)), -5);
  EXPECT_THROW(problem_of(text), InputError);
  EXPECT_THROW(problem_of("3 1\n1 2\n", options), InputError);
}

// Soft clauses count by weight, hard ones hold; by hand: x1 has to be true, x2 or x3 false costs 3 or 4.
TEST(problem, weighted_clauses_cost_their_weight_and_hard_ones_hold) {
  const Problem problem = problem_of("h 1 0\nh -2 -3 0\n3 2 0\n4 3 0\n7 -1 0\n0 0\n5 0\n");
  EXPECT_EQ(problem.kind, Kind::weighted_max_sat);
  EXPECT_EQ(problem.hard_weight, 20);
  EXPECT_EQ(best_value(problem), 3 + 7 + 5);
  const std::vector<int8_t> good = {1, -1, 1}, bad = {-1, 1, 1};
  EXPECT_EQ(count_value(problem, good), 15);
  EXPECT_EQ(violated_hard_clauses(problem, good), 0);
  EXPECT_EQ(count_value(problem, bad), 2 * 20 + 5);
  EXPECT_EQ(violated_hard_clauses(problem, bad), 2);
  EXPECT_EQ(solution_text(problem, good), "1\n-2\n3\n");
}

TEST(problem, longer_weighted_clauses_cost_once_at_the_best_auxiliaries) {
  const Problem problem = problem_of("p wcnf 4 3 10\n10 1 2 3 4 0\n4 -1 -2 -3 0\n6 -4 0\n");
  ASSERT_GT(problem.model.units, 4);
  for_all_states(4, [&](const std::vector<int8_t>& spins) {
    double least = std::numeric_limits<double>::infinity();
    for_all_states(problem.model.units - 4, [&](const std::vector<int8_t>& more) {
      std::vector<int8_t> all = spins;
      all.insert(all.end(), more.begin(), more.end());
      least = std::min(least, problem.value_of_energy(ising_energy(problem.model, all)));
    });
    EXPECT_EQ(least, count_value(problem, spins));
  });
}

TEST(problem, integers_are_counted_to_the_last_digit) {
  const Problem problem = problem_of("4 3\n1 2 1000000000000000\n2 3 1\n3 4 1\n");
  EXPECT_TRUE(problem.integral);
  const std::vector<int8_t> spins = {1, -1, 1, -1};
  EXPECT_EQ(count_exactly(problem, spins), 1000000000000002);
  EXPECT_EQ(value_text(problem, count_value(problem, spins)), "1000000000000002");
  EXPECT_THROW(problem_of("%%MatrixMarket matrix array real general\n2 2\n0\n5e15\n5e15\n0\n"), InputError);
}

TEST(problem, decimal_fractions_are_counted_without_rounding) {
  const Problem problem = problem_of("4 3\n1 2 0.1\n2 3 0.2\n3 4 0.0625\n");
  EXPECT_EQ(problem.decimals, 4);
  EXPECT_FALSE(problem.integral);
  const std::vector<int8_t> spins = {1, -1, 1, 1};
  EXPECT_EQ(count_exactly(problem, spins), 3000);
  EXPECT_EQ(count_value(problem, spins), 0.3);  // 0.1 + 0.2 is not, in double precision
  EXPECT_EQ(value_text(problem, 0.3), "0.3");
  const Problem third = problem_of("2 1\n1 2 0.33333333333333331\n");
  EXPECT_EQ(value_text(third, 1.0 / 3), "0.3333333333333333");
}

TEST(problem, best_known_cuts_belong_to_the_edges) {
  Problem G48 = problem_of(torus(50, 60));
  G48.name = "anything";
  ASSERT_TRUE(best_known(G48));
  EXPECT_EQ(best_known(G48)->value, 6000);
  G48.graph.edges[7].weight = -1;
  EXPECT_FALSE(best_known(G48));
  Problem other = problem_of(torus(20, 150));
  other.name = "G48";
  EXPECT_FALSE(best_known(other));
}

TEST(problem, variables_keep_their_names) {
  const Problem problem = problem_of(R"({"type": "BinaryQuadraticModel", "variable_labels": ["a", "b c", ["x", 1]],
      "variable_type": "BINARY", "offset": 1, "linear_biases": [1, -2, 0], "quadratic_biases": [],
      "quadratic_head": [], "quadratic_tail": []})");
  const std::vector<int8_t> spins = {1, -1, 1};
  EXPECT_EQ(solution_text(problem, spins), "a 1\n\"b c\" 0\n[\"x\",1] 1\n");
  EXPECT_EQ(count_value(problem, spins), 2);
}

TEST(problem, foreign_files_are_named_for_what_they_are) {
  const std::pair<const char*, const char*> cases[] = {
      {"city,x,y\na,1,2\n", "a CSV table"},
      {R"({"type": "FeatureCollection"})", "GeoJSON"},
      {"Minimize\n x\nSubject To\n", "a linear program (LP)"},
      {"NAME: a\nTYPE: TSP\n", "a TSPLIB file, for swell route"},
      {"\x89PNG\r\n\x1a\n", "a PNG image"},
      {"hello world\n", "text in no format known here"},
      {"", "an empty file"},
  };
  for (const auto& [text, what] : cases) {
    try {
      problem_of(text);
      ADD_FAILURE() << text;
    } catch (const IoError& error) {
      EXPECT_NE(std::string(error.what()).find(fmt::format("p looks like {}", what)), std::string::npos)
          << error.what();
      EXPECT_EQ(std::string(error.what()).find("vertices"), std::string::npos);
    }
  }
}

}  // namespace swell::ising
