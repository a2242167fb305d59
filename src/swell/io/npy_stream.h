#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

namespace swell {

// A <f4 .npy file that fills up while a computation goes on. Its whole size is reserved at once, so that a disk that is
// too small is known at the beginning; numbers come from any thread in any order, and one thread of its own writes
// them. Until finish() it is called PATH.part.
class NpyStream {
 public:
  // Numbers wait in memory up to this many bytes; only beyond does put() wait for the disk.
  static constexpr int64_t kQueueBytes = int64_t{64} << 20;

  NpyStream(std::filesystem::path path, std::vector<int64_t> shape);
  // Removes PATH.part, unless it was kept or finished.
  ~NpyStream();
  NpyStream(const NpyStream&) = delete;
  NpyStream& operator=(const NpyStream&) = delete;

  // Before all else. `fresh` begins with zeros, and so does `kept`, but stays when the computation fails; `resumed`
  // stays as well and goes on with a PATH.part that must be there, of the same shape. Throws IoError.
  enum class Mode { fresh, kept, resumed };
  void open(Mode mode);

  // values[k] becomes number first + k of the array, row-major. Throws the IoError of an earlier write that failed.
  void put(int64_t first, std::vector<float> values);
  // Returns when all that was put is on the disk.
  void flush();
  // Keeps these rows (along the last extent), in ascending order, as an array of another shape; after all was put.
  void keep_rows(const std::vector<int64_t>& rows, std::vector<int64_t> shape);
  // flush(), and PATH is there.
  void finish();

  const std::filesystem::path& part() const { return part_; }
  int64_t size() const { return size_; }  // numbers

 private:
  struct Piece {
    int64_t first;
    std::vector<float> values;
  };
  void reserve(const std::vector<std::byte>& header, int64_t bytes);
  void check(const std::vector<std::byte>& header, int64_t bytes) const;
  void write_queue();
  void write_piece(const Piece& piece);
  void drain();
  [[noreturn]] void fail(int error) const;

  std::filesystem::path path_, part_;
  std::vector<int64_t> shape_;
  int64_t size_ = 0, data_at_ = 0;
  int file_ = -1;
  bool remove_ = false;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Piece> queue_;
  int64_t queued_bytes_ = 0;  // in the queue or being written
  bool closing_ = false;
  std::exception_ptr failure_;
  std::jthread writer_;
};

}  // namespace swell
