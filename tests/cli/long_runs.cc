// Runs that are killed, interrupted, resumed, watched and too large, through the program.

#include <cmath>
#include <random>

#include "cli/program.h"
#include "swell/io/npy.h"

namespace swell::test {

namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

// kill -9 after a while; without a chance to tidy up.
std::function<void(pid_t)> kill_after(std::chrono::milliseconds delay) {
  return [delay](pid_t child) {
    std::this_thread::sleep_for(delay);
    ::kill(child, SIGKILL);
  };
}

}  // namespace

class long_runs : public Program {
 protected:
  void train_busy() {
    write_tiny();
    write("busy.toml", busy_design());
    const Answer answer = swell({"train", "busy.toml", "--data", "images.idx:labels.idx", "--save", "model"});
    ASSERT_EQ(answer.exit_code, 0) << answer.err;
  }
  static Words with(Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  Json report(const std::string& folder) const { return Json::parse(text_of(folder_ / (folder + "/report.json"))); }

  // How long that takes, ms.
  int milliseconds_of(const Words& words) {
    const auto start = std::chrono::steady_clock::now();
    const Answer answer = swell(words);
    EXPECT_EQ(answer.exit_code, 0) << answer.err;
    return 1 + static_cast<int>((std::chrono::steady_clock::now() - start) / std::chrono::milliseconds(1));
  }

  // Runs again and again with other threads, killed after at most that many ms, until it ends by itself; how often it
  // was killed. At last it may take as long as it needs.
  int run_killed(const Words& words, std::mt19937& draw, int longest_ms) {
    for (int kills = 0;; ++kills) {
      const auto patience = std::chrono::milliseconds(1 + draw() % longest_ms);
      const Words line = with(words, {"--threads", std::to_string(1 + draw() % 4)});
      const Answer answer = kills < 20 ? swell(line, {-1, kill_after(patience)}) : swell(line);
      if (answer.exit_code == 128 + SIGKILL) continue;
      EXPECT_EQ(answer.exit_code, 0) << answer.err;
      return kills;
    }
  }
};

TEST_F(long_runs, generate_killed_at_random_moments_gives_the_bytes_of_one_run) {
  train_busy();
  const Words generate{"generate", "model", "-n", "20000", "--film", "9"};
  const int longest = milliseconds_of(with(generate, {"-o", "plain", "--threads", "1"}));
  std::mt19937 draw(11);
  int kills = 0;
  for (int trial = 0; trial < 20 && kills < 3; ++trial) {
    kills += run_killed(with(generate, {"-o", "killed", "--checkpoint", "saved", "--every", "0.01s"}), draw,
                        1 + longest / 2);
    EXPECT_EQ(text_of(folder_ / "killed/samples.npy"), text_of(folder_ / "plain/samples.npy"));
    EXPECT_EQ(text_of(folder_ / "killed/movie.gif"), text_of(folder_ / "plain/movie.gif"));
    const Json plain = report("plain"), killed = report("killed");
    EXPECT_EQ(killed["result"]["heat"], plain["result"]["heat"]);
    EXPECT_EQ(killed["bill"]["device"], plain["bill"]["device"]);
    for (const std::string& name : names()) EXPECT_FALSE(name.starts_with("saved")) << name;
    std::filesystem::remove_all(folder_ / "killed");
  }
  EXPECT_GE(kills, 3);
}

TEST_F(long_runs, run_killed_at_random_moments_gives_the_bytes_of_one_run) {
  train_busy();
  const Words run{"run",        "model",       "--protocol", "busy",    "-n",     "15000",          "--data",
                  "images.idx", "--snapshots", "0.1",        "--units", "hidden", "--trajectories", "200",
                  "--observe",  "7steps",      "--by-group"};
  const int longest = milliseconds_of(with(run, {"-o", "plain", "--threads", "1"}));
  std::mt19937 draw(12);
  int kills = 0;
  for (int trial = 0; trial < 20 && kills < 3; ++trial) {
    kills +=
        run_killed(with(run, {"-o", "killed", "--checkpoint", "saved", "--every", "0.01s"}), draw, 1 + longest / 2);
    for (const char* name : {"states.npy", "ledger.npy", "snapshots.npy", "averages.npy", "course.csv"}) {
      EXPECT_EQ(text_of(folder_ / "killed" / name), text_of(folder_ / "plain" / name)) << name;
    }
    for (const char* part : {"segments", "averages"})
      EXPECT_EQ(report("killed")["result"][part], report("plain")["result"][part]) << part;
    EXPECT_FALSE(exists("saved") || exists("saved.part") || exists("killed/snapshots.npy.part"));
    std::filesystem::remove_all(folder_ / "killed");
  }
  EXPECT_GE(kills, 3);
}

TEST_F(long_runs, interrupted_run_says_what_it_keeps_and_goes_on_from_there) {
  write_tiny(2000);
  const Words run{"run", "tiny.toml", "--protocol", "generation", "-n", "40000", "-o", "out", "--checkpoint", "saved"};
  const Answer answer = swell(run, {-1, interrupt_after(std::chrono::milliseconds(400))});
  ASSERT_EQ(answer.exit_code, 130) << answer.err;
  EXPECT_TRUE(contains(answer.err, "saved keeps what was done, and the same command goes on from it"));
  EXPECT_TRUE(exists("saved"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "out"));
  auto other = run;
  other.insert(other.end(), {"--seed", "2"});
  expect_refused(2, other, {"saved", "another run", "its seed is 1, that of this run is 2"});
  other = run;
  other.push_back("--quick");
  expect_refused(2, other, {"saved", "another run", "number of trajectories is 40000, that of this run is 16"});
  const Answer second = swell(run, {-1, interrupt_after(std::chrono::milliseconds(400))});
  EXPECT_EQ(second.exit_code, 130) << second.err;
  EXPECT_TRUE(contains(second.out, "going on from saved, "));
}

// With 16 trajectories or fewer --quick changes no number, and is another run all the same.
TEST_F(long_runs, go_on_with_quick_alone_where_they_began_with_it) {
  write_tiny(2000000);
  const Words run{"run", "tiny.toml", "--protocol",   "generation", "-n",      "16",
                  "-o",  "out",       "--checkpoint", "saved",      "--every", "0.01s"};
  for (const bool made_with_quick : {false, true}) {
    auto first = run, other = run;
    (made_with_quick ? first : other).push_back("--quick");
    const Answer answer = swell(first, {-1, interrupt_after(std::chrono::milliseconds(400))});
    ASSERT_EQ(answer.exit_code, 130) << answer.err;
    expect_refused(2, other, {"saved", "another run", "its extent is", "--quick"});
    EXPECT_TRUE(
        contains(swell(first, {-1, interrupt_after(std::chrono::milliseconds(400))}).out, "going on from saved, "));
    std::filesystem::remove(folder_ / "saved");
  }
}

// Without a checkpoint, what was done until then is written as that of a whole run is, within a second.
TEST_F(long_runs, an_interrupted_run_writes_what_it_did) {
  write_tiny(200000);
  std::chrono::steady_clock::time_point sent;
  const Answer answer =
      swell({"run", "tiny.toml", "--protocol", "generation", "-n", "64", "-o", "out", "--snapshots", "500steps"},
            {-1, [&](pid_t child) {
               std::this_thread::sleep_for(std::chrono::milliseconds(700));
               sent = std::chrono::steady_clock::now();
               ::kill(child, SIGTERM);
             }});
  EXPECT_LT(std::chrono::steady_clock::now() - sent, std::chrono::milliseconds(1500));  // 1 s, and a busy machine
  EXPECT_EQ(answer.exit_code, 130) << answer.err;
  EXPECT_TRUE(contains(answer.out, "interrupted: what was done is kept")) << answer.out;
  const Json run = report("out")["result"];
  EXPECT_TRUE(run["interrupted"]);
  EXPECT_EQ(run["planned"]["trajectories"], 64);
  const int64_t steps = run["steps"], trajectories = run["trajectories"];
  int64_t in_segments = 0;
  for (const Json& segment : run["segments"]) in_segments += segment["steps"].get<int64_t>();
  EXPECT_EQ(steps, in_segments);
  EXPECT_GE(steps, 500);  // it was stopped after 0.7 s
  EXPECT_LT(steps, run["planned"]["steps"]);
  EXPECT_LT(run["first_law_share"].get<double>(), 1e-7);
  EXPECT_EQ(read_npy(folder_ / "out/states.npy").shape, (std::vector<int64_t>{trajectories, 22}));
  EXPECT_EQ(read_npy(folder_ / "out/snapshots.npy").shape, (std::vector<int64_t>{steps / 500 + 1, trajectories, 22}));
  EXPECT_TRUE(exists("out/course.csv") && exists("out/report.html"));
  EXPECT_FALSE(run["segments"].back()["heat"]["stderr"].is_null());
}

// By hand: units from x = 0 without couplings; the ledger's rows are what the report averages, and the first law
// closes to the rounding of some hundred double additions.
TEST_F(long_runs, run_writes_states_ledger_and_snapshots_that_fit_together) {
  train_busy();
  const Answer answer =
      swell({"run", "model", "--protocol", "busy", "-n", "40", "-o", "out", "--snapshots", "90steps", "--json", "-"});
  ASSERT_EQ(answer.exit_code, 0) << answer.err;
  const Json all = Json::parse(answer.out), run = all["result"];
  EXPECT_EQ(all["command"], "run");
  EXPECT_EQ(run, report("out")["result"]);
  const NpyArray states = read_npy(folder_ / "out/states.npy"), ledger = read_npy(folder_ / "out/ledger.npy"),
                 snapshots = read_npy(folder_ / "out/snapshots.npy");
  EXPECT_EQ(states.shape, (std::vector<int64_t>{40, 22}));
  EXPECT_EQ(ledger.shape, (std::vector<int64_t>{40, 3, 3}));
  EXPECT_EQ(snapshots.shape, (std::vector<int64_t>{4, 40, 22}));  // 0, 90, 180 and 270 of 270 steps
  EXPECT_TRUE(std::equal(states.values.begin(), states.values.end(), snapshots.values.end() - 40 * 22));
  for (int t = 0; t < 40 * 22; ++t) EXPECT_EQ(snapshots.values[t], 0);
  double heat = 0, squares = 0;
  const auto heat_of = [&](int t) { return static_cast<double>(ledger.values[(t * 3 + 1) * 3 + 1]); };
  for (int t = 0; t < 40; ++t) heat += heat_of(t) / 40;
  for (int t = 0; t < 40; ++t) squares += (heat_of(t) - heat) * (heat_of(t) - heat);
  EXPECT_NEAR(run["segments"][1]["heat"]["value"].get<double>(), heat, 1e-12 * std::abs(heat));
  EXPECT_NEAR(run["segments"][1]["heat"]["stderr"].get<double>(), std::sqrt(squares / 39 / 40), 1e-12 * std::abs(heat));
  EXPECT_LT(run["first_law_share"].get<double>(), 1e-13);
}

// A single observation after the last step: averages over trajectories of the end states.
TEST_F(long_runs, run_writes_averages_with_errors) {
  train_busy();
  const Answer answer = swell({"run", "model", "--protocol", "busy", "-n", "40", "-o", "out", "--observe", "45steps",
                               "--observe-from", "225steps", "--units", "hidden"});
  ASSERT_EQ(answer.exit_code, 0) << answer.err;
  const NpyArray states = read_npy(folder_ / "out/states.npy"), averages = read_npy(folder_ / "out/averages.npy");
  const Json found = report("out")["result"]["averages"];
  EXPECT_EQ(found["observations"], 1);
  const int64_t first = found["first_unit"], units = found["units"];
  ASSERT_EQ(averages.shape, (std::vector<int64_t>{units, 4}));
  for (int64_t u = 0; u < units; ++u) {
    double sum = 0, squares = 0;
    for (int64_t t = 0; t < 40; ++t) {
      const double x = states.values[t * 22 + first + u];
      sum += x / 40;
      squares += x * x / 40;
    }
    const double variance = squares - sum * sum;
    EXPECT_NEAR(averages.values[4 * u], sum, 1e-12);
    EXPECT_NEAR(averages.values[4 * u + 1], std::sqrt(variance / 39), 1e-12);
    EXPECT_NEAR(averages.values[4 * u + 2], variance, 1e-12);
    // Its error is that of the mean of (x - mean)^2.
    double scatter = 0;
    for (int64_t t = 0; t < 40; ++t) {
      const double x = states.values[t * 22 + first + u];
      scatter += std::pow((x - sum) * (x - sum) - variance, 2);
    }
    EXPECT_NEAR(averages.values[4 * u + 3], std::sqrt(scatter / 39 / 40), 1e-12);
  }
  double group = 0, group_squares = 0;
  for (int64_t t = 0; t < 40; ++t) {
    double mean = 0;
    for (int64_t u = 0; u < units; ++u) mean += states.values[t * 22 + first + u] / static_cast<double>(units);
    group += mean / 40;
    group_squares += mean * mean / 40;
  }
  const Json covariance = found["group_covariance"];
  EXPECT_EQ(covariance["visible"].size(), 1u);
  EXPECT_EQ(covariance["hidden"].size(), 2u);
  EXPECT_NEAR(covariance["hidden"]["hidden"]["value"].get<double>(), group_squares - group * group, 1e-12);
  EXPECT_TRUE(contains(answer.out, "averages over 1 observations"));
}

TEST_F(long_runs, runs_in_pieces_are_the_run_in_one) {
  train_busy();
  const Words run{"run", "model", "--protocol", "busy"};
  ASSERT_EQ(swell(with(run, {"-n", "50", "-o", "all"})).exit_code, 0);
  ASSERT_EQ(swell(with(run, {"-n", "20", "--first", "30", "-o", "part"})).exit_code, 0);
  const auto all = read_npy(folder_ / "all/states.npy").values, part = read_npy(folder_ / "part/states.npy").values;
  EXPECT_TRUE(std::equal(part.begin(), part.end(), all.begin() + 30 * 22));
}

TEST_F(long_runs, mistakes_are_refused_in_a_sentence) {
  train_busy();
  const auto run = [](const Words& more) { return with({"run", "model", "-n", "4", "-o", "out"}, more); };
  expect_refused(2, run({"--protocol", "nothing"}), {"no protocol 'nothing'", "busy"});
  expect_refused(2, run({"--protocol", "busy", "--snapshots", "0.015"}), {"--snapshots 0.015", "dt = 0.01"});
  expect_refused(2, run({"--protocol", "busy", "--snapshots", "often"}), {"--snapshots often"});
  expect_refused(2, run({"--protocol", "busy", "--observe", "0.015"}), {"--observe 0.015", "dt = 0.01"});
  expect_refused(2, run({"--protocol", "busy", "--observe-from", "0.1"}), {"--observe-from", "--observe"});
  expect_refused(2, run({"--protocol", "busy", "--snapshots", "0.1", "--units", "none"}),
                 {"'none'", "visible, hidden"});
  expect_refused(2, run({"--protocol", "busy", "--snapshots", "0.1", "--trajectories", "5"}), {"5", "4"});
  expect_refused(2, run({"--protocol", "busy", "--checkpoint", "saved", "--every", "soon"}),
                 {"--every: 'soon' is not a time", "10s"});
  expect_refused(3, run({"--protocol", "busy", "--checkpoint", "model"}), {"model is not a checkpoint"});
  expect_refused(3, run({"--protocol", "busy", "--checkpoint", "no/saved"}), {"no/saved"});
  EXPECT_TRUE(exists("model"));
}

// What a researcher asks of a run: its course as a file, on the terminal and on one page, with the bill.
TEST_F(long_runs, a_run_shows_its_course_and_its_bill) {
  train_busy();
  const Answer answer = swell({"run", "model", "--protocol", "busy", "-n", "40", "-o", "out", "--course-points", "30"});
  ASSERT_EQ(answer.exit_code, 0) << answer.err;
  for (const char* part : {"time, 1/mu", "mean visible", "variance hidden", "The device, for one trajectory",
                           "heat to the bath", "course.csv"})
    EXPECT_TRUE(contains(answer.out, part)) << part;
  const Json found = report("out");
  const Json course = found["result"]["course"], bill = found["bill"]["device"];
  const size_t points = course["time"].size();
  EXPECT_GE(points, 30u);
  EXPECT_EQ(course["heat"]["value"].size(), points);
  double heat = 0;
  for (const Json& segment : found["result"]["segments"]) heat += segment["heat"]["value"].get<double>();
  EXPECT_NEAR(course["heat"]["value"].back().get<double>(), heat, 1e-9);
  EXPECT_NEAR(found["result"]["heat"]["value"].get<double>(), heat, 1e-9);
  EXPECT_NEAR(bill["heat_joule"]["value"].get<double>(), bill["heat"]["value"].get<double>() * 1.380649e-23 * 300,
              1e-28);
  EXPECT_GT(course["variance_hidden"]["stderr"].back().get<double>(), 0);
  EXPECT_EQ(found["bill"]["outside_device_figure"]["readouts"], 22);
  std::ifstream file(folder_ / "out/report.html");
  const std::string page((std::istreambuf_iterator<char>(file)), {});
  for (const char* part : {"heat of a trajectory", "The bill", "viewport", "prefers-color-scheme", "@media print",
                           "standard error", "<svg", "variance of x"})
    EXPECT_TRUE(contains(page, part)) << part;
  EXPECT_EQ(page.find("http"), page.find("http://www.w3.org"));  // nothing is loaded from elsewhere
  ASSERT_EQ(swell({"run", "model", "--protocol", "busy", "-n", "4", "-o", "bare", "--course-points", "0"}).exit_code,
            0);
  EXPECT_FALSE(exists("bare/course.csv"));
}

// The sizes of the files are said before the run where they matter, and what no disk holds is refused in a sentence.
TEST_F(long_runs, files_are_predicted_and_must_fit) {
  write_tiny();
  const Words run{"run", "tiny.toml", "--protocol", "generation", "-o", "out"};
  const Answer said = swell(with(run, {"-n", "3000", "--snapshots", "1steps", "--units", "hidden", "--json", "all"}));
  ASSERT_EQ(said.exit_code, 0) << said.err;
  EXPECT_TRUE(contains(said.out, "snapshots.npy 14.5 MB, states.npy 264 kB"));
  const auto written = [&](const char* name) {
    return static_cast<double>(std::filesystem::file_size(folder_ / "out" / name));
  };
  const double files = written("states.npy") + written("ledger.npy") + written("snapshots.npy");
  EXPECT_NEAR(report("out")["result"]["disk_predicted_bytes"].get<double>(), files, 0.02 * files);
  std::filesystem::remove_all(folder_ / "out");
  write("long.toml", tiny_design(30, 30, 6, 4000000));
  expect_refused(2,
                 {"run", "long.toml", "--protocol", "generation", "-n", "1000", "--snapshots", "1steps", "-o", "out"},
                 {"the files need", "TB of disk", "are free at", "snapshots.npy", "longer time between snapshots"});
  EXPECT_FALSE(exists("out/snapshots.npy.part"));
}

TEST_F(long_runs, a_drive_that_moves_nothing_is_refused_and_a_uniform_one_works) {
  const auto ring = [&](const std::string& pattern) {
    write("ring.toml", "name = \"ring\"\nkT = 0.1\ndt = 0.01\n[[group]]\nname = \"ring\"\nshape = [4]\nJ2 = 1.0\n" +
                           pattern +
                           "[[protocol.drive]]\nduration = 1.0\ndrive = { ring = [[0.0, 0.0], [1.0, 2.0]] }\n");
  };
  const Words run{"run", "ring.toml", "--protocol", "drive", "-n", "50", "-o", "out"};
  ring("");
  expect_refused(2, run, {"protocol.drive[0]", "'drive.ring'", "no pattern", "\"ones\""});
  ring("pattern = \"data\"\n");
  expect_refused(2, run, {"protocol.drive[0]", "'drive.ring'", "give images"});
  ring("pattern = \"ones\"\n");
  ASSERT_EQ(swell(run).exit_code, 0);
  // Work of a ramp f = 2t on a trap of stiffness 2, <x> = t - (1 - e^{-2t})/2: W = -4 * 2 int <x> dt = -8 (1/2 - 1/2 +
  // (1 - e^{-2})/4) = -1.729.
  const Json work = report("out")["result"]["segments"][0]["work"];
  EXPECT_NEAR(work["value"].get<double>(), -1.729, 5.5 * work["stderr"].get<double>() + 0.03);
  EXPECT_LT(work["stderr"].get<double>(), 0.15);
}

// One trajectory has no standard error: the terminal says so, JSON has null, and nothing says nan.
TEST_F(long_runs, a_single_trajectory_has_no_error) {
  write_tiny();
  const Answer answer = swell({"run", "tiny.toml", "--protocol", "generation", "-n", "1", "-o", "out", "--observe",
                               "10steps", "--json", "all"});
  ASSERT_EQ(answer.exit_code, 0) << answer.err;
  EXPECT_TRUE(contains(answer.out, "one value, no error"));
  EXPECT_EQ(answer.out.find("nan"), std::string::npos) << answer.out;
  const Json segment = report("out")["result"]["segments"][1];
  EXPECT_TRUE(segment["heat"]["stderr"].is_null());
  EXPECT_EQ(segment["heat"]["count"], 1);
}

// 2^38 trajectories of 22 units would take tens of terabytes.
TEST_F(long_runs, a_run_too_large_for_the_memory_is_refused_at_once) {
  write_tiny();
  expect_refused(2, {"run", "tiny.toml", "--protocol", "generation", "-n", "274877906944", "-o", "out"},
                 {"the run needs", "GiB of memory", "GiB are available", "fewer trajectories at once"});
}

// The prediction against the most that the system saw the program have: 20 %, or 8 MiB for what libraries do.
TEST_F(long_runs, memory_is_predicted) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizer keeps memory of its own";
#endif
  write_tiny(2);
  write("wide.toml", tiny_design(30, 30, 600, 1));
  const auto check = [&](const Words& words) {
    const Answer answer = swell(with(words, {"-o", "out", "--threads", "2", "--json", "-"}));
    ASSERT_EQ(answer.exit_code, 0) << answer.err;
    const double predicted = Json::parse(answer.out)["result"]["memory_predicted_bytes"].get<double>();
    const auto measured = static_cast<double>(answer.peak_bytes);
    EXPECT_NEAR(predicted, measured, std::max(0.2 * measured, 8.0 * (1 << 20)));
  };
  check({"run", "tiny.toml", "--protocol", "generation", "-n", "100"});
  check({"run", "tiny.toml", "--protocol", "generation", "-n", "400000"});  // states and books
  check({"run", "wide.toml", "--protocol", "generation", "-n", "2000"});    // couplings
}

}  // namespace swell::test
