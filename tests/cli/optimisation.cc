// swell ising and swell route as a new user tries them: graphs typed by hand, the example town, mistakes, Ctrl-C.

#include <fmt/format.h>

#include "cli/program.h"

namespace swell::test {

namespace {

using Json = nlohmann::json;

std::string town() { return std::string(SWELL_SOURCE_DIR) + "/examples/town.streets"; }

}  // namespace

class optimisation : public Program {};

TEST_F(optimisation, graph_typed_by_hand_is_cut_at_its_optimum) {
  write("house.txt", "5 6\n1 2\n2 3\n3 4\n4 1\n3 5\n4 5\n");
  const Answer answer = swell({"ising", "house.txt", "--solution", "cut.txt", "--json", "all.json"});
  ASSERT_EQ(answer.exit_code, 0) << answer.err;
  EXPECT_TRUE(contains(answer.out, "best cut: 5"));
  EXPECT_TRUE(contains(answer.out, "exact optimum, by reduction and enumeration: 5, reached: this is an optimum"));
  const Json json = Json::parse(text_of(folder_ / "all.json"));
  EXPECT_EQ(json["result"]["value"], 5);
  EXPECT_EQ(json["bill"]["device"]["flips"]["value"], 0);
  EXPECT_TRUE(contains(answer.out, "solved by exact reduction, no p-bit flipped"));
  // The sides as written cut five of the six edges.
  const std::string sides = text_of(folder_ / "cut.txt");
  int cut = 0;
  for (const auto& [a, b] : {std::pair(1, 2), {2, 3}, {3, 4}, {4, 1}, {3, 5}, {4, 5}})
    cut += sides[2 * a - 2] != sides[2 * b - 2];
  EXPECT_EQ(cut, 5);
}

TEST_F(optimisation, every_format_and_method_answers) {
  write("a.qubo", "p qubo 0 3 2 2\n0 0 -2\n2 2 1\n0 1 1\n1 2 -3\n");
  write("b.mtx", "%%MatrixMarket matrix coordinate real symmetric\n3 3 3\n1 1 0.5\n2 1 -1\n3 2 2\n");
  write("c.cnf", "p cnf 3 3\n1 2 3 0\n-1 0\n-2 -3 0\n");
  const auto value = [&](const std::string& file, const std::string& method) {
    const Answer answer = swell({"ising", file, "--method", method, "--runs", "4", "--sweeps", "500", "--json", "-"});
    EXPECT_EQ(answer.exit_code, 0) << answer.err;
    return Json::parse(answer.out)["result"]["value"].get<double>();
  };
  for (const std::string method : {"anneal", "tempering", "langevin"}) {
    EXPECT_EQ(value("a.qubo", method), -3);
    EXPECT_EQ(value("b.mtx", method), -3.5);
    EXPECT_EQ(value("c.cnf", method), 3);
  }
}

// p-bits are billed by their flips, continuous units by their heat; neither is told as 0 of the other.
TEST_F(optimisation, every_method_has_a_bill_of_its_own_kind) {
  std::string text = "30 435\n";
  for (int i = 1; i <= 30; ++i) {
    for (int j = i + 1; j <= 30; ++j) text += fmt::format("{} {} {}\n", i, j, (i * i * 7 + j * j * 13) % 5 - 2);
  }
  write("dense.txt", text);
  for (const std::string method : {"anneal", "tempering", "langevin"}) {
    const Answer answer =
        swell({"ising", "dense.txt", "--method", method, "--runs", "2", "--sweeps", "300", "--price-flip", "2e-9",
               "--temperature", "150", "--update-time", "3ns", "--json", "-"});
    ASSERT_EQ(answer.exit_code, 0) << answer.err;
    const Json all = Json::parse(answer.out), bill = all["bill"], device = bill["device"],
               search = all["result"]["searches"][0];
    if (method == "langevin") {
      EXPECT_TRUE(device["flips"].is_null());
      EXPECT_EQ(device["unknown"]["flips"], "continuous units have no flips");
      EXPECT_GT(device["heat"]["value"].get<double>(), 30);  // kT: more than kT a unit, of a ground state
      EXPECT_DOUBLE_EQ(device["energy"]["value"], device["heat"]["value"].get<double>() * 1.380649e-23 * 150);
    } else {
      EXPECT_TRUE(device["heat"].is_null());
      EXPECT_EQ(device["flips"]["value"], search["flips"]);
      EXPECT_DOUBLE_EQ(device["time_s"], search["sweeps"].get<double>() * 3e-9);
      EXPECT_DOUBLE_EQ(device["update_time_s"], 3e-9);
      EXPECT_GT(search["flips"].get<double>(), 30 * 4);  // half the units in each of the hottest sweeps
      EXPECT_DOUBLE_EQ(device["energy"]["value"], device["flips"]["value"].get<double>() * 2e-9);
    }
    EXPECT_FALSE(device["energy"]["value"].is_null());
    const Json simulation = bill["simulation"];
    EXPECT_EQ(simulation["host_flips"], search["host_flips"]);
    EXPECT_EQ(simulation["engine"], method == "langevin" ? "cpu" : "p-bits");
    // An update of a unit draws a number and reads the couplings of the unit.
    EXPECT_DOUBLE_EQ(simulation["multiply_adds"],
                     simulation["draws"].get<double>() * 2 * all["inputs"]["couplings"].get<double>() / 30);
    EXPECT_DOUBLE_EQ(simulation["draws"], search["sweeps"].get<double>() * 30);
  }
}

TEST_F(optimisation, missed_targets_and_mistakes_have_their_exit_codes) {
  write("graph.txt", "3 3\n1 2\n2 3\n1 3\n");
  expect_refused(5, {"ising", "graph.txt", "--target", "3", "--runs", "2", "--sweeps", "10"}, {"2", "target 3"});
  expect_refused(3, {"ising", "nowhere.txt"}, {"nowhere.txt"});
  write("loop.txt", "3 1\n2 2\n");
  expect_refused(3, {"ising", "loop.txt"}, {"loop.txt, line 2", "itself"});
  write("big.mtx", "%%MatrixMarket matrix coordinate real general\n2 2 2\n1 2 1\n2 1 2\n");
  expect_refused(2, {"ising", "big.mtx"}, {"symmetric"});
  expect_refused(2, {"ising", "graph.txt", "--budget", "soon"}, {"--budget: 'soon' is not a time"});
  expect_refused(2, {"ising", "graph.txt", "--hot", "1", "--cold", "2"}, {"the last kT, 2, is above the first, 1"});
  expect_refused(2, {"ising", "graph.txt", "--method", "langevin", "--rule", "gibbs"}, {"--rule gibbs is of p-bits"});
  expect_refused(2, {"route", town(), "--rule", "gibbs"}, {"--rule gibbs is of p-bits", "--encoding penalty"});
  expect_refused(2, {"ising", "graph.txt", "--hot", "-1"}, {"--hot is -1; from 0 to 1e+30 is allowed"});
  write("cycle.tsp", "TYPE: TSP\nDIMENSION: 3\nEDGE_WEIGHT_TYPE: SPECIAL\n");
  expect_refused(3, {"route", "cycle.tsp"}, {"cycle.tsp, line 3", "SPECIAL"});
  expect_refused(2, {"route", town(), "--duty", "rewards"}, {"--most-length"});
  expect_refused(3, {"route", town(), "--map", "nowhere/map.svg"}, {"nowhere/map.svg"});
  expect_refused(2, {"route", town(), "--map", "map.PNG"}, {"--map map.PNG", ".svg"});
  expect_refused(2, {"route", town(), "--most-length", "0"}, {"--most-length is 0; more than 0 and at most 1e+30"});
  expect_refused(2, {"route", SWELL_SOURCE_DIR "/examples/few.tsp", "--depot", "A"}, {"--depot and --end", "street"});
}

TEST_F(optimisation, example_town_is_walked_at_the_exact_optimum_and_drawn) {
  const Answer all = swell({"route", town(), "--duty", "all", "--runs", "4", "--tour", "tour.txt", "--map", "map.svg",
                            "--json", "all.json"});
  ASSERT_EQ(all.exit_code, 0) << all.err;
  const Json json = Json::parse(text_of(folder_ / "all.json"))["result"];
  EXPECT_EQ(json["length"], json["optimum"]);
  EXPECT_EQ(json["round"].front(), json["round"].back());
  EXPECT_TRUE(contains(text_of(folder_ / "tour.txt"), "High Street"));
  EXPECT_EQ(text_of(folder_ / "map.svg").rfind("<svg", 0), 0u);
  const Answer within = swell({"route", town(), "--most-length", "3000", "--runs", "2", "--json", "-"});
  ASSERT_EQ(within.exit_code, 0) << within.err;
  EXPECT_LE(Json::parse(within.out)["result"]["length"].get<double>(), 3000);
  EXPECT_EQ(swell({"route", town(), "--runs", "1"}).exit_code, 0);
}

TEST_F(optimisation, tours_are_proven_written_and_compared_only_with_their_own_optimum) {
  std::string cities;
  for (int k = 0; k < 52; ++k) cities += fmt::format("{} {} {}\n", k + 1, k % 26, k / 26);
  write("berlin52.tsp",
        "NAME: berlin52\nTYPE: TSP (somebody)\nDIMENSION: 52\nEDGE_WEIGHT_TYPE: EUC_2D\n"
        "NODE_COORD_SECTION\n" +
            cities + "EOF\n");
  // The bound proves the optimum, which ends the search long before its time.
  const Answer answer =
      swell({"route", "berlin52.tsp", "--budget", "600s", "--tour", "best.tour", "--json", "all.json"});
  ASSERT_EQ(answer.exit_code, 0) << answer.err;
  EXPECT_TRUE(contains(answer.out, "tour of length 52"));
  EXPECT_TRUE(contains(answer.out, "this is an optimum"));
  EXPECT_FALSE(contains(answer.out, "7542"));
  const Json json = Json::parse(text_of(folder_ / "all.json"))["result"];
  EXPECT_EQ(json["length"], 52);
  EXPECT_EQ(json["proven_optimal"], true);
  EXPECT_EQ(json["tour"].size(), 52u);
  EXPECT_FALSE(json.contains("optimum"));
  EXPECT_TRUE(contains(text_of(folder_ / "best.tour"), "TOUR_SECTION"));
  // Decimals stay decimals.
  write("m.tsp",
        "DIMENSION: 3\nEDGE_WEIGHT_TYPE: EXPLICIT\nEDGE_WEIGHT_FORMAT: UPPER_ROW\nEDGE_WEIGHT_SECTION\n"
        "999999.9 0.05 1\n");
  EXPECT_TRUE(contains(swell({"route", "m.tsp"}).out, "tour of length 1000000.95"));
}

// Streets from a table and from a map; the round goes out as a track and as a map again.
TEST_F(optimisation, networks_as_people_have_them_are_walked) {
  const std::string examples = std::string(SWELL_SOURCE_DIR) + "/examples/";
  const Answer map =
      swell({"route", examples + "hamlet.geojson", "--tour", "round.gpx", "--map", "map.svg", "--json", "-"});
  ASSERT_EQ(map.exit_code, 0) << map.err;
  const Json json = Json::parse(map.out)["result"];
  EXPECT_TRUE(json["proven_optimal"].get<bool>());
  EXPECT_EQ(json["length"], json["lower_bound"]);
  EXPECT_TRUE(contains(text_of(folder_ / "round.gpx"), "<trkpt lat=\"47."));
  EXPECT_TRUE(contains(text_of(folder_ / "map.svg"), "walked, first to last"));
  ASSERT_EQ(swell({"route", examples + "hamlet.geojson", "--tour", "round.geojson"}).exit_code, 0);
  // The round as a network of its own: every street of it has been walked.
  EXPECT_EQ(swell({"route", "round.geojson"}).exit_code, 0);
  const Answer table = swell({"route", examples + "oneway.csv", "--depot", "mill", "--json", "-"});
  ASSERT_EQ(table.exit_code, 0) << table.err;
  EXPECT_EQ(Json::parse(table.out)["result"]["round"].front(), "mill");
  expect_refused(2, {"route", examples + "oneway.csv", "--depot", "castle"}, {"--depot", "castle"});
  expect_refused(2, {"route", examples + "oneway.csv", "--tour", "round.gpx"}, {"longitudes"});
  expect_refused(2, {"route", examples + "oneway.csv", "--map", "map2.svg"}, {"no places to draw"});
}

TEST_F(optimisation, interrupted_searches_answer_with_the_best_so_far) {
  std::string graph = "400 1600\n";
  for (int k = 0; k < 1600; ++k)
    graph += fmt::format("{} {} {}\n", k % 400 + 1, (k % 400 + 1 + k / 400 * 7) % 400 + 1, k % 3 == 0 ? -1 : 1);
  write("graph.txt", graph);
  const Circumstances interrupt = {-1, [](pid_t child) {
                                     std::this_thread::sleep_for(std::chrono::milliseconds(700));
                                     ::kill(child, SIGINT);
                                   }};
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"ising", "graph.txt", "--budget", "600s"},
        std::vector<std::string>{"route", town(), "--most-length", "4000", "--budget", "600s"},
        std::vector<std::string>{"route", SWELL_SOURCE_DIR "/examples/few.tsp", "--encoding", "penalty", "--budget",
                                 "600s"}}) {
    const Answer answer = swell(words, interrupt);
    EXPECT_EQ(answer.exit_code, 130) << answer.err;
    EXPECT_TRUE(contains(answer.out, "interrupted: this is the best so far"));
  }
}

}  // namespace swell::test
