// What the program says about itself, and what it answers to a wrong command line.

#include <sstream>

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

TEST_F(usage, page_of_output_files_is_the_one_in_the_repository) {
  EXPECT_EQ(swell({"reference", "--files"}).out, text_of(std::filesystem::path(SWELL_SOURCE_DIR) / "docs/files.md"))
      << "build/release/swell reference --files > docs/files.md";
}

TEST_F(usage, wrong_command_lines_are_the_users_mistake) {
  expect_refused(2, {}, {"a command is needed", "solve"});
  expect_refused(2, {"neural"}, {"a command is needed", "neuron"});
  expect_refused(2, {"generate"}, {"MODEL"});
  expect_refused(2, {"train", "tiny.toml", "--save", "m", "--tolerence", "1e-3"}, {"--tolerence"});
  expect_refused(2, {"train", "tiny.toml", "--save", "m", "--method", "exactly"}, {"--method", "exactly"});
  for (const std::string threads : {"0", "-1", "9999", "two"}) {
    expect_refused(2, {"demo", "--threads", threads}, {"--threads", threads});
  }
  expect_refused(2, {"generate", "model", "-o", "out", "-n", "0"}, {"--samples", "0"});
  expect_refused(2, {"generate", "model", "-o", "out", "-n", "-5"}, {"--samples", "-5"});
  expect_refused(2, {"generate", "model", "-o", "out", "-n", "1e30"}, {"--samples", "1e30"});
  for (const std::string flag : {"--temperature", "--tolerance", "--rate", "--price-mac", "--time-unit"}) {
    for (const std::string number : {"nan", "-1", "inf", "1e-3x"})
      expect_refused(2, {"demo", flag, number}, {flag, number});
  }
  expect_refused(2, {"demo", "--temperature", "0"}, {"--temperature", "0 is not a number"});
  expect_refused(2, {"demo", "--samples", "many"}, {"--samples", "many"});
  expect_refused(2, {"demo", "--samples", "0"}, {"--samples", "0"});
  expect_refused(2, {"demo", "--seed", "-1"}, {"--seed", "-1"});
  expect_refused(2, {"demo", "--seed", "99999999999999999999"}, {"--seed", "99999999999999999999"});
  expect_refused(2, {"data", "mnits"}, {"mnits"});
  expect_refused(2, {"solve", "a.mtx", "b.mtx", "c.mtx"}, {"'c.mtx' is one word too many"});
  expect_refused(2, {"solve", "a.mtx", "b.mtx", "--json", "--seed", "3"}, {"--json: a value is missing", "'--seed'"});
  expect_refused(2, {"ising", "ring.ising", "--json", "-q"}, {"--json: a value is missing", "'-q'"});
}

TEST_F(usage, typing_errors_are_named_with_what_was_meant_before_anything_is_required) {
  expect_refused(2, {"genrate"}, {"'genrate'", "'generate'"});
  expect_refused(2, {"solv"}, {"'solv'", "'solve'"});
  expect_refused(2, {"neural", "trian"}, {"'trian'", "'train'"});
  expect_refused(2, {"help", "nerual"}, {"'nerual'", "'neural'"});
  for (const std::vector<std::string>& words : {std::vector<std::string>{"solve", "--ouput", "x"},
                                                {"generate", "model", "--ouput", "x"},
                                                {"generate", "model", "--ouput=x"},
                                                {"neural", "test", "m.safetensors", "--ouput", "x"}}) {
    expect_refused(2, words, {"'--ouput' is not an option", "'--output'"});
    EXPECT_EQ(swell(words).err.find("needs"), std::string::npos);
  }
  expect_refused(2, {"ising", "graph.txt", "--budgte", "3s"}, {"'--budgte'", "'--budget'"});
  expect_refused(2, {"ising", "graph.txt", "--xyzzy"}, {"'--xyzzy'", "'swell ising --help'"});
  // Two of four letters are another word, not a slip: --vans is not --runs.
  for (const char* other : {"--xyzzy", "--vans"})
    EXPECT_EQ(swell({"ising", "graph.txt", other}).err.find("did you mean"), std::string::npos) << other;
}

TEST_F(usage, counts_are_taken_in_every_spelling_by_every_option_that_has_whole_numbers) {
  write("graph.txt", "4 4\n1 2 1\n2 3 1\n3 4 1\n1 4 1\n");
  write_tiny();
  for (const std::string count : {"10", "1e1", "1_0", "0.01k", "1.0e1"}) {
    const Answer answer = swell(
        {"run", "tiny.toml", "--data", "images.idx", "--protocol", "noising", "-n", count, "-o", "out", "--json", "-"});
    EXPECT_EQ(answer.exit_code, 0) << answer.err;
    EXPECT_EQ(nlohmann::json::parse(answer.out)["result"]["trajectories"], 10) << count;
  }
  EXPECT_EQ(swell({"run", "tiny.toml", "--data", "images.idx", "--protocol", "noising", "-n", "1e1", "--seed", "1e3",
                   "-o", "out"})
                .exit_code,
            0);
  EXPECT_EQ(nlohmann::json::parse(text_of(folder_ / "out/report.json"))["seed"], 1000);
  expect_refused(2, {"ising", "graph.txt", "--runs", "1.5"}, {"--runs", "'1.5' is not a whole number"});
  expect_refused(2, {"ising", "graph.txt", "--runs", "1e30"}, {"--runs", "'1e30' is too large"});
  expect_refused(2, {"ising", "graph.txt", "--runs", "0"}, {"--runs is 0; from 1 to"});
  expect_refused(2, {"ising", "graph.txt", "--target", "nan"}, {"--target", "nan is not a number"});
}

TEST_F(usage, times_have_one_syntax_with_units) {
  write("graph.txt", "4 4\n1 2 1\n2 3 1\n3 4 1\n1 4 1\n");
  for (const std::string time : {"0.5", "500ms", "0.5s"}) {
    const Answer answer = swell({"ising", "graph.txt", "--budget", time, "--json", "-"});
    EXPECT_EQ(answer.exit_code, 0) << answer.err;
    EXPECT_EQ(nlohmann::json::parse(answer.out)["inputs"]["budget"], 0.5) << time;
  }
  write("a.mtx", "%%MatrixMarket matrix array real general\n2 2\n2\n1\n1\n2\n");
  write("b.mtx", "%%MatrixMarket matrix array real general\n2 1\n1\n0\n");
  const auto device_time = [&](const std::string& unit) {
    const Answer answer = swell({"solve", "a.mtx", "b.mtx", "--quick", "--time-unit", unit, "--json", "-"});
    EXPECT_EQ(answer.exit_code, 0) << answer.err;
    return nlohmann::json::parse(answer.out)["bill"]["device"]["time_s"].get<double>();
  };
  EXPECT_DOUBLE_EQ(device_time("10ns"), device_time("1e-8"));
  EXPECT_DOUBLE_EQ(device_time("2us"), device_time("2e-6"));
  // It meant samples here and seconds elsewhere.
  expect_refused(2, {"solve", "a.mtx", "b.mtx", "--budget", "60"}, {"--budget 60 has no unit", "--most-samples"});
  for (const std::string command : {"ising", "route"})
    expect_refused(2, {command, "graph.txt", "--budget", "-1s"}, {"--budget", "'-1s' is not a time"});
}

TEST_F(usage, names_that_options_once_had_still_work_and_say_so) {
  write("a.mtx", "%%MatrixMarket matrix array real general\n2 2\n2\n1\n1\n2\n");
  const Answer now = swell({"expm", "a.mtx", "--quick", "--t", "0.5", "--json", "-"});
  const Answer once = swell({"expm", "a.mtx", "--quick", "--time", "0.5", "--json", "-"});
  EXPECT_EQ(once.exit_code, 0) << once.err;
  EXPECT_TRUE(contains(once.err, "--time of 'swell expm' is now called --t"));
  EXPECT_EQ(nlohmann::json::parse(now.out)["result"]["answer"]["value"],
            nlohmann::json::parse(once.out)["result"]["answer"]["value"]);
  const Answer neuron = swell({"neural", "neuron", "--from", "-1", "--to=1", "--inputs", "3", "--quick"});
  EXPECT_EQ(neuron.exit_code, 0) << neuron.err;
  EXPECT_TRUE(contains(neuron.err, "--lowest"));
  EXPECT_TRUE(contains(neuron.err, "--highest"));
}

TEST_F(usage, a_run_without_a_protocol_lists_them) {
  write_tiny();
  expect_refused(2, {"run", "tiny.toml", "-o", "out"}, {"--protocol", "tiny.toml has", "noising"});
  expect_refused(2, {"run", "tiny.toml"}, {"--protocol", "tiny.toml has", "noising"});
  expect_refused(2, {"run", "tiny.toml", "--protocol", "noising"}, {"'swell run' needs -o FOLDER"});
  EXPECT_FALSE(exists("out"));
}

TEST_F(usage, quiet_prints_nothing_and_writes_everything) {
  write_tiny();
  const Answer answer =
      swell({"run", "tiny.toml", "--data", "images.idx", "--protocol", "noising", "-n", "4", "-o", "out", "--quiet"});
  EXPECT_EQ(answer.exit_code, 0);
  EXPECT_EQ(answer.out + answer.err, "");
  EXPECT_TRUE(exists("out/report.json"));
}

TEST_F(usage, help_is_the_same_by_each_way_and_has_examples) {
  EXPECT_EQ(swell({"help"}).out, swell({"--help"}).out);
  for (const std::vector<std::string>& words : {std::vector<std::string>{"ising"}, {"neural", "train"}, {"neural"}}) {
    std::vector<std::string> behind = words, before = words;
    behind.push_back("--help");
    before.insert(before.begin(), "help");
    EXPECT_EQ(swell(behind).out, swell(before).out);
  }
  for (const std::vector<std::string>& words : {std::vector<std::string>{"demo"},
                                                {"train"},
                                                {"generate"},
                                                {"run"},
                                                {"inspect"},
                                                {"solve"},
                                                {"inv"},
                                                {"logdet"},
                                                {"lyapunov"},
                                                {"expm"},
                                                {"gaussian"},
                                                {"ising"},
                                                {"route"},
                                                {"data"},
                                                {"bench"},
                                                {"neural", "neuron"},
                                                {"neural", "train"},
                                                {"neural", "test"},
                                                {"neural", "compare"}}) {
    std::vector<std::string> help = words;
    help.insert(help.begin(), "help");
    const std::string text = swell(help).out;
    std::string name = "swell";
    for (const std::string& word : words) name += " " + word;
    EXPECT_TRUE(contains(text, "Examples:\n  " + name)) << name;
    EXPECT_TRUE(contains(text, "--quiet"));
    EXPECT_EQ(text.find("\033"), std::string::npos) << "colour where there is no terminal";
  }
}

TEST_F(usage, completion_offers_commands_options_and_choices) {
  const Answer bash = swell({"completion", "bash"});
  ASSERT_EQ(bash.exit_code, 0);
  write("swell.bash", bash.out);
  write("ask.bash",
        "source ./swell.bash\n"
        "ask() { COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _swell; echo \" ${COMPREPLY[*]} \"; }\n"
        "ask swell ''; ask swell so; ask swell neural ''; ask swell solve --dev; ask swell solve --device ''\n"
        "ask swell neural train --meth; ask swell help ''\n");
  const Answer asked = run("/bin/bash", {"ask.bash"});
  EXPECT_EQ(asked.err, "");
  std::istringstream lines(asked.out);
  std::vector<std::string> answers;
  for (std::string line; std::getline(lines, line);) answers.push_back(line);
  ASSERT_EQ(answers.size(), 7u);
  EXPECT_TRUE(contains(answers[0], " demo ") && contains(answers[0], " route "));
  EXPECT_EQ(answers[1], " solve ");
  EXPECT_EQ(answers[2], " neuron train test compare ");
  EXPECT_EQ(answers[3], " --device ");
  EXPECT_EQ(answers[4], " overdamped exact spu ");
  EXPECT_EQ(answers[5], " --method ");
  EXPECT_TRUE(contains(answers[6], " ising "));
  for (const std::string shell : {"zsh", "fish"}) {
    const Answer other = swell({"completion", shell});
    EXPECT_EQ(other.exit_code, 0);
    for (const char* word : {"solve", "device", "overdamped", "most-samples"}) EXPECT_TRUE(contains(other.out, word));
  }
  expect_refused(2, {"completion", "csh"}, {"csh", "bash, zsh, fish"});
}

TEST_F(usage, the_manual_page_has_every_command_and_option_of_the_reference) {
  const std::string manual = swell({"manual"}).out;
  EXPECT_EQ(manual.rfind(".TH SWELL 1", 0), 0u);
  for (const char* text : {".SS swell neural train", "\\-\\-most\\-samples", "\\-\\-quiet", ".SH EXIT STATUS"})
    EXPECT_TRUE(contains(manual, text)) << text;
}

}  // namespace swell::test
