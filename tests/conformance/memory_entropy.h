#pragma once

#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

#include "swell/base/errors.h"
#include "swell/random/entropy.h"

namespace swell::test {

// Bytes in memory as a source from outside. Only the first `come` of them have come, and more never do where `ended`.
class MemoryEntropy : public Entropy {
 public:
  MemoryEntropy(std::vector<uint64_t> words, Use how) : words_(std::move(words)), come_(8 * words_.size()) {
    use = how;
  }

  bool wait_for(uint64_t end, std::chrono::milliseconds patience) override {
    if (end > come_) std::this_thread::sleep_for(std::min(patience, std::chrono::milliseconds(1)));
    return end <= come_;
  }
  bool is_lost(uint64_t end) const override { return ended_ && end > come_; }
  const std::byte* bytes(uint64_t first, uint64_t) override {
    return reinterpret_cast<const std::byte*>(words_.data()) + first;
  }
  void require(uint64_t end, const std::string& what) override {
    if (end > 8 * words_.size()) throw InputError("too few bytes for " + what);
  }
  std::string identity() const override { return "memory"; }

  void let_come(uint64_t bytes) { come_ = bytes; }
  void end() { ended_ = true; }

 private:
  std::vector<uint64_t> words_;
  std::atomic<uint64_t> come_;
  std::atomic<bool> ended_ = false;
};

}  // namespace swell::test
