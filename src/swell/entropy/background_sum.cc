#include "swell/entropy/background_sum.h"

#include <utility>

namespace swell::entropy {

BackgroundSum::~BackgroundSum() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
    came_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void BackgroundSum::push(Piece piece) {
  pieces_.push_back(std::move(piece));
  if (!thread_.joinable()) thread_ = std::thread([this] { work(); });
  came_.notify_all();
}

void BackgroundSum::add(std::span<const std::byte> lasting) {
  const std::lock_guard lock(mutex_);
  // Pieces that lie one behind the other are one.
  if (!pieces_.empty() && pieces_.back().buffer.empty() &&
      pieces_.back().bytes.data() + pieces_.back().bytes.size() == lasting.data()) {
    pieces_.back().bytes = {pieces_.back().bytes.data(), pieces_.back().bytes.size() + lasting.size()};
    return;
  }
  push({lasting, {}});
}

void BackgroundSum::add_buffer(std::vector<std::byte>& buffer, size_t count) {
  std::unique_lock lock(mutex_);
  done_.wait(lock, [&] { return buffers_ < kMostBuffers; });
  std::vector<std::byte> other;
  if (!free_.empty()) {
    other = std::move(free_.back());
    free_.pop_back();
  }
  other.resize(buffer.size());
  std::swap(other, buffer);
  ++buffers_;
  const std::span<const std::byte> bytes(other.data(), count);
  push({bytes, std::move(other)});
}

std::array<std::byte, 32> BackgroundSum::digest() {
  std::unique_lock lock(mutex_);
  done_.wait(lock, [&] { return pieces_.empty() && !busy_; });
  return sum_.digest();
}

void BackgroundSum::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    came_.wait(lock, [&] { return over_ || !pieces_.empty(); });
    if (pieces_.empty()) return;
    Piece piece = std::move(pieces_.front());
    pieces_.pop_front();
    busy_ = true;
    lock.unlock();
    sum_.update(piece.bytes);
    lock.lock();
    busy_ = false;
    if (!piece.buffer.empty()) {
      --buffers_;
      free_.push_back(std::move(piece.buffer));
    }
    done_.notify_all();
  }
}

}  // namespace swell::entropy
