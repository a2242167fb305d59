#include "swell/io/png.h"

#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/io/atomic_file.h"
#include "swell/io/bytes.h"
#include "swell/io/file_kind.h"

namespace swell {
namespace {

constexpr size_t kMaxBytes = size_t{1} << 28;
constexpr unsigned kMaxSide = 16384;
constexpr uint64_t kMaxPixels = uint64_t{1} << 26;

// libpng's simplified interface: no callbacks, errors as text in `image.message`.
struct PngImage {
  PngImage() { image.version = PNG_IMAGE_VERSION; }
  PngImage(const PngImage&) = delete;
  PngImage& operator=(const PngImage&) = delete;
  ~PngImage() { png_image_free(&image); }
  png_image image{};
};

// Bytes in the IDAT chunks of a file that has all its chunks up to IEND: libpng itself stops reading with the last row.
uint64_t compressed_size(std::span<const std::byte> bytes, std::string_view name) {
  uint64_t size = 0;
  for (size_t at = 8; bytes.size() >= at + 12;) {
    const uint32_t length = load<uint32_t>(bytes.data() + at, std::endian::big);
    const std::string_view type = as_text(bytes.subspan(at + 4, 4));
    if (length > bytes.size() - at - 12) break;
    if (type == "IEND") return size;
    if (type == "IDAT") size += length;
    at += size_t{12} + length;
  }
  throw IoError(fmt::format("{}: the PNG file is cut short: {} bytes without an IEND chunk", name, bytes.size()));
}

void check_extents(const png_image& image, uint64_t compressed, std::string_view name) {
  if (image.width > kMaxSide || image.height > kMaxSide || uint64_t{image.width} * image.height > kMaxPixels) {
    throw IoError(fmt::format("{}: PNG of {} x {} pixels: at most {} a side and {} in all are read", name, image.width,
                              image.height, kMaxSide, kMaxPixels));
  }
  // Deflate shrinks at most 1032-fold and a pixel has at least one bit: less data cannot be this picture.
  if (uint64_t{image.width} * image.height > compressed * 1032 * 8) {
    throw IoError(fmt::format("{}: PNG of {} x {} pixels: its {} bytes of data cannot hold them", name, image.width,
                              image.height, compressed));
  }
}

}  // namespace

std::vector<std::byte> encode_png(const Image& image) {
  check_image(image);
  PngImage png;
  png.image.width = static_cast<png_uint_32>(image.width);
  png.image.height = static_cast<png_uint_32>(image.height);
  png.image.format = image.channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(png.image);
  std::vector<std::byte> bytes(size);
  if (png_image_write_to_memory(&png.image, bytes.data(), &size, 0, image.pixels.data(), 0, nullptr) == 0) {
    throw InputError(fmt::format("cannot encode PNG: {}", png.image.message));
  }
  bytes.resize(size);
  return bytes;
}

void write_png(const std::filesystem::path& path, const Image& image) {
  write_file_atomically(path, encode_png(image));
}

namespace {

// The checks that come before memory is taken, and the header.
void begin_reading(PngImage& png, std::span<const std::byte> bytes, std::string_view name) {
  if (bytes.size() < 8 || png_sig_cmp(reinterpret_cast<png_const_bytep>(bytes.data()), 0, 8) != 0) {
    throw IoError(fmt::format("{}: not a PNG file ({})", name, looks_like(bytes)));
  }
  const uint64_t compressed = compressed_size(bytes, name);
  if (png_image_begin_read_from_memory(&png.image, bytes.data(), bytes.size()) == 0) {
    throw IoError(fmt::format("{}: the PNG file is damaged: {}", name, png.image.message));
  }
  check_extents(png.image, compressed, name);
  // Without it libpng takes 16 bits for amounts of light, and middle gray comes out as 188 instead of 128.
  png.image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
}

// Pixels in this format, [height][width][channels of the format].
std::vector<uint8_t> finish_reading(PngImage& png, png_uint_32 format, std::string_view name) {
  png.image.format = format;
  std::vector<uint8_t> pixels(PNG_IMAGE_SIZE(png.image));
  const png_color black{0, 0, 0};
  if (png_image_finish_read(&png.image, &black, pixels.data(), 0, nullptr) == 0) {
    throw IoError(fmt::format("{}: the PNG file is damaged: {}", name, png.image.message));
  }
  return pixels;
}

bool is_constant(std::span<const uint8_t> pixels) {
  return std::ranges::all_of(pixels, [&](uint8_t value) { return value == pixels[0]; });
}

}  // namespace

Image parse_png(std::span<const std::byte> bytes, std::string_view name) {
  PngImage png;
  begin_reading(png, bytes, name);
  const bool colour = (png.image.format & PNG_FORMAT_FLAG_COLOR) != 0;
  Image image{static_cast<int>(png.image.width), static_cast<int>(png.image.height), colour ? 3 : 1, {}};
  image.pixels = finish_reading(png, colour ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY, name);
  return image;
}

GrayPng parse_gray_png(std::span<const std::byte> bytes, std::string_view name) {
  PngImage png;
  begin_reading(png, bytes, name);
  GrayPng gray;
  gray.sixteen_bits = (png.image.format & PNG_FORMAT_FLAG_LINEAR) != 0;
  gray.image = {static_cast<int>(png.image.width), static_cast<int>(png.image.height), 1, {}};
  const std::vector<uint8_t> rgba = finish_reading(png, PNG_FORMAT_RGBA, name);
  const size_t count = rgba.size() / 4;
  std::vector<uint8_t> over_white(count);
  gray.image.pixels.resize(count);
  for (size_t k = 0; k < count; ++k) {
    const uint8_t* p = rgba.data() + 4 * k;
    gray.colour |= p[3] > 0 && (p[0] != p[1] || p[1] != p[2]);
    gray.transparent |= p[3] < 255;
    const double ink = (0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2]) * p[3] / 255.0;
    gray.image.pixels[k] = static_cast<uint8_t>(std::lround(ink));
    over_white[k] = static_cast<uint8_t>(std::lround(ink + 255.0 - p[3]));
  }
  if (gray.transparent && is_constant(gray.image.pixels) && !is_constant(over_white)) {
    gray.over_white = true;
    gray.image.pixels = std::move(over_white);
  }
  return gray;
}

Image read_png(const std::filesystem::path& path) { return parse_png(read_file(path, kMaxBytes), path.string()); }

}  // namespace swell
