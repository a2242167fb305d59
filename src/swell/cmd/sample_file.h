#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>

namespace swell::cmd {

// A <f8 .npy file of rows whose number is known only at the end. Until finish() it is called PATH.part; it stops
// growing where the disk has less than a gigabyte left.
class SampleFile {
 public:
  // Throws IoError where the folder or the file cannot be made.
  SampleFile(std::filesystem::path path, int64_t columns);
  // Removes PATH.part.
  ~SampleFile();
  SampleFile(const SampleFile&) = delete;
  SampleFile& operator=(const SampleFile&) = delete;

  void append(std::span<const double> rows);
  void finish();
  int64_t rows() const { return rows_; }
  int64_t left_out() const { return left_out_; }

 private:
  [[noreturn]] void fail() const;

  std::filesystem::path path_, part_;
  std::ofstream file_;
  int64_t columns_, rows_ = 0, left_out_ = 0;
};

}  // namespace swell::cmd
