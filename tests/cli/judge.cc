// swell judge: what it says of images, and how it refuses what it cannot judge.

#include <algorithm>
#include <cmath>

#include "cli/program.h"
#include "swell/io/datasets.h"
#include "swell/io/npy.h"
#include "swell/io/png.h"
#include "swell/random/normal.h"
#include "swell/random/streams.h"

namespace swell::test {

namespace {

using Json = nlohmann::json;

constexpr int64_t kPixels = 784;

// Discs of ten sizes around places drawn at random: class k has the radius 2 + k / 2.
std::vector<uint8_t> discs(int64_t count, int64_t first) {
  const NoiseKey key{1, stream::kTesting};
  std::vector<uint8_t> pixels;
  for (int64_t i = first; i < first + count; ++i) {
    const double y = 13.5 + 3 * static_cast<double>(draw_normal(key, i, 0, 0)),
                 x = 13.5 + 3 * static_cast<double>(draw_normal(key, i, 0, 1)),
                 radius = 2 + 0.5 * static_cast<double>(i % 10);
    for (int row = 0; row < 28; ++row) {
      for (int column = 0; column < 28; ++column) {
        const double distance = std::hypot(row - y, column - x);
        pixels.push_back(static_cast<uint8_t>(255 * std::clamp(radius + 0.5 - distance, 0.0, 1.0)));
      }
    }
  }
  return pixels;
}

std::vector<uint8_t> classes(int64_t count, int64_t first) {
  std::vector<uint8_t> labels;
  for (int64_t i = first; i < first + count; ++i) labels.push_back(static_cast<uint8_t>(i % 10));
  return labels;
}

}  // namespace

class judge_of_images : public Program {
 protected:
  static constexpr uint32_t kTrain = 400, kTest = 200;

  void SetUp() override {
    for (const Dataset& set : known_datasets()) {
      std::filesystem::create_directories(folder_ / "data/swell" / set.name);
      const auto put = [&](size_t file, const std::string& text) {
        write("data/swell/" + set.name + "/" + set.files[file].name, text);
      };
      put(0, idx_text({kTrain, 28, 28}, discs(kTrain, 0)));
      put(1, idx_text({kTrain}, classes(kTrain, 0)));
      put(2, idx_text({kTest, 28, 28}, discs(kTest, 1000)));
      put(3, idx_text({kTest}, classes(kTest, 1000)));
    }
    save("new.npy", discs(120, 5000), 0, 1.0 / 255);
    save("copies.npy", discs(120, 30), 0, 1.0 / 255);  // training images
    write("classes.idx", idx_text({120}, classes(120, 5000)));
  }

  void save(const std::string& name, const std::vector<uint8_t>& pixels, double black, double step) {
    std::vector<float> values;
    for (const uint8_t pixel : pixels) values.push_back(static_cast<float>(black + step * pixel));
    write_npy(folder_ / name, std::vector{static_cast<int64_t>(values.size()) / kPixels, int64_t{28}, int64_t{28}},
              values);
  }

  Answer judge(std::vector<std::string> arguments, const Circumstances& how = {}) {
    arguments.insert(arguments.begin(), {"XDG_DATA_HOME=" + (folder_ / "data").string(), SWELL_PROGRAM, "judge"});
    return run("/usr/bin/env", arguments, how);
  }
  Json json_of(std::vector<std::string> arguments, int exit_code = 0) {
    arguments.insert(arguments.end(), {"--json", "-", "--resamples", "10"});
    const Answer answer = judge(arguments);
    EXPECT_EQ(answer.exit_code, exit_code) << answer.err;
    return Json::parse(answer.out, nullptr, false);
  }
  void expect_judge_refuses(int code, const std::vector<std::string>& arguments,
                            const std::vector<std::string>& parts) {
    const Answer answer = judge(arguments);
    EXPECT_EQ(answer.exit_code, code) << answer.err;
    for (const std::string& part : parts) EXPECT_TRUE(contains(answer.err, part)) << answer.err;
  }
};

TEST_F(judge_of_images, report_has_every_reference_line) {
  const Json json = json_of({"new.npy", "--labels", "classes.idx", "--report", "page.html"});
  std::vector<std::string> lines;
  for (const Json& line : json["references"]) lines.push_back(line["what"]);
  EXPECT_EQ(lines, (std::vector<std::string>{"training images", "test images", "class means", "class Gaussians",
                                             "Bernoulli pixels"}));
  const Json& result = json["result"];
  EXPECT_EQ(result["images"], 120);
  EXPECT_EQ(result["sizes"]["test_images"], kTest);
  EXPECT_EQ(result["agreement"]["count"], 120);
  for (const char* figure : {"frechet_distance", "kernel_distance", "precision", "recall", "variance", "copied"})
    EXPECT_FALSE(result[figure]["value"].is_null()) << figure;
  // New discs of the same law are nearer to the test images than averages, Gaussians and lone pixels are, and not
  // copied; averages have no variance within a class.
  const double distance = result["frechet_distance"]["value"];
  for (int line : {2, 3, 4})
    EXPECT_LT(distance, 0.5 * json["references"][line]["frechet_distance"]["value"].get<double>());
  EXPECT_NEAR(json["references"][2]["variance"]["value"].get<double>(), 0, 1e-6);
  EXPECT_NEAR(result["variance"]["value"].get<double>(), 1, 0.2);
  EXPECT_FALSE(result["memorised"]);
  EXPECT_EQ(json["inputs"]["files"].size(), 2u);
  EXPECT_EQ(json_of({"new.npy", "--noise", "0.1"})["references"][1]["what"], "test images, noise 0.1");
  const std::string page = text_of(folder_ / "page.html");
  EXPECT_LT(page.find("<div class=\"what\">Fr"), page.find("<table"));
  for (const char* part : {"class Gaussians", "<svg", "Is it memorised?", "&plusmn;"})
    EXPECT_TRUE(contains(page, part));
}

TEST_F(judge_of_images, training_images_are_found_to_be_copies) {
  const Json json = json_of({"copies.npy"});
  EXPECT_TRUE(json["result"]["memorised"]);
  EXPECT_EQ(json["result"]["copied"]["value"], 1);
  EXPECT_NEAR(json["result"]["nearest_distance"]["value"].get<double>(), 0, 1e-5);
  EXPECT_FALSE(json["diagnostics"][0]["passed"]);
  EXPECT_TRUE(json["result"]["agreement"].is_null());  // no classes were given
  const Answer answer = judge({"copies.npy", "--quick"});
  EXPECT_TRUE(contains(answer.err, "nearly a training image"));
  EXPECT_TRUE(contains(answer.out, "no classes were given"));
}

// Bytes, 0 to 1, -1 to 1, a table and pictures of the same images have the same figures.
TEST_F(judge_of_images, images_in_every_form_are_the_same_images) {
  const std::vector<uint8_t> pixels = discs(40, 5000);
  save("levels.npy", pixels, 0, 1.0 / 255);
  save("both_signs.npy", pixels, -1, 2.0 / 255);
  save("far.npy", pixels, 3, 1.0 / 255);
  write("bytes.idx", idx_text({40, 28, 28}, pixels));
  std::filesystem::create_directories(folder_ / "pictures");
  std::filesystem::create_directories(folder_ / "made");
  std::string table;
  for (int64_t i = 0; i < 40; ++i) {
    const auto first = pixels.begin() + i * kPixels;
    write_png(folder_ / "pictures" / (std::to_string(100 + i) + ".png"), {28, 28, 1, {first, first + kPixels}});
    for (int64_t p = 0; p < kPixels; ++p) table += std::to_string(first[p]) + (p + 1 < kPixels ? "," : "\n");
  }
  write("table.csv", table);
  std::filesystem::copy_file(folder_ / "both_signs.npy", folder_ / "made/samples.npy");
  const auto result = [&](const std::vector<std::string>& words) { return json_of(words)["result"]; };
  const Json expected = result({"bytes.idx"});
  EXPECT_EQ(result({"pictures"}), expected);
  EXPECT_EQ(result({"table.csv"}), expected);
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"levels.npy"}, {"both_signs.npy"}, {"made"}, {"far.npy", "--range", "3,4"}}) {
    const Json same = result(words);
    for (const char* figure : {"frechet_distance", "nearest_distance"})
      EXPECT_NEAR(same[figure]["value"].get<double>(), expected[figure]["value"].get<double>(), 1e-3) << words[0];
  }
  save("made_labels.npy", {}, 0, 1);
  const std::vector<float> labels(40, 3.0f);
  write_npy(folder_ / "made/labels.npy", std::vector{int64_t{40}}, labels);
  EXPECT_EQ(result({"made"})["agreement"]["count"], 40);
}

TEST_F(judge_of_images, figures_do_not_depend_on_threads_and_quick_judges_fewer) {
  const Json one = json_of({"new.npy", "--threads", "1", "--data", "fashion-mnist"}),
             many = json_of({"new.npy", "--threads", "3", "--data", "fashion-mnist"});
  EXPECT_EQ(one["result"], many["result"]);
  EXPECT_EQ(one["references"], many["references"]);
  EXPECT_EQ(json_of({"new.npy", "-n", "50"})["result"]["images"], 50);
  save("many.npy", discs(300, 5000), 0, 1.0 / 255);
  EXPECT_EQ(json_of({"many.npy", "--quick"})["result"]["images"], 200);
}

TEST_F(judge_of_images, binarised_images_are_held_against_binarised_ones) {
  const Json json = json_of({"copies.npy", "--binarise", "0.1"});
  EXPECT_NEAR(json["result"]["nearest_distance"]["value"].get<double>(), 0, 1e-5);
  EXPECT_EQ(json["inputs"]["binarise"], 0.1);
  const double black_and_white = json_of({"new.npy", "--binarise", "0.1"})["result"]["frechet_distance"]["value"],
               gray = json_of({"new.npy"})["result"]["frechet_distance"]["value"];
  EXPECT_NE(black_and_white, gray);
}

TEST_F(judge_of_images, what_cannot_be_judged_is_refused) {
  write_npy(folder_ / "small.npy", std::vector<int64_t>{3, 4, 4}, std::vector<float>(48, 0.5f));
  expect_judge_refuses(2, {"small.npy"}, {"small.npy has shape 3 x 4 x 4", "28 x 28"});
  save("one.npy", discs(1, 0), 0, 1.0 / 255);
  expect_judge_refuses(2, {"one.npy"}, {"1 image to judge is too few", "at least 2"});
  save("none.npy", {}, 0, 1);
  expect_judge_refuses(2, {"none.npy"}, {"no image"});
  save("loud.npy", discs(9, 0), 0, 100);
  expect_judge_refuses(2, {"loud.npy"}, {"loud.npy holds numbers", "the range"});
  write_npy(folder_ / "nan.npy", std::vector<int64_t>{2, 28, 28}, std::vector<float>(1568, NAN));
  expect_judge_refuses(2, {"nan.npy"}, {"pixel 0 of image 0", "nan"});
  write("short.csv", "1\n2\n");
  expect_judge_refuses(3, {"new.npy", "--labels", "short.csv"}, {"short.csv has shape 2 x 1", "120 images"});
  std::string large;
  for (int i = 0; i < 120; ++i) large += "11\n";
  write("large.csv", large);
  expect_judge_refuses(2, {"new.npy", "--labels", "large.csv"}, {"is 11", "0 to 9"});
  expect_judge_refuses(2, {"new.npy", "--data", "cifar"}, {"cifar", "mnist"});
  expect_judge_refuses(2, {"new.npy", "--range", "1,1"}, {"--range"});
  expect_judge_refuses(2, {"classes.idx", "--range", "0,1"}, {"a range is for arrays"});
  expect_judge_refuses(3, {"nowhere.npy"}, {"nowhere.npy"});
  std::filesystem::remove_all(folder_ / "data/swell/mnist");
  expect_judge_refuses(3, {"new.npy"}, {"'swell data mnist' fetches it"});
}

TEST_F(judge_of_images, interrupt_ends_it_within_a_moment) {
  const auto start = std::chrono::steady_clock::now();
  const Answer answer = judge({"new.npy", "--resamples", "10000", "--threads", "1"},
                              {.meanwhile = interrupt_after(std::chrono::milliseconds(700))});
  EXPECT_EQ(answer.exit_code, 130) << answer.err;
  EXPECT_TRUE(contains(answer.err, "interrupted"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

}  // namespace swell::test
