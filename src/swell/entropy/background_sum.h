#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "swell/io/checksum.h"

namespace swell::entropy {

// SHA-256 of bytes that come piece by piece, in a thread of its own: the sum of one stream cannot be shared out, and is
// slower than all else that a feed does with a byte.
class BackgroundSum {
 public:
  ~BackgroundSum();

  // Bytes that stay where they are until digest() has returned.
  void add(std::span<const std::byte> lasting);
  // The first bytes of a buffer, in whose place another one of its size comes. Waits where kMostBuffers are on their
  // way.
  void add_buffer(std::vector<std::byte>& buffer, size_t count);
  // Of all of them. Waits until they are summed, and begins anew.
  std::array<std::byte, 32> digest();

 private:
  static constexpr size_t kMostBuffers = 16;
  struct Piece {
    std::span<const std::byte> bytes;
    std::vector<std::byte> buffer;  // that they lie in; empty where they last
  };
  void work();
  void push(Piece piece);  // under the lock

  std::mutex mutex_;
  std::condition_variable came_, done_;
  std::deque<Piece> pieces_;
  std::vector<std::vector<std::byte>> free_;
  size_t buffers_ = 0;  // on their way
  bool busy_ = false, over_ = false;
  Sha256 sum_;  // of the thread, while it is busy
  std::thread thread_;
};

}  // namespace swell::entropy
