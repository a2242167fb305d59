// What the program writes over, and what it says about that.

#include "cli/program.h"
#include "swell/io/npy.h"

namespace swell::test {

class outputs : public Program {
 protected:
  outputs() {
    write_tiny();
    write("a.mtx", "%%MatrixMarket matrix array real general\n2 2\n2\n1\n1\n2\n");
    write("b.mtx", "%%MatrixMarket matrix array real general\n2 1\n1\n0\n");
  }
  const std::vector<std::string> run_it_{"run",     "tiny.toml", "--data", "images.idx", "--protocol",
                                         "noising", "-n",        "4",      "-o",         "out"};
};

TEST_F(outputs, results_of_another_command_are_not_replaced_unless_that_is_asked_for) {
  ASSERT_EQ(swell(run_it_).exit_code, 0);
  const std::string before = text_of(folder_ / "out/report.json");
  for (const std::vector<std::string>& other :
       {std::vector<std::string>{"solve", "a.mtx", "b.mtx", "--quick", "-o", "out"},
        {"inv", "a.mtx", "--quick", "-o", "out"},
        {"neural", "neuron", "--quick", "--inputs", "2", "-o", "out"},
        {"demo", "--quick", "-o", "out"}}) {
    expect_refused(2, other, {"out holds the results of an earlier 'swell run'", "--force"});
    EXPECT_EQ(text_of(folder_ / "out/report.json"), before);
  }
  const Answer forced = swell({"solve", "a.mtx", "b.mtx", "--quick", "-o", "out", "--force"});
  EXPECT_EQ(forced.exit_code, 0) << forced.err;
  EXPECT_TRUE(contains(forced.out, "will replace the results of an earlier 'swell run' in out"));
  EXPECT_EQ(nlohmann::json::parse(text_of(folder_ / "out/report.json"))["command"], "solve");
  expect_refused(2, {"inv", "a.mtx", "--quick", "-o", "out"}, {"'swell solve'"});
  expect_refused(2, run_it_, {"'swell solve'"});
}

TEST_F(outputs, results_of_the_same_command_are_replaced_with_a_word) {
  const Answer first = swell(run_it_), second = swell(run_it_);
  EXPECT_EQ(first.out.find("replace"), std::string::npos);
  EXPECT_EQ(second.exit_code, 0);
  EXPECT_TRUE(contains(second.out, "will replace the results of an earlier 'swell run' in out"));
}

TEST_F(outputs, a_report_that_is_not_swells_is_kept) {
  std::filesystem::create_directory(folder_ / "out");
  write("out/report.json", "[1, 2]");
  expect_refused(2, run_it_, {"a report.json that Swell did not write", "--force"});
  EXPECT_EQ(text_of(folder_ / "out/report.json"), "[1, 2]");
}

TEST_F(outputs, a_single_file_is_replaced_with_a_word) {
  const std::vector<std::string> train{"train",  "tiny.toml",    "--data", "images.idx:labels.idx",
                                       "--save", "m.safetensors"};
  EXPECT_EQ(swell(train).out.find("replace"), std::string::npos);
  EXPECT_TRUE(contains(swell(train).out, "will replace the file m.safetensors"));
}

TEST_F(outputs, each_folder_says_what_is_in_it) {
  ASSERT_EQ(swell({"train", "tiny.toml", "--data", "images.idx:labels.idx", "--save", "m.safetensors"}).exit_code, 0);
  const std::vector<std::pair<std::string, std::vector<std::string>>> commands{
      {"run",
       {"run", "tiny.toml", "--data", "images.idx", "--protocol", "noising", "-n", "4", "--snapshots", "20steps",
        "--observe", "10steps"}},
      {"generate", {"generate", "m.safetensors", "-n", "4"}},
      {"solved", {"solve", "a.mtx", "b.mtx", "--quick"}},
      {"drawn", {"gaussian", "--precision", "a.mtx", "--quick", "--format", "npy"}},
      {"neuron", {"neural", "neuron", "--quick", "--inputs", "2", "--kT", "0.1", "--times", "0.1"}}};
  for (auto [folder, words] : commands) {
    words.insert(words.end(), {"-o", folder});
    ASSERT_EQ(swell(words).exit_code, 0) << folder;
    const auto contents = nlohmann::json::parse(text_of(folder_ / (folder + "/contents.json")));
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / folder)) {
      const std::string name = entry.path().filename();
      if (name == "contents.json") continue;
      ASSERT_TRUE(contents["files"].contains(name)) << folder << "/" << name << " is not in cmd/files.cc";
      if (entry.path().extension() != ".npy") continue;
      const NpyArray array = read_npy(entry.path());
      // The axes of an image count as one.
      EXPECT_EQ(contents["files"][name]["axes"].size(),
                array.shape.size() - (name == "samples.npy" && folder == "generate"))
          << name;
      if (contents["files"][name].contains("columns")) {
        EXPECT_EQ(contents["files"][name]["columns"].size(), static_cast<size_t>(array.shape.back())) << name;
      }
    }
    EXPECT_FALSE(contents["files"].empty());
  }
}

TEST_F(outputs, generate_names_only_what_it_wrote) {
  ASSERT_EQ(swell({"train", "tiny.toml", "--data", "images.idx:labels.idx", "--save", "m.safetensors"}).exit_code, 0);
  const Answer without = swell({"generate", "m.safetensors", "-n", "4", "--film", "0", "-o", "still"});
  EXPECT_EQ(without.exit_code, 0) << without.err;
  EXPECT_EQ(without.out.find("movie.gif"), std::string::npos);
  EXPECT_FALSE(exists("still/movie.gif"));
  const Answer with = swell({"generate", "m.safetensors", "-n", "4", "--film", "4", "-o", "moving"});
  EXPECT_TRUE(contains(with.out, "movie.gif"));
  EXPECT_TRUE(exists("moving/movie.gif"));
}

TEST_F(outputs, a_design_for_another_trainer_names_that_one) {
  const std::string designs = std::string(SWELL_SOURCE_DIR) + "/designs/";
  expect_refused(2, {"train", designs + "classifier.toml", "--save", "m"}, {"'swell neural train "});
  expect_refused(2, {"neural", "train", "whitelam2026", "--task", "cos", "--save", "m"}, {"'swell train'"});
}

TEST_F(outputs, a_data_set_that_was_not_fetched_names_the_command_that_fetches_it) {
  ::setenv("XDG_DATA_HOME", folder_.path().c_str(), 1);
  expect_refused(3, {"train", "tiny.toml", "--data", "mnist", "--save", "m"}, {"'swell data mnist'"});
  expect_refused(
      3,
      {"neural", "train", std::string(SWELL_SOURCE_DIR) + "/designs/classifier.toml", "--data", "mnist", "--save", "m"},
      {"'swell data mnist'"});
  ::unsetenv("XDG_DATA_HOME");
}

}  // namespace swell::test
