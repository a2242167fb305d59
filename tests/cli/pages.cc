// Every command line of README.md and docs/*.md runs as it stands, with --quick, in an empty folder beside examples/
// and designs/. Left out are those marked "(downloads)", "(hours)" or "(your own pictures)", "(ngspice)" where that is
// not installed, and nothing else.

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "cli/program.h"
#include "swell/hardware/spice/simulator.h"
#include "swell/io/datasets.h"

namespace swell::test {

namespace {

const std::filesystem::path kSource = SWELL_SOURCE_DIR;

struct Line {
  std::string command, remark;
};

std::string trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(' '), last = text.find_last_not_of(' ');
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

// Lines of code, indented by four or in a fence, that begin with "swell"; a backslash at the end joins two.
std::vector<Line> command_lines(const std::string& page) {
  std::vector<Line> lines;
  std::istringstream text(page);
  bool fenced = false;
  for (std::string raw; std::getline(text, raw);) {
    if (raw.starts_with("```")) fenced = !fenced;
    if (!fenced && !raw.starts_with("    ")) continue;
    std::string line = trimmed(raw);
    if (!line.starts_with("swell ")) continue;
    for (std::string next; line.ends_with('\\') && std::getline(text, next);) {
      line.pop_back();
      line += trimmed(next);
    }
    const size_t remark = line.find(" #");
    lines.push_back({trimmed(line.substr(0, remark)), remark == std::string::npos ? "" : line.substr(remark)});
  }
  return lines;
}

bool is_left_out(const Line& line) {
  for (const char* mark : {"(downloads)", "(hours)", "(your own pictures)"}) {
    if (line.remark.find(mark) != std::string::npos) return true;
  }
  return line.remark.find("(ngspice)") != std::string::npos && !spice::Simulator::installed();
}

// Some commands are about the program itself and have nothing that could be shortened.
std::string shortened(const std::string& command) {
  for (const char* name : {"swell help", "swell completion", "swell --"}) {
    if (command.starts_with(name)) return command;
  }
  const size_t redirected = std::min(command.find(" > "), command.size());
  return command.substr(0, redirected) + " --quick --threads 2" + command.substr(redirected);
}

// 28 x 28 images of ten classes, a bright square at a place of its own for each.
void write_set(const std::filesystem::path& folder, const Dataset& set) {
  std::filesystem::create_directories(folder);
  for (size_t part = 0; part < 2; ++part) {
    const uint32_t count = part == 0 ? 300 : 60;
    std::string pixels, labels;
    for (uint32_t k = 0; k < count; ++k) {
      const uint32_t label = k % 10, row = 2 + 12 * (label / 5), column = 2 + 5 * (label % 5);
      for (uint32_t y = 0; y < 28; ++y) {
        for (uint32_t x = 0; x < 28; ++x)
          pixels += static_cast<char>(y - row < 10 && x - column < 5 ? 200 + (x * y + k) % 50 : (x + y + k) % 7);
      }
      labels += static_cast<char>(label);
    }
    const auto put = [&](size_t file, const std::string& text) {
      std::ofstream(folder / set.files[file].name, std::ios::binary) << text;
    };
    put(2 * part, idx_text({count, 28, 28}, {pixels.begin(), pixels.end()}));
    put(2 * part + 1, idx_text({count}, {labels.begin(), labels.end()}));
  }
}

}  // namespace

class pages : public Program {
 protected:
  void SetUp() override {
    for (const char* name : {"examples", "designs", "machines", "targets"})
      std::filesystem::create_directory_symlink(kSource / name, folder_ / name);
    std::filesystem::create_directory(folder_ / "bin");
    std::filesystem::create_symlink(SWELL_PROGRAM, folder_ / "bin/swell");
    for (const Dataset& set : known_datasets()) write_set(folder_ / "data/swell" / set.name, set);
  }

  void expect_runs(const std::filesystem::path& page) {
    int ran = 0;
    for (const Line& line : command_lines(text_of(kSource / page))) {
      if (is_left_out(line)) continue;
      const std::string command = shortened(line.command);
      const Answer answer = run("/bin/sh", {"-c",
                                            "PATH=\"$PWD/bin:$PATH\" XDG_DATA_HOME=\"$PWD/data\" HOME=\"$PWD\"; "
                                            "export PATH XDG_DATA_HOME HOME; " +
                                                command});
      EXPECT_EQ(answer.exit_code, 0) << page.string() << ": " << command << "\n" << answer.err;
      ++ran;
    }
    EXPECT_GT(ran, 0) << page;
  }
};

// A page of every kind: the answer stands on top, what can be drawn is drawn, and errors are explained where there are
// any.
TEST_F(pages, reports_begin_with_the_answer_and_show_it) {
  struct Kind {
    std::vector<std::string> command;
    std::string what;  // the answer is
    std::vector<std::string> parts;
  };
  const std::vector<Kind> kinds = {
      {{"ising", "examples/graph.txt", "--seeds", "2"},
       "best cut",
       {"What it is held against", "Each search", "every coupling satisfied"}},
      {{"route", "examples/cities.tsp"}, "length of the tour", {"<svg", "each city once"}},
      {{"route", "examples/town.streets"}, "length of the round", {"<svg", "Street by street", "15 of 15"}},
      {{"solve", "examples/A.mtx", "examples/b.mtx"}, "standard error of the answer", {"&plusmn;", "68 of 100"}},
      {{"inv", "examples/A.mtx"}, "standard error of the answer", {"<svg", "68 of 100"}},
      {{"expm", "examples/A.mtx"}, "standard error of the answer", {"<svg", "68 of 100"}},
      {{"gaussian", "--precision", "examples/P.mtx"}, "standard error of the answer", {"68 of 100"}},
      {{"logdet", "examples/A.mtx"}, "ln det A, by Bennett", {"<svg", "Cholesky", "68 of 100"}}};
  for (const Kind& kind : kinds) {
    std::vector<std::string> command = kind.command;
    command.insert(command.end(), {"--quick", "--threads", "2", "--report", "page.html"});
    const Answer answer = swell(command);
    ASSERT_EQ(answer.exit_code, 0) << answer.err;
    const std::string page = text_of(folder_ / "page.html");
    const size_t what = page.find("<div class=\"what\">" + kind.what), table = page.find("<table");
    EXPECT_LT(what, table) << kind.what;
    for (const std::string& part : kind.parts) EXPECT_TRUE(contains(page, part)) << kind.what << ": " << part;
    EXPECT_EQ(contains(page, "standard error of a over"), contains(page, "&plusmn;")) << kind.what;
  }
}

TEST_F(pages, lines_of_the_readme_run) { expect_runs("README.md"); }
TEST_F(pages, lines_about_linear_algebra_run) { expect_runs("docs/linear.md"); }
TEST_F(pages, lines_about_optimisation_run) { expect_runs("docs/ising.md"); }
TEST_F(pages, lines_about_tours_run) { expect_runs("docs/route.md"); }
TEST_F(pages, lines_about_reports_run) { expect_runs("docs/report.md"); }
TEST_F(pages, lines_about_diagnostics_run) { expect_runs("docs/diagnostics.md"); }
TEST_F(pages, lines_about_random_bits_run) { expect_runs("docs/entropy.md"); }
TEST_F(pages, lines_about_runs_run) { expect_runs("docs/run.md"); }
TEST_F(pages, lines_about_machines_of_stages_run) { expect_runs("docs/scale.md"); }

TEST_F(pages, lines_about_judged_images_run) { expect_runs("docs/judge.md"); }
TEST_F(pages, lines_about_neural_machines_run) { expect_runs("docs/neural.md"); }
TEST_F(pages, lines_about_hardware_run) { expect_runs("docs/hardware.md"); }
TEST_F(pages, lines_of_the_start_run) { expect_runs("docs/start.md"); }
TEST_F(pages, lines_about_long_runs_run) { expect_runs("docs/howto/long_runs.md"); }
TEST_F(pages, lines_about_output_files_run) { expect_runs("docs/howto/output_files.md"); }
TEST_F(pages, lines_about_your_own_pictures_run) { expect_runs("docs/howto/own_pictures.md"); }
TEST_F(pages, examples_of_the_help_run) { expect_runs("docs/commands.md"); }

TEST(pages_list, no_page_with_command_lines_is_forgotten_and_few_lines_are_left_out) {
  std::vector<std::string> with_lines, left_out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kSource / "docs")) {
    if (entry.path().extension() != ".md") continue;
    const std::vector<Line> lines = command_lines(text_of(entry.path()));
    if (!lines.empty()) with_lines.push_back(std::filesystem::relative(entry.path(), kSource / "docs"));
    for (const Line& line : lines) {
      if (is_left_out(line)) left_out.push_back(line.command);
    }
  }
  std::ranges::sort(with_lines);
  EXPECT_EQ(with_lines, (std::vector<std::string>{
                            "commands.md", "diagnostics.md", "entropy.md", "hardware.md", "howto/long_runs.md",
                            "howto/output_files.md", "howto/own_pictures.md", "images.md", "ising.md", "judge.md",
                            "linear.md", "neural.md", "report.md", "route.md", "run.md", "scale.md", "start.md"}));
  for (const std::string& command : left_out)
    EXPECT_TRUE(command.starts_with("swell data ") || contains(command, " --data ") ||
                command.starts_with("swell spice ") || command.starts_with("swell rival "))
        << command;
}

}  // namespace swell::test
