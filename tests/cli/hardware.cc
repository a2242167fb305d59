// swell spice and swell circuit: what they write and say, and how they refuse. What runs ngspice is skipped without it.

#include <cmath>
#include <set>

#include "cli/program.h"
#include "swell/hardware/spice/simulator.h"
#include "swell/io/npy.h"

namespace swell::test {

using Json = nlohmann::json;

class hardware_commands : public Program {
 protected:
  Json json_of(std::vector<std::string> arguments, int exit_code = 0) {
    arguments.insert(arguments.end(), {"--json", "-", "--quiet"});
    const Answer answer = swell(arguments);
    EXPECT_EQ(answer.exit_code, exit_code) << answer.err;
    return Json::parse(answer.out, nullptr, false);
  }
  void train_tiny() {
    write_tiny(20);
    const Answer answer =
        swell({"train", "tiny.toml", "--data", "images.idx:labels.idx", "--save", "tiny.safetensors"});
    ASSERT_EQ(answer.exit_code, 0) << answer.err;
  }
  static std::string board() { return "rc\nr1 a 0 1k\nc1 a 0 1p\nl1 a 0 1u\n.temp 26.85\n"; }
};

TEST_F(hardware_commands, a_trained_machine_becomes_a_folder_of_netlists) {
  train_tiny();
  const Json report =
      json_of({"spice", "tiny.safetensors", "-o", "board", "--C", "2pF", "--V0", "50mV", "--t0", "1us"});
  EXPECT_DOUBLE_EQ(report["result"]["R0_ohm"], 5e5);
  EXPECT_DOUBLE_EQ(report["result"]["energy_J"], 2e-12 * 0.05 * 0.05);
  for (const char* file : {"machine.cir", "machine.json", "machine.xyce.cir", "machine.va", "drift.cir", "path.cir",
                           "statistics.cir", "README.md"})
    EXPECT_TRUE(exists(std::string("board/") + file)) << file;
  EXPECT_TRUE(contains(text_of(folder_ / "board/README.md"), "T_eff = kT C V0^2 / k_B"));
  // The same command writes the same bytes.
  const std::string first = text_of(folder_ / "board/machine.cir");
  json_of({"spice", "tiny.safetensors", "-o", "again", "--C", "2pF", "--V0", "50mV", "--t0", "1us"});
  EXPECT_EQ(text_of(folder_ / "again/machine.cir"), first);
  // A trained machine is known by its content, whatever its name.
  write("model", text_of(folder_ / "tiny.safetensors"));
  json_of({"spice", "model", "-o", "unnamed", "--C", "2pF", "--V0", "50mV", "--t0", "1us"});
  EXPECT_EQ(text_of(folder_ / "unnamed/drift.cir"), text_of(folder_ / "board/drift.cir"));
}

TEST_F(hardware_commands, what_cannot_be_built_is_refused_in_a_sentence) {
  train_tiny();
  expect_refused(2, {"spice"}, {"MODEL"});
  expect_refused(2, {"spice", "tiny.safetensors"}, {"-o"});
  expect_refused(2, {"spice", "tiny.safetensors", "-o", "b", "--C", "1parsec"}, {"1parsec", "F"});
  expect_refused(2, {"spice", "tiny.safetensors", "-o", "b", "--C", "-1pF"}, {"capacitance C"});
  expect_refused(2, {"spice", "tiny.safetensors", "-o", "b", "--picture", "flux", "--unit", "cosh"}, {"flux", "cosh"});
  expect_refused(2, {"spice", "tiny.safetensors", "-o", "b", "--picture", "charge"}, {"capacitor"});
  expect_refused(2, {"spice", "tiny.safetensors", "-o", "b", "--picture", "flux", "--V0", "1V", "--temperature", "4K"},
                 {"V0 = 1 V", "4 K"});
  expect_refused(2, {"spice", "tiny.safetensors", "-o", "b", "--couplings", "none"}, {"none"});
  expect_refused(3, {"spice", "check", "nowhere"}, {"nowhere"});
  EXPECT_FALSE(exists("b"));
}

TEST_F(hardware_commands, hostile_folders_do_not_reach_the_simulator) {
  train_tiny();
  json_of({"spice", "tiny.safetensors", "-o", "board"});
  const std::string good = text_of(folder_ / "board/machine.cir");
  for (const char* line :
       {".control\nshell touch hacked\n.endc\n", ".include /etc/passwd\n", "*# shell touch hacked\na1 x y z\n"}) {
    write("board/machine.cir", line + good);
    expect_refused(2, {"spice", "check", "board"}, {"machine.cir:"});
  }
  write("board/machine.cir", good);
  write("board/machine.json", "{\"swell_spice\": 1}");
  expect_refused(3, {"spice", "check", "board"}, {"machine.json"});
  EXPECT_FALSE(exists("hacked"));
}

// From training to a chip of six bits, to its circuit, and to chips with faults of what the chip holds.
TEST_F(hardware_commands, a_trained_machine_goes_through_a_target_to_the_circuit_and_to_chips) {
  const std::string source = SWELL_SOURCE_DIR, designs = source + "/designs/digits7x7";
  const auto done = [&](std::vector<std::string> arguments) { return json_of(std::move(arguments))["result"]; };
  done({"train", designs + ".toml", "--data", designs + ".idx", "--save", "digits.safetensors"});
  const Json placed =
      done({"compile", "digits.safetensors", "--onto", source + "/examples/bank.toml", "--save", "held.safetensors"});
  EXPECT_TRUE(placed["fits"].get<bool>());
  const Json board = done({"spice", "held.safetensors", "-o", "board"});
  EXPECT_EQ(board["units"], 65);
  EXPECT_LT(board["couplings"].get<int64_t>(), 904);  // those that were rounded to 0 are left out
  // All couplings in the netlist are levels of 31 steps.
  const std::string netlist = text_of(folder_ / "board/machine.cir");
  std::set<std::string> levels;
  for (size_t at = netlist.find("\ngc"); at != std::string::npos; at = netlist.find("\ngc", at + 1)) {
    const size_t from = netlist.find('{', at) + 1;
    levels.insert(netlist.substr(from, netlist.find('/', from) - from));
  }
  EXPECT_LE(levels.size(), 62u);
  EXPECT_GT(levels.size(), 20u);
  const Json images = done({"generate", "held.safetensors", "-n", "40", "--film", "0", "-o", "images", "--chip",
                            source + "/examples/chip.toml", "--chips", "3"});
  EXPECT_EQ(images["chips"]["chips"], 3);
  EXPECT_LT(images["chips"]["perfect"].get<double>(), 0.1);
  if (!spice::Simulator::installed()) GTEST_SKIP() << "ngspice is not installed";
  EXPECT_TRUE(done({"spice", "check", "board", "--quick"})["passed"].get<bool>());
}

TEST_F(hardware_commands, couplings_that_saturate_are_told_apart) {
  train_tiny();
  expect_refused(2, {"spice", "tiny.safetensors", "-o", "b", "--picture", "flux", "--saturation", "3"},
                 {"do not saturate"});
  expect_refused(2, {"spice", "tiny.safetensors", "-o", "b", "--saturation", "-3"}, {"x = -3"});
  json_of({"spice", "tiny.safetensors", "-o", "board", "--saturation", "3"});
  EXPECT_TRUE(contains(text_of(folder_ / "board/README.md"), "no potential"));
  EXPECT_FALSE(exists("board/statistics.cir"));
  if (!spice::Simulator::installed()) return;
  const Json report = json_of({"spice", "check", "board", "--quick"});
  EXPECT_TRUE(report["result"]["passed"].get<bool>());
  EXPECT_FALSE(report["result"]["layers"][3]["ran"].get<bool>());
  EXPECT_TRUE(contains(report["result"]["layers"][3]["message"].get<std::string>(), "no potential"));
}

TEST_F(hardware_commands, a_check_says_layer_by_layer_what_it_found) {
  if (!spice::Simulator::installed()) GTEST_SKIP() << "ngspice is not installed";
  train_tiny();
  json_of({"spice", "tiny.safetensors", "-o", "board"});
  const Json report = json_of({"spice", "check", "board", "--quick"});
  EXPECT_TRUE(report["result"]["passed"].get<bool>());
  EXPECT_EQ(report["result"]["layers"].size(), 4u);
  EXPECT_LT(report["result"]["layers"][0]["error"].get<double>(), 1e-9);
  // A coupling with another sign.
  std::string text = text_of(folder_ / "board/machine.cir");
  const size_t at = text.find("gc0_16 x0 0 x16 0 {");
  ASSERT_NE(at, std::string::npos);
  const size_t number = text.find('{', at) + 1;
  if (text[number] == '-')
    text.erase(number, 1);
  else
    text.insert(number, "-");
  write("board/machine.cir", text);
  const Json wrong = json_of({"spice", "check", "board", "--quick"}, 5);
  EXPECT_FALSE(wrong["result"]["passed"].get<bool>());
}

TEST_F(hardware_commands, p_bits_become_neurons) {
  write("pair.ising", "2 1\n1 2 -1\n");
  const Answer answer = swell({"spice", "pair.ising", "-o", "neurons", "--kT", "2"});
  ASSERT_EQ(answer.exit_code, 0) << answer.err;
  EXPECT_TRUE(contains(text_of(folder_ / "neurons/machine.cir"), "sgn(tanh("));
  if (!spice::Simulator::installed()) return;
  const Json report = json_of({"spice", "check", "neurons"});
  EXPECT_TRUE(report["result"]["passed"].get<bool>());
}

TEST_F(hardware_commands, a_board_has_the_noise_of_equipartition) {
  write("rc.cir", board());
  const Json report = json_of(
      {"circuit", "rc.cir", "--duration", "1us", "--step", "10ns", "-n", "200", "-o", "out", "--report", "rc.html"});
  const Json& outputs = report["result"]["outputs"];
  ASSERT_EQ(outputs.size(), 2u);
  EXPECT_EQ(outputs[0]["name"], "v(a)");
  EXPECT_NEAR(outputs[0]["variance"]["value"].get<double>() / (1.380649e-23 * 300 / 1e-12), 1, 1e-9);
  EXPECT_NEAR(outputs[1]["variance"]["value"].get<double>() / (1.380649e-23 * 300 / 1e-6), 1, 1e-9);
  // 200 boards, 50 times each: within five standard errors of exact, chance 6e-7.
  for (const Json& output : outputs) {
    const Json& simulated = output["simulated_variance"];
    EXPECT_LT(std::abs(simulated["value"].get<double>() - output["variance"]["value"].get<double>()),
              5 * simulated["stderr"].get<double>());
  }
  EXPECT_EQ(read_npy(folder_ / "out/course.npy").shape[1], 200);
  EXPECT_EQ(read_npy(folder_ / "out/covariance.npy").shape, (std::vector<int64_t>{2, 2}));
  // sqrt(k_B T / C), and the answer above all tables.
  const std::string page = text_of(folder_ / "rc.html");
  EXPECT_TRUE(contains(page, "<div class=\"value\">6.4358e-05 V rms</div>"));
  EXPECT_LT(page.find("6.4358e-05 V rms"), page.find("<table"));
  EXPECT_EQ(report["bill"]["device"]["time_s"], 1e-6);
  EXPECT_TRUE(report["bill"]["device"]["heat"].is_null());
  EXPECT_TRUE(report["diagnostics"][0]["passed"].get<bool>());
  // Half of 500 ps is a quarter of the time constant: the program's own two ways disagree, and it says so.
  const Json early = json_of({"circuit", "rc.cir", "--duration", "500ps", "--step", "100ps", "-n", "200"});
  EXPECT_FALSE(early["diagnostics"][0]["passed"]);
  const auto equilibrium = [](const Json& whole) {
    for (const Json& check : whole["diagnostics"]) {
      if (check["check"] == "equilibrium") return check["passed"];
    }
    return Json();
  };
  EXPECT_EQ(equilibrium(report), true);
  EXPECT_EQ(equilibrium(early), false);
}

TEST_F(hardware_commands, boards_that_are_none_are_refused) {
  write("bad.cir", "x\n.control\nshell ls\n.endc\n");
  expect_refused(3, {"circuit", "bad.cir"}, {"bad.cir:2", ".control"});
  write("floating.cir", "x\nc1 a b 1p\nr1 b 0 1k\nc2 b 0 1p\n");
  expect_refused(2, {"circuit", "floating.cir"}, {"does not decay"});
  write("rc.cir", board());
  expect_refused(2, {"circuit", "rc.cir", "--duration", "1us"}, {"--step"});
  expect_refused(2, {"circuit", "rc.cir", "--duration", "1s", "--step", "1ns"}, {"too many"});
  expect_refused(3, {"circuit", "nowhere.cir"}, {"nowhere.cir"});
}

TEST_F(hardware_commands, chips_tell_what_faults_do_to_an_answer) {
  write("A.mtx", "%%MatrixMarket matrix array real general\n2 2\n2\n0.5\n0.5\n1\n");
  write("chip.toml", "name = \"rough\"\n[couplings]\nmismatch = \"5 %\"\n[units]\nmismatch = 0.05\n");
  const Json report =
      json_of({"inv", "A.mtx", "--chip", "chip.toml", "--chips", "40", "-n", "640", "--report", "page.html"});
  const Json& chips = report["result"]["chips"];
  EXPECT_EQ(chips["chips"], 40);
  EXPECT_EQ(chips["spec"], "rough");
  EXPECT_GT(chips["median"].get<double>(), 0.01);
  EXPECT_LT(chips["median"].get<double>(), 0.2);
  EXPECT_EQ(chips["perfect"], 0);
  EXPECT_TRUE(contains(text_of(folder_ / "page.html"), "Chips with faults"));
  write("bad.toml", "[couplings]\nmismatch = 7\n");
  expect_refused(2, {"inv", "A.mtx", "--chip", "bad.toml", "-n", "640"}, {"bad.toml", "mismatch", "0 to 1"});
  train_tiny();
  const Json images = json_of(
      {"generate", "tiny.safetensors", "-n", "20", "--film", "0", "-o", "out", "--chip", "chip.toml", "--chips", "3"});
  EXPECT_EQ(images["result"]["chips"]["chips"], 3);
}

// Couplings that differ in direction, saturate or lag, and noise with memory: images, without heat; the entropy that is
// known; and what cannot be had is refused.
TEST_F(hardware_commands, chips_without_a_potential_make_images_and_no_heat) {
  train_tiny();
  const auto generate = [&](const std::string& spec, std::vector<std::string> more) {
    write("chip.toml", spec);
    std::vector<std::string> arguments = {"generate", "tiny.safetensors", "-n",       "20", "--film", "0", "-o",
                                          "out",      "--chip",           "chip.toml"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  const std::string skew = "[couplings]\nasymmetry = 0.2\n", flat = "[couplings]\nsaturation = 2\n";
  for (const std::string& spec : {skew, flat}) {
    const Json chips = json_of(generate(spec, {"--chips", "2"}))["result"]["chips"];
    EXPECT_EQ(chips["failed"], 0);
    EXPECT_TRUE(chips.contains("entropy_production")) << spec;
  }
  const Json one = json_of(generate(skew, {"--chip-seed", "1"}))["result"];
  EXPECT_TRUE(one["heat"].is_null());
  EXPECT_TRUE(one["first_law_share"].is_null());
  EXPECT_TRUE(contains(text_of(folder_ / "out" / "report.html"), "Their heat is not known"));
  const std::string memory = "[noise]\ncorrelation_time = 0.05\ndelay = 0.02\ntemperature_drift = 0.1\n";
  const Json remembering = json_of(generate(memory, {"--chips", "2"}))["result"]["chips"];
  EXPECT_EQ(remembering["failed"], 0);
  EXPECT_FALSE(remembering.contains("entropy_production"));
  // Both engines that take couplings which saturate, from the same draws.
  const auto median = [&](const char* engine) {
    return json_of(generate(flat, {"--engine", engine, "--chips", "2"}))["result"]["chips"]["median"].get<double>();
  };
  EXPECT_NEAR(median("cpu"), median("reference"), 1e-5);
  write("graph.txt", "4 5\n1 2\n2 3\n3 4\n4 1\n1 3\n");
  const std::vector<std::string> search = {"ising",   "graph.txt", "--maximize-cut", "--budget", "0.2s",
                                           "--chips", "2",         "--chip"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), search.begin(), search.end());
    return more;
  };
  write("skew.toml", "[couplings]\nasymmetry = 0.02\n");
  EXPECT_EQ(json_of(with({"skew.toml"}))["result"]["chips"]["median"], 0);
  expect_refused(2, with({"skew.toml", "--method", "tempering"}), {"asymmetry", "anneal"});
  write("late.toml", "[noise]\ndelay = 0.1\n");
  expect_refused(2, with({"late.toml"}), {"delay", "p-bits"});
}

// Without faults chips differ by their noise alone, whatever the threads; a chip that its faults leave without a
// minimum is one that failed, and the others stand.
TEST_F(hardware_commands, each_chip_has_its_own_noise_and_one_without_a_minimum_is_counted) {
  train_tiny();
  write("none.toml", "");
  write("wild.toml", "[units]\nmismatch = 0.55\n");
  const auto chips = [&](const std::string& spec, const std::string& threads) {
    return json_of({"generate", "tiny.safetensors", "-n", "10", "--film", "0", "-o", "out", "--chip", spec, "--chips",
                    "12", "--threads", threads})["result"]["chips"];
  };
  const Json own = chips("none.toml", "1");
  EXPECT_LT(own["p10"].get<double>(), own["p90"].get<double>());
  EXPECT_EQ(own, chips("none.toml", "2"));
  const Json wild = chips("wild.toml", "2");
  EXPECT_EQ(wild["chips"], 12);
  EXPECT_GT(wild["failed"], 0);
  EXPECT_LT(wild["failed"], 12);
  EXPECT_TRUE(wild["median"].is_number());
}

// Eleven chips of each command: the section is on the page that -o writes, and the figures in the report.
TEST_F(hardware_commands, every_linear_command_has_its_chips) {
  write("A.mtx", "%%MatrixMarket matrix array real general\n2 2\n2\n0.5\n0.5\n1\n");
  write("b.mtx", "%%MatrixMarket matrix array real general\n2 1\n1\n2\n");
  write("chip.toml", "[couplings]\nmismatch = \"5 %\"\n[units]\nmismatch = 0.05\n");
  const std::vector<std::vector<std::string>> commands = {{"solve", "A.mtx", "b.mtx"},
                                                          {"inv", "A.mtx"},
                                                          {"logdet", "A.mtx"},
                                                          {"lyapunov", "A.mtx", "A.mtx"},
                                                          {"expm", "A.mtx", "-t", "0.5"},
                                                          {"gaussian", "--precision", "A.mtx"}};
  for (std::vector<std::string> arguments : commands) {
    const std::string name = arguments[0];
    arguments.insert(arguments.end(), {"--chip", "chip.toml", "--chips", "11", "-n", "640", "-o", "out-" + name});
    const Json report = json_of(arguments);
    EXPECT_EQ(report["result"]["chips"]["chips"], 11) << name;
    EXPECT_GT(report["result"]["chips"]["median"].get<double>(), 1e-3) << name;
    EXPECT_LT(report["result"]["chips"]["median"].get<double>(), 0.3) << name;
    EXPECT_TRUE(contains(text_of(folder_ / ("out-" + name) / "report.html"), "Chips with faults")) << name;
  }
  const Json calibrated =
      json_of({"inv", "A.mtx", "-n", "640", "--chip", "chip.toml", "--chips", "3", "--calibrate", "4000"});
  EXPECT_LT(calibrated["result"]["calibrated"]["median"].get<double>(),
            0.5 * calibrated["result"]["chips"]["median"].get<double>());
  EXPECT_GT(calibrated["result"]["calibrated"]["samples"].get<int64_t>(), 20 * 4000);
  expect_refused(2, {"inv", "A.mtx", "--calibrate", "100"}, {"--chip"});
}

TEST_F(hardware_commands, searches_and_neurons_have_their_chips) {
  write("graph.txt", "4 5\n1 2 1\n2 3 2\n3 4 1\n4 1 2\n1 3 1\n");
  write("open.toml", "[couplings]\nstuck = 1\n");
  const Json cut = json_of({"ising", "graph.txt", "--runs", "1", "--sweeps", "20", "--chip", "open.toml", "--chips",
                            "4", "--report", "page.html"});
  // Without couplings any answer is as good: some cut less than the best, 6.
  EXPECT_EQ(cut["result"]["chips"]["chips"], 4);
  EXPECT_GE(cut["result"]["chips"]["median"].get<double>(), 0);
  EXPECT_TRUE(contains(text_of(folder_ / "page.html"), "Chips with faults"));
}

TEST_F(hardware_commands, specifications_of_chips_are_read_before_any_work) {
  write("A.mtx", "%%MatrixMarket matrix array real general\n1 1\n2\n");
  write("typo.toml", "[couplings]\nmismach = 0.1\n");
  const Answer missing = swell({"inv", "A.mtx", "--chip", "none.toml"});
  EXPECT_EQ(missing.exit_code, 3);
  EXPECT_EQ(missing.out, "");
  EXPECT_TRUE(contains(missing.err, "cannot read none.toml")) << missing.err;
  const Answer mistyped = swell({"inv", "A.mtx", "--chip", "typo.toml"});
  EXPECT_EQ(mistyped.exit_code, 2);
  EXPECT_EQ(mistyped.out, "");
  EXPECT_TRUE(contains(mistyped.err, "mismach")) << mistyped.err;
}

TEST_F(hardware_commands, training_has_a_chip_in_the_loop_or_all_of_them) {
  write_tiny(20);
  write("chip.toml", "name = \"rough\"\n[couplings]\nmismatch = 0.3\n[units]\noffset = 0.2\n");
  const std::vector<std::string> train = {"train",  "tiny.toml",      "--data", "images.idx:labels.idx",
                                          "--save", "own.safetensors"};
  const auto with = [&](std::vector<std::string> more) {
    std::vector<std::string> all = train;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  const Json own = json_of(with({"--chip", "chip.toml", "--chip-seed", "3", "--paths", "4000", "--rounds", "4"}));
  const Json& chip = own["result"]["chip"];
  EXPECT_EQ(chip["seed"], 3);
  EXPECT_EQ(chip["paths"], 20000);
  const Json &before = chip["relative_entropy_before"], &after = chip["relative_entropy_after"];
  EXPECT_GT(before["value"].get<double>(), 10 * before["stderr"].get<double>());
  EXPECT_LT(after["value"].get<double>(), 0.1 * before["value"].get<double>());
  EXPECT_EQ(after["count"], 20000);
  EXPECT_EQ(after["unit"], "k");
  EXPECT_EQ(chip["nearer"], true);
  write("good.toml", "name = \"good\"\n[couplings]\nmismatch = 1e-4\n");
  const Answer good = swell(with({"--chip", "good.toml", "--paths", "20", "--rounds", "2"}));
  EXPECT_TRUE(contains(good.out, "the machine is written as designed; more --paths see finer ones")) << good.out;
  const Json images = json_of({"generate", "own.safetensors", "-n", "16", "--film", "0", "-o", "images", "--chip",
                               "chip.toml", "--chip-seed", "3"});
  EXPECT_FALSE(images["result"].contains("chips"));
  const Json robust = json_of(with({"--chip", "chip.toml", "--robust"}));
  EXPECT_NEAR(robust["result"]["robust"]["variance"].get<double>(), 0.3 * 0.3, 1e-12);
  expect_refused(2, with({"--robust"}), {"--chip"});
  expect_refused(2, with({"--chip", "chip.toml", "--robust", "--method", "gradient"}), {"--robust", "exact"});
  expect_refused(2, with({"--chip", "chip.toml", "--read-every", "3"}), {"every 3 steps"});
  write("offset.toml", "[units]\noffset = 0.2\n");
  expect_refused(2, with({"--chip", "offset.toml", "--robust"}), {"mismatch or stuck"});
}

TEST_F(hardware_commands, machines_are_compiled_onto_chips_or_told_what_does_not_fit) {
  const std::string targets = std::string(SWELL_SOURCE_DIR) + "/targets/";
  write("A.mtx", "%%MatrixMarket matrix array real general\n2 2\n2\n-0.5\n-0.5\n1\n");
  const Json fits =
      json_of({"compile", "A.mtx", "--onto", targets + "spu8.toml", "--save", "held.mtx", "--report", "p.html"});
  EXPECT_TRUE(fits["result"]["fits"].get<bool>());
  EXPECT_TRUE(exists("held.mtx"));
  EXPECT_TRUE(contains(text_of(folder_ / "p.html"), "<circle"));
  EXPECT_TRUE(contains(text_of(folder_ / "p.html"), "it fits"));
  write("B.mtx", "%%MatrixMarket matrix array real general\n2 2\n2\n0.5\n0.5\n1\n");
  const Json wrong = json_of({"compile", "B.mtx", "--onto", targets + "spu8.toml", "--save", "none.mtx"}, 5);
  EXPECT_EQ(wrong["result"]["wrong_sign"], 1);
  EXPECT_FALSE(exists("none.mtx"));
  // A star of ten is more than King's graph has.
  std::string star = "10 9\n";
  for (int k = 2; k <= 10; ++k) star += "1 " + std::to_string(k) + " " + std::to_string(k) + "\n";
  write("star.ising", star);
  const Answer refused = swell({"compile", "star.ising", "--onto", targets + "king384.toml"});
  EXPECT_EQ(refused.exit_code, 5);
  EXPECT_TRUE(contains(refused.err, "minorminer")) << refused.err;
  write("pair.ising", "3 2\n1 2 -1\n2 3 0.4\n");
  json_of({"compile", "pair.ising", "--onto", targets + "king384.toml", "--save", "held.ising.mtx"});
  // Four bits: levels of a seventh.
  EXPECT_TRUE(contains(text_of(folder_ / "held.ising.mtx"), "0.428571")) << text_of(folder_ / "held.ising.mtx");
  train_tiny();
  EXPECT_EQ(swell({"compile", "tiny.safetensors", "--onto", targets + "king384.toml"}).exit_code, 5);
  write("any.toml", "[graph]\nunits = 64\n[couplings]\nbits = 6\n");
  json_of({"compile", "tiny.safetensors", "--onto", "any.toml", "--save", "six.safetensors"});
  EXPECT_EQ(swell({"generate", "six.safetensors", "-n", "4", "--film", "0", "-o", "six"}).exit_code, 0);
  expect_refused(3, {"compile", "A.mtx", "--onto", "nowhere.toml"}, {"nowhere.toml"});
}

}  // namespace swell::test
