// The benchmark command runs and says what it should; how fast anything is decides no test.

#include <algorithm>
#include <set>

#include "cli/program.h"

namespace swell::test {

class bench_command : public Program {};

TEST_F(bench_command, quick_run_names_every_figure_with_its_ceiling_and_share) {
  const Answer answer = swell({"bench", "--quick", "--threads", "2", "--time", "5ms", "--json", "-"});
  ASSERT_EQ(answer.exit_code, 0) << answer.err;
  const auto json = nlohmann::json::parse(answer.out);
  ASSERT_EQ(json["result"]["ceilings"].size(), 2u);
  for (const auto& ceilings : json["result"]["ceilings"]) {
    // A processor of this age multiplies and adds once a cycle at the least, draws a normal in less than a thousand
    // cycles and reads a byte in less than ten; none of them does a hundred times what is known of any.
    for (const char* key : {"f32_gflops", "bf16_gflops", "f64_gflops"}) {
      EXPECT_GT(ceilings[key].get<double>(), 0.1) << key;
      EXPECT_LT(ceilings[key].get<double>(), 1e5) << key;
    }
    EXPECT_GT(ceilings["normals_per_s"].get<double>(), 1e6);
    EXPECT_LT(ceilings["normals_per_s"].get<double>(), 1e12);
    ASSERT_EQ(ceilings["reads"].size(), 4u);
    for (const auto& read : ceilings["reads"]) {
      EXPECT_GT(read["bytes_per_s"].get<double>(), 1e8);
      EXPECT_LT(read["bytes_per_s"].get<double>(), 1e14);
    }
  }
  std::set<std::string> kinds;
  for (const auto& each : json["result"]["cases"]) {
    const auto name = each["name"].get<std::string>();
    kinds.insert(name.substr(0, name.find('/')));
    // The figures follow from the rates: their median and best, and the best over the least time of any resource.
    std::vector<double> rates = each["rates"];
    std::ranges::sort(rates);
    const double median = each["median"], best = each["best"];
    EXPECT_EQ(best, rates.back()) << name;
    EXPECT_GE(median, rates[(rates.size() - 1) / 2]) << name;
    EXPECT_LE(median, rates[rates.size() / 2]) << name;
    EXPECT_DOUBLE_EQ(each["gflops"], 2e-9 * each["cost"]["multiply_adds"].get<double>() * median) << name;
    double least = 0;
    for (const auto& [resource, seconds] : each["least_s"].items()) least = std::max(least, seconds.get<double>());
    EXPECT_EQ(each["least_s"][each["bound"].get<std::string>()], least) << name;
    EXPECT_DOUBLE_EQ(each["share"], least * best) << name;
    EXPECT_TRUE(each.contains("spread")) << name;
  }
  EXPECT_EQ(kinds, (std::set<std::string>{"dense", "entropy", "graph", "images", "lattice", "learning", "product",
                                          "uncoupled"}));
}

TEST_F(bench_command, only_chooses_cases_by_a_part_of_their_name) {
  const Answer answer = swell({"bench", "--quick", "--time", "5ms", "--only", "dense/256/batch8/threads1"});
  ASSERT_EQ(answer.exit_code, 0) << answer.err;
  EXPECT_TRUE(contains(answer.out, "dense/256/batch8/threads1"));
  EXPECT_FALSE(contains(answer.out, "batch64"));
  expect_refused(2, {"bench", "--only", "densse"}, {"densse", "dense/1296"});
  expect_refused(2, {"bench", "--time", "0"}, {"--time", "0"});
}

// Ctrl-C after the first case: the file has what was measured, and says that it is not all.
TEST_F(bench_command, an_interrupt_keeps_the_cases_before) {
  const auto after_a_case = [](pid_t child) {
    const std::string out = "/proc/" + std::to_string(child) + "/fd/1";
    // Before the program starts it is the stream of the tests, which is no file.
    const auto has_a_case = [&] {
      return std::filesystem::is_regular_file(out) && text_of(out).find("batch") != std::string::npos;
    };
    for (int k = 0; k < 3000 && !has_a_case(); ++k) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    ::kill(child, SIGINT);
  };
  const Answer answer = swell({"bench", "--time", "20ms", "--json", "kept.json"}, {-1, after_a_case});
  EXPECT_EQ(answer.exit_code, 130) << answer.err;
  EXPECT_TRUE(contains(answer.err, "interrupted: the cases before are kept"));
  const auto json = nlohmann::json::parse(text_of(folder_ / "kept.json"));
  EXPECT_GE(json["result"]["cases"].size(), 1u);
  EXPECT_EQ(json["diagnostics"].back()["check"], "all cases measured");
  EXPECT_FALSE(json["diagnostics"].back()["passed"].get<bool>());
}

}  // namespace swell::test
