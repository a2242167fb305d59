// What the program says about itself, and what it answers to a wrong command line.

#include "cli/program.h"
#include "swell/version.h"

namespace swell::test {

class usage : public Program {};

TEST_F(usage, version_is_printed) {
  const Answer answer = swell({"--version"});
  EXPECT_EQ(answer.exit_code, 0);
  EXPECT_EQ(answer.out, std::string("swell ") + kVersion + "\n");
}

TEST_F(usage, help_names_every_command_and_every_command_has_help) {
  const Answer help = swell({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  for (const std::string command : {"demo", "train", "generate", "inspect", "run", "solve", "inv", "logdet", "lyapunov",
                                    "expm", "gaussian", "data", "bench"}) {
    EXPECT_TRUE(contains(help.out, command));
    const Answer answer = swell({command, "--help"});
    EXPECT_EQ(answer.exit_code, 0) << command;
    for (const char* common : {"--seed", "--threads", "--json", "--quick"}) EXPECT_TRUE(contains(answer.out, common));
  }
}

TEST_F(usage, reference_page_is_the_one_in_the_repository) {
  const Answer answer = swell({"reference"});
  EXPECT_EQ(answer.exit_code, 0);
  EXPECT_EQ(answer.out, text_of(std::filesystem::path(SWELL_SOURCE_DIR) / "docs/commands.md"))
      << "build/release/swell reference > docs/commands.md";
}

TEST_F(usage, wrong_command_lines_are_the_users_mistake) {
  expect_refused(2, {}, {"subcommand"});
  expect_refused(2, {"genrate"}, {"genrate"});
  expect_refused(2, {"generate"}, {"MODEL"});
  expect_refused(2, {"train", "tiny.toml", "-o", "m", "--tolerence", "1e-3"}, {"--tolerence"});
  expect_refused(2, {"train", "tiny.toml", "-o", "m", "--method", "exactly"}, {"--method", "exactly"});
  for (const std::string threads : {"0", "-1", "9999", "two"}) {
    expect_refused(2, {"demo", "--threads", threads}, {"--threads", threads});
  }
  expect_refused(2, {"generate", "model", "-o", "out", "-n", "0"}, {"--samples", "0"});
  expect_refused(2, {"generate", "model", "-o", "out", "-n", "-5"}, {"--samples", "-5"});
  expect_refused(2, {"generate", "model", "-o", "out", "-n", "1e30"}, {"--samples", "1e30"});
  for (const std::string flag : {"--temperature", "--tolerance", "--rate", "--price-mac"}) {
    for (const std::string number : {"nan", "-1", "inf", "1e-3x"})
      expect_refused(2, {"demo", flag, number}, {flag, number});
  }
  expect_refused(2, {"demo", "--temperature", "0"}, {"--temperature", "0 is not a number"});
  expect_refused(2, {"demo", "--samples", "many"}, {"--samples", "many"});
  expect_refused(2, {"demo", "--samples", "0"}, {"--samples", "0"});
  expect_refused(2, {"demo", "--seed", "-1"}, {"--seed", "-1"});
  expect_refused(2, {"demo", "--seed", "99999999999999999999"}, {"--seed", "99999999999999999999"});
  expect_refused(2, {"data", "mnits"}, {"mnits"});
}

}  // namespace swell::test
