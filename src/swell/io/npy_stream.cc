#include "swell/io/npy_stream.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"
#include "swell/io/npy.h"

namespace swell {

namespace {

int64_t bytes_of(const std::vector<float>& values) { return static_cast<int64_t>(values.size() * sizeof(float)); }

}  // namespace

void NpyStream::fail(int error) const {
  throw IoError(fmt::format("cannot write {}: {}", part_.string(), std::generic_category().message(error)));
}

NpyStream::NpyStream(std::filesystem::path path, std::vector<int64_t> shape)
    : path_(std::move(path)), part_(path_.string() + ".part"), shape_(std::move(shape)) {
  const std::optional<int64_t> count = element_count(shape_);
  if (!count || *count > INT64_MAX / 8) {
    throw InputError(fmt::format("{} would have more than 2^60 numbers; fewer are needed", path_.string()));
  }
  size_ = *count;
}

NpyStream::~NpyStream() {
  if (writer_.joinable()) {
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
    }
    changed_.notify_all();
    writer_.join();
  }
  if (file_ >= 0) ::close(file_);
  if (remove_) ::unlink(part_.c_str());
}

void NpyStream::open(Mode mode) {
  if (file_ >= 0) return;
  joined_ = mode == Mode::joined;
  const bool resumed = mode == Mode::resumed || joined_;
  file_ = ::open(part_.c_str(), O_RDWR | O_CLOEXEC | (resumed ? 0 : O_CREAT | O_TRUNC), 0666);
  if (file_ < 0 && joined_ && errno == ENOENT) {
    throw IoError(
        fmt::format("{} is not to be seen from every process of the job; its folder must be one that all computers of "
                    "the job share",
                    part_.string()));
  }
  if (file_ < 0 && resumed && errno == ENOENT) {
    throw IoError(fmt::format("{} is missing, the unfinished file of the run that is to go on", part_.string()));
  }
  if (file_ < 0) fail(errno);
  const std::vector<std::byte> header = npy_header(shape_, sizeof(float));
  data_at_ = static_cast<int64_t>(header.size());
  const int64_t bytes = data_at_ + size_ * static_cast<int64_t>(sizeof(float));
  if (resumed) {
    check(header, bytes);
  } else {
    remove_ = true;
    reserve(header, bytes);
    remove_ = mode == Mode::fresh;
  }
  writer_ = std::jthread([this] { write_queue(); });
}

void NpyStream::reserve(const std::vector<std::byte>& header, int64_t bytes) {
  // A file system without reservation gets a file with holes.
  int error = ::fallocate(file_, 0, 0, bytes) == 0 ? 0 : errno;
  if (error == EOPNOTSUPP || error == ENOSYS) error = ::ftruncate(file_, bytes) == 0 ? 0 : errno;
  if (error == 0 && ::pwrite(file_, header.data(), header.size(), 0) != data_at_) error = EIO;
  if (error == 0) return;
  throw IoError(
      fmt::format("cannot write {} of {} bytes: {}", part_.string(), bytes, std::generic_category().message(error)));
}

void NpyStream::check(const std::vector<std::byte>& header, int64_t bytes) const {
  struct stat status {};
  std::vector<std::byte> found(header.size());
  const ssize_t got = ::pread(file_, found.data(), found.size(), 0);
  if (::fstat(file_, &status) == 0 && status.st_size == bytes && got == data_at_ && found == header) return;
  throw IoError(fmt::format("{} is not the unfinished file of the run that is to go on: {} bytes of another shape",
                            part_.string(), status.st_size));
}

void NpyStream::share_rows(int64_t row, int64_t whole, int64_t at) {
  row_ = row;
  whole_row_ = whole;
  row_at_ = at;
}

void NpyStream::put(int64_t first, std::vector<float> values) {
  if (row_ > 0) first = first / row_ * whole_row_ + row_at_ + first % row_;
  const int64_t bytes = bytes_of(values);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return failure_ || queued_bytes_ == 0 || queued_bytes_ + bytes <= kQueueBytes; });
  if (failure_) std::rethrow_exception(failure_);
  queued_bytes_ += bytes;
  queue_.push_back({first, std::move(values)});
  changed_.notify_all();
}

void NpyStream::write_queue() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return closing_ || !queue_.empty(); });
    if (queue_.empty()) return;
    const Piece piece = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    std::exception_ptr failure;
    try {
      write_piece(piece);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    queued_bytes_ -= bytes_of(piece.values);
    if (failure && !failure_) failure_ = failure;
    changed_.notify_all();
  }
}

void NpyStream::write_piece(const Piece& piece) {
  std::vector<std::byte> bytes(piece.values.size() * sizeof(float));
  for (size_t k = 0; k < piece.values.size(); ++k) store_little(bytes.data() + k * sizeof(float), piece.values[k]);
  int64_t at = data_at_ + piece.first * static_cast<int64_t>(sizeof(float));
  for (std::span<const std::byte> rest = bytes; !rest.empty();) {
    const ssize_t written = ::pwrite(file_, rest.data(), rest.size(), at);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(errno);
    rest = rest.subspan(static_cast<size_t>(written));
    at += written;
  }
}

void NpyStream::drain() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return queued_bytes_ == 0; });
  if (failure_) std::rethrow_exception(failure_);
}

void NpyStream::flush() {
  drain();
  if (::fdatasync(file_) != 0 && errno != EINVAL && errno != ENOSYS) fail(errno);
}

void NpyStream::keep_rows(const std::vector<int64_t>& rows, std::vector<int64_t> shape) {
  drain();
  if (joined_) {
    shape_ = std::move(shape);
    size_ = static_cast<int64_t>(rows.size()) * shape_.back();
    return;
  }
  const int64_t width = shape_.back() * static_cast<int64_t>(sizeof(float));
  std::vector<std::byte> header = npy_header(shape, sizeof(float)), piece;
  // The data stay where they begin: blanks before the newline that ends a header mean nothing.
  header.insert(header.end() - 1, data_at_ - header.size(), std::byte{' '});
  store_little(header.data() + 8, static_cast<uint16_t>(header.size() - 10));
  const int64_t most = std::max<int64_t>(1, (int64_t{1} << 20) / std::max<int64_t>(1, width));
  for (size_t k = 0; k < rows.size();) {
    int64_t count = 1;  // rows that stand together
    while (count < most && k + count < rows.size() && rows[k + count] == rows[k] + count) ++count;
    const auto to = data_at_ + static_cast<int64_t>(k) * width, from = data_at_ + rows[k] * width;
    piece.resize(static_cast<size_t>(count * width));
    const auto bytes = static_cast<ssize_t>(piece.size());
    if (from != to && (::pread(file_, piece.data(), piece.size(), from) != bytes ||
                       ::pwrite(file_, piece.data(), piece.size(), to) != bytes))
      fail(EIO);
    k += count;
  }
  if (::pwrite(file_, header.data(), header.size(), 0) != data_at_) fail(EIO);
  if (::ftruncate(file_, data_at_ + static_cast<int64_t>(rows.size()) * width) != 0) fail(errno);
  shape_ = std::move(shape);
  size_ = static_cast<int64_t>(rows.size()) * shape_.back();
}

void NpyStream::finish() {
  flush();
  if (joined_) return;
  if (::rename(part_.c_str(), path_.c_str()) != 0) fail(errno);
  remove_ = false;
}

}  // namespace swell
