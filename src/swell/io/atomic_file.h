#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace swell {

// The whole file. Throws IoError when it is missing, a folder, unreadable or longer than max_bytes.
std::vector<std::byte> read_file(const std::filesystem::path& path, size_t max_bytes);

// Writes under a temporary name in the same folder, syncs, and renames: `path` holds the old bytes or all of the new
// ones, never a part. Throws IoError with the path and the system's reason, and leaves no temporary file. A symbolic
// link is followed; a device or pipe (for example /dev/stdout) is written in place.
void write_file_atomically(const std::filesystem::path& path, std::span<const std::byte> bytes);
void write_file_atomically(const std::filesystem::path& path, std::string_view text);

// The same for bytes that are made piece by piece: `make` hands them to the Append that it is given, in order.
// The temporary name is new each time (`unique`, several programs may write at once), or PATH.part (`fixed`, for files
// written again and again: what a killed program leaves there, the next write takes over).
using Append = std::function<void(std::span<const std::byte>)>;
enum class TemporaryName { unique, fixed };
void write_file_atomically(const std::filesystem::path& path, const std::function<void(const Append&)>& make,
                           TemporaryName name = TemporaryName::unique);

}  // namespace swell
