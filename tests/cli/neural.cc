// Machines that answer, through the program: the neuron, the three trainers, tests, and bad data.

#include <fmt/format.h>

#include "cli/program.h"
#include "neural/bars.h"
#include "swell/io/npy.h"
#include "swell/io/png.h"
#include "swell/learn/trained.h"

namespace swell::test {

namespace {

using Json = nlohmann::json;

constexpr int kImages = 60;

// The bars as bytes, for IDX files.
std::vector<uint8_t> bar_pixels() {
  std::vector<uint8_t> pixels;
  for (int row = 0; row < kImages; ++row) {
    const int place = row / 2 % 4;
    for (int p = 0; p < 16; ++p)
      pixels.push_back((row % 2 == 0 ? p / 4 : p % 4) == place ? 250 : static_cast<uint8_t>(row % 7));
  }
  return pixels;
}

std::vector<uint8_t> bar_labels() {
  std::vector<uint8_t> labels;
  for (int row = 0; row < kImages; ++row) labels.push_back(static_cast<uint8_t>(row % 2));
  return labels;
}

// cos(2 pi z) in little: one input, six hidden units.
std::string function_design() {
  std::string text = bars_design();
  const auto replace = [&](const std::string& what, const std::string& by) {
    text.replace(text.find(what), what.size(), by);
  };
  replace("shape = [4, 4]", "shape = [1]");
  replace("shape = [2]", "shape = [1]");
  return text;
}

}  // namespace

class neural_program : public Program {
 protected:
  neural_program() {
    write("bars.toml", bars_design());
    write("function.toml", function_design());
    write("images.idx", idx_text({kImages, 4, 4}, bar_pixels()));
    write("labels.idx", idx_text({kImages}, bar_labels()));
  }
  Answer train(const std::vector<std::string>& more, const Circumstances& how = {}) {
    std::vector<std::string> arguments{"neural", "train", "bars.toml", "--data", "images.idx:labels.idx",
                                       "--save", "model"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return swell(arguments, how);
  }
};

TEST_F(neural_program, neuron_gives_table_plot_and_json) {
  const Answer answer = swell({"neural", "neuron", "--times", "0.1,0.5", "--kT", "0.1", "--inputs", "3", "-n", "50",
                               "-o", "out", "--json", "all.json"});
  ASSERT_EQ(answer.exit_code, 0) << answer.err;
  EXPECT_TRUE(contains(answer.out, "Fokker-Planck"));
  EXPECT_TRUE(contains(text_of(folder_ / "out/activation.svg"), "</svg>"));
  const Json all = Json::parse(text_of(folder_ / "all.json"));
  EXPECT_EQ(all["command"], "neural neuron");
  EXPECT_EQ(all["result"]["activation"].size(), 6u);
}

TEST_F(neural_program, each_trainer_writes_a_machine_that_is_tested_and_inspected) {
  for (const std::string method : {"exact", "gradient", "genetic"}) {
    const Answer trained =
        train({"--method", method, "--updates", "20", "--batch", "30", "--generations", "3", "--json", "-"});
    ASSERT_EQ(trained.exit_code, 0) << trained.err;
    const Json training = Json::parse(trained.out)["result"];
    EXPECT_EQ(training["method"], method);
    EXPECT_FALSE(training["curve"].empty());
    const Answer tested = swell({"neural", "test", "model", "--data", "images.idx:labels.idx", "--answers", "2", "--kT",
                                 "0.1,1", "-o", "out", "--json", "-"});
    ASSERT_EQ(tested.exit_code, 0) << tested.err;
    const Json json = Json::parse(tested.out);
    EXPECT_EQ(json["result"]["images"], kImages);
    EXPECT_EQ(json["result"]["confusion"].size(), 2u);
    EXPECT_EQ(json["result"]["by_temperature"].size(), 2u);
    EXPECT_EQ(json["bill"]["outside_device_figure"]["readouts"], 2);
    EXPECT_TRUE(contains(text_of(folder_ / "out/time.svg"), "</svg>"));
  }
  const Answer compared = swell({"neural", "compare", "out/report.json", "out/report.json", "--save", "trade.svg",
                                 "--json", "-", "--report", "trade.html"});
  ASSERT_EQ(compared.exit_code, 0) << compared.err;
  EXPECT_EQ(Json::parse(compared.out)["result"]["points"].size(), 6u);
  EXPECT_TRUE(exists("trade.svg"));
  for (const char* part : {"most right answers in one run", "<svg", "All machines"})
    EXPECT_TRUE(contains(text_of(folder_ / "trade.html"), part)) << part;
  expect_refused(3, {"neural", "compare", "bars.toml"}, {"bars.toml", "report.json"});
  const Answer inspected = swell({"inspect", "model", "--save", "fields.png"});
  ASSERT_EQ(inspected.exit_code, 0) << inspected.err;
  EXPECT_EQ(read_png(folder_ / "fields.png").channels, 3);
}

// The same of machines that answer: classes, and functions.
TEST_F(neural_program, each_chip_has_its_own_noise_and_one_without_a_minimum_is_counted) {
  write("none.toml", "");
  write("wild.toml", "[units]\nmismatch = 0.45\n");
  ASSERT_EQ(train({"--updates", "20", "--quiet"}).exit_code, 0);
  const auto chips = [&](const std::string& spec, const std::string& threads) {
    const Answer answer =
        swell({"neural", "test", "model", "--data", "images.idx:labels.idx", "--answers", "1", "--read-times", "0",
               "--chip", spec, "--chips", "12", "--threads", threads, "--json", "-", "--quiet"});
    EXPECT_EQ(answer.exit_code, 0) << answer.err;
    return nlohmann::json::parse(answer.out)["result"]["chips"];
  };
  const auto own = chips("none.toml", "1");
  EXPECT_LT(own["p10"].get<double>(), own["p90"].get<double>());
  EXPECT_EQ(own, chips("none.toml", "2"));
  const auto wild = chips("wild.toml", "2");
  EXPECT_EQ(wild["chips"], 12);
  EXPECT_GT(wild["failed"], 0);
  EXPECT_LT(wild["failed"], 12);
}

TEST_F(neural_program, machines_are_the_same_bytes_for_any_number_of_threads) {
  for (const std::string method : {"exact", "gradient", "genetic"}) {
    const auto tensors = [&](const std::string& threads) {
      const Answer answer =
          train({"--method", method, "--updates", "10", "--batch", "60", "--generations", "2", "--threads", threads});
      EXPECT_EQ(answer.exit_code, 0) << answer.err;
      const Trained trained = read_trained(folder_ / "model");
      return dense_matrix(trained.design.computer, trained.design.computer.sets[0]);
    };
    EXPECT_EQ(tensors("1"), tensors("3")) << method;
  }
}

TEST_F(neural_program, stopped_training_goes_on_to_the_same_machine) {
  const std::vector<std::string> same{"--updates", "200000", "--batch", "10", "--checkpoint", "part"};
  Answer answer = train(same, {-1, interrupt_after(std::chrono::milliseconds(600))});
  EXPECT_EQ(answer.exit_code, 130) << answer.err;
  EXPECT_TRUE(contains(answer.err, "goes on from it")) << answer.err;
  EXPECT_TRUE(exists("part"));
  EXPECT_FALSE(exists("model"));
  expect_refused(2,
                 {"neural", "train", "bars.toml", "--data", "images.idx:labels.idx", "--save", "model", "--checkpoint",
                  "part", "--seed", "2"},
                 {"another training"});
  expect_refused(2,
                 {"neural", "train", "bars.toml", "--data", "images.idx:labels.idx", "--save", "model", "--updates",
                  "200000", "--batch", "10", "--checkpoint", "part", "--quick"},
                 {"another training", "--quick"});
}

// The other way round: as many updates, but the checkpoint is of a training with --quick.
TEST_F(neural_program, a_checkpoint_made_with_quick_goes_on_with_quick_alone) {
  const std::vector<std::string> same{"--updates", "200",          "--batch", "60",      "--noise-samples",
                                      "64",        "--checkpoint", "part",    "--every", "1ms"};
  std::vector<std::string> quick = same;
  quick.push_back("--quick");
  for (int delay = 50; delay < 5000 && !exists("part"); delay *= 2)
    train(quick, {-1, interrupt_after(std::chrono::milliseconds(delay))});
  ASSERT_TRUE(exists("part"));
  const Answer refused = train(same);
  EXPECT_EQ(refused.exit_code, 2) << refused.err;
  EXPECT_TRUE(contains(refused.err, "another training")) << refused.err;
  EXPECT_EQ(train(quick).exit_code, 0);
}

TEST_F(neural_program, function_of_a_table_is_learned_and_its_error_told) {
  std::string table = "z,target\n";
  for (int k = 0; k <= 10; ++k) table += fmt::format("{},{}\n", k / 10.0, 0.5 - 0.1 * k);
  write("line.csv", table);
  const Answer trained = swell({"neural", "train", "function.toml", "--data", "line.csv", "--save", "model", "--batch",
                                "0", "--noise-samples", "8", "--updates", "200", "--rate", "0.03"});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const Answer tested =
      swell({"neural", "test", "model", "--data", "line.csv", "-n", "200", "-o", "out", "--json", "-"});
  ASSERT_EQ(tested.exit_code, 0) << tested.err;
  const Json test = Json::parse(tested.out)["result"];
  EXPECT_LT(test["error"]["rms_of_mean"].get<double>(), 0.1);  // the line's own spread is 0.32
  EXPECT_EQ(test["values"].size(), 11u);
  EXPECT_TRUE(exists("out/function.svg") && exists("out/error.svg"));
  // Without couplings the answer is one number, and its error at least the line's own spread.
  write("open.toml", "[couplings]\nstuck = 1\n");
  write("read.toml", "[readout]\nbits = 2\nrange = 2\n");
  for (const auto& [spec, least] : {std::pair("open.toml", 0.3), std::pair("read.toml", 0.1)}) {
    const Answer on_chips = swell({"neural", "test", "model", "--data", "line.csv", "-n", "200", "--read-times", "0",
                                   "--chip", spec, "--chips", "2", "-o", "chips", "--json", "-"});
    ASSERT_EQ(on_chips.exit_code, 0) << on_chips.err;
    const Json chips = Json::parse(on_chips.out)["result"]["chips"];
    EXPECT_LT(chips["perfect"].get<double>(), 0.1) << spec;
    EXPECT_GT(chips["median"].get<double>(), least) << spec;
    EXPECT_TRUE(contains(text_of(folder_ / "chips/report.html"), "Chips with faults"));
  }
}

// Each fault that a chip can have, so large that it tells: most leave little of the answers (chance is a half of the
// 60, whose standard error is 0.06), and cold or slow noise does less harm than none at all.
TEST_F(neural_program, chips_with_each_fault_answer_worse_or_better_as_they_should) {
  ASSERT_EQ(train({"--method", "gradient", "--updates", "150", "--batch", "30", "--rate", "0.03"}).exit_code, 0);
  const auto chips = [&](const std::string& spec) {
    write("chip.toml", spec);
    const Answer tested = swell({"neural", "test", "model", "--data", "images.idx:labels.idx", "--answers", "1",
                                 "--read-times", "0", "--chip", "chip.toml", "--chips", "6", "--json", "-"});
    EXPECT_EQ(tested.exit_code, 0) << spec << tested.err;
    const Json told = Json::parse(tested.out)["result"]["chips"];
    EXPECT_EQ(told["chips"], 6) << spec;
    EXPECT_EQ(told["failed"], 0) << spec;
    EXPECT_LT(told["perfect"].get<double>(), 0.1) << spec;
    return told;
  };
  const auto wrong = [&](const std::string& spec) { return chips(spec)["average"]["value"].get<double>(); };
  for (const char* spec : {"[couplings]\nmismatch = 1\n", "[units]\noffset = 5\n", "[noise]\ntemperature = 30\n",
                           "[noise]\nflicker_corner = 30\n", "[noise]\ndelay = 100\n", "[readout]\nnoise = 5\n",
                           "[units]\nparasitic = 10\n", "[units]\nleakage = 50\n", "[couplings]\nsaturation = 0.01\n"})
    EXPECT_GT(wrong(spec), 0.25) << spec;
  for (const char* spec : {"[couplings]\nasymmetry = 0.5\n", "[couplings]\nbits = 2\nrounding = \"stochastic\"\n",
                           "[noise]\ntemperature_drift = 10\n", "[readout]\nbits = 2\nrange = 0.5\n"})
    EXPECT_GT(wrong(spec), 0.05) << spec;
  // Nothing of the question arrives where all couplings are open.
  EXPECT_NEAR(wrong("[couplings]\nstuck = 1\n"), 0.5, 5 * 0.065);
  const std::string hot = "[noise]\ntemperature = 30\n";
  EXPECT_LT(wrong("[noise]\ntemperature = 0.01\n"), 0.1);
  EXPECT_LT(wrong(hot + "correlation_time = 5\n"), 0.5 * wrong(hot));  // of a power lower by 1 + k mu tau
  for (const char* slight :
       {"[noise]\ncorrelation_time = 0.1\n", "[noise]\ndelay = 0.05\n", "[noise]\nmismatch = 0.3\n",
        "[readout]\njitter = 0.05\n", "[units]\nmismatch = 0.05\ncapacitance = 0.05\n"})
    EXPECT_LT(wrong(slight), 0.15) << slight;
  // Chips as warm as each other differ by their noise alone, 0.06 of 60 answers that are nearly chance.
  const auto spread = [&](const std::string& spec) {
    const Json told = chips(spec);
    return told["p90"].get<double>() - told["p10"].get<double>();
  };
  EXPECT_GT(spread(hot + "temperature_spread = 0.5\n"), 2 * spread(hot));
  // All at once, by the engine that saturates; and what no chip can be is refused by name.
  EXPECT_GT(wrong("[couplings]\nsaturation = 1\nasymmetry = 0.1\n[noise]\ndelay = 0.1\ncorrelation_time = "
                  "0.1\nflicker_corner = 1\ntemperature_drift = 1\nmismatch = 0.1\n[readout]\nbits = 6\n"),
            0.05);
  write("chip.toml", "[noise]\ntemperature_drift = -1\n");
  expect_refused(2, {"neural", "test", "model", "--data", "images.idx:labels.idx", "--chip", "chip.toml"},
                 {"chip.toml", "[noise] temperature_drift is -1", "-0.9 to 10"});
}

// Classes from a table with the label first, a folder of PNG images and arrays; a byte order mark loses no row.
TEST_F(neural_program, classes_come_from_tables_folders_and_arrays) {
  const std::vector<uint8_t> pixels = bar_pixels(), labels = bar_labels();
  std::string table = "\xef\xbb\xbf";
  for (int row = 0; row < kImages; ++row) {
    table += std::to_string(labels[row]);
    for (int p = 0; p < 16; ++p) table += fmt::format(",{}", pixels[16 * row + p]);
    table += "\n";
    const std::string folder = fmt::format("bars/{}", labels[row] == 0 ? "horizontal" : "vertical");
    std::filesystem::create_directories(folder_ / folder);
    write_png(folder_ / folder / fmt::format("{}.png", row),
              {4, 4, 1, {pixels.begin() + 16 * row, pixels.begin() + 16 * (row + 1)}});
  }
  write("bars.csv", table);
  write_npy(folder_ / "bars.npy", std::vector<int64_t>{kImages, 4, 4},
            std::vector<double>(pixels.begin(), pixels.end()));
  for (const std::string data : {"bars.csv", "bars", "bars.npy:labels.idx"}) {
    const Answer answer =
        swell({"neural", "train", "bars.toml", "--data", data, "--save", "m", "--updates", "3", "--batch", "10"});
    ASSERT_EQ(answer.exit_code, 0) << data << answer.err;
    const Answer tested =
        swell({"neural", "test", "m", "--data", data, "--answers", "1", "--times", "0", "--json", "-"});
    ASSERT_EQ(tested.exit_code, 0) << data << tested.err;
    EXPECT_EQ(Json::parse(tested.out)["result"]["images"], kImages) << data;
  }
  expect_refused(2, {"neural", "train", "bars.toml", "--data", "images.idx", "--save", "m"}, {"has no labels"});
}

TEST_F(neural_program, bad_data_is_told_in_one_sentence) {
  const auto refused = [&](int code, const std::string& data, const std::vector<std::string>& parts) {
    expect_refused(code, {"neural", "train", "bars.toml", "--data", data, "--save", "model"}, parts);
  };
  std::vector<uint8_t> labels = bar_labels(), pixels = bar_pixels();
  labels[7] = 2;
  write("wrong.idx", idx_text({kImages}, labels));
  refused(2, "images.idx:wrong.idx", {"label 7", "is 2", "0 to 1"});
  write("short.idx", idx_text({3}, {0, 1, 0}));
  refused(3, "images.idx:short.idx", {"one label for each of the 60"});
  refused(3, "labels.idx:labels.idx", {"are these labels?"});
  std::fill_n(pixels.begin() + 16 * 4, 16, uint8_t{9});
  write("flat.idx", idx_text({kImages, 4, 4}, pixels));
  refused(2, "flat.idx:labels.idx", {"image 4", "constant", "all pixels are 9"});
  write("wide.idx", idx_text({1, 2, 2}, {1, 2, 3, 4}));
  write("one.idx", idx_text({1}, {0}));
  refused(2, "wide.idx:one.idx", {"2 x 2", "16 units"});
  refused(2, "nowhere", {"--data is 'nowhere'"});
  expect_refused(2, {"neural", "train", "bars.toml", "--save", "model"}, {"--data and --task"});
  expect_refused(2, {"neural", "train", "bars.toml", "--task", "cos", "--save", "model"}, {"one input and one output"});
  write("bad.csv", "0.1,0.2\n0.3,x\n");
  expect_refused(2, {"neural", "train", "function.toml", "--data", "bad.csv", "--save", "model"},
                 {"bad.csv:2", "0.3,x"});
  write("first.csv", "0.1,x\n0.3,0.4\n0.5,0.6\n");
  expect_refused(2, {"neural", "train", "function.toml", "--data", "first.csv", "--save", "model"},
                 {"first.csv:1: column 2"});
  write("plain.toml", tiny_design());
  expect_refused(2, {"neural", "train", "plain.toml", "--data", "images.idx:labels.idx", "--save", "model"},
                 {"[neural]"});
}

TEST_F(neural_program, a_neuron_whose_methods_disagree_says_so) {
  const std::vector<std::string> neuron{"neural", "neuron", "-n", "200", "--json", "-"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), neuron.begin(), neuron.end());
    return swell(more);
  };
  const Answer fine = with({"--times", "1"});
  ASSERT_EQ(fine.exit_code, 0) << fine.err;
  EXPECT_TRUE(Json::parse(fine.out)["diagnostics"][0]["passed"].get<bool>());
  const Answer coarse = with({"--times", "2", "--dt", "0.5"});
  EXPECT_EQ(coarse.exit_code, 5);
  EXPECT_TRUE(contains(coarse.err, "disagree by up to"));
  const Json found = Json::parse(coarse.out)["diagnostics"];
  ASSERT_EQ(found.size(), 4u);  // and the first law, equilibrium, and that it ended by itself
  EXPECT_FALSE(found[0]["passed"].get<bool>());
  EXPECT_FALSE(found[0]["within_tolerance"].get<bool>());
  EXPECT_EQ(with({"--times", "2", "--dt", "0.5", "--tolerance", "10"}).exit_code, 0);
}

// Ctrl-C, whatever is under way: within a second what was done is said and written, with exit code 130.
TEST_F(neural_program, interrupted_tests_tell_what_was_done) {
  ASSERT_EQ(train({"--method", "exact"}).exit_code, 0);
  const auto stopped = [&](const std::vector<std::string>& words) {
    std::chrono::steady_clock::time_point sent;
    const Answer answer = swell(words, {-1, [&](pid_t child) {
                                          std::this_thread::sleep_for(std::chrono::milliseconds(1500));
                                          sent = std::chrono::steady_clock::now();
                                          ::kill(child, SIGTERM);
                                        }});
    EXPECT_LT(std::chrono::steady_clock::now() - sent, std::chrono::milliseconds(2500)) << words[1];  // and a busy one
    EXPECT_EQ(answer.exit_code, 130) << answer.err << answer.out;
    EXPECT_TRUE(contains(answer.out, "interrupted: ")) << answer.out;
  };
  stopped({"neural", "test", "model", "--data", "images.idx:labels.idx", "--answers", "10000", "--read-times", "0",
           "-o", "tested"});
  Json report = Json::parse(text_of(folder_ / "tested/report.json"));
  EXPECT_TRUE(report["result"]["interrupted"]);
  EXPECT_GE(report["result"]["runs"], 1);
  EXPECT_LT(report["result"]["runs"], 10000);
  EXPECT_EQ(report["result"]["images"], kImages);
  EXPECT_TRUE(exists("tested/report.html"));
  stopped({"neural", "neuron", "-n", "1000000", "--kT", "0.1,0.2", "--times", "0.05,0.1,10", "--inputs", "3", "-o",
           "neuron"});
  report = Json::parse(text_of(folder_ / "neuron/report.json"));
  EXPECT_TRUE(report["result"]["interrupted"]);
  EXPECT_GE(report["result"]["activation"].size(), 3u);
  EXPECT_LT(report["result"]["activation"].size(), 18u);
  EXPECT_TRUE(exists("neuron/activation.svg"));
}

}  // namespace swell::test
