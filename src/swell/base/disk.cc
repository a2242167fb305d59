#include "swell/base/disk.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <map>
#include <vector>

#include "swell/base/errors.h"

namespace swell {

namespace {

// The folder, or the nearest one above it that is there.
std::filesystem::path existing(std::filesystem::path folder) {
  std::error_code error;
  if (folder.empty()) return ".";
  folder = std::filesystem::absolute(folder, error);
  while (!std::filesystem::exists(folder, error) && folder.has_relative_path()) folder = folder.parent_path();
  return folder;
}

double bytes_there(const std::filesystem::path& path) {
  double most = 0;
  for (const std::string& name : {path.string(), path.string() + ".part"}) {
    struct stat status {};
    if (::stat(name.c_str(), &status) == 0 && S_ISREG(status.st_mode))
      most = std::max(most, 512.0 * static_cast<double>(status.st_blocks));  // holes are not there yet
  }
  return most;
}

}  // namespace

int64_t available_disk(const std::filesystem::path& folder) {
  struct statvfs status {};
  if (::statvfs(existing(folder).c_str(), &status) != 0) return INT64_MAX;
  const double bytes = static_cast<double>(status.f_bavail) * static_cast<double>(status.f_frsize);
  return bytes < 9e18 ? static_cast<int64_t>(bytes) : INT64_MAX;
}

double total_bytes(std::span<const PlannedFile> files) {
  double sum = 0;
  for (const PlannedFile& file : files) sum += file.bytes;
  return sum;
}

void check_disk(std::span<const PlannedFile> files) {
  struct Disk {
    double needed = 0;
    std::filesystem::path folder;
    const PlannedFile* largest = nullptr;
  };
  std::map<dev_t, Disk> disks;
  for (const PlannedFile& file : files) {
    const std::filesystem::path folder = existing(file.path.parent_path());
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0) continue;
    Disk& disk = disks[status.st_dev];
    disk.needed += std::max(0.0, file.bytes - bytes_there(file.path));
    if (!disk.largest || file.bytes > disk.largest->bytes) disk.largest = &file;
    if (disk.folder.empty()) disk.folder = folder;
  }
  for (const auto& [device, disk] : disks) {
    const auto available = static_cast<double>(available_disk(disk.folder));
    if (disk.needed <= available) continue;
    throw InputError(fmt::format("the files need {} of disk, {} are free at {}; {} are {}: {} would help",
                                 bytes_as_text(disk.needed), bytes_as_text(available), disk.folder.string(),
                                 bytes_as_text(disk.largest->bytes), disk.largest->path.filename().string(),
                                 disk.largest->less));
  }
}

std::string bytes_as_text(double bytes) {
  constexpr const char* kUnits[] = {"bytes", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"};
  size_t unit = 0;
  while (bytes >= 999.5 && unit + 1 < std::size(kUnits)) {
    bytes /= 1000;
    ++unit;
  }
  return fmt::format("{:.3g} {}", bytes, kUnits[unit]);
}

std::string sizes_as_text(std::span<const PlannedFile> files) {
  std::vector<const PlannedFile*> order;
  for (const PlannedFile& file : files) order.push_back(&file);
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return a->bytes > b->bytes; });
  const double total = total_bytes(files);
  std::string text = bytes_as_text(total), separator = ": ";
  for (const PlannedFile* file : order) {
    if (file->bytes < 0.01 * total) break;
    text += fmt::format("{}{} {}", separator, file->path.filename().string(), bytes_as_text(file->bytes));
    separator = ", ";
  }
  return text;
}

}  // namespace swell
