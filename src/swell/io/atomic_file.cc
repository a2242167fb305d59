#include "swell/io/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <string>
#include <system_error>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"
#include "swell/io/leave_files.h"
#include "swell/io/stop_reading.h"

namespace swell {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(std::string_view action, const fs::path& path, int error) {
  throw IoError(fmt::format("cannot {} {}: {}", action, path.string(), std::generic_category().message(error)));
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }
  // Closing can report a write that failed late (full disk on a network file system).
  int close() {
    const int result = ::close(number_);
    number_ = -1;
    return result;
  }

 private:
  int number_;
};

// A new file beside the target, removed again unless it was renamed to it.
class TemporaryFile {
 public:
  TemporaryFile(const fs::path& target, mode_t mode, TemporaryName name)
      : file_(name == TemporaryName::fixed ? take_over(target, mode) : create(target, mode)) {}
  ~TemporaryFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  Descriptor& file() { return file_; }
  void rename_to(const fs::path& target) {
    if (::rename(path_.c_str(), target.c_str()) != 0) fail("write", target, errno);
    path_.clear();
  }

 private:
  int take_over(const fs::path& target, mode_t mode) {
    const fs::path part = target.string() + ".part";
    const int number = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (number < 0) fail("write", target, errno);
    path_ = part;
    return number;
  }

  int create(const fs::path& target, mode_t mode) {
    static std::atomic<uint64_t> count{0};
    for (;;) {
      const fs::path candidate = target.parent_path() / fmt::format(".swell-{}-{}.tmp", ::getpid(), count++);
      const int number = ::open(candidate.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
      if (number < 0 && errno == EEXIST) continue;
      if (number < 0) fail("write", target, errno);
      path_ = candidate;
      return number;
    }
  }

  fs::path path_;  // before file_: the two are filled together
  Descriptor file_;
};

void write_all(int descriptor, std::span<const std::byte> bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("write", path, errno);
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
}

using Make = std::function<void(const Append&)>;

// Collects small pieces into blocks.
void write_pieces(int descriptor, const Make& make, const fs::path& path) {
  constexpr size_t kBlock = size_t{1} << 20;
  std::vector<std::byte> waiting;
  const auto drain = [&] {
    write_all(descriptor, waiting, path);
    waiting.clear();
  };
  make([&](std::span<const std::byte> bytes) {
    if (waiting.size() + bytes.size() > kBlock) drain();
    if (bytes.size() > kBlock) return write_all(descriptor, bytes, path);
    waiting.insert(waiting.end(), bytes.begin(), bytes.end());
  });
  drain();
}

// A device or pipe has no half-written state to protect, and must not be replaced by a file.
void write_in_place(const fs::path& path, const Make& make) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file.number() < 0) fail("write", path, errno);
  write_pieces(file.number(), make, path);
  if (file.close() != 0) fail("write", path, errno);
}

void sync(int descriptor, const fs::path& path) {
  // Some file systems have no fsync and say so with EINVAL or ENOSYS: there is nothing to wait for.
  if (::fsync(descriptor) != 0 && errno != EINVAL && errno != ENOSYS) fail("write", path, errno);
}

// Waits for something to read, or for the end, at most so long; false where neither came. Throws Interrupted where that
// is asked for meanwhile.
bool await_bytes(int descriptor, std::chrono::milliseconds longest, const fs::path& path) {
  constexpr int kLookMs = 100;
  const auto end = std::chrono::steady_clock::now() + longest;
  do {
    pollfd watched{descriptor, POLLIN, 0};
    if (::poll(&watched, 1, kLookMs) > 0) return true;
    if (is_asked_to_stop_reading()) throw Interrupted(fmt::format("interrupted while reading {}", path.string()));
  } while (std::chrono::steady_clock::now() < end);
  return false;
}

// Waits until there is something to read, or the writer has gone. Returns what it read while it looked, a byte at most.
std::vector<std::byte> await_writer(int pipe, const fs::path& path) {
  constexpr std::chrono::seconds kLongest{5};
  if (await_bytes(pipe, kLongest, path)) return {};
  std::byte first{};
  const ssize_t got = ::read(pipe, &first, 1);  // -1: a writer is there that has not written yet
  if (got == 0)
    throw IoError(fmt::format("cannot read {}: it is a pipe that nothing has opened to write within {} s",
                              path.string(), kLongest.count()));
  return std::vector<std::byte>(got > 0 ? size_t{1} : size_t{0}, first);
}

}  // namespace

std::vector<std::byte> read_file(const fs::path& path, size_t max_bytes) {
  constexpr size_t kBlock = 65536;
  // A pipe without a writer would hold up open() for ever.
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.number() < 0) fail("read", path, errno);
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) fail("read", path, errno);
  std::vector<std::byte> bytes;
  if (S_ISFIFO(status.st_mode)) bytes = await_writer(file.number(), path);
  if (::fcntl(file.number(), F_SETFL, O_RDONLY) != 0) fail("read", path, errno);
  if (S_ISDIR(status.st_mode)) throw IoError(fmt::format("cannot read {}: it is a folder, not a file", path.string()));
  const size_t expected = S_ISREG(status.st_mode) ? static_cast<size_t>(status.st_size) : 0;
  const auto refuse_larger = [&](size_t size) {
    if (size > max_bytes) {
      throw IoError(
          fmt::format("cannot read {}: it has {} bytes or more, at most {} are read", path.string(), size, max_bytes));
    }
  };
  refuse_larger(expected);
  size_t used = bytes.size();
  for (;;) {
    const size_t room = expected > used ? expected - used + 1 : kBlock;
    bytes.resize(used + room);
    while (!S_ISREG(status.st_mode) && !await_bytes(file.number(), std::chrono::hours(1), path)) continue;
    const ssize_t got = ::read(file.number(), bytes.data() + used, room);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("read", path, errno);
    if (got == 0) break;
    used += static_cast<size_t>(got);
    refuse_larger(used);
  }
  bytes.resize(used);
  return bytes;
}

void write_file_atomically(const fs::path& path, const Make& make, TemporaryName name) {
  if (leaves_files()) return;
  struct stat status {};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) {
    throw IoError(fmt::format("cannot write {}: it is a folder, not a file", path.string()));
  }
  if (exists && !S_ISREG(status.st_mode)) return write_in_place(path, make);

  std::error_code none;
  const fs::path target = fs::is_symlink(path, none) ? fs::weakly_canonical(path, none) : path;
  if (target.empty()) fail("write", path, ENOENT);
  TemporaryFile temporary(target, 0666, name);
  Descriptor& file = temporary.file();
  if (exists && ::fchmod(file.number(), status.st_mode & 07777) != 0) fail("write", path, errno);
  write_pieces(file.number(), make, path);
  sync(file.number(), path);
  if (file.close() != 0) fail("write", path, errno);
  temporary.rename_to(target);
}

void write_file_atomically(const fs::path& path, std::span<const std::byte> bytes) {
  write_file_atomically(path, [&](const Append& append) { append(bytes); });
}

void write_file_atomically(const fs::path& path, std::string_view text) {
  write_file_atomically(path, as_bytes_of(text));
}

}  // namespace swell
