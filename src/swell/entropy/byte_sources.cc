#include "swell/entropy/byte_sources.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "swell/base/errors.h"
#include "swell/entropy/descriptor.h"

namespace swell::entropy {

namespace {

class FileSource : public Source {
 public:
  FileSource(const std::string& path, uint64_t first)
      : name_(path), descriptor_(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC), path) {
    struct stat status {};
    if (descriptor_.number() < 0 || fstat(descriptor_.number(), &status) != 0)
      throw IoError(fmt::format("cannot read {}: {}", path, std::strerror(errno)));
    if (S_ISDIR(status.st_mode)) throw IoError(fmt::format("{} is a folder, not a source of bytes", path));
    pipe_ = S_ISFIFO(status.st_mode);
    if (first > 0 && lseek(descriptor_.number(), static_cast<off_t>(first), SEEK_SET) < 0)
      throw IoError(fmt::format("cannot read {} from byte {} on: {}", path, first, std::strerror(errno)));
  }

  int64_t read(std::span<std::byte> into, std::chrono::milliseconds patience) override {
    return descriptor_.read(into, patience, pipe_);
  }
  bool ended() const override { return descriptor_.ended(); }
  std::string name() const override { return name_; }

 private:
  std::string name_;
  Descriptor descriptor_;
  bool pipe_ = false;
};

class SystemSource : public Source {
 public:
  int64_t read(std::span<std::byte> into, std::chrono::milliseconds) override {
    const ssize_t count = getrandom(into.data(), into.size(), 0);
    if (count < 0 && errno != EINTR)
      throw IoError(fmt::format("the generator of the operating system: {}", std::strerror(errno)));
    return count < 0 ? 0 : count;
  }
  bool ended() const override { return false; }
  std::string name() const override { return "the generator of the operating system"; }
};

class FunctionSource : public Source {
 public:
  FunctionSource(std::string name, SourceFunction read) : name_(std::move(name)), read_(std::move(read)) {}

  int64_t read(std::span<std::byte> into, std::chrono::milliseconds patience) override {
    const int64_t count = read_(into, patience);
    if (count > static_cast<int64_t>(into.size()))
      throw IoError(fmt::format("{} gave {} bytes where {} had room", name_, count, into.size()));
    ended_ = count < 0;
    return ended_ ? 0 : count;
  }
  bool ended() const override { return ended_; }
  std::string name() const override { return name_; }

 private:
  std::string name_;
  SourceFunction read_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Source> make_source(std::string name, SourceFunction read) {
  return std::make_unique<FunctionSource>(std::move(name), std::move(read));
}

std::unique_ptr<Source> open_file_source(const std::string& path, uint64_t first) {
  return std::make_unique<FileSource>(path, first);
}

std::unique_ptr<Source> open_system_source() { return std::make_unique<SystemSource>(); }

}  // namespace swell::entropy
