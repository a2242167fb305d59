#include "swell/io/run_program.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vector>

#include "swell/base/errors.h"
#include "swell/io/test_folder.h"

namespace swell::test {
namespace {

ProgramResult run(const std::vector<std::string>& arguments) { return run_program(arguments, "/"); }

TEST(run_program, arguments_pass_through_no_shell) {
  const ProgramResult result = run({"printf", "%s", "$HOME; `id` 'x'"});
  EXPECT_TRUE(result.found);
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.output, "$HOME; `id` 'x'");
}

TEST(run_program, runs_in_the_folder_with_empty_input_and_both_outputs) {
  const ProgramResult result = run({"sh", "-c", "pwd; cat; echo wrong >&2; exit 7"});
  EXPECT_EQ(result.output, "/\nwrong\n");
  EXPECT_EQ(result.status, 7);
}

TEST(run_program, long_output_keeps_its_end) {
  const ProgramResult result = run({"sh", "-c", "head -c 300000 /dev/zero | tr '\\0' x; echo end"});
  EXPECT_EQ(result.output.size(), 4000u);
  EXPECT_TRUE(result.output.ends_with("xend\n"));
}

TEST(run_program, a_signal_counts_as_128_and_its_number) { EXPECT_EQ(run({"sh", "-c", "kill -9 $$"}).status, 137); }

// Limits above those of this process are not asked for: a program starts where memory and files are short.
TEST(run_program, limits_stay_within_those_of_the_caller) {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit limit{1 << 20, 1 << 20};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const std::vector<std::string> arguments{"sh", "-c", "ulimit -f"};
    const ProgramResult result = run_program(arguments, "/", {10, 0, int64_t{4} << 30});
    ::_exit(result.found && result.status == 0 && std::stoll(result.output) > 0 && std::stoll(result.output) <= 2048
                ? 0
                : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(run_program, a_missing_program_is_told_from_a_missing_folder) {
  EXPECT_FALSE(run({"swell-has-no-such-program"}).found);
  const std::vector<std::string> arguments{"true"};
  EXPECT_TRUE(contains(error_of([&] { run_program(arguments, "/none"); }), "/none"));
}

}  // namespace
}  // namespace swell::test
