#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

#include "swell/io/image.h"

namespace swell {

struct GifOptions {
  int delay_centiseconds = 4;              // time each frame is shown, 0 to 65535
  int last_frame_hold_centiseconds = 200;  // time the last frame is shown, 0 to 65535
  int gray_levels = 256;                   // palette: a power of two, 2 to 256; fewer give smaller files
};

// A film that loops forever, of one or more gray frames of the same extents. Throws InputError where they are not.
std::vector<std::byte> encode_gif(std::span<const Image> frames, const GifOptions& options = {});
void write_gif(const std::filesystem::path& path, std::span<const Image> frames, const GifOptions& options = {});

}  // namespace swell
