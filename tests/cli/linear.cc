// swell solve, inv, logdet, lyapunov, expm, gaussian: what they answer, and what they say to bad matrices.

#include <sys/stat.h>

#include "cli/program.h"
#include "swell/io/npy.h"

namespace swell::test {

class linear_algebra : public Program {
 protected:
  void SetUp() override {
    write("a.mtx", "%%MatrixMarket matrix coordinate real symmetric\n3 3 5\n1 1 4\n2 1 1\n2 2 3\n3 2 1\n3 3 2\n");
    write("b.mtx", "%%MatrixMarket matrix array real general\n3 1\n1\n2\n3\n");
  }
  void matrix(const std::string& name, const std::string& sizes_and_entries) {
    write(name, "%%MatrixMarket matrix coordinate real general\n" + sizes_and_entries);
  }
  nlohmann::json json_of(std::vector<std::string> arguments, int exit_code = 0) {
    arguments.insert(arguments.end(), {"--json", "-"});
    const Answer answer = swell(arguments);
    EXPECT_EQ(answer.exit_code, exit_code) << answer.err;
    return nlohmann::json::parse(answer.out);
  }
};

TEST_F(linear_algebra, a_system_typed_by_hand_is_solved_within_its_error_bars) {
  for (const std::string device : {"overdamped", "exact", "spu"}) {
    const nlohmann::json all = json_of({"solve", "a.mtx", "b.mtx", "--device", device}), answer = all["result"];
    const double truth[] = {2.0 / 9, 1.0 / 9, 13.0 / 9};
    for (int i = 0; i < 3; ++i) {
      EXPECT_NEAR(answer["answer"]["value"][i].get<double>(), truth[i], 6 * answer["answer"]["stderr"][i].get<double>())
          << device;
      EXPECT_LT(answer["answer"]["stderr"][i].get<double>(), 0.06);
    }
    // All replicas one after another, and side by side.
    const nlohmann::json& bill = all["bill"]["device"];
    EXPECT_NEAR(bill["time_s"].get<double>() / bill["time_side_by_side_s"].get<double>(), answer["replicas"], 1e-9);
    EXPECT_EQ(all["bill"]["digital"]["method"], "Cholesky");
    EXPECT_DOUBLE_EQ(all["bill"]["digital"]["multiply_adds"], 27.0 / 6);
  }
}

TEST_F(linear_algebra, every_command_writes_its_answer_errors_and_report) {
  const std::vector<std::vector<std::string>> commands = {
      {"solve", "a.mtx", "b.mtx"},    {"inv", "a.mtx"},  {"logdet", "a.mtx"},
      {"lyapunov", "a.mtx", "a.mtx"}, {"expm", "a.mtx"}, {"gaussian", "--precision", "a.mtx", "--mean", "b.mtx"}};
  for (std::vector<std::string> command : commands) {
    const std::string folder = "out_" + command[0];
    command.insert(command.end(), {"-n", "640", "--device", "exact", "-o", folder, "--format", "npy"});
    const Answer answer = swell(command);
    EXPECT_EQ(answer.exit_code, 0) << answer.err;
    const NpyArray value = read_npy(folder_ / (folder + "/answer.npy")),
                   error = read_npy(folder_ / (folder + "/stderr.npy"));
    EXPECT_EQ(value.shape, error.shape);
    for (const char* file : {"/report.html", "/report.json"})
      EXPECT_TRUE(std::filesystem::exists(folder_ / (folder + file))) << folder << file;
  }
  EXPECT_EQ(read_npy(folder_ / "out_gaussian/samples.npy").shape, (std::vector<int64_t>{640, 3}));
}

TEST_F(linear_algebra, device_time_does_not_depend_on_units_and_a_faster_clock_divides_it) {
  const std::vector<std::string> command = {"inv", "a.mtx", "-n", "640"};
  write("big.mtx", "%%MatrixMarket matrix coordinate real symmetric\n3 3 5\n1 1 64\n2 1 16\n2 2 48\n3 2 16\n3 3 32\n");
  const double plain = json_of(command)["bill"]["device"]["time_s"];
  const double scaled = json_of({"inv", "big.mtx", "-n", "640"})["bill"]["device"]["time_s"];
  const double fast = json_of({"inv", "a.mtx", "-n", "640", "--clock", "8"})["bill"]["device"]["time_s"];
  EXPECT_NEAR(scaled / plain, 1, 1e-9);
  EXPECT_NEAR(plain / fast, 8, 1e-9);
}

TEST_F(linear_algebra, a_tolerance_out_of_reach_is_told_with_the_best_answer) {
  const nlohmann::json answer =
      json_of({"solve", "a.mtx", "b.mtx", "--tolerance", "1e-5", "--most-samples", "2000"}, 5)["result"];
  EXPECT_FALSE(answer["tolerance_met"].get<bool>());
  EXPECT_LE(answer["samples"].get<int>(), 2000);
  EXPECT_TRUE(contains(swell({"solve", "a.mtx", "b.mtx", "--tolerance", "1e-5", "--most-samples", "2000"}).err,
                       "times as many"));
}

// Samples that are stored are predicted: on the disk those of a Gaussian, in memory those from which a determinant is
// made. Three variables of 8 bytes: 24 TB for 10^12.
TEST_F(linear_algebra, samples_that_nothing_can_hold_are_refused_before_the_first) {
  expect_refused(2, {"gaussian", "--precision", "a.mtx", "-n", "1e12", "-o", "out"},
                 {"24", "TB", "samples.npy", "-n, --most-samples"});
  EXPECT_FALSE(exists("out/samples.npy.part"));
  expect_refused(2, {"logdet", "a.mtx", "--device", "exact", "-n", "1e12", "--most-samples", "1e13"},
                 {"samples of 3 variables are kept at once", "GB are free", "ask for fewer"});
}

TEST_F(linear_algebra, an_ill_conditioned_system_says_that_it_takes_long_and_why) {
  // A chain of 200 springs: condition 1.6e4.
  std::string entries = "200 200 598\n";
  for (int i = 1; i <= 200; ++i) {
    entries += fmt::format("{0} {0} 2\n", i);
    if (i < 200) entries += fmt::format("{0} {1} -1\n{1} {0} -1\n", i, i + 1);
  }
  matrix("bad.mtx", entries);
  write("ones.mtx", [] {
    std::string text = "%%MatrixMarket matrix array real general\n200 1\n";
    for (int i = 0; i < 200; ++i) text += "1\n";
    return text;
  }());
  expect_refused(5, {"solve", "bad.mtx", "ones.mtx", "--budget", "0.3s"},
                 {"no answer within", "slowest mode", "ill-conditioned", "a longer budget"});
}

TEST_F(linear_algebra, matrices_that_will_not_do_are_refused_in_one_sentence) {
  matrix("wide.mtx", "2 3 1\n1 1 1\n");
  matrix("indefinite.mtx", "2 2 4\n1 1 1\n1 2 2\n2 1 2\n2 2 1\n");
  matrix("singular.mtx", "2 2 4\n1 1 1\n1 2 1\n2 1 1\n2 2 1\n");
  matrix("skewed.mtx", "2 2 3\n1 1 1\n1 2 0.5\n2 2 1\n");
  matrix("close.mtx", "2 2 4\n1 1 1\n1 2 0.999999999999\n2 1 0.999999999999\n2 2 1\n");
  matrix("nan.mtx", "1 1 1\n1 1 nan\n");
  matrix("huge.mtx", "1000000000 1000000000 1\n1 1 1\n");
  matrix("promise.mtx", "1000000 1000000 1000000000000\n1 1 1\n");
  matrix("short.mtx", "2 2 3\n1 1 1\n");
  matrix("empty.mtx", "0 0 0\n");
  matrix("two.mtx", "2 1 2\n1 1 1\n2 1 1\n");
  write("a.csv", "1,2\n3,4\n");
  expect_refused(2, {"inv", "wide.mtx"}, {"wide.mtx", "2 x 3", "square"});
  expect_refused(2, {"solve", "a.mtx", "two.mtx"}, {"two.mtx", "column of 3"});
  expect_refused(2, {"inv", "indefinite.mtx"}, {"indefinite.mtx", "not positive definite"});
  expect_refused(2, {"inv", "singular.mtx"}, {"singular.mtx", "not positive definite"});
  expect_refused(2, {"solve", "skewed.mtx", "two.mtx"}, {"not symmetric", "--normal-equations"});
  expect_refused(2, {"solve", "close.mtx", "two.mtx", "--device", "spu"}, {"too ill-conditioned for this device"});
  expect_refused(2, {"logdet", "skewed.mtx"}, {"not symmetric", "(2, 1)"});
  expect_refused(2, {"inv", "empty.mtx"}, {"0 x 0"});
  expect_refused(2, {"inv", "huge.mtx"}, {"huge.mtx", "2^28"});
  expect_refused(2, {"inv", "a.csv"}, {"a.csv", ".mtx"});
  expect_refused(3, {"inv", "nan.mtx"}, {"nan.mtx", "line 3"});
  expect_refused(3, {"inv", "promise.mtx"}, {"promise.mtx", "promised"});
  expect_refused(3, {"inv", "short.mtx"}, {"short.mtx", "promised"});
  expect_refused(3, {"inv", "missing.mtx"}, {"missing.mtx"});
  expect_refused(2, {"expm", "a.mtx", "--device", "spu"}, {"spu", "exponential"});
  expect_refused(2, {"logdet", "a.mtx", "--integrator", "euler"}, {"Euler-Maruyama"});
  expect_refused(2, {"gaussian"}, {"--precision", "--covariance"});
  expect_refused(2, {"inv", "a.mtx", "--mitigate"}, {"--bits"});
  expect_refused(2, {"inv", "a.mtx", "--budget", "soon"}, {"--budget", "soon"});
  expect_refused(2, {"inv", "a.mtx", "--replicas", "33"}, {"33"});
  expect_refused(2, {"inv", "a.mtx", "--tolerance", "nan"}, {"--tolerance", "nan"});
}

TEST_F(linear_algebra, matrices_come_as_people_have_them) {
  // One ulp of single precision from symmetric: taken, and said.
  write("float.mtx", "%%MatrixMarket matrix array real general\n2 2\n1\n-0.039534200\n-0.039534204\n1\n");
  const Answer answer = swell({"inv", "float.mtx", "-n", "640"});
  EXPECT_EQ(answer.exit_code, 0) << answer.err;
  EXPECT_TRUE(contains(answer.out, "symmetrised"));
  write("mac.mtx", "%%MatrixMarket matrix coordinate real symmetric\r2 2 3\r1 1 1.0D+00\r1 2 0.5\r2 2 1\r");
  EXPECT_EQ(swell({"inv", "mac.mtx", "-n", "640"}).exit_code, 0);
  // From a pipe, which gives its bytes once and has a name that says nothing.
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  const std::string text = text_of(folder_ / "float.mtx");
  const Answer piped =
      swell({"inv", "pipe", "-n", "640"}, {-1, [&](pid_t) { std::ofstream(folder_ / "pipe") << text; }});
  EXPECT_EQ(piped.exit_code, 0) << piped.err;
}

TEST_F(linear_algebra, badly_scaled_matrices_and_any_scale_are_answered) {
  write("uneven.mtx", "%%MatrixMarket matrix array real general\n2 2\n1\n0.1\n0.1\n1e7\n");
  for (const std::string device : {"exact", "overdamped"}) {
    for (const std::string given : {"--covariance", "--precision"}) {
      const nlohmann::json answer = json_of({"gaussian", given, "uneven.mtx", "--device", device})["result"];
      for (int i = 0; i < 2; ++i) {
        EXPECT_GT(answer["answer"]["stderr"][i].get<double>(), 0);
        EXPECT_NEAR(answer["answer"]["value"][i].get<double>(), 0, 6 * answer["answer"]["stderr"][i].get<double>());
      }
    }
  }
  for (const std::string scale : {"e200", "e-200"}) {
    write("far.mtx", fmt::format("%%MatrixMarket matrix array real general\n2 2\n2{0}\n1{0}\n1{0}\n2{0}\n", scale));
    write("unit.mtx", "%%MatrixMarket matrix array real general\n2 1\n1\n0\n");
    const nlohmann::json x = json_of({"solve", "far.mtx", "unit.mtx"})["result"];
    const double unit = scale == "e200" ? 1e-200 : 1e200;
    EXPECT_NEAR(x["answer"]["value"][0].get<double>() / unit, 2.0 / 3,
                6 * x["answer"]["stderr"][0].get<double>() / unit);
    EXPECT_NEAR(x["answer"]["stderr"][0].get<double>() / unit, 0.008, 0.004);
    const nlohmann::json det = json_of({"logdet", "far.mtx"})["result"];
    EXPECT_NEAR(det["answer"]["value"].get<double>(), std::log(3.0) - 2 * std::log(unit),
                6 * det["answer"]["stderr"].get<double>());
    const nlohmann::json half = json_of({"lyapunov", "far.mtx", "far.mtx", "--device", "exact"})["result"];
    EXPECT_NEAR(half["answer"]["value"][0].get<double>(), 0.5, 6 * half["answer"]["stderr"][0].get<double>());
  }
}

TEST_F(linear_algebra, entries_of_very_different_size_each_have_an_error_of_their_own) {
  matrix("both.mtx", "2 2 2\n1 1 1e-300\n2 2 1\n");
  const nlohmann::json answer = json_of({"inv", "both.mtx"})["result"];
  const double truth[] = {1e300, 0, 0, 1};
  for (int k = 0; k < 4; ++k) {
    const double error = answer["answer"]["stderr"][k];
    EXPECT_NEAR(answer["answer"]["value"][k].get<double>(), truth[k], 6 * error);
    EXPECT_GT(error, 0);
  }
  EXPECT_LT(answer["answer"]["stderr"][3].get<double>(), 0.1);
  EXPECT_GT(answer["answer"]["stderr"][3].get<double>(), 0.001);
  matrix("steep.mtx", "1 1 1\n1 1 1e200\n");
  expect_refused(2, {"expm", "steep.mtx"}, {"steps for each sample", "the device exact"});
}

TEST_F(linear_algebra, several_right_hand_sides_have_an_answer_each) {
  write("b3.mtx", "%%MatrixMarket matrix array real general\n3 3\n1\n2\n3\n0\n0\n0\n-2\n-4\n-6\n");
  const nlohmann::json answer = json_of({"solve", "a.mtx", "b3.mtx", "--device", "exact"})["result"];
  const double truth[] = {2.0 / 9, 1.0 / 9, 13.0 / 9}, factor[] = {1, 0, -2};
  EXPECT_EQ(answer["columns"], 3);
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j)
      EXPECT_NEAR(answer["answer"]["value"][3 * i + j].get<double>(), factor[j] * truth[i],
                  6 * answer["answer"]["stderr"][3 * i + j].get<double>());
  }
}

TEST_F(linear_algebra, one_error_holds_rounding_and_says_its_parts) {
  const std::vector<std::string> command = {"inv", "a.mtx", "--bits", "4", "--device", "exact"};
  const nlohmann::json all = json_of(command), answer = all["result"];
  const double stated = answer["answer"]["error"]["norm"], off = all["references"][0]["true_error"];
  EXPECT_GT(stated, off / 2);
  EXPECT_LT(stated, 4 * off);
  EXPECT_GT(answer["answer"]["error"]["parts"]["rounding"].get<double>(), 0.5 * stated);
  EXPECT_TRUE(contains(swell(command).out, "rounding of the couplings"));
}

TEST_F(linear_algebra, budgets_and_signals_end_every_command_with_an_answer) {
  const std::vector<std::vector<std::string>> commands = {
      {"solve", "a.mtx", "b.mtx"},    {"inv", "a.mtx"},  {"logdet", "a.mtx"},
      {"lyapunov", "a.mtx", "a.mtx"}, {"expm", "a.mtx"}, {"gaussian", "--precision", "a.mtx"}};
  for (const std::vector<std::string>& command : commands) {
    // On a busy machine the first answer takes longer: more time until there is one.
    Answer spent, stopped;
    for (int seconds = 1; seconds < 64 && spent.out.empty(); seconds *= 4) {
      std::vector<std::string> bounded = command;
      bounded.insert(bounded.end(), {"--tolerance", "1e-9", "--budget", fmt::format("{}s", seconds), "--json", "-"});
      spent = swell(bounded);
    }
    EXPECT_EQ(spent.exit_code, 5) << command[0] << spent.err;
    EXPECT_GT(nlohmann::json::parse(spent.out)["result"]["answer"]["error"]["norm"].get<double>(), 0) << command[0];
    for (int seconds = 1; seconds < 64 && stopped.out.empty(); seconds *= 4) {
      std::vector<std::string> endless = command;
      endless.insert(endless.end(), {"--tolerance", "1e-9", "--budget", "300s", "--json", "-"});
      stopped = swell(endless, {.meanwhile = interrupt_after(std::chrono::seconds(seconds))});
      EXPECT_EQ(stopped.exit_code, 130) << command[0] << stopped.err;
    }
    EXPECT_GT(nlohmann::json::parse(stopped.out)["result"]["answer"]["error"]["norm"].get<double>(), 0) << command[0];
  }
}

TEST_F(linear_algebra, samples_of_a_gaussian_go_to_their_file_as_they_come) {
  const Answer answer =
      swell({"gaussian", "--precision", "a.mtx", "--tolerance", "1e-9", "--budget", "1s", "-o", "out"});
  EXPECT_EQ(answer.exit_code, 5) << answer.err;
  EXPECT_LT(answer.peak_bytes, int64_t{300} << 20);
  EXPECT_EQ(read_npy(folder_ / "out/samples.npy").shape[1], 3);
  EXPECT_FALSE(exists("out/samples.npy.part"));
}

TEST_F(linear_algebra, a_general_system_goes_through_the_normal_equations_when_asked) {
  matrix("general.mtx", "3 2 5\n1 1 2\n1 2 1\n2 2 1\n3 1 -1\n3 2 0.5\n");
  const nlohmann::json answer = json_of({"solve", "general.mtx", "b.mtx", "--normal-equations"})["result"];
  // A^T A = (5 1.5; 1.5 2.25), A^T b = (-1, 4.5).
  const double truth[] = {-1.0, 8.0 / 3};
  for (int i = 0; i < 2; ++i)
    EXPECT_NEAR(answer["answer"]["value"][i].get<double>(), truth[i], 6 * answer["answer"]["stderr"][i].get<double>());
}

}  // namespace swell::test
