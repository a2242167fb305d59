// Files that are missing, broken, of the wrong kind, or cannot be written: one sentence, the exit code, nothing left.

#include <sys/stat.h>

#include "cli/program.h"
#include "swell/io/npy.h"
#include "swell/io/png.h"
#include "swell/learn/trained.h"

namespace swell::test {

namespace {

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

}  // namespace

class files : public Program {
 protected:
  void train_tiny() {
    write_tiny(20);
    const Answer answer = swell({"train", "tiny.toml", "--data", "images.idx:labels.idx", "--save", "model"});
    ASSERT_EQ(answer.exit_code, 0) << answer.err;
  }
};

TEST_F(files, models_that_are_missing_or_broken_are_refused) {
  train_tiny();
  expect_refused(3, {"generate", "nowhere.safetensors", "-o", "out"}, {"nowhere.safetensors"});
  expect_refused(3, {"inspect", "nowhere.safetensors"}, {"nowhere.safetensors"});
  const std::string model = text_of(folder_ / "model");
  write("cut", model.substr(0, model.size() - 7));
  expect_refused(3, {"generate", "cut", "-o", "out"}, {"cut"});
  write("text", "Dear machine, please generate.\n");
  expect_refused(3, {"generate", "text", "-o", "out"}, {"text"});
  write("empty", "");
  expect_refused(3, {"generate", "empty", "-o", "out"}, {"empty"});
  expect_refused(3, {"generate", ".", "-o", "out"}, {"."});
  expect_refused(3, {"generate", "images.idx", "-o", "out"}, {"images.idx"});
  EXPECT_FALSE(exists("out"));
}

TEST_F(files, models_of_another_kind_are_named) {
  train_tiny();
  write_png(folder_ / "grid.png", {1, 1, 1, {7}});
  for (const std::string command : {"generate", "inspect", "run"}) {
    std::vector<std::string> words{command, "grid.png"};
    if (command != "inspect") words.insert(words.end(), {"-o", "out"});
    if (command == "run") words.insert(words.end(), {"--protocol", "generation"});
    expect_refused(3, words, {"grid.png: not a safetensors file (it starts like a PNG image)"});
  }
  expect_refused(3, {"generate", "tiny.toml", "-o", "out"}, {"not a safetensors file (it is text that begins with"});
  const std::string classifier = std::string(SWELL_SOURCE_DIR) + "/designs/classifier.toml";
  expect_refused(2, {"train", classifier, "--save", "m"}, {"'swell neural train"});
  expect_refused(2, {"neural", "test", "model", "--data", "images.idx:labels.idx"}, {"'swell generate'"});
}

// A pipe whose writer is silent holds up every reader; Ctrl-C ends each of them.
TEST_F(files, an_interrupt_ends_the_wait_for_a_silent_pipe) {
  write_tiny();
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  const int writer = ::open((folder_ / "pipe").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(writer, 0);
  using Words = std::vector<std::string>;
  for (const Words& words : {Words{"ising", "pipe"},
                             {"route", "pipe"},
                             {"solve", "pipe", "pipe"},
                             {"inspect", "pipe"},
                             {"generate", "pipe", "-o", "out"},
                             {"train", "tiny.toml", "--data", "pipe", "--save", "m"},
                             {"spice", "pipe", "-o", "out"},
                             {"circuit", "pipe"},
                             {"judge", "pipe"}}) {
    const Answer answer = swell(words, {-1, interrupt_after(std::chrono::milliseconds(300))});
    EXPECT_EQ(answer.exit_code, 130) << words[0] << ": " << answer.err;
    EXPECT_TRUE(contains(answer.err, "interrupted")) << words[0] << ": " << answer.err;
  }
  ::close(writer);
}

// One's own pictures in each form give the machine that the IDX file gives.
TEST_F(files, pictures_are_learned_from_every_form) {
  write_tiny(20);
  const std::vector<uint8_t> pixels = tiny_pixels();
  std::vector<double> numbers(pixels.begin(), pixels.end());
  std::string table;
  for (int k = 0; k < 2; ++k) {
    std::filesystem::create_directories(folder_ / ("classes/" + std::to_string(k == 0 ? 4 : 9)));
    std::filesystem::create_directories(folder_ / "flat");
    const Image image{4, 4, 1, {pixels.begin() + 16 * k, pixels.begin() + 16 * (k + 1)}};
    write_png(folder_ / (k == 0 ? "classes/4/a.png" : "classes/9/b.png"), image);
    write_png(folder_ / (k == 0 ? "flat/9.png" : "flat/10.png"), image);
    table += k == 0 ? "4" : "9";
    for (int p = 0; p < 16; ++p) table += "," + std::to_string(pixels[16 * k + p]);
    table += "\n";
  }
  write("images.csv", "\xef\xbb\xbf" + table);
  write("labels.csv", "label\n4\n9\n");
  write_npy(folder_ / "images.npy", std::vector<int64_t>{2, 4, 4}, numbers);
  const auto images = encode_npy(std::vector<int64_t>{2, 4, 4}, numbers),
             labels = encode_npy(std::vector<int64_t>{2}, std::vector<double>{4, 9});
  write_file_atomically(folder_ / "set.npz", stored_zip({{"x_train.npy", images}, {"y_train.npy", labels}}));
  for (const std::string data : {"images.idx:labels.idx", "classes", "flat:labels.csv", "images.csv",
                                 "images.npy:labels.idx", "set.npz", "set.npz:x_train:y_train"}) {
    const Answer answer = swell({"train", "tiny.toml", "--data", data, "--classes", "9", "--save", "model"});
    ASSERT_EQ(answer.exit_code, 0) << data << answer.err;
    const Trained trained = read_trained(folder_ / "model");
    EXPECT_EQ(trained.images.shape, (std::vector<int64_t>{4, 4})) << data;
    EXPECT_EQ(trained.images.labels, std::vector<int>{9}) << data;
    for (int p = 0; p < 16; ++p) EXPECT_NEAR(trained.images.values[p], 2 * pixels[16 + p] / 255.0 - 1, 1e-6) << data;
  }
  EXPECT_EQ(swell({"train", "tiny.toml", "--data", "flat/9.png", "--save", "model"}).exit_code, 0);
  EXPECT_EQ(swell({"run", "tiny.toml", "--protocol", "noising", "--data", "flat", "-n", "4", "-o", "out"}).exit_code,
            0);
  write_png(folder_ / "flat/wide.png", {5, 4, 1, std::vector<uint8_t>(20, 1)});
  expect_refused(2, {"train", "tiny.toml", "--data", "flat", "--save", "model"}, {"images of one size are needed"});
}

TEST_F(files, mistakes_in_a_design_are_named_by_file_line_and_key) {
  write_tiny();
  const auto train = [](const std::string& design) {
    return std::vector<std::string>{"train", design, "--data", "images.idx", "--save", "model"};
  };
  write("typo.toml", replaced(tiny_design(), "pattern = \"data\"", "patern = \"data\""));
  expect_refused(2, train("typo.toml"), {"typo.toml:10", "patern", "did you mean 'pattern'"});
  write("nan.toml", replaced(tiny_design(), "kT = 0.1", "kT = nan"));
  expect_refused(2, train("nan.toml"), {"nan.toml:2", "kT", "nan"});
  write("syntax.toml", "name = \n");
  expect_refused(2, train("syntax.toml"), {"syntax.toml:1"});
  write("empty.toml", "");
  expect_refused(2, train("empty.toml"), {"empty.toml", "name"});
  write("steps.toml", replaced(tiny_design(), "dt = 0.01", "dt = 0.03"));
  expect_refused(2, train("steps.toml"), {"dt = 0.03"});
  expect_refused(3, train("nowhere.toml"), {"nowhere.toml"});
  EXPECT_FALSE(exists("model"));
}

TEST_F(files, images_that_do_not_fit_are_refused) {
  write_tiny();
  const auto train = [](const std::string& data, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"train", "tiny.toml", "--data", data, "--save", "model"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  const std::string images = text_of(folder_ / "images.idx");
  write("cut.idx", images.substr(0, images.size() - 2));
  expect_refused(3, train("cut.idx"), {"cut.idx", "30 bytes"});
  write("none.idx", idx_text({0, 4, 4}, {}));
  expect_refused(2, train("none.idx"), {"none.idx", "no image"});
  expect_refused(2, train("none.idx", {"--method", "gradient"}), {"none.idx", "no image"});
  write("wide.idx", idx_text({2, 4, 5}, std::vector<uint8_t>(40, 0)));
  expect_refused(2, train("wide.idx"), {"4 x 5", "16"});
  expect_refused(3, train("nowhere.idx"), {"nowhere.idx"});
  expect_refused(3, train("labels.idx"), {"labels.idx", "labels"});
  expect_refused(3, train("images.idx:images.idx"), {"images.idx", "label"});
  expect_refused(3, train("tiny.toml"), {"tiny.toml"});
  expect_refused(2, train("images.idx", {"--classes", "4"}), {"images.idx", "labels"});
  expect_refused(2, train("images.idx:labels.idx", {"--classes", "5"}), {"class 5"});
  expect_refused(2, train("images.idx", {"--images", "2"}), {"2", "0 to 1"});
  expect_refused(2, train("images.idx:labels.idx", {"--images", "1", "--classes", "9"}), {"--images", "--classes"});
  expect_refused(2, {"train", "tiny.toml", "--save", "model", "--classes", "1"}, {"--data"});
  EXPECT_FALSE(exists("model"));
}

// Asked before any work: training a hidden mistake away would take the design's time first. 2e6 steps would take
// minutes.
TEST_F(files, places_that_cannot_be_written_are_reported_before_the_work) {
  write_tiny(2000000);
  const auto start = std::chrono::steady_clock::now();
  const std::vector<std::string> train{"train", "tiny.toml", "--data", "images.idx", "--save"};
  const auto to = [&](const std::string& path) {
    auto arguments = train;
    arguments.push_back(path);
    return arguments;
  };
  expect_refused(3, to("tiny.toml/model"), {"tiny.toml/model"});
  expect_refused(3, to("nowhere/model"), {"nowhere/model"});
  expect_refused(3, to("."), {"folder"});
  expect_refused(3, to("/proc/model"), {"/proc/model"});
  auto json = to("model");
  json.insert(json.end(), {"--json", "nowhere/out.json"});
  expect_refused(3, json, {"nowhere/out.json"});
  expect_refused(3, {"demo", "-o", "tiny.toml/demo"}, {"tiny.toml/demo"});
  expect_refused(3, {"demo", "-o", "/proc/demo"}, {"/proc/demo"});
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  EXPECT_FALSE(exists("model"));
}

// A limit on file sizes stands in for a full disk. Every length up to the whole file leaves either no file or the old
// one.
TEST_F(files, full_disk_leaves_no_part_of_a_file) {
  train_tiny();
  const std::vector<std::string> train{"train", "tiny.toml", "--data", "images.idx:labels.idx", "--save", "new"};
  const auto before = names().size();
  for (const int64_t bytes : {0, 100, 1000}) {
    EXPECT_EQ(swell(train, {bytes, {}}).exit_code, 3) << bytes;
    EXPECT_EQ(names().size(), before) << bytes;
  }
  const std::string model = text_of(folder_ / "model");
  auto again = train;
  again.back() = "model";
  EXPECT_EQ(swell(again, {1000, {}}).exit_code, 3);
  EXPECT_EQ(text_of(folder_ / "model"), model);
  const Answer answer = swell({"generate", "model", "-n", "50", "-o", "out"}, {1000, {}});
  EXPECT_EQ(answer.exit_code, 3) << answer.err;
  EXPECT_TRUE(contains(answer.err, "samples.npy"));
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "out")) ADD_FAILURE() << entry.path();
}

// Memory that a system promises but has not got would end the program without a word.
TEST_F(files, more_images_than_memory_holds_are_refused_before_the_work) {
  train_tiny();
  expect_refused(2, {"generate", "model", "-n", "1000000000000", "-o", "out"}, {"GiB of memory", "available"});
}

TEST_F(files, folders_that_cannot_be_made_are_refused) {
  train_tiny();
  expect_refused(3, {"generate", "model", "-o", "model/out"}, {"model/out"});
}

// The reader has gone (a pipe into `head`): the files are complete, and the exit code says that the text was not read.
TEST_F(files, a_closed_pipe_or_stream_spoils_no_file) {
  train_tiny();
  const std::string model = text_of(folder_ / "model"), program = SWELL_PROGRAM;
  for (const std::string closing : {"| true", ">&-"}) {
    const std::string command = "(" + program + " generate model -n 4 -o out; echo $? > code) " + closing;
    const Answer answer = run("/bin/sh", {"-c", command});
    EXPECT_EQ(text_of(folder_ / "code"), "3\n") << closing;
    EXPECT_TRUE(contains(answer.err, "swell: cannot write standard output")) << answer.err;
    EXPECT_EQ(read_npy(folder_ / "out/samples.npy").shape, (std::vector<int64_t>{4, 4, 4}));
    EXPECT_EQ(text_of(folder_ / "model"), model);
    std::filesystem::remove_all(folder_ / "out");
  }
}

TEST_F(files, standard_output_that_cannot_be_written_is_not_a_success) {
  write_tiny(20);
  const std::string command =
      std::string("exec ") + SWELL_PROGRAM + " train tiny.toml --data images.idx -o model --json - > /dev/full";
  const Answer answer = run("/bin/sh", {"-c", command});
  EXPECT_EQ(answer.exit_code, 3);
  EXPECT_TRUE(contains(answer.err, "standard output"));
}

}  // namespace swell::test
