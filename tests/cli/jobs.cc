// Jobs of several processes: the bytes of one, whatever their number, and an end of the whole job where one of them
// ends. Suite mpi, label `mpi`; skipped where the program was built without MPI.

#include <cmath>
#include <random>
#include <set>

#include "cli/program.h"
#include "swell/learn/trained.h"

namespace swell::test {

namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

// More processes than cores, also as root.
void allow_any_job() {
  ::setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 1);
  ::setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 1);
  ::setenv("OMPI_MCA_rmaps_base_oversubscribe", "1", 1);
}

// What a report says apart from times, memory, and how the work was shared.
Json without_times(Json report) {
  if (report.is_object()) {
    for (const char* name : {"ranks", "trace", "seconds", "memory_predicted_bytes", "disk_predicted_bytes", "files"})
      report.erase(name);
    std::set<std::string> timed;
    for (const auto& [name, value] : report.items()) {
      if (name.ends_with("_s") || name.ends_with("per_s") || name.starts_with("seconds")) timed.insert(name);
    }
    for (const std::string& name : timed) report.erase(name);
  }
  if (report.is_structured()) {
    for (Json& part : report) part = without_times(part);
  }
  return report;
}

// The processes that mpirun started, in the order of their numbers.
std::vector<pid_t> ranks_of(pid_t launcher) {
  std::vector<pid_t> ranks;
  std::error_code gone;
  const std::string tasks = "/proc/" + std::to_string(launcher) + "/task";
  for (const auto& task : std::filesystem::directory_iterator(tasks, gone)) {
    std::ifstream children(task.path() / "children");
    for (pid_t child; children >> child;) {
      // Not one that is still a copy of the launcher.
      const auto program = std::filesystem::read_symlink("/proc/" + std::to_string(child) + "/exe", gone);
      if (!gone && std::filesystem::equivalent(program, SWELL_PROGRAM, gone)) ranks.push_back(child);
    }
  }
  std::ranges::sort(ranks);
  return ranks;
}

// One of the processes gets a signal after a while; none where the job ends before.
std::function<void(pid_t)> signal_one_after(std::chrono::milliseconds delay, size_t which, int signal) {
  return [=](pid_t launcher) {
    std::this_thread::sleep_for(delay);
    const std::vector<pid_t> ranks = ranks_of(launcher);
    if (!ranks.empty()) ::kill(ranks[which % ranks.size()], signal);
  };
}

size_t sentences(const std::string& text) {
  size_t count = 0;
  for (size_t at = text.find("swell: "); at != std::string::npos; at = text.find("swell: ", at + 1)) ++count;
  return count;
}

}  // namespace

class mpi : public Program {
 protected:
  void SetUp() override {
    if (std::string(SWELL_MPIRUN).empty()) GTEST_SKIP() << "the program was built without MPI (scripts/setup.sh --mpi)";
    allow_any_job();
  }

  Answer job(int ranks, const Words& words, const Circumstances& how = {}) {
    Words line{"-q", "-n", std::to_string(ranks), SWELL_PROGRAM};
    line.insert(line.end(), words.begin(), words.end());
    line.insert(line.end(), {"--threads", "1"});
    return run(SWELL_MPIRUN, line, how);
  }
  void job_ends_well(int ranks, const Words& words) {
    const Answer answer = job(ranks, words);
    ASSERT_EQ(answer.exit_code, 0) << ranks << " ranks: " << answer.err;
  }
  static Words with(Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  // Each of these files has the bytes that it has from one process alone.
  void expect_same_files(const Words& command, const Words& files) {
    const Answer alone = swell(with(command, {"-o", "alone", "--threads", "1"}));
    ASSERT_EQ(alone.exit_code, 0) << alone.err;
    for (const int ranks : {1, 2, 3, 7}) {
      job_ends_well(ranks, with(command, {"-o", "shared"}));
      for (const std::string& file : files)
        EXPECT_EQ(text_of(folder_ / "shared" / file), text_of(folder_ / "alone" / file)) << ranks << " ranks: " << file;
      EXPECT_EQ(without_times(report("shared")), without_times(report("alone"))) << ranks;
      for (const std::string& name : names()) EXPECT_FALSE(name.ends_with(".part")) << name;
      std::filesystem::remove_all(folder_ / "shared");
    }
    std::filesystem::remove_all(folder_ / "alone");
  }
  Json report(const std::string& folder) const { return Json::parse(text_of(folder_ / (folder + "/report.json"))); }

  void train_busy() {
    write_tiny();
    write("busy.toml", busy_design());
    const Answer answer = swell({"train", "busy.toml", "--data", "images.idx:labels.idx", "--save", "model"});
    ASSERT_EQ(answer.exit_code, 0) << answer.err;
  }
};

TEST_F(mpi, runs_have_the_same_bytes_for_any_number_of_ranks) {
  train_busy();
  expect_same_files({"run", "model", "--protocol", "busy", "-n", "100", "--data", "images.idx", "--snapshots", "0.1",
                     "--trajectories", "60", "--observe", "7steps", "--by-group"},
                    {"states.npy", "ledger.npy", "snapshots.npy", "averages.npy", "course.csv"});
}

TEST_F(mpi, sparse_runs_have_the_same_bytes_for_any_number_of_ranks) {
  write("lattice.toml", R"(name = "lattice"
kT = 0.5
dt = 0.01

[[group]]
name = "field"
shape = [9, 7]
J2 = -1.0
J4 = 0.5

[[coupling]]
between = ["field", "field"]
lattice = [[0, 1], [1, 0]]
value = 0.4

[[protocol.relax]]
duration = 2.0
couplings = "learned"
)");
  expect_same_files({"run", "lattice.toml", "--protocol", "relax", "-n", "90"}, {"states.npy", "ledger.npy"});
}

TEST_F(mpi, images_have_the_same_bytes_for_any_number_of_ranks) {
  train_busy();
  expect_same_files({"generate", "model", "-n", "150", "--film", "9"}, {"samples.npy", "movie.gif", "grid.png"});
}

TEST_F(mpi, exact_training_gives_the_same_machine_for_any_number_of_ranks) {
  write_tiny();
  const Words train{"train", "tiny.toml", "--data", "images.idx:labels.idx"};
  ASSERT_EQ(swell(with(train, {"--save", "alone"})).exit_code, 0);
  const Trained alone = read_trained(folder_ / "alone");
  for (const int ranks : {1, 2, 3, 7}) {
    job_ends_well(ranks, with(train, {"--save", "shared"}));
    const Trained shared = read_trained(folder_ / "shared");
    EXPECT_EQ(shared.design.computer.sets[0].bias, alone.design.computer.sets[0].bias);
    ASSERT_EQ(shared.design.computer.sets[0].blocks.size(), alone.design.computer.sets[0].blocks.size());
    for (size_t k = 0; k < alone.design.computer.sets[0].blocks.size(); ++k)
      EXPECT_EQ(std::get<DenseWeights>(shared.design.computer.sets[0].blocks[k].weights).values,
                std::get<DenseWeights>(alone.design.computer.sets[0].blocks[k].weights).values);
    EXPECT_EQ(shared.training["residual"], alone.training["residual"]);
  }
}

// Stopped by a signal to one rank as well, and taken up again by another number of them.
TEST_F(mpi, score_training_gives_the_same_machine_for_any_number_of_ranks) {
  write_tiny();
  write("few.toml", few_stages(150));
  const Words train{"train", "few.toml", "--data", "images.idx:labels.idx", "--arithmetic", "f32", "--updates", "300"};
  // The check of so small a machine may not pass: exit code 5.
  const Answer alone = swell(with(train, {"--save", "alone"}));
  ASSERT_TRUE(alone.exit_code == 0 || alone.exit_code == 5) << alone.err;
  const auto stages_in = [&](const std::string& file) { return *read_trained(folder_ / file).design.stages; };
  const Stages wanted = stages_in("alone");
  const auto expect_same = [&](const std::string& file) {
    const Stages made = stages_in(file);
    EXPECT_EQ(made.W, wanted.W);
    EXPECT_EQ(made.gain, wanted.gain);
    EXPECT_EQ(made.hidden_bias, wanted.hidden_bias);
    EXPECT_EQ(made.label_hidden, wanted.label_hidden);
  };
  for (const int ranks : {1, 2, 3}) {
    ASSERT_EQ(job(ranks, with(train, {"--save", "shared"})).exit_code, alone.exit_code) << ranks;
    expect_same("shared");
  }
  const Words kept = with(train, {"--save", "again", "--checkpoint", "saved", "--every", "60s"});
  int stops = 0, ranks = 2;
  for (int wait = 300; wait < 1200 && stops < 2; wait += 100, ranks = 5 - ranks) {
    const Answer answer = job(ranks, kept, {-1, signal_one_after(std::chrono::milliseconds(wait), stops, SIGTERM)});
    if (answer.exit_code == alone.exit_code) break;
    if (answer.exit_code != 130) continue;  // before the program was there to hear it
    EXPECT_EQ(sentences(answer.err), 1u) << answer.err;
    stops += exists("saved");
  }
  EXPECT_GE(stops, 1);
  ASSERT_EQ(swell(kept).exit_code, alone.exit_code);
  expect_same("again");
}

TEST_F(mpi, linear_answers_have_the_same_bytes_for_any_number_of_ranks) {
  const std::filesystem::path source = SWELL_SOURCE_DIR;
  const std::string a = source / "examples/A.mtx", b = source / "examples/b.mtx", p = source / "examples/P.mtx";
  expect_same_files({"solve", a, b, "-n", "2000"}, {"answer.mtx", "stderr.mtx"});
  expect_same_files({"inv", a, "-n", "2000"}, {"answer.mtx", "stderr.mtx"});
  expect_same_files({"gaussian", "--precision", p, "-n", "2000"}, {"answer.mtx", "samples.npy"});
}

TEST_F(mpi, searches_of_so_many_runs_have_one_answer_for_any_number_of_ranks) {
  const std::string graph = std::filesystem::path(SWELL_SOURCE_DIR) / "examples/graph.txt";
  const Words search{"ising", graph, "--runs", "9", "--sweeps", "200", "--json", "search.json", "--solution", "best"};
  ASSERT_EQ(swell(with(search, {"--threads", "1"})).exit_code, 0);
  const std::string best = text_of(folder_ / "best");
  const Json alone = without_times(Json::parse(text_of(folder_ / "search.json")));
  for (const int ranks : {2, 3, 7}) {
    job_ends_well(ranks, search);
    EXPECT_EQ(text_of(folder_ / "best"), best);
    EXPECT_EQ(without_times(Json::parse(text_of(folder_ / "search.json"))), alone) << ranks;
  }
}

TEST_F(mpi, routes_of_so_many_runs_have_one_answer_for_any_number_of_ranks) {
  const std::filesystem::path examples = std::filesystem::path(SWELL_SOURCE_DIR) / "examples";
  const Words commands[] = {{"route", examples / "cities.tsp"},
                            {"route", examples / "town.streets", "--most-length", "4000"}};
  for (const Words& command : commands) {
    const Words search = with(command, {"--runs", "5", "--tour", "tour", "--json", "search.json"});
    ASSERT_EQ(swell(with(search, {"--threads", "1"})).exit_code, 0);
    const std::string tour = text_of(folder_ / "tour");
    const Json alone = without_times(Json::parse(text_of(folder_ / "search.json")));
    for (const int ranks : {2, 3, 7}) {
      job_ends_well(ranks, search);
      EXPECT_EQ(text_of(folder_ / "tour"), tour) << command[1] << ", " << ranks;
      EXPECT_EQ(without_times(Json::parse(text_of(folder_ / "search.json"))), alone) << command[1] << ", " << ranks;
    }
  }
}

// Each rank searches for the time allowed, and all go on with the best.
TEST_F(mpi, searches_of_a_given_time_end_with_the_best_of_all_ranks) {
  const std::filesystem::path examples = std::filesystem::path(SWELL_SOURCE_DIR) / "examples";
  const Words graph{"ising", examples / "graph.txt"}, cities{"route", examples / "cities.tsp"};
  for (const Words& command : {graph, cities}) {
    job_ends_well(2, with(command, {"--budget", "0.6s", "--json", "search.json"}));
    const Json report = Json::parse(text_of(folder_ / "search.json"));
    EXPECT_EQ(report["ranks"]["count"], 2) << command[1];
    EXPECT_TRUE(report["result"][command[0] == "route" ? "length" : "value"].is_number()) << command[1];
  }
}

// What is not shared is done once, and said so.
TEST_F(mpi, the_first_rank_does_alone_what_is_not_shared) {
  const std::string a = std::filesystem::path(SWELL_SOURCE_DIR) / "examples/A.mtx";
  const Answer answer = job(3, {"logdet", a, "--quick"});
  EXPECT_EQ(answer.exit_code, 0) << answer.err;
  EXPECT_TRUE(contains(answer.out, "swell logdet is not shared among processes: the first of the 3 does it alone"));
  EXPECT_EQ(answer.out.find("not shared"), answer.out.rfind("not shared"));
}

TEST_F(mpi, an_error_of_input_is_one_sentence) {
  train_busy();
  const Answer answer = job(3, {"run", "model", "--protocol", "none", "-n", "10", "-o", "run"});
  EXPECT_EQ(answer.exit_code, 2);
  EXPECT_EQ(sentences(answer.err), 1u) << answer.err;
  const Answer bits = job(2, {"generate", "model", "-n", "10", "--entropy", "os", "-o", "run"});
  EXPECT_EQ(bits.exit_code, 2);
  EXPECT_TRUE(contains(bits.err, "--entropy is for one process"));
}

// Told to stop, by a signal to one of them, all stop; another number of them goes on, to the bytes of one run.
TEST_F(mpi, a_job_that_is_told_to_stop_goes_on_with_another_number_of_ranks) {
  train_busy();
  const Words generate{"generate", "model", "-n", "20000", "--film", "9"};
  ASSERT_EQ(swell(with(generate, {"-o", "alone"})).exit_code, 0);
  const Words kept = with(generate, {"-o", "shared", "--checkpoint", "saved", "--every", "60s"});
  int stops = 0, ranks = 3;
  for (int wait = 300; wait < 1200 && stops < 3; wait += 100, ranks = 5 - ranks) {
    const Answer answer = job(ranks, kept, {-1, signal_one_after(std::chrono::milliseconds(wait), stops, SIGTERM)});
    if (answer.exit_code == 0) break;
    if (answer.exit_code != 130) continue;  // before the program was there to hear it
    EXPECT_EQ(sentences(answer.err), 1u) << answer.err;
    ++stops;
  }
  EXPECT_GE(stops, 1);
  const Answer last = swell(kept);
  ASSERT_EQ(last.exit_code, 0) << last.err;
  EXPECT_EQ(text_of(folder_ / "shared/samples.npy"), text_of(folder_ / "alone/samples.npy"));
  EXPECT_EQ(text_of(folder_ / "shared/movie.gif"), text_of(folder_ / "alone/movie.gif"));
}

// scripts/mpi_kills.py does this a hundred times.
TEST_F(mpi, a_job_with_a_rank_killed_goes_on_from_its_checkpoint) {
  train_busy();
  const Words run{"run",        "model",       "--protocol", "busy",           "-n", "20000", "--data",
                  "images.idx", "--snapshots", "0.3",        "--trajectories", "50"};
  ASSERT_EQ(swell(with(run, {"-o", "alone"})).exit_code, 0);
  const Words kept = with(run, {"-o", "shared", "--checkpoint", "saved", "--every", "0.05s"});
  std::mt19937 draw(21);
  int kills = 0;
  for (int trial = 0; trial < 4; ++trial) {
    const auto patience = std::chrono::milliseconds(200 + draw() % 600);
    const Answer answer =
        job(2 + static_cast<int>(draw() % 2), kept, {-1, signal_one_after(patience, draw(), SIGKILL)});
    if (answer.exit_code == 0) break;
    EXPECT_LE(sentences(answer.err), 1u) << answer.err;
    ++kills;
  }
  EXPECT_GE(kills, 1);
  const Answer last = job(3, kept);
  ASSERT_EQ(last.exit_code, 0) << last.err;
  for (const char* name : {"states.npy", "ledger.npy", "snapshots.npy"})
    EXPECT_EQ(text_of(folder_ / "shared" / name), text_of(folder_ / "alone" / name)) << name;
  EXPECT_FALSE(exists("saved") || exists("saved.part") || exists("shared/snapshots.npy.part"));
}

}  // namespace swell::test
