#include "swell/io/run_program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

#include "swell/base/errors.h"

namespace swell {
namespace {

[[noreturn]] void fail(const std::string& program, int error) {
  throw IoError(fmt::format("cannot start {}: {}", program, std::generic_category().message(error)));
}

struct Pipe {
  explicit Pipe(const std::string& program) {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail(program, errno);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  void close_end(size_t i) {
    if (ends[i] >= 0) ::close(ends[i]);
    ends[i] = -1;
  }
  std::array<int, 2> ends{-1, -1};  // read, write
};

bool limited(decltype(RLIMIT_CPU) what, int64_t most) {
  if (most == 0) return true;
  // Never above what this process may have itself.
  rlimit limit{};
  if (::getrlimit(what, &limit) != 0) return false;
  limit.rlim_cur = limit.rlim_max = std::min(limit.rlim_max, static_cast<rlim_t>(most));
  return ::setrlimit(what, &limit) == 0;
}

// In the child, where only calls that are safe after fork() are allowed: sets it up and becomes the program, or sends
// the reason why not and ends.
[[noreturn]] void become(char* const* arguments, const char* folder, const Pipe& output, const Pipe& failure,
                         const ProgramLimits& limits) {
  const int input = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (input >= 0 && ::dup2(input, STDIN_FILENO) >= 0 && ::dup2(output.ends[1], STDOUT_FILENO) >= 0 &&
      ::dup2(output.ends[1], STDERR_FILENO) >= 0 && ::chdir(folder) == 0 && limited(RLIMIT_CPU, limits.cpu_s) &&
      limited(RLIMIT_AS, limits.memory_bytes) && limited(RLIMIT_FSIZE, limits.file_bytes)) {
    ::execvp(arguments[0], arguments);
  }
  const int error = errno;
  const bool sent = ::write(failure.ends[1], &error, sizeof error) == sizeof error;
  ::_exit(sent ? 126 : 127);
}

// Starts the program with both its outputs on the pipe; returns 0 or why it did not start.
int start(std::span<const std::string> arguments, const std::filesystem::path& folder, const ProgramLimits& limits,
          Pipe& output, pid_t& child) {
  Pipe failure(arguments[0]);
  std::vector<char*> pointers;
  for (const std::string& argument : arguments) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  child = ::fork();
  if (child < 0) fail(arguments[0], errno);
  if (child == 0) become(pointers.data(), folder.c_str(), output, failure, limits);
  output.close_end(1);
  failure.close_end(1);
  // The program's start closes the other end of the pipe, so that nothing can be read.
  int error = 0;
  ssize_t got = 0;
  do {
    got = ::read(failure.ends[0], &error, sizeof error);
  } while (got < 0 && errno == EINTR);
  return got == sizeof error ? error : 0;
}

int wait_for(pid_t child, const std::string& program) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) fail(program, errno);
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// The last kKept bytes that come out of `descriptor` before its end.
std::string read_tail(int descriptor) {
  constexpr size_t kKept = 4000;
  std::string tail;
  std::array<char, 4096> block{};
  for (;;) {
    const ssize_t got = ::read(descriptor, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return tail;
    tail.append(block.data(), static_cast<size_t>(got));
    if (tail.size() > kKept) tail.erase(0, tail.size() - kKept);
  }
}

}  // namespace

ProgramResult run_program(std::span<const std::string> arguments, const std::filesystem::path& folder,
                          const ProgramLimits& limits) {
  std::error_code none;
  if (!std::filesystem::is_directory(folder, none)) fail(arguments[0] + " in " + folder.string(), ENOTDIR);
  Pipe output(arguments[0]);
  pid_t child = 0;
  const int error = start(arguments, folder, limits, output, child);
  ProgramResult result{error == 0, -1, read_tail(output.ends[0])};
  result.status = wait_for(child, arguments[0]);
  if (error == ENOENT) return {};
  if (error != 0) fail(arguments[0], error);
  return result;
}

}  // namespace swell
