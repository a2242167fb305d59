#include "swell/model/design.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "swell/base/errors.h"

namespace swell {

namespace {

// A small design with one of everything; lines are numbered from 1.
const std::string kGood = R"(name = "small"
kT = 0.5
dt = 0.01
integrator = "leimkuhler-matthews"

[[group]]
name = "seen"
shape = [2, 2]
J2 = 1.0
J4 = 1
pattern = "data"

[[group]]
name = "unseen"
shape = [2]
J2 = -1.0
J3 = 0.5
J4 = 2.0
mobility = 3.0
pattern = "repeat"

[[coupling]]
set = "a"
between = ["seen", "unseen"]
values = [[1, 2], [3, 4], [5, 6], [7, 8]]

[[coupling]]
set = "a"
between = ["unseen", "unseen"]
values = [[0, 9], [9, 0]]

[[bias]]
set = "a"
group = "unseen"
values = [0.25, -0.5]

[[protocol.run]]
name = "warm"
duration = 0.5
drive = { seen = 2.0, unseen = [[0.0, 2.0], [0.75, 0.0]] }
kT = [[0.0, 1.0], [1.0, 0.1]]

[[protocol.run]]
name = "work"
duration = 1.0
couplings = "a"
clamp = ["seen"]
learned = true
)";

// The small design with one piece of its text replaced.
std::string with(std::string_view piece, std::string_view by) {
  std::string text = kGood;
  const size_t at = text.find(piece);
  EXPECT_NE(at, std::string::npos) << piece;
  return text.replace(at, piece.size(), by);
}

std::string refusal(const std::string& text) {
  try {
    parse_design(text, "file.toml");
  } catch (const InputError& error) {
    return error.what();
  }
  ADD_FAILURE() << "accepted:\n" << text;
  return {};
}

}  // namespace

TEST(design, every_part_of_a_design_is_read) {
  const Design design = parse_design(kGood, "file.toml");
  const Computer& computer = design.computer;
  EXPECT_EQ(design.name, "small");
  EXPECT_EQ(design.text, kGood);
  EXPECT_EQ(design.dt, 0.01);
  EXPECT_EQ(computer.kT, 0.5);
  EXPECT_EQ(design.integrator, Integrator::leimkuhler_matthews);
  EXPECT_EQ(design.patterns, (std::vector<PatternMap>{PatternMap::data, PatternMap::repeat}));
  EXPECT_EQ(data_group(design), 0);
  ASSERT_EQ(computer.units(), 6);
  EXPECT_EQ(computer.groups[0].shape, (std::vector<int64_t>{2, 2}));
  EXPECT_EQ(computer.groups[1].first, 4);
  EXPECT_EQ(computer.J2, (std::vector<double>{1, 1, 1, 1, -1, -1}));
  EXPECT_EQ(computer.J3, (std::vector<double>{0, 0, 0, 0, 0.5, 0.5}));
  EXPECT_EQ(computer.J4, (std::vector<double>{1, 1, 1, 1, 2, 2}));
  EXPECT_EQ(computer.mobility, (std::vector<double>{1, 1, 1, 1, 3, 3}));
  ASSERT_EQ(computer.sets.size(), 1u);
  EXPECT_EQ(count_parameters(computer, computer.sets[0]), 8 + 1 + 2);
  EXPECT_EQ(computer.sets[0].bias, (std::vector<double>{0, 0, 0, 0, 0.25, -0.5}));
  const auto J = dense_matrix(computer, computer.sets[0]);
  EXPECT_EQ(J[2 * 6 + 5], 6);
  EXPECT_EQ(J[5 * 6 + 2], 6);
  EXPECT_EQ(J[4 * 6 + 5], 9);
  EXPECT_EQ(J[0 * 6 + 1], 0);
}

TEST(design, another_step_keeps_the_durations_and_must_fit_them) {
  Design design = parse_design(kGood, "file.toml");
  set_step(design, 0.005);
  EXPECT_EQ(design.dt, 0.005);
  EXPECT_EQ(count_steps(find_protocol(design, "run"), design.dt), 300);
  try {
    set_step(design, 0.3);
    ADD_FAILURE();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("file.toml: protocol 'run', segment 'warm'"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("multiple of dt"), std::string::npos);
  }
  EXPECT_EQ(design.dt, 0.005);
  EXPECT_THROW(set_step(design, 0), InputError);
  EXPECT_THROW(set_step(design, -0.005), InputError);
}

TEST(design, protocols_are_read_with_their_schedules) {
  const Design design = parse_design(kGood, "file.toml");
  const Protocol& protocol = find_protocol(design, "run");
  ASSERT_EQ(protocol.segments.size(), 2u);
  const Segment &warm = protocol.segments[0], &work = protocol.segments[1];
  EXPECT_EQ(count_steps(protocol, design.dt), 150);
  EXPECT_EQ(warm.couplings, kNoCouplings);
  EXPECT_EQ(warm.drive[0](0.3), 2.0);
  EXPECT_DOUBLE_EQ(warm.drive[1](0.375), 1.0);
  EXPECT_DOUBLE_EQ(warm.kT(0.5), 0.55);
  EXPECT_EQ(work.couplings, 0);
  EXPECT_TRUE(work.drive[0].is_zero());
  EXPECT_EQ(work.kT(0.5), 0.5);  // the design's own temperature
  EXPECT_EQ(work.clamped, (std::vector<char>{1, 0}));
}

// The published machine: 784 x 512 + 512 x 511 / 2 couplings and 512 biases.
TEST(design, the_published_machine_has_1296_units_and_532736_parameters) {
  const Design design = read_design(std::string(SWELL_SOURCE_DIR) + "/designs/whitelam2026.toml");
  EXPECT_EQ(design.computer.units(), 1296);
  EXPECT_EQ(count_parameters(design.computer, design.computer.sets.at(0)), 532736);
  EXPECT_EQ(design.computer.kT, 0.1);
  EXPECT_EQ(design.dt, 1e-3);
  EXPECT_EQ(count_steps(find_protocol(design, "generation"), design.dt), 5000);
  const Segment& fade = find_protocol(design, "noising").segments.at(1);
  EXPECT_DOUBLE_EQ(fade.drive[0](0.375), 1.0);  // 2 max(0, 1 - t/(0.75 tf)) half-way down
  EXPECT_EQ(fade.drive[1](0.8), 0.0);
}

// What was wrong, the value got, what is allowed, and where.
TEST(design, every_mistake_is_told_with_its_place_and_what_is_allowed) {
  const struct {
    std::string_view piece, by;
    std::vector<std::string> says;
  } cases[] = {
      {"kT = 0.5", "kT = ", {"file.toml:2", "not valid TOML"}},
      {"kT = 0.5", "kt = 0.5", {"file.toml", "'kT' is missing", "finite number"}},
      {"J4 = 1\n",
       "J4 = 1\nmobilty = 2\n",
       {"file.toml:11", "'group[0].mobilty' = 2", "did you mean 'mobility'", "J2"}},
      {"[[bias]]", "[[biases]]", {"file.toml", "'biases'", "not known", "bias"}},
      {"name = \"small\"\n", "", {"'name' is missing", "text"}},
      {"name = \"small\"", "name = 7", {"file.toml:1", "'name' is 7", "text in quotes"}},
      {"dt = 0.01", "dt = -0.01", {"file.toml:3", "'dt' is -0.01", "positive"}},
      {"dt = 0.01", "dt = \"fast\"", {"file.toml:3", "'dt' is", "fast", "finite number"}},
      {"kT = 0.5", "kT = -1", {"file.toml:2", "'kT' is -1", "zero or more"}},
      {"leimkuhler-matthews",
       "leapfrog",
       {"file.toml:4", "'integrator' is 'leapfrog'", "'euler-maruyama', 'leimkuhler-matthews'"}},
      {"name = \"unseen\"", "name = \"seen\"", {"file.toml:14", "second time", "differ"}},
      {"name = \"unseen\"", "name = \"a b\"", {"file.toml:14", "'a b'", "letters, digits"}},
      {"shape = [2, 2]", "shape = []", {"file.toml:8", "'group[0].shape' is []", "whole numbers >= 1"}},
      {"shape = [2, 2]", "shape = [0]", {"file.toml:8", "[ 0 ]", "whole numbers >= 1"}},
      {"shape = [2, 2]", "shape = [2.5]", {"file.toml:8", "2.5", "whole numbers >= 1"}},
      {"shape = [2, 2]", "shape = [100000, 100000]", {"file.toml:8", "at most 1e8"}},
      {"shape = [2, 2]", "shape = [99999999]", {"file.toml:15", "100000001 units", "at most 1e8"}},
      {"J4 = 1\n", "J4 = nan\n", {"file.toml:10", "'group[0].J4' is nan", "finite number"}},
      {"J4 = 1\n", "J4 = inf\n", {"file.toml:10", "inf", "finite number"}},
      {"J4 = 1\n", "J4 = -1\n", {"file.toml", "'seen'", "J4 = -1", "not confined", "J4 > 0"}},
      {"J4 = 2.0", "J4 = 0.0", {"file.toml", "'unseen'", "J2 = -1", "not confined"}},
      {"mobility = 3.0", "mobility = 0", {"file.toml", "'unseen'", "mobility 0", "positive"}},
      {"\"repeat\"",
       "\"repeated\"",
       {"file.toml:20", "'repeated'", "'none', 'zeros', 'ones', 'data', 'repeat', 'label', 'projection'"}},
      {"[\"seen\", \"unseen\"]", "[\"seen\", \"hidden\"]", {"file.toml:24", "'hidden'", "'seen', 'unseen'"}},
      {"[\"seen\", \"unseen\"]", "[\"seen\"]", {"file.toml:24", "between", "list of 2 texts"}},
      {"[\"seen\", \"unseen\"]", "[\"unseen\", \"unseen\"]", {"file.toml:25", "4 x 2", "2 x 2"}},
      {"[[1, 2], [3, 4], [5, 6], [7, 8]]", "[[1, 2], [3, 4]]", {"file.toml:25", "2 x 2", "4 x 2", "'seen' x 'unseen'"}},
      {"[3, 4]", "[3]", {"file.toml:25", "rows of different lengths", "equal length"}},
      {"[3, 4]", "[3, nan]", {"file.toml:25", "nan", "finite"}},
      {"[3, 4]", "[3, \"x\"]", {"file.toml:25", "x", "finite"}},
      {"[[0, 9], [9, 0]]", "[[0, 9], [8, 0]]", {"file.toml", "'unseen'", "not symmetric", "9", "8", "equal"}},
      {"[[0, 9], [9, 0]]", "[[0, 9], [9, 1]]", {"file.toml", "'unseen'", "itself is 1", "diagonal must be 0"}},
      {"set = \"a\"", "set = \"none\"", {"file.toml:23", "'none'", "another name"}},
      {"between = [\"unseen\", \"unseen\"]\nvalues = [[0, 9], [9, 0]]",
       "between = [\"unseen\", \"seen\"]",
       {"file.toml:29", "second time", "once"}},
      {"group = \"unseen\"", "group = \"hidden\"", {"file.toml:34", "'hidden'", "'seen', 'unseen'"}},
      {"[0.25, -0.5]", "[0.25]", {"file.toml:35", "1 values", "2 (the units of 'unseen')"}},
      {"duration = 0.5\n", "", {"file.toml", "duration' is missing", "finite number"}},
      {"duration = 0.5", "duration = 0.505", {"file.toml", "'run'", "'warm'", "0.505", "dt = 0.01", "multiple of dt"}},
      {"duration = 0.5", "duration = -1", {"file.toml", "'run'", "'warm'", "-1", "positive"}},
      {"duration = 0.5", "duration = 1e300", {"file.toml", "'warm'", "multiple of dt"}},
      {"seen = 2.0,", "seeen = 2.0,", {"file.toml:40", "'seeen'", "'seen', 'unseen'"}},
      {"seen = 2.0,", "seen = true,", {"file.toml:40", "true", "finite numbers"}},
      {"[[0.0, 2.0], [0.75, 0.0]]", "[0.0, 2.0]", {"file.toml:40", "knots [[fraction, value], ...]"}},
      {"[[0.0, 2.0], [0.75, 0.0]]", "[[0.0, 2.0, 1.0]]", {"file.toml:40", "knots [[fraction, value], ...]"}},
      {"[[0.0, 2.0], [0.75, 0.0]]",
       "[[0.5, 2.0], [0.25, 0.0]]",
       {"file.toml", "'warm'", "'unseen'", "[0.25, 0]", "ascending from 0 to 1"}},
      {"[[0.0, 2.0], [0.75, 0.0]]", "[[0.0, 2.0], [1.75, 0.0]]", {"'unseen'", "[1.75, 0]", "ascending from 0 to 1"}},
      {"[[0.0, 2.0], [0.75, 0.0]]", "[[-0.5, 2.0]]", {"'unseen'", "[-0.5, 2]", "ascending from 0 to 1"}},
      {"[[0.0, 1.0], [1.0, 0.1]]", "[[0.0, 1.0], [1.0, -0.1]]", {"file.toml", "'warm'", "kT = -0.1", "zero or more"}},
      {"couplings = \"a\"", "couplings = \"b\"", {"file.toml:46", "'b'", "'none', 'a'"}},
      {"clamp = [\"seen\"]", "clamp = [\"scene\"]", {"file.toml:47", "'scene'", "'seen', 'unseen'"}},
      {"clamp = [\"seen\"]", "clamp = 3", {"file.toml:47", "3", "texts"}},
      {"learned = true", "lerned = true", {"file.toml:48", "'protocol.run[1].lerned'", "did you mean 'learned'"}},
  };
  for (const auto& bad : cases) {
    const std::string message = refusal(with(bad.piece, bad.by));
    for (const std::string& part : bad.says)
      EXPECT_NE(message.find(part), std::string::npos) << message << "\nlacks: " << part;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

TEST(design, a_missing_file_protocol_or_data_group_is_told) {
  EXPECT_THROW(read_design("/nowhere/design.toml"), IoError);
  const Design design = parse_design(with("\"data\"", "\"none\""), "file.toml");
  EXPECT_THROW(find_protocol(design, "walk"), InputError);
  EXPECT_THROW(data_group(design), InputError);
}

// Two units coupled beside a million that are not: checking must cost what is stored, not units squared.
TEST(design, a_small_coupling_in_a_large_machine_is_cheap_to_check) {
  const std::string text = R"(name = "large"
kT = 1
dt = 1
group = [{ name = "many", shape = [1000000], J2 = 1 }, { name = "few", shape = [2], J2 = 1 }]
coupling = [{ between = ["few", "few"], values = [[0, 1], [1, 0]] }]
)";
  EXPECT_EQ(parse_design(text, "file.toml").computer.units(), 1000002);
}

namespace {

// A 3 x 4 lattice and two more units, coupled sparsely in one set.
constexpr std::string_view kSparse = R"(name = "sparse"
kT = 1
dt = 0.1
group = [{ name = "grid", shape = [3, 4], J2 = 1 }, { name = "two", shape = [2], J2 = 1 }]
coupling = [
  { between = ["grid", "grid"], lattice = [[0, 1], [1, 0]], periodic = false, value = -0.5 },
  { between = ["grid", "two"], edges = [[11, 1, 0.25], [0, 0, 2]] },
]
)";

}  // namespace

TEST(design, sparse_couplings_are_read_from_lattices_and_edges) {
  const Design design = parse_design(kSparse, "file.toml");
  const Computer& computer = design.computer;
  EXPECT_EQ(count_parameters(computer, computer.sets.at(0)), 3 * 3 + 2 * 4 + 2);
  const auto J = dense_matrix(computer, computer.sets[0]);
  EXPECT_EQ(J[0 * 14 + 1], -0.5);
  EXPECT_EQ(J[4 * 14 + 0], -0.5);
  EXPECT_EQ(J[3 * 14 + 0], 0);  // the lattice ends at its borders
  EXPECT_EQ(J[11 * 14 + 13], 0.25);
  EXPECT_EQ(J[12 * 14 + 0], 2);
}

TEST(design, mistakes_in_sparse_couplings_are_told) {
  const struct {
    std::string_view piece, by;
    std::vector<std::string> says;
  } cases[] = {
      {"[[0, 1], [1, 0]]", "[[0, 1], [0, -1]]", {"file.toml:6", "coupling[0].lattice", "stands twice", "once"}},
      {"[[0, 1], [1, 0]]", "[[0, 0]]", {"file.toml:6", "coupled to itself"}},
      {"[[0, 1], [1, 0]]", "[[0, 9]]", {"file.toml:6", "distance [0, 9]", "[3, 4]"}},
      {"[[0, 1], [1, 0]]", "[[1]]", {"file.toml:6", "2 steps", "'grid'"}},
      {"[[0, 1], [1, 0]]", "[[0, 0.5]]", {"file.toml:6", "0.5", "whole numbers"}},
      {"edges = [[11", "edges = [[12", {"file.toml:7", "units 12 and 1", "0 to 11 and 0 to 1"}},
      {"edges = [[11", "edges = [[1.5", {"file.toml:7", "1.5", "whole numbers"}},
      {"[0, 0, 2]", "[0, 0]", {"file.toml:7", "edges"}},
      {"\"two\"], edges", "\"two\"], lattice", {"file.toml:7", "one group"}},
      {"periodic = false", "periodc = false", {"file.toml:6", "did you mean 'periodic'"}},
  };
  for (const auto& bad : cases) {
    std::string text(kSparse);
    const size_t at = text.find(bad.piece);
    ASSERT_NE(at, std::string::npos) << bad.piece;
    const std::string message = refusal(text.replace(at, bad.piece.size(), bad.by));
    for (const std::string& part : bad.says)
      EXPECT_NE(message.find(part), std::string::npos) << message << "\nlacks: " << part;
  }
}

TEST(design, uniform_patterns_have_names) {
  const auto pattern = [](const std::string& name) {
    return parse_design(
               "name = \"d\"\nkT = 1.0\ndt = 0.1\n[[group]]\nname = \"g\"\nshape = [1]\nJ2 = 1.0\npattern = \"" + name +
                   "\"\n",
               "d.toml")
        .patterns.at(0);
  };
  EXPECT_EQ(pattern("ones"), PatternMap::ones);
  EXPECT_EQ(pattern("zeros"), PatternMap::zeros);
  EXPECT_EQ(pattern("none"), PatternMap::none);
  EXPECT_THROW(pattern("twos"), InputError);
}

}  // namespace swell
