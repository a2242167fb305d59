#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "cli/schema.h"
#include "cli/tiny_machine.h"
#include "swell/io/test_folder.h"

// Runs the real program and says what it answered.
namespace swell::test {

struct Answer {
  int exit_code = -1;  // 128 + signal where one ended it
  std::string out, err;
  int64_t peak_bytes = 0;  // most memory that it had at once
};

// Options of one run: the largest file that it may write (a disk that is full), and what to do while it runs.
struct Circumstances {
  int64_t largest_file = -1;
  std::function<void(pid_t)> meanwhile;
};

class Program : public testing::Test {
 protected:
  Answer swell(const std::vector<std::string>& arguments, const Circumstances& how = {}) {
    return run(SWELL_PROGRAM, arguments, how);
  }

  Answer run(const std::string& program, const std::vector<std::string>& arguments, const Circumstances& how = {}) {
    std::vector<std::string> words{program};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const std::string out = streams_ / "out", err = streams_ / "err", place = folder_.path();
    const pid_t child = ::fork();
    if (child == 0) {
      if (!redirect(STDOUT_FILENO, out) || !redirect(STDERR_FILENO, err) || ::chdir(place.c_str()) != 0) ::_exit(126);
      if (how.largest_file >= 0) {
        ::signal(SIGXFSZ, SIG_IGN);  // so that the write fails as on a full disk
        const rlimit limit{static_cast<rlim_t>(how.largest_file), static_cast<rlim_t>(how.largest_file)};
        if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(126);
      }
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
    if (how.meanwhile) how.meanwhile(child);
    int status = 0;
    rusage used{};
    ::wait4(child, &status, 0, &used);
    hold_against_schema(arguments, text_of(out));
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), text_of(out), text_of(err),
            int64_t{used.ru_maxrss} * 1024};
  }

  // The program ended with this code and one sentence on standard error that has all these parts.
  void expect_refused(int code, const std::vector<std::string>& arguments, const std::vector<std::string>& parts) {
    const Answer answer = swell(arguments);
    EXPECT_EQ(answer.exit_code, code) << answer.err;
    EXPECT_EQ(answer.err.rfind("swell: ", 0), 0u) << answer.err;
    for (const std::string& part : parts) EXPECT_TRUE(contains(answer.err, part));
    EXPECT_EQ(answer.err.find("terminate called"), std::string::npos);
  }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  // The tiny design, its images and labels as files of the folder in which the program runs.
  void write_tiny(int steps = 100) const {
    write("tiny.toml", tiny_design(4, 4, 6, steps));
    write("images.idx", idx_text({2, 4, 4}, tiny_pixels()));
    write("labels.idx", idx_text({2}, {4, 9}));
  }
  bool exists(const std::string& name) const { return std::filesystem::exists(folder_ / name); }
  // Files of the folder, hidden and temporary ones as well.
  std::vector<std::string> names() const { return folder_.names(); }

  TestFolder folder_;

 private:
  // A report on standard output has the shape of every report, whatever the test asks.
  static void hold_against_schema(const std::vector<std::string>& arguments, const std::string& out) {
    const auto json = std::ranges::find(arguments, "--json");
    if (json == arguments.end() || json + 1 == arguments.end() || json[1] != "-" || out.empty()) return;
    const auto report = nlohmann::json::parse(out, nullptr, false);
    for (const std::string& complaint : report_schema_of_docs().complaints(report)) ADD_FAILURE() << complaint;
  }

  static bool redirect(int number, const std::string& path) {
    const int file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
    return file >= 0 && ::dup2(file, number) == number;
  }

  TestFolder streams_;
};

// Ctrl-C after a while.
inline std::function<void(pid_t)> interrupt_after(std::chrono::milliseconds delay) {
  return [delay](pid_t child) {
    std::this_thread::sleep_for(delay);
    ::kill(child, SIGINT);
  };
}

}  // namespace swell::test
