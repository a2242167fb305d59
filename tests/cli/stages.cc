// Machines of many stages through the program: trained, checked, asked for a class.

#include "cli/program.h"
#include "cli/tiny_machine.h"
#include "swell/io/npy.h"
#include "swell/learn/trained.h"

namespace swell::test {

namespace {

using Json = nlohmann::json;

}  // namespace

class stages_program : public Program {
 protected:
  void SetUp() override {
    write("few.toml", few_stages());
    write("images.idx", idx_text({2, 4, 4}, tiny_pixels()));
    write("labels.idx", idx_text({2}, {4, 9}));
  }
  std::vector<std::string> training(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments{"train",  "few.toml", "--data",       "images.idx:labels.idx",
                                       "--save", "model",    "--arithmetic", "f32"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
};

// Trained on one image of each of two classes, it makes the image of the class asked for.
TEST_F(stages_program, makes_the_class_that_is_asked_for) {
  const Answer trained =
      swell(training({"--updates", "600", "--rate", "0.01", "--json", "-", "--report", "page.html"}));
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const Json training = Json::parse(trained.out)["result"];
  EXPECT_EQ(training["method"], "score");
  EXPECT_EQ(training["loss_of_stages"].size(), 6u);
  ASSERT_EQ(training["gate"]["ratio"].size(), 6u);
  for (const Json& ratio : training["gate"]["ratio"]) EXPECT_LT(ratio.get<double>(), 1.1);
  for (const std::string& wanted : {std::string("4"), std::string("9")}) {
    const Answer answer =
        swell({"generate", "model", "-n", "20", "--label", wanted, "-o", "out" + wanted, "--film", "2", "--json", "-"});
    ASSERT_EQ(answer.exit_code, 0) << answer.err;
    const NpyArray samples = read_npy(folder_ / ("out" + wanted) / "samples.npy");
    ASSERT_EQ(samples.shape, (std::vector<int64_t>{20, 4, 4}));
    const NpyArray labels = read_npy(folder_ / ("out" + wanted) / "labels.npy");
    EXPECT_EQ(labels.values, std::vector<double>(20, std::stod(wanted)));
    const DataSet images = tiny_images();
    const int64_t row = wanted == "4" ? 0 : 1;
    double distance = 0, other = 0;
    for (int64_t k = 0; k < 20; ++k) {
      for (int64_t i = 0; i < 16; ++i) {
        distance += std::abs(samples.values[k * 16 + i] - images.row(row)[i]) / (20 * 16);
        other += std::abs(samples.values[k * 16 + i] - images.row(1 - row)[i]) / (20 * 16);
      }
    }
    EXPECT_LT(distance, 0.25) << wanted;
    EXPECT_GT(other, 0.6) << wanted;
    EXPECT_GT(Json::parse(answer.out)["result"]["heat"]["value"].get<double>(), 0);
  }
  // Every class in turn where none is asked for.
  ASSERT_EQ(swell({"generate", "model", "-n", "12", "-o", "all", "--film", "0"}).exit_code, 0);
  EXPECT_EQ(read_npy(folder_ / "all/labels.npy").values, (std::vector<double>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1}));
  const Answer inspected = swell({"inspect", "model", "--json", "-"});
  EXPECT_EQ(inspected.exit_code, 0) << inspected.err;
  expect_refused(2, {"generate", "model", "-n", "2", "--label", "10", "-o", "out"}, {"class 10", "0 to 9"});
  expect_refused(2, {"train", "few.toml", "--method", "exact", "--data", "images.idx:labels.idx", "--save", "m"},
                 {"machine of stages", "method score"});
}

// From the image of the label on, with so little noise that only the label can say which class it is.
TEST_F(stages_program, begins_at_the_image_of_the_label) {
  std::string text = few_stages();
  text.replace(text.find("noise = [4.0, 0.1]"), 18, "noise = [0.3, 0.1]\nfrom = \"label\"");
  text.replace(text.find("count = 6"), 9, "count = 3");
  write("few.toml", text);
  const Answer trained = swell(training({"--updates", "300", "--rate", "0.01", "--json", "-"}));
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const Stages stages = *read_trained(folder_ / "model").design.stages;
  const DataSet images = tiny_images();
  for (int64_t row = 0; row < 2; ++row) {
    const int64_t label = row == 0 ? 4 : 9;
    for (int64_t i = 0; i < 16; ++i)  // the mean image of its style, to the file's precision
      EXPECT_NEAR(stages.label_visible[label * 16 + i] + stages.mean[i], 0.5 * (images.row(row)[i] + 1), 3e-3);
    const Answer answer =
        swell({"generate", "model", "-n", "20", "--label", std::to_string(label), "-o", "out", "--film", "2"});
    ASSERT_EQ(answer.exit_code, 0) << answer.err;
    const NpyArray samples = read_npy(folder_ / "out" / "samples.npy");
    double distance = 0;
    for (int64_t k = 0; k < 20 * 16; ++k) distance += std::abs(samples.values[k] - images.row(row)[k % 16]) / (20 * 16);
    EXPECT_LT(distance, 0.25) << label;
    std::filesystem::remove_all(folder_ / "out");
  }
}

TEST_F(stages_program, stopped_training_goes_on_to_the_same_machine) {
  ASSERT_EQ(swell(training({"--updates", "400", "--threads", "1"})).exit_code, 0);
  const auto couplings = [&] { return read_trained(folder_ / "model").design.stages->W; };
  const auto whole = couplings();
  std::filesystem::remove(folder_ / "model");
  for (int delay = 150; !exists("model"); delay += 50) {
    const Answer answer =
        swell(training({"--updates", "400", "--threads", "2", "--checkpoint", "part", "--every", "1ms"}),
              {-1, interrupt_after(std::chrono::milliseconds(delay))});
    if (exists("model")) break;
    EXPECT_EQ(answer.exit_code, 130) << answer.err;
  }
  EXPECT_EQ(couplings(), whole);
  EXPECT_FALSE(exists("part"));
}

TEST_F(stages_program, refuses_images_without_classes_and_designs_of_another_kind) {
  expect_refused(2, {"train", "few.toml", "--data", "images.idx", "--save", "model"}, {"has no labels"});
  write("tiny.toml", tiny_design());
  expect_refused(2, {"train", "tiny.toml", "--method", "score", "--data", "images.idx:labels.idx", "--save", "model"},
                 {"not a machine of stages"});
  ASSERT_EQ(swell({"train", "tiny.toml", "--data", "images.idx:labels.idx", "--save", "tiny"}).exit_code, 0);
  expect_refused(2, {"generate", "tiny", "-n", "2", "--label", "4", "-o", "out"}, {"no label units"});
}

// The digital rival of such a machine does the same, by other means; nine in ten of its pixels are on the right side.
TEST_F(stages_program, has_a_rival_that_makes_the_class_asked_for) {
  ASSERT_EQ(swell({"rival", "train", "few.toml", "--data", "images.idx:labels.idx", "--save", "network", "--updates",
                   "400", "--rate", "0.01"})
                .exit_code,
            0);
  const DataSet images = tiny_images();
  for (const int row : {0, 1}) {
    const std::string wanted = row == 0 ? "4" : "9";
    const Answer answer = swell({"rival", "generate", "network", "-n", "20", "--label", wanted, "-o", "out" + wanted});
    ASSERT_EQ(answer.exit_code, 0) << answer.err;
    const NpyArray samples = read_npy(folder_ / ("out" + wanted) / "samples.npy");
    ASSERT_EQ(samples.shape, (std::vector<int64_t>{20, 4, 4}));
    EXPECT_EQ(read_npy(folder_ / ("out" + wanted) / "labels.npy").values, std::vector<double>(20, std::stod(wanted)));
    int right = 0;
    for (int64_t k = 0; k < 320; ++k) right += samples.values[k] * images.row(row)[k % 16] > 0;
    EXPECT_GT(right, 288);
  }
  expect_refused(2, {"rival", "generate", "network", "--label", "11", "-o", "out"}, {"class 11", "0 to 9"});
  expect_refused(2, {"rival", "generate", "network", "--first-noise", "5", "-o", "out"}, {"noise of 5", "0.1 to 4"});
  expect_refused(3, {"rival", "generate", "images.idx", "-o", "out"}, {"images.idx"});
  expect_refused(2, {"rival", "train", "whitelam2026", "--save", "network"}, {"is not a machine of stages"});
}

// A smaller version of the work is another training, though its numbers are the same: each goes on as it began.
TEST_F(stages_program, a_rivals_checkpoint_goes_on_as_it_was_made) {
  for (const bool made_with_quick : {false, true}) {
    const std::vector<std::string> plain{
        "rival",     "train", "few.toml", "--data", "images.idx:labels.idx", "-o",   "net",     "--rows", "16384",
        "--updates", "20",    "--rate",   "0.01",   "--checkpoint",          "part", "--every", "1ms"};
    std::vector<std::string> quick = plain;
    quick.push_back("--quick");
    const auto &first = made_with_quick ? quick : plain, &other = made_with_quick ? plain : quick;
    for (int delay = 50; delay < 5000 && !exists("part"); delay *= 2)
      swell(first, {-1, interrupt_after(std::chrono::milliseconds(delay))});
    ASSERT_TRUE(exists("part")) << made_with_quick;
    expect_refused(2, other, {"another training", "made with --quick"});
    EXPECT_EQ(swell(first).exit_code, 0);
    EXPECT_FALSE(exists("part"));
    std::filesystem::remove(folder_ / "net");
  }
}

}  // namespace swell::test
