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

// Any PNG as 8-bit gray or, where the file has colour, RGB; transparency is laid over black, 16 bits are rounded to 8
// on the same scale. At most 16384 pixels a side and 2^26 in all. Throws IoError with `name` in it.
Image parse_png(std::span<const std::byte> bytes, std::string_view name);
Image read_png(const std::filesystem::path& path);

// A picture as gray alone, and what was done to it.
struct GrayPng {
  Image image;                // 1 channel
  bool colour = false;        // became 0.299 red + 0.587 green + 0.114 blue (ITU-R BT.601)
  bool transparent = false;   // has parts that are not opaque: laid over black, or, where all would be of one
  bool over_white = false;    // value then (black ink on nothing), over white
  bool sixteen_bits = false;  // rounded to 8
};
GrayPng parse_gray_png(std::span<const std::byte> bytes, std::string_view name);

}  // namespace swell
