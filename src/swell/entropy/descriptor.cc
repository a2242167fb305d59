#include "swell/entropy/descriptor.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "swell/base/errors.h"

namespace swell::entropy {

int64_t Descriptor::read(std::span<std::byte> into, std::chrono::milliseconds patience, bool may_have_no_writer) {
  pollfd wanted{number_, POLLIN, 0};
  const int ready = poll(&wanted, 1, static_cast<int>(patience.count()));
  if (ready == 0 || (ready < 0 && errno == EINTR)) return 0;
  if (ready < 0) throw IoError(fmt::format("{}: {}", name_, std::strerror(errno)));
  const ssize_t count = ::read(number_, into.data(), into.size());
  if (count > 0) {
    begun_ = true;
    return count;
  }
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  if (count < 0) throw IoError(fmt::format("{}: {}", name_, std::strerror(errno)));
  // A pipe that nobody has opened for writing yet reads as if it were at its end.
  if (may_have_no_writer && !begun_ && !(wanted.revents & POLLHUP)) return 0;
  ended_ = true;
  return 0;
}

Descriptor::~Descriptor() {
  if (number_ >= 0) close(number_);
}

}  // namespace swell::entropy
