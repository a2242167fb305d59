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
  // stays as well and goes on with a PATH.part that must be there, of the same shape; `joined` writes into the one that
  // another process has opened and will finish. A stream that is open already stays as it is. Throws IoError.
  enum class Mode { fresh, kept, resumed, joined };
  void open(Mode mode);
  // From now on put() counts in an array of its own, whose rows of so many numbers are parts of those of the file: each
  // begins `at` numbers into a row of `whole`. A piece lies within one row.
  void share_rows(int64_t row, int64_t whole, int64_t at);

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
  int64_t row_ = 0, whole_row_ = 0, row_at_ = 0;  // of share_rows(); 0 without
  int file_ = -1;
  bool remove_ = false, joined_ = false;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Piece> queue_;
  int64_t queued_bytes_ = 0;  // in the queue or being written
  bool closing_ = false;
  std::exception_ptr failure_;
  std::jthread writer_;
};

}  // namespace swell
