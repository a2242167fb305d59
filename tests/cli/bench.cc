// The benchmark command runs and says what it should; how fast anything is decides no test.

#include <set>

#include "cli/program.h"

namespace swell::test {

class bench_command : public Program {};

TEST_F(bench_command, quick_run_names_every_figure_with_its_ceiling_and_share) {
  const Answer answer = swell({"bench", "--quick", "--threads", "2", "--time", "5ms", "--json", "-"});
  ASSERT_EQ(answer.exit_code, 0) << answer.err;
  const auto json = nlohmann::json::parse(answer.out);
  ASSERT_EQ(json["ceilings"].size(), 2u);
  for (const auto& ceilings : json["ceilings"]) {
    for (const char* key : {"f32_gflops", "bf16_gflops", "f64_gflops", "normals_per_s"})
      EXPECT_GT(ceilings[key].get<double>(), 0);
    for (const auto& read : ceilings["reads"]) EXPECT_GT(read["bytes_per_s"].get<double>(), 0);
  }
  std::set<std::string> kinds;
  for (const auto& each : json["cases"]) {
    const auto name = each["name"].get<std::string>();
    kinds.insert(name.substr(0, name.find('/')));
    EXPECT_GT(each["median"].get<double>(), 0) << name;
    EXPECT_GE(each["best"].get<double>(), each["median"].get<double>()) << name;
    EXPECT_GT(each["share"].get<double>(), 0) << name;
    EXPECT_TRUE(each.contains("spread") && each.contains("gflops") && each.contains("cost")) << name;
  }
  EXPECT_EQ(kinds, (std::set<std::string>{"dense", "graph", "images", "lattice", "product", "uncoupled"}));
}

TEST_F(bench_command, only_chooses_cases_by_a_part_of_their_name) {
  const Answer answer = swell({"bench", "--quick", "--time", "5ms", "--only", "dense/256/batch8/threads1"});
  ASSERT_EQ(answer.exit_code, 0) << answer.err;
  EXPECT_TRUE(contains(answer.out, "dense/256/batch8/threads1"));
  EXPECT_FALSE(contains(answer.out, "batch64"));
  expect_refused(2, {"bench", "--only", "densse"}, {"densse", "dense/1296"});
  expect_refused(2, {"bench", "--time", "0"}, {"--time", "0"});
}

}  // namespace swell::test
