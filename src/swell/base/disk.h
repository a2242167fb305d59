#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace swell {

// Bytes that this process can still write below this folder, which need not be there yet; INT64_MAX where the system
// does not say.
int64_t available_disk(const std::filesystem::path& folder);

// A file that work is about to write, at its largest.
struct PlannedFile {
  std::filesystem::path path;
  double bytes = 0;
  std::string less;  // what makes it smaller
};

double total_bytes(std::span<const PlannedFile> files);

// Throws InputError where the files do not fit on their disks: what is needed, what there is, and what to reduce. What
// is there of a file already, or of its PATH.part, is not needed again.
void check_disk(std::span<const PlannedFile> files);

// "524 MB", "26.2 TB": powers of ten, as disks are sold.
std::string bytes_as_text(double bytes);

// "524 MB: snapshots.npy 523 MB, states.npy 1 MB", largest first; files below a percent are left out.
std::string sizes_as_text(std::span<const PlannedFile> files);

}  // namespace swell
