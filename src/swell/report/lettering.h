#pragma once

#include <string>

#include "swell/io/image.h"

namespace swell {

constexpr int kLetterWidth = 6, kLetterHeight = 8;  // picture points, with the gap to the next

// Writes a line into a gray picture with its upper left corner at (x, y), `zoom` points to a point: capital letters,
// digits and . , : = / + - ( ) %; other letters are left blank. What would stand outside the picture is left out.
void write_line(Image& image, int x, int y, const std::string& line, uint8_t shade, int zoom = 1);

}  // namespace swell
