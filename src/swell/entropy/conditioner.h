#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "swell/io/checksum.h"

namespace swell::entropy {

// Conditioning by SHA-256, a vetted function of NIST SP 800-90B, section 3.1.5.1: 32 bytes for so many bytes of the raw
// source that they hold 320 bits of its claimed min-entropy, 64 more than come out (SP 800-90C, section 3.1: the output
// then counts as uniform).
constexpr int kConditionedBytes = 32;
constexpr int kSpareBits = 64;

// Raw bytes that go into one output, where a byte holds so much min-entropy (bits, above 0 and at most 8).
int64_t raw_bytes_of_output(double min_entropy_per_byte);

class Conditioner {
 public:
  explicit Conditioner(double min_entropy_per_byte) : block_(raw_bytes_of_output(min_entropy_per_byte)) {}

  // Adds what these raw bytes complete to `out`.
  void take(std::span<const std::byte> raw, std::vector<std::byte>& out);
  int64_t block() const { return block_; }  // raw bytes of an output

 private:
  void add(std::span<const std::byte> block, std::vector<std::byte>& out);

  int64_t block_;
  Sha256 sum_;
  std::vector<std::byte> waiting_;
};

}  // namespace swell::entropy
