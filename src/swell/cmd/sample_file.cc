#include "swell/cmd/sample_file.h"

#include <fmt/format.h>

#include <system_error>
#include <vector>

#include "swell/base/errors.h"
#include "swell/io/leave_files.h"
#include "swell/io/npy.h"

namespace swell::cmd {

namespace {

constexpr int64_t kMostRows = int64_t{1} << 50;
constexpr uintmax_t kLeftFree = uintmax_t{1} << 30;

}  // namespace

SampleFile::SampleFile(std::filesystem::path path, int64_t columns)
    : path_(std::move(path)), part_(path_.string() + ".part"), columns_(columns) {
  if (leaves_files()) return;
  std::error_code ignored;
  std::filesystem::create_directories(path_.parent_path(), ignored);
  file_.open(part_, std::ios::binary | std::ios::trunc);
  // Room for the header of any number of rows.
  const std::vector<std::byte> header = npy_header(std::vector<int64_t>{kMostRows, columns_}, 8);
  file_.write(reinterpret_cast<const char*>(header.data()), static_cast<std::streamsize>(header.size()));
  if (!file_) fail();
}

SampleFile::~SampleFile() {
  if (leaves_files()) return;
  file_.close();
  std::error_code ignored;
  std::filesystem::remove(part_, ignored);
}

void SampleFile::fail() const {
  throw IoError(fmt::format("cannot write {}: the disk is full, or the folder cannot be written", path_.string()));
}

void SampleFile::append(std::span<const double> rows) {
  if (leaves_files()) return;
  const auto count = static_cast<int64_t>(rows.size()) / columns_;
  std::error_code problem;
  const std::filesystem::space_info space = std::filesystem::space(part_, problem);
  if (left_out_ > 0 || (!problem && space.available < kLeftFree + rows.size_bytes())) {
    left_out_ += count;
    return;
  }
  file_.write(reinterpret_cast<const char*>(rows.data()), static_cast<std::streamsize>(rows.size_bytes()));
  if (!file_) fail();
  rows_ += count;
}

void SampleFile::finish() {
  if (leaves_files()) return;
  std::vector<std::byte> header = npy_header(std::vector<int64_t>{rows_, columns_}, 8);
  const size_t room = npy_header(std::vector<int64_t>{kMostRows, columns_}, 8).size();
  if (header.size() != room) {
    // A shorter header is padded with blanks before its line feed, and says its new length.
    header.insert(header.end() - 1, room - header.size(), std::byte{' '});
    const size_t text = room - 10;
    header[8] = static_cast<std::byte>(text & 0xff);
    header[9] = static_cast<std::byte>(text >> 8);
  }
  file_.seekp(0);
  file_.write(reinterpret_cast<const char*>(header.data()), static_cast<std::streamsize>(header.size()));
  file_.close();
  if (!file_) fail();
  std::error_code problem;
  std::filesystem::rename(part_, path_, problem);
  if (problem) fail();
}

}  // namespace swell::cmd
