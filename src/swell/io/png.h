#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "swell/io/image.h"

namespace swell {

std::vector<std::byte> encode_png(const Image& image);
void write_png(const std::filesystem::path& path, const Image& image);

// Any PNG as 8-bit gray or, where the file has colour, RGB; transparency is laid over black. At most 16384 pixels a
// side and 2^26 in all. Throws IoError with `name` in it.
Image parse_png(std::span<const std::byte> bytes, std::string_view name);
Image read_png(const std::filesystem::path& path);

}  // namespace swell
