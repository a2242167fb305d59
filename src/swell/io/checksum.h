#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace swell {

// SHA-256 of bytes that come piece by piece.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void update(std::span<const std::byte> bytes);
  // Of all bytes since the last call, which begins anew.
  std::array<std::byte, 32> digest();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Digits of a digest: 64, lower-case hexadecimal.
std::string hex(std::span<const std::byte> bytes);

// SHA-256 as 64 lower-case hexadecimal digits.
std::string sha256_hex(std::span<const std::byte> bytes);

}  // namespace swell
