// What answers say on the terminal, in their JSON and on their pages about whether they equilibrated
// (docs/diagnostics.md).

#include <fmt/format.h>

#include "cli/program.h"

namespace swell::test {

namespace {

using Json = nlohmann::json;

constexpr const char* kSentence = "swell: this has not equilibrated: ";
constexpr const char* kWell = "in equilibrium, as far as this run can tell: ";

// Four units in wells at x = +-1 whose barriers are 1/kT high, held for 50/mu.
std::string wells(double kT) {
  return fmt::format(R"(name = "wells"
kT = {}
dt = 5e-3
integrator = "leimkuhler-matthews"

[[group]]
name = "field"
shape = [4]
J2 = -2.0
J4 = 1.0
pattern = "ones"

[[protocol.relax]]
name = "relax"
duration = 50.0

[[protocol.push]]
name = "push"
duration = 1.0
drive = {{ field = [[0.0, 0.0], [1.0, 1.0]] }}
)",
                     kT);
}

// 96 units with couplings +-1 to six others: frustrated, and no exact reduction solves it.
std::string glass() {
  std::string text = "96 288\n";
  uint32_t bits = 12345;
  for (int i = 0; i < 96; ++i) {
    for (const int distance : {1, 5, 17}) {
      bits = (bits * 1103515245u + 12345u) % (1u << 31);
      text += fmt::format("{} {} {}\n", i + 1, (i + distance) % 96 + 1, (bits >> 16) % 2 ? 1 : -1);
    }
  }
  return text;
}

}  // namespace

class equilibrium_told : public Program {
 protected:
  // The check "equilibrium" of this command line, and what was said.
  Json told(std::vector<std::string> words, int exit_code = 0) {
    words.insert(words.end(), {"--threads", "2", "--json", "report.json", "--force"});
    said_ = swell(words);
    EXPECT_EQ(said_.exit_code, exit_code) << said_.err;
    report_ = Json::parse(text_of(folder_ / "report.json"), nullptr, false);
    for (const Json& check : report_["diagnostics"]) {
      if (check["check"] == "equilibrium") return check;
    }
    ADD_FAILURE() << "no such check";
    return {};
  }

  Answer said_;
  Json report_;
};

TEST_F(equilibrium_told, of_runs_in_wells_by_their_temperature) {
  write("cold.toml", wells(0.05));
  write("warm.toml", wells(3));
  const Json cold = told({"run", "cold.toml", "--protocol", "relax", "-n", "50", "-o", "out"});
  EXPECT_EQ(cold["passed"], false);
  EXPECT_GT(cold["r_hat"], 1.1);
  EXPECT_TRUE(contains(said_.err, kSentence)) << said_.err;
  EXPECT_TRUE(contains(said_.err, "a higher kT")) << said_.err;
  EXPECT_TRUE(contains(cold["message"], "split R-hat of the mean of group 'field' is"));
  const std::string page = text_of(folder_ / "out/report.html");
  EXPECT_TRUE(contains(page, "this has not equilibrated"));
  EXPECT_TRUE(contains(page, "temperature achieved"));
  const Json warm = told({"run", "warm.toml", "--protocol", "relax", "-n", "50", "-o", "out"});
  EXPECT_EQ(warm["passed"], true);
  EXPECT_LT(warm["r_hat"], 1.1);
  EXPECT_EQ(warm["kT_set"], 3.0);
  EXPECT_FALSE(contains(said_.err, "equilibr")) << said_.err;
  EXPECT_TRUE(contains(said_.out, kWell)) << said_.out;
  const Json pushed = told({"run", "warm.toml", "--protocol", "push", "-n", "8", "-o", "out"});
  EXPECT_TRUE(pushed["passed"].is_null());
  EXPECT_TRUE(pushed["kT"].is_null());
  EXPECT_TRUE(contains(pushed["unknown"]["kT"], "a driven machine has no equilibrium"));
  EXPECT_EQ(report_["diagnostics"][0]["check"], "first law");
}

// Two wells of equal depth at x = 0 and 1, U = 1.6 x^2 (x - 1)^2, with a barrier of 10 kT: a trajectory leaves its well
// 1.6e-5 times in 1/mu. From x = 0 all stay in one of them and agree, on the mean 0 where 0.5 is true: nothing can be
// seen. Dispersed starts find both wells, and disagree.
TEST_F(equilibrium_told, dispersed_starts_see_a_well_that_all_others_missed) {
  std::string wells_apart = wells(0.01);
  wells_apart.replace(wells_apart.find("J2 = -2.0\nJ4 = 1.0"), 18, "J2 = 1.6\nJ3 = -3.2\nJ4 = 1.6");
  write("wells.toml", wells_apart);
  std::vector<std::string> run{"run", "wells.toml", "--protocol", "relax", "-n", "50", "-o", "out"};
  EXPECT_EQ(told(run)["passed"], true);
  EXPECT_EQ(report_["inputs"]["start"], "zero");
  run.insert(run.end(), {"--start", "dispersed"});
  const Json apart = told(run);
  EXPECT_EQ(apart["passed"], false);
  EXPECT_GT(apart["r_hat"], 1.1);
  EXPECT_TRUE(contains(said_.err, kSentence)) << said_.err;
  EXPECT_EQ(report_["inputs"]["start"], "dispersed");
  EXPECT_EQ(report_["bill"]["simulation"]["engine"], "cpu");
}

// The slowest mode takes 2e7 times as long as the fastest: the budget ends it long before, on any computer. Exit code 5
// is that of a tolerance that was missed.
TEST_F(equilibrium_told, of_a_solve_that_was_stopped_early_and_of_a_whole_one) {
  write("stiff.mtx", "%%MatrixMarket matrix coordinate real symmetric\n2 2 3\n1 1 1\n2 1 0.9999999\n2 2 1\n");
  write("a.mtx", "%%MatrixMarket matrix coordinate real symmetric\n2 2 3\n1 1 2\n2 1 1\n2 2 3\n");
  write("b.mtx", "%%MatrixMarket matrix array real general\n2 1\n1\n0.5\n");
  const Json early =
      told({"solve", "stiff.mtx", "b.mtx", "--burn-in", "0.001", "--tolerance", "1e-6", "--budget", "0.5s"}, 5);
  EXPECT_EQ(early["passed"], false);
  EXPECT_TRUE(contains(said_.err, kSentence)) << said_.err;
  EXPECT_TRUE(contains(said_.err, "before the machine had forgotten it")) << said_.err;
  for (const char* device : {"overdamped", "exact", "spu"}) {
    const Json whole = told({"solve", "a.mtx", "b.mtx", "--device", device, "-o", "out"});
    EXPECT_EQ(whole["passed"], true);
    EXPECT_EQ(whole["chains"], 64);
    EXPECT_NEAR(whole["kT"]["value"].get<double>(), 1, 5 * whole["kT"]["stderr"].get<double>());
    EXPECT_FALSE(contains(said_.err, "equilibr")) << said_.err;
    EXPECT_TRUE(contains(said_.out, kWell)) << said_.out;
    EXPECT_TRUE(contains(text_of(folder_ / "out/report.html"), "split R-hat"));
  }
}

TEST_F(equilibrium_told, of_searches_only_where_they_stay_at_one_temperature) {
  write("glass.txt", glass());
  const std::vector<std::string> command = {"ising", "glass.txt", "--runs", "32", "--sweeps", "300"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), command.begin(), command.end());
    return told(more);
  };
  const Json held = with({"--hot", "1.5", "--cold", "1.5"});
  EXPECT_EQ(held["passed"], true);
  EXPECT_EQ(report_["inputs"]["rule"], "gibbs");
  EXPECT_NEAR(held["kT"]["value"].get<double>(), 1.5, 5 * held["kT"]["stderr"].get<double>());
  const Json cooled = with({});
  EXPECT_TRUE(cooled["passed"].is_null());
  EXPECT_EQ(report_["inputs"]["rule"], "metropolis");
  with({"--rule", "gibbs"});
  EXPECT_EQ(report_["inputs"]["rule"], "gibbs");
  EXPECT_TRUE(cooled["kT"].is_null());
  EXPECT_EQ(cooled["unknown"]["kT"], "a search that cools has no equilibrium");
  const Json tempered = told({"ising", "glass.txt", "--method", "tempering", "--runs", "1", "--sweeps", "6000"});
  EXPECT_TRUE(tempered["passed"].is_null());
  const Json rungs = report_["result"]["searches"][0]["tempering"];
  ASSERT_EQ(rungs["kT"].size(), 32u);
  ASSERT_EQ(rungs["swap_acceptance"].size(), 31u);
  for (const Json& share : rungs["swap_acceptance"]) {
    EXPECT_GT(share, 0);
    EXPECT_LE(share, 1);
  }
  EXPECT_TRUE(contains(said_.out, "replicas changed places in")) << said_.out;
  write("square.tsp", "DIMENSION: 4\nEDGE_WEIGHT_TYPE: EUC_2D\nNODE_COORD_SECTION\n1 0 0\n2 0 9\n3 9 9\n4 9 0\nEOF\n");
  EXPECT_TRUE(told({"route", "square.tsp", "--runs", "1"})["passed"].is_null());
}

TEST_F(equilibrium_told, of_units_that_are_read_at_a_set_time_without_a_verdict) {
  const Json neuron = told({"neural", "neuron", "--J2", "0.5", "--kT", "0.1", "--times", "0.1,10", "--inputs", "3",
                            "--dt", "0.01", "-n", "400", "-o", "out"});
  EXPECT_TRUE(neuron["passed"].is_null());
  const Json early = report_["result"]["temperatures"][0], late = report_["result"]["temperatures"][1];
  EXPECT_LT(early["achieved"]["value"], 0);  // far up the slope: x is still 0 where the well is far
  EXPECT_NEAR(late["achieved"]["value"].get<double>(), 0.1, 5 * late["achieved"]["stderr"].get<double>());
}

}  // namespace swell::test
