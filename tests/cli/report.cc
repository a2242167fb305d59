// Every command's report, as --json and as report.json, held against docs/report.schema.json.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "cli/program.h"
#include "cli/schema.h"
#include "neural/bars.h"
#include "swell/io/bytes.h"
#include "swell/io/checksum.h"
#include "swell/model/test_stages.h"

namespace swell::test {

namespace {

using Json = nlohmann::json;

// Eight bars of 4 x 4 pixels, lying and standing in turn.
std::vector<uint8_t> bar_pixels() {
  std::vector<uint8_t> pixels;
  for (int row = 0; row < 8; ++row) {
    for (int p = 0; p < 16; ++p) pixels.push_back((row % 2 == 0 ? p / 4 : p % 4) == row / 2 ? 250 : 3);
  }
  return pixels;
}

}  // namespace

class report_schema : public Program {
 protected:
  report_schema() {
    write_tiny();
    write("bars.toml", bars_design());
    write("bars.idx", idx_text({8, 4, 4}, bar_pixels()));
    write("kinds.idx", idx_text({8}, {0, 1, 0, 1, 0, 1, 0, 1}));
    write("a.mtx", "%%MatrixMarket matrix coordinate real symmetric\n2 2 3\n1 1 2\n2 1 1\n2 2 3\n");
    write("b.mtx", "%%MatrixMarket matrix array real general\n2 1\n1\n2\n");
    write("graph.txt", "5 6\n1 2\n2 3\n3 4\n4 1\n3 5\n4 5\n");
    write("square.tsp",
          "DIMENSION: 4\nEDGE_WEIGHT_TYPE: EUC_2D\nNODE_COORD_SECTION\n1 0 0\n2 0 9\n3 9 9\n4 9 0\nEOF\n");
  }

  // The report of this command line, after it was held against the schema.
  Json valid(std::vector<std::string> words, int exit_code = 0) {
    const std::string line = fmt::format("{}", fmt::join(words, " "));
    words.insert(words.end(), {"--quick", "--threads", "2", "--json", "-"});
    const Answer answer = swell(words);
    EXPECT_EQ(answer.exit_code, exit_code) << line << "\n" << answer.err;
    EXPECT_FALSE(answer.out.empty()) << line;
    const Json json = Json::parse(answer.out, nullptr, false);
    if (json.is_object() && json.contains("command")) {
      EXPECT_TRUE((line + " ").starts_with(json["command"].get<std::string>() + " ")) << line;
    }
    return json;
  }

  // And report.json in its folder is the same object.
  Json valid_with_folder(std::vector<std::string> words, int exit_code = 0) {
    words.insert(words.end(), {"-o", "out", "--force"});
    const Json json = valid(words, exit_code);
    EXPECT_EQ(json, Json::parse(text_of(folder_ / "out/report.json"))) << words[0];
    return json;
  }
};

TEST_F(report_schema, of_machines_that_make_images_fits_the_schema) {
  const Json trained = valid({"train", "tiny.toml", "--data", "images.idx:labels.idx", "--save", "model"});
  EXPECT_EQ(trained["inputs"]["files"].size(), 3u);
  EXPECT_EQ(trained["inputs"]["files"][0]["name"], "tiny.toml");
  const std::string text = text_of(folder_ / "tiny.toml");
  EXPECT_EQ(trained["inputs"]["files"][0]["sha256"], sha256_hex(std::as_bytes(std::span(text.data(), text.size()))));
  EXPECT_TRUE(trained["diagnostics"][0]["passed"]);
  const Json made = valid_with_folder({"generate", "model", "-n", "6"});
  EXPECT_EQ(made["inputs"]["samples"], 6);
  EXPECT_EQ(made["inputs"]["dt"], 0.01);
  EXPECT_EQ(made["inputs"]["integrator"], "euler-maruyama");
  EXPECT_TRUE(made["inputs"]["quick"]);
  EXPECT_EQ(made["result"]["heat"], made["bill"]["device"]["heat"]);
  EXPECT_EQ(valid_with_folder({"generate", "model", "-n", "6", "--dt", "0.005"})["inputs"]["dt"], 0.005);
  EXPECT_EQ(valid_with_folder({"run", "model", "--protocol", "generation", "--dt", "0.02"})["inputs"]["dt"], 0.02);
  const Json run = valid_with_folder({"run", "model", "--protocol", "generation", "-n", "40", "--observe", "50steps"});
  EXPECT_EQ(run["inputs"]["samples"], 16);  // what --quick leaves of 40
  EXPECT_EQ(run["inputs"]["dt"], 0.01);
  EXPECT_EQ(run["inputs"]["observe"], "50steps");
  EXPECT_EQ(run["diagnostics"][0]["check"], "first law");
  EXPECT_EQ(valid({"inspect", "model"})["result"]["training"]["method"], "exact");
  valid_with_folder({"demo", "-n", "4", "--tolerance", "1e-2"});
}

TEST_F(report_schema, of_a_rival_fits_the_schema) {
  write("stages.toml", kStagesDesign);
  write("squares.idx", idx_text({4, 2, 2}, {0, 255, 255, 0, 255, 0, 0, 255, 0, 200, 255, 0, 200, 0, 0, 255}));
  write("sides.idx", idx_text({4}, {0, 1, 0, 1}));
  const Json trained = valid({"rival", "train", "stages.toml", "--data", "squares.idx:sides.idx", "--save", "network"});
  EXPECT_EQ(trained["result"]["updates"], 20);  // what --quick leaves
  EXPECT_EQ(trained["result"]["loss_of_levels"].size(), 3u);
  const Json made = valid_with_folder({"rival", "generate", "network", "-n", "4", "--steps", "3"});
  EXPECT_EQ(made["result"]["multiply_adds"], 3 * 2 * 4 * 3);
  EXPECT_EQ(made["bill"]["digital"]["joule"], 3 * 2 * 4 * 3 * 1e-12);
  EXPECT_TRUE(made["bill"]["device"]["heat"].is_null());
}

TEST_F(report_schema, of_machines_that_answer_fits_the_schema) {
  valid({"neural", "train", "bars.toml", "--data", "bars.idx:kinds.idx", "--updates", "5", "--batch", "8", "--save",
         "model"});
  const Json tested =
      valid_with_folder({"neural", "test", "model", "--data", "bars.idx:kinds.idx", "--answers", "2", "--kT", "0.5"});
  EXPECT_EQ(tested["result"]["accuracy"]["count"], 8);
  EXPECT_EQ(tested["bill"]["outside_device_figure"]["inputs"], 16);
  valid({"neural", "compare", "out/report.json"});
  valid_with_folder({"neural", "neuron", "--inputs", "2", "--kT", "0.1", "--times", "0.1", "-n", "20"});
}

TEST_F(report_schema, of_linear_algebra_fits_the_schema_and_has_every_option) {
  const std::vector<std::vector<std::string>> commands = {
      {"solve", "a.mtx", "b.mtx"},    {"inv", "a.mtx"},  {"logdet", "a.mtx"},
      {"lyapunov", "a.mtx", "a.mtx"}, {"expm", "a.mtx"}, {"gaussian", "--precision", "a.mtx"}};
  for (const auto& command : commands) {
    const Json json = valid_with_folder(command);
    EXPECT_EQ(json["inputs"]["files"][0]["name"], "a.mtx");
    EXPECT_TRUE(json["result"]["files"]["answer"].get<std::string>().ends_with("out/answer.mtx"));
    if (command[0] != "logdet") {
      EXPECT_EQ(json["inputs"]["dt"], json["result"]["times"]["step"]);
    }
    EXPECT_EQ(json["inputs"]["replicas"], 64);
    for (const char* name : {"interval", "tolerance", "burn_in", "dt", "clock", "device", "integrator", "temperature"})
      EXPECT_TRUE(json["inputs"].contains(name)) << command[0] << " " << name;
  }
  const Json json =
      valid({"expm", "a.mtx", "--t", "0.5", "--tolerance", "0.1", "--interval", "2", "--device", "exact"});
  EXPECT_EQ(json["inputs"]["t"], 0.5);
  EXPECT_EQ(json["inputs"]["tolerance"], 0.1);
  EXPECT_EQ(json["inputs"]["interval"], 2);
  EXPECT_EQ(json["inputs"]["burn_in"], valid({"expm", "a.mtx"})["inputs"]["burn_in"]);
  EXPECT_EQ(valid({"solve", "a.mtx", "b.mtx", "--bits", "5"})["inputs"]["bits"], 5);
}

TEST_F(report_schema, of_searches_fits_the_schema) {
  for (const std::string method : {"anneal", "tempering", "langevin"}) {
    const Json json =
        valid({"ising", "graph.txt", "--method", method, "--runs", "2", "--sweeps", "50", "--seeds", "2"});
    EXPECT_EQ(json["result"]["value"], 5);
    EXPECT_EQ(json["inputs"]["sweeps"], 50);
    EXPECT_EQ(json["bill"]["device"]["flips"].is_null(), method == "langevin");
    EXPECT_FALSE(json["references"].empty());
  }
  const Json missed = valid({"ising", "graph.txt", "--runs", "1", "--target", "6"}, 5);
  EXPECT_FALSE(missed["diagnostics"].back()["passed"]);
  EXPECT_EQ(valid({"route", "square.tsp", "--runs", "1"})["result"]["length"], 36);
  const Json penalty = valid({"route", "square.tsp", "--encoding", "penalty", "--runs", "1", "--price-flip", "1e-9"});
  EXPECT_DOUBLE_EQ(penalty["bill"]["device"]["energy"]["value"],
                   1e-9 * penalty["result"]["search"]["accepted"].get<double>());
  valid({"route", std::string(SWELL_SOURCE_DIR) + "/examples/town.streets", "--runs", "1"});
  valid({"bench", "--time", "2ms", "--only", "dense/256/batch8/threads1"});
}

// What --quick makes smaller is told as it was used, and every file that shaped the result is listed.
TEST_F(report_schema, inputs_are_the_values_in_force_and_all_files_that_were_read) {
  const auto lists = [](const Json& json, const std::string& name) {
    return std::ranges::any_of(json["inputs"]["files"], [&](const Json& file) {
      return file["name"].get<std::string>().ends_with(name) && file["sha256"].is_string();
    });
  };
  write("chip.toml", "[couplings]\nmismatch = \"5 %\"\n");
  const Json inverse = valid({"inv", "a.mtx", "--chip", "chip.toml"});
  EXPECT_EQ(inverse["inputs"]["chips"], 4);
  EXPECT_TRUE(lists(inverse, "chip.toml"));
  write("rc.cir", "one resistor and one capacitor\nR1 out 0 1k\nC1 out 0 1p\n.end\n");
  EXPECT_EQ(valid({"circuit", "rc.cir", "--duration", "10ns", "--step", "1ns"})["inputs"]["samples"], 4);
  write("mutual.mtx", "%%MatrixMarket matrix array real general\n2 2\n2\n-1\n-1\n2\n");
  const std::string spu8 = std::string(SWELL_SOURCE_DIR) + "/targets/spu8.toml";
  const Json held = valid({"compile", "mutual.mtx", "--onto", spu8});
  EXPECT_EQ(held["inputs"]["moves"], 10000);
  EXPECT_TRUE(lists(held, "spu8.toml"));
  const Json trained =
      valid({"train", "tiny.toml", "--data", "images.idx", "--method", "gradient", "--updates", "40", "--save", "m"});
  EXPECT_EQ(trained["inputs"]["updates"], 10);
  EXPECT_EQ(trained["inputs"]["tolerance"], 1e-3);
}

// An answer of more than 65536 entries lies in a file: in the folder asked for, else beside the report, where that is
// one.
TEST_F(report_schema, says_where_a_large_answer_is) {
  std::string text = "%%MatrixMarket matrix coordinate real symmetric\n257 257 257\n";
  for (int i = 1; i <= 257; ++i) text += fmt::format("{} {} {}\n", i, i, 1 + i % 3);
  write("large.mtx", text);
  const Json without = valid({"inv", "large.mtx", "--device", "exact", "--no-reference"});
  EXPECT_TRUE(without["result"]["answer"]["value"].is_null());
  EXPECT_TRUE(contains(without["result"]["left_out"].get<std::string>(), "--output FOLDER"));
  EXPECT_FALSE(without["result"].contains("files"));
  swell({"inv", "large.mtx", "--device", "exact", "--no-reference", "--quick", "--json", "beside.json"});
  const Json beside = Json::parse(text_of(folder_ / "beside.json"))["result"];
  EXPECT_FALSE(beside.contains("left_out"));
  EXPECT_EQ(beside["files"]["answer"], "beside.answer.mtx");
  EXPECT_EQ(beside["files"]["errors"], "beside.stderr.mtx");
  EXPECT_TRUE(exists("beside.answer.mtx"));
  EXPECT_TRUE(exists("beside.stderr.mtx"));
  const Json with = valid_with_folder({"inv", "large.mtx", "--device", "exact", "--no-reference"});
  EXPECT_FALSE(with["result"].contains("left_out"));
  EXPECT_TRUE(exists(with["result"]["files"]["answer"]));
  EXPECT_TRUE(exists(with["result"]["files"]["errors"]));
}

// The validator itself: what it must catch.
TEST_F(report_schema, the_schema_refuses_other_shapes) {
  Json json = valid({"inv", "a.mtx"});
  const auto broken = [&](const char* pointer, const Json& value) {
    Json other = json;
    other[Json::json_pointer(pointer)] = value;
    EXPECT_FALSE(report_schema_of_docs().complaints(other).empty()) << pointer;
  };
  broken("/extra", 1);
  broken("/result/standard_error", 1);
  broken("/result/heat", {{"value", 1.0}, {"stderr", 2.0}});
  broken("/result/heat", {{"value", 1.0}, {"unit", "kT"}});
  broken("/result/heat", {{"value", 1.0}, {"count", 3}});
  broken("/result/heat", {{"value", 1.0}, {"stderr", 2.0}, {"count", 3}, {"unit", "kT"}, {"spread", 1.0}});
  broken("/result/heat", {{"value", {1.0, 2.0}}, {"stderr", {2.0}}, {"count", 3}, {"unit", "kT"}});
  broken("/result/heat", {{"value", {1.0, 2.0}}, {"stderr", 2.0}, {"count", 3}, {"unit", "kT"}});
  broken("/bill/device/heat", 3.0);
  broken("/bill/device/other", 3.0);
  broken("/diagnostics/0", {{"check", "x"}, {"passed", false}});
  broken("/threads", 0);
  broken("/inputs/files/0/sha256", "abc");
  json.erase("references");
  EXPECT_FALSE(report_schema_of_docs().complaints(json).empty());
}

}  // namespace swell::test
