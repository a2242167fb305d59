#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "swell/entropy/source.h"

namespace swell::entropy {

// Reads a source in a thread of its own, while others test and keep what came before. It reads no more than it is
// allowed to: nothing is taken from a device that nobody needs.
class ReadAhead : public Source {
 public:
  explicit ReadAhead(std::unique_ptr<Source> source);
  ~ReadAhead() override;

  // So many bytes in all, from the first one on. Less than before has no effect.
  void allow(uint64_t bytes);
  // Nothing is read from the source any more. What has been read can still be had. Waits for the read under way.
  void stop();

  // What the source throws is thrown once all that came before has been handed out.
  int64_t read(std::span<std::byte> into, std::chrono::milliseconds patience) override;
  bool ended() const override;
  std::string name() const override { return name_; }

 private:
  struct Piece {
    std::vector<std::byte> bytes;
    size_t first = 0;  // not handed out yet
  };
  void work();

  const std::unique_ptr<Source> source_;  // of the thread
  const std::string name_;
  mutable std::mutex mutex_;
  std::condition_variable came_, room_;
  std::deque<Piece> pieces_;
  uint64_t allowed_ = 0, taken_ = 0;
  bool stop_ = false, ended_ = false;
  std::exception_ptr failure_;
  std::thread thread_;
};

}  // namespace swell::entropy
