// One name of an option means one thing in every command.

#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "cli/program.h"

namespace swell::test {

namespace {

// Names that commands word differently: the kind of their value, in how many wordings, and the one idea behind them.
// Another wording, or one less, is to be looked at before it goes in here.
struct OneIdea {
  const char *name, *kind;
  size_t wordings;
  const char* idea;
};
constexpr OneIdea kOneIdea[] = {
    {"--arithmetic", "choice", 2, "of the sides of large products"},
    {"--bits", "N", 2, "to which couplings are rounded"},
    {"--budget", "TIME", 6, "of this computer, after which a search, a sampler or a training ends"},
    {"--chip", "FILE", 2, "the faults that chips have"},
    {"--chip-seed", "N", 2, "of the faults of one chip"},
    {"--chips", "N", 2, "over which an error is taken"},
    {"--couplings", "NAME", 2, "the coupling set, where there are several"},
    {"--data", "IMAGES", 4, "images by their file or the name of a fetched set"},
    {"--dt", "X", 3, "step of the simulation"},
    {"--isa", "NAME", 2, "instruction set of the kernels"},
    {"--kT", "X", 4, "temperature of the units, in their energies"},
    {"--label", "N", 2, "classes to make"},
    {"--method", "choice", 3, "by which the answer is found"},
    {"--output", "FOLDER", 9, "for all that the command writes"},
    {"--price-flip", "X", 2, "of one flip of a p-bit, J"},
    {"--rate", "X", 3, "of learning"},
    {"--rows", "N", 2, "examples in an update"},
    {"--runs", "N", 2, "of a search, in place of --budget"},
    {"--samples", "N", 7, "how many independent states, images or runs"},
    {"--save", "FILE", 8, "the one file that the command writes"},
    {"--target", "X", 2, "value at which a search stops; exit code 5 where it is not reached"},
    {"--temperature", "X", 2, "of the device, K"},
    {"--tolerance", "X", 3, "relative error to come down to; exit code 5 where it is missed"},
    {"--updates", "N", 3, "of a training"},
    {"-n", "N", 9, "how many of what the command makes or takes"},
    {"-o", "FOLDER", 9, "for all that the command writes"},
};

struct Use {
  std::set<std::string> kinds, wordings, commands;
};

// What the reference page says of the value: N, X, FILE, ...; choices are one kind, and a list is of the kind of its
// entries.
std::string kind_of(std::string value) {
  if (value.find('|') != std::string::npos) return "choice";
  return value.ends_with(",...") ? value.substr(0, value.size() - 4) : value;
}

}  // namespace

class options : public Program {
 protected:
  void SetUp() override {
    static const std::regex row(R"(^\| `(-[^` ]+)( [^`]+)?` \| (.*) \| .* \|$)");
    std::istringstream page(swell({"reference"}).out);
    std::string command;
    for (std::string line; std::getline(page, line);) {
      if (line.starts_with("## ")) command = line.substr(3);
      std::smatch part;
      if (!std::regex_match(line, part, row)) continue;
      const std::string kind = kind_of(part[2].length() > 0 ? part[2].str().substr(1) : "");
      std::istringstream names(part[1]);
      for (std::string name; std::getline(names, name, ',');) {
        Use& use = uses_[name];
        use.kinds.insert(kind);
        use.wordings.insert(std::regex_replace(part[3].str(), std::regex(R"( \(required\)$)"), ""));
        use.commands.insert(command);
      }
    }
    ASSERT_GT(uses_.size(), 100u);
  }

  std::map<std::string, Use> uses_;
};

TEST_F(options, a_name_stands_for_one_kind_of_value) {
  for (const auto& [name, use] : uses_) EXPECT_EQ(use.kinds.size(), 1u) << name << testing::PrintToString(use.kinds);
}

TEST_F(options, a_name_that_is_worded_differently_has_one_idea_behind_it) {
  std::map<std::string, OneIdea> known;
  for (const OneIdea& each : kOneIdea) known[each.name] = each;
  for (const auto& [name, use] : uses_) {
    const auto found = known.find(name);
    const size_t wordings = found == known.end() ? 1 : found->second.wordings;
    EXPECT_EQ(use.wordings.size(), wordings) << name << testing::PrintToString(use.commands);
    if (found != known.end()) {
      EXPECT_EQ(*use.kinds.begin(), found->second.kind) << name;
    }
  }
  for (const OneIdea& each : kOneIdea) EXPECT_TRUE(uses_.contains(each.name)) << each.name;
}

TEST_F(options, results_go_to_a_folder_by_one_name_and_to_a_file_by_another) {
  EXPECT_EQ(uses_["-o"].commands, uses_["--output"].commands);
  for (const std::string& command : uses_["--save"].commands) EXPECT_FALSE(uses_["-o"].commands.contains(command));
}

// The table of names that options once had: as typed then, and whether what was meant then is what is done now.
TEST_F(options, command_lines_of_before_go_on) {
  write("a.mtx", "%%MatrixMarket matrix array real general\n2 2\n2\n1\n1\n2\n");
  write("mutual.mtx", "%%MatrixMarket matrix array real general\n2 2\n2\n-1\n-1\n2\n");
  write("chip.toml", text_of(std::string(SWELL_SOURCE_DIR) + "/targets/spu8.toml"));
  write("graph.txt", "4 4\n1 2 1\n2 3 1\n3 4 1\n1 4 1\n");
  write("square.tsp",
        "NAME: square\nTYPE: TSP\nDIMENSION: 4\nEDGE_WEIGHT_TYPE: EUC_2D\nNODE_COORD_SECTION\n1 0 0\n2 0 9\n3 9 9\n"
        "4 9 0\nEOF\n");
  const auto works = [&](const std::vector<std::string>& words, const std::string& sentence, const std::string& file) {
    const Answer answer = swell(words);
    EXPECT_EQ(answer.exit_code, 0) << words[0] << ": " << answer.err;
    EXPECT_TRUE(contains(answer.err, sentence));
    EXPECT_TRUE(file.empty() || exists(file)) << words[0];
  };
  works({"entropy", "record", "os", "-n", "1000", "-o", "os.tape"},
        "-o of 'swell entropy record' is now called --save; the old name still works", "os.tape");
  EXPECT_GE(std::filesystem::file_size(folder_ / "os.tape"), 1000u);
  works({"entropy", "record", "os", "--samples", "900", "--bits", "8", "--device", "none", "--output=b.tape"},
        "--bits of 'swell entropy record' is now called --symbol-bits", "b.tape");
  works({"compile", "mutual.mtx", "--target", "chip.toml", "-oheld.mtx"},
        "--target of 'swell compile' is now called --onto", "held.mtx");
  works({"solve", "a.mtx", "a.mtx", "--tol", "0.2", "--noise", "1e-13", "--quick"},
        "--tol of 'swell solve' is now called --tolerance", "");
  works({"ising", "graph.txt", "--as", "max-cut", "--time=100ms"}, "--time of 'swell ising' is now called --budget",
        "");
  works({"route", "square.tsp", "--time", "100ms"}, "--time of 'swell route' is now called --budget", "");
  // -o of commands that write a folder stays what it is.
  works({"solve", "a.mtx", "a.mtx", "--quick", "-o", "folder"}, "", "folder/answer.mtx");
}

TEST_F(options, the_price_of_a_flip_is_refused_where_nothing_flips) {
  write("square.tsp",
        "NAME: square\nTYPE: TSP\nDIMENSION: 4\nEDGE_WEIGHT_TYPE: EUC_2D\nNODE_COORD_SECTION\n1 0 0\n2 0 9\n3 9 9\n"
        "4 9 0\nEOF\n");
  expect_refused(2, {"route", "square.tsp", "--runs", "1", "--price-flip", "1e-9"},
                 {"--price-flip", "--encoding penalty"});
  expect_refused(2, {"route", std::string(SWELL_SOURCE_DIR) + "/examples/town.streets", "--price-flip", "1e-9"},
                 {"--price-flip"});
  EXPECT_EQ(swell({"route", "square.tsp", "--runs", "1", "--encoding", "penalty", "--price-flip", "1e-9"}).exit_code,
            0);
}

}  // namespace swell::test
