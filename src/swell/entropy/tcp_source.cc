#include "swell/entropy/tcp_source.h"

#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "swell/base/errors.h"
#include "swell/entropy/descriptor.h"

namespace swell::entropy {

namespace {

struct Addresses {
  addrinfo* first = nullptr;
  ~Addresses() {
    if (first) freeaddrinfo(first);
  }
};

// Connects without blocking for longer than `patience`: the reason why not, or nothing.
std::string connect_within(int socket, const addrinfo& to, std::chrono::milliseconds patience) {
  if (connect(socket, to.ai_addr, to.ai_addrlen) == 0) return "";
  if (errno != EINPROGRESS) return std::strerror(errno);
  pollfd wanted{socket, POLLOUT, 0};
  if (poll(&wanted, 1, static_cast<int>(patience.count())) <= 0)
    return fmt::format("nobody answered within {:g} s", static_cast<double>(patience.count()) / 1000);
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
  return error == 0 ? "" : std::strerror(error);
}

int connect_to(const std::string& address, std::chrono::milliseconds patience) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == address.size())
    throw InputError(fmt::format("tcp://{}: an address is HOST:PORT, such as 10.0.0.5:4242", address));
  const std::string port = address.substr(colon + 1);
  const bool digits = port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos;
  if (!digits || std::stoi(port) < 1 || std::stoi(port) > 65535)
    throw InputError(fmt::format("tcp://{}: the port is '{}'; 1 to 65535 are allowed", address, port));
  std::string host = address.substr(0, colon);
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  Addresses found;
  const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found.first);
  if (error != 0) throw IoError(fmt::format("tcp://{}: {}", address, gai_strerror(error)));
  std::string why = "no address was found";
  for (const addrinfo* to = found.first; to; to = to->ai_next) {
    const int number = socket(to->ai_family, to->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, to->ai_protocol);
    if (number < 0) continue;
    why = connect_within(number, *to, patience);
    if (why.empty()) return number;
    close(number);
  }
  throw IoError(fmt::format("tcp://{}: {}", address, why));
}

class TcpSource : public Source {
 public:
  TcpSource(const std::string& address, std::chrono::milliseconds patience)
      : name_("tcp://" + address), descriptor_(connect_to(address, patience), name_) {}

  int64_t read(std::span<std::byte> into, std::chrono::milliseconds patience) override {
    return descriptor_.read(into, patience);
  }
  bool ended() const override { return descriptor_.ended(); }
  std::string name() const override { return name_; }

 private:
  std::string name_;
  Descriptor descriptor_;
};

}  // namespace

std::unique_ptr<Source> open_tcp_source(const std::string& address, std::chrono::milliseconds patience) {
  return std::make_unique<TcpSource>(address, patience);
}

}  // namespace swell::entropy
