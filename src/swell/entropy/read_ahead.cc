#include "swell/entropy/read_ahead.h"

#include <algorithm>
#include <utility>

namespace swell::entropy {

namespace {

constexpr size_t kPiece = 1 << 15;  // bytes read at once
constexpr size_t kMostPieces = 8;   // read and not handed out yet
constexpr auto kLook = std::chrono::milliseconds(50);

}  // namespace

ReadAhead::ReadAhead(std::unique_ptr<Source> source) : source_(std::move(source)), name_(source_->name()) {}

ReadAhead::~ReadAhead() { stop(); }

void ReadAhead::allow(uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (bytes <= allowed_) return;
  allowed_ = bytes;
  if (!thread_.joinable() && !stop_) thread_ = std::thread([this] { work(); });
  room_.notify_all();
}

void ReadAhead::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    room_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

int64_t ReadAhead::read(std::span<std::byte> into, std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  came_.wait_for(lock, patience, [&] { return !pieces_.empty() || ended_ || failure_; });
  if (pieces_.empty()) {
    if (failure_) std::rethrow_exception(failure_);
    return 0;
  }
  Piece& piece = pieces_.front();
  const size_t count = std::min(into.size(), piece.bytes.size() - piece.first);
  lock.unlock();  // the first piece is the caller's alone
  std::copy_n(piece.bytes.begin() + static_cast<int64_t>(piece.first), count, into.begin());
  lock.lock();
  piece.first += count;
  if (piece.first == piece.bytes.size()) {
    pieces_.pop_front();
    room_.notify_all();
  }
  return static_cast<int64_t>(count);
}

bool ReadAhead::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_ && pieces_.empty();
}

void ReadAhead::work() {
  // Where the source writes: a generator in the system's kernel writes a quarter faster to memory that is near, and
  // copying from there costs little.
  std::vector<std::byte> near(kPiece);
  std::unique_lock lock(mutex_);
  while (true) {
    room_.wait(lock, [&] { return stop_ || (taken_ < allowed_ && pieces_.size() < kMostPieces); });
    if (stop_) return;
    const auto most = static_cast<size_t>(std::min<uint64_t>(kPiece, allowed_ - taken_));
    lock.unlock();
    Piece piece;
    bool over = false;
    std::exception_ptr failure;
    try {
      const int64_t count = source_->read(std::span(near).first(most), kLook);
      piece.bytes.assign(near.begin(), near.begin() + count);
      over = count == 0 && source_->ended();
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    taken_ += piece.bytes.size();
    ended_ = over;
    failure_ = failure;
    const bool came = !piece.bytes.empty();
    if (came) pieces_.push_back(std::move(piece));
    if (came || over || failure) came_.notify_all();
    if (over || failure) return;
  }
}

}  // namespace swell::entropy
