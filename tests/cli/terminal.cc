// What the program shows where standard error is a terminal: progress that fits, and colour.

#include <pty.h>

#include <algorithm>

#include "cli/program.h"

namespace swell::test {

namespace {

// Everything that the program writes to a terminal of so many columns, both streams.
std::string on_terminal(const std::string& place, const std::vector<std::string>& arguments, int columns,
                        const std::vector<std::pair<std::string, std::string>>& environment = {}) {
  std::vector<std::string> words{SWELL_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  int terminal = -1;
  winsize size{};
  size.ws_row = 24;
  size.ws_col = static_cast<unsigned short>(columns);
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, &size);
  if (child == 0) {
    ::setenv("TERM", "xterm", 1);
    ::unsetenv("NO_COLOR");
    for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
    if (::chdir(place.c_str()) != 0) ::_exit(126);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  std::string text;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::read(terminal, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<size_t>(got));
  ::close(terminal);
  ::waitpid(child, nullptr, 0);
  return text;
}

constexpr const char* kErase = "\r\033[K";

// The texts of the progress line, one after the other.
std::vector<std::string> progress_lines(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t at = text.find(kErase); at != std::string::npos; at = text.find(kErase, at + 1)) {
    const std::string rest = text.substr(at + 4);
    const size_t end = rest.find('\r');
    if (end != std::string::npos && rest.substr(end, 2) != "\r\n") lines.push_back(rest.substr(0, end));
  }
  return lines;
}

std::string hard_graph() {
  std::string edges;
  int count = 0;
  for (int a = 1; a <= 60; ++a)
    for (int b = a + 1; b <= 60; ++b)
      if ((a * 7 + b * 13) % 3 == 0) edges += std::to_string(a) + " " + std::to_string(b) + " 1\n", ++count;
  return "60 " + std::to_string(count) + "\n" + edges;
}

}  // namespace

class terminal : public Program {
 protected:
  terminal() { write("graph.txt", hard_graph()); }
  std::string search(int columns, const std::vector<std::pair<std::string, std::string>>& environment = {}) {
    return on_terminal(folder_.path(), {"ising", "graph.txt", "--budget", "2500ms"}, columns, environment);
  }
};

TEST_F(terminal, progress_fits_every_width_and_its_figure_has_a_name) {
  for (const int columns : {20, 40, 80, 200}) {
    const std::vector<std::string> lines = progress_lines(search(columns));
    EXPECT_GT(lines.size(), 3u) << columns;
    bool named = false;
    for (const std::string& line : lines) {
      EXPECT_LT(static_cast<int>(line.size()), columns) << line;
      named = named || contains(line, "best ");
    }
    EXPECT_TRUE(named || columns < 40);
  }
}

TEST_F(terminal, the_progress_line_is_gone_before_the_result_is_printed) {
  const std::string text = search(80);
  const size_t result = text.find("best cut");
  ASSERT_NE(result, std::string::npos) << text;
  const size_t erased = text.rfind(kErase, result);
  ASSERT_NE(erased, std::string::npos);
  EXPECT_EQ(text.substr(erased + 4, result - erased - 4).find_first_not_of(" \r\n"), std::string::npos)
      << text.substr(erased + 4, result - erased - 4);
}

TEST_F(terminal, nothing_moves_where_there_is_no_terminal) {
  const Answer answer = swell({"ising", "graph.txt", "--budget", "1500ms"});
  EXPECT_EQ((answer.out + answer.err).find('\r'), std::string::npos);
  EXPECT_EQ((answer.out + answer.err).find('\033'), std::string::npos);
  EXPECT_EQ(progress_lines(search(80, {{"TERM", "dumb"}})).size(), 0u);
}

TEST_F(terminal, colour_is_for_terminals_and_can_be_refused) {
  const std::vector<std::string> wrong{"ising", "graph.txt", "--tiem"};
  EXPECT_TRUE(contains(on_terminal(folder_.path(), wrong, 80), "\033[1;31mswell:"));
  EXPECT_EQ(on_terminal(folder_.path(), wrong, 80, {{"NO_COLOR", "1"}}).find('\033'), std::string::npos);
  EXPECT_EQ(on_terminal(folder_.path(), wrong, 80, {{"TERM", "dumb"}}).find('\033'), std::string::npos);
  EXPECT_TRUE(contains(on_terminal(folder_.path(), {"help", "ising"}, 80), "\033[1mOptions:"));
}

TEST_F(terminal, help_is_wrapped_to_the_terminal) {
  for (const int columns : {60, 90}) {
    std::istringstream help(on_terminal(folder_.path(), {"help", "solve"}, columns, {{"NO_COLOR", "1"}}));
    bool options = true;
    for (std::string line; std::getline(help, line);) {
      options = options && !contains(line, "Examples:");  // lines to copy are not broken
      if (options) {
        EXPECT_LE(static_cast<int>(line.size()), columns + 1) << line;
      }
    }
  }
}

}  // namespace swell::test
