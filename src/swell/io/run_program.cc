#include "swell/io/run_program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

#include "swell/base/errors.h"

// POSIX declares it nowhere. It is handed on to the program, never looked into.
extern char** environ;

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

struct FileActions {
  FileActions() { posix_spawn_file_actions_init(&actions); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  ~FileActions() { posix_spawn_file_actions_destroy(&actions); }
  posix_spawn_file_actions_t actions;
};

// Starts the program with both its outputs on the pipe; returns 0 or why it did not start.
int spawn(std::span<const std::string> arguments, const std::filesystem::path& folder, const Pipe& pipe, pid_t& child) {
  FileActions setup;
  posix_spawn_file_actions_addchdir_np(&setup.actions, folder.c_str());
  posix_spawn_file_actions_addopen(&setup.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&setup.actions, pipe.ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&setup.actions, pipe.ends[1], STDERR_FILENO);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  return ::posix_spawnp(&child, argv[0], &setup.actions, nullptr, argv.data(), environ);
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

ProgramResult run_program(std::span<const std::string> arguments, const std::filesystem::path& folder) {
  std::error_code none;
  if (!std::filesystem::is_directory(folder, none)) fail(arguments[0] + " in " + folder.string(), ENOTDIR);
  Pipe pipe(arguments[0]);
  pid_t child = 0;
  const int error = spawn(arguments, folder, pipe, child);
  if (error == ENOENT) return {};
  if (error != 0) fail(arguments[0], error);
  pipe.close_end(1);
  ProgramResult result{true, -1, read_tail(pipe.ends[0])};
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) fail(arguments[0], errno);
  }
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

}  // namespace swell
