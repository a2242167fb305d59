#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace swell::entropy {

// Bytes as they come from a device, a file or the network, in order.
class Source {
 public:
  virtual ~Source() = default;

  // Waits at most `patience` for some bytes and writes as many as there are and fit. How many; 0 where none have come
  // yet, or none will (ended()). Throws IoError where the source fails, with the reason.
  virtual int64_t read(std::span<std::byte> into, std::chrono::milliseconds patience) = 0;
  virtual bool ended() const = 0;
  // For reports and tapes; holds no credentials.
  virtual std::string name() const = 0;
};

}  // namespace swell::entropy
