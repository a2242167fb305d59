#include "swell/io/png.h"

#include <fmt/format.h>
#include <png.h>

#include "swell/base/errors.h"
#include "swell/io/atomic_file.h"
#include "swell/io/bytes.h"

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

Image parse_png(std::span<const std::byte> bytes, std::string_view name) {
  if (bytes.size() < 8 || png_sig_cmp(reinterpret_cast<png_const_bytep>(bytes.data()), 0, 8) != 0) {
    throw IoError(fmt::format("{}: not a PNG file: it begins with {}, expected {}", name,
                              printable(as_text(bytes).substr(0, 8)), printable("\x89PNG\r\n\x1a\n")));
  }
  const uint64_t compressed = compressed_size(bytes, name);
  PngImage png;
  if (png_image_begin_read_from_memory(&png.image, bytes.data(), bytes.size()) == 0) {
    throw IoError(fmt::format("{}: the PNG file is damaged: {}", name, png.image.message));
  }
  check_extents(png.image, compressed, name);
  const bool colour = (png.image.format & PNG_FORMAT_FLAG_COLOR) != 0;
  png.image.format = colour ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  Image image{static_cast<int>(png.image.width), static_cast<int>(png.image.height), colour ? 3 : 1, {}};
  image.pixels.resize(PNG_IMAGE_SIZE(png.image));
  const png_color black{0, 0, 0};
  if (png_image_finish_read(&png.image, &black, image.pixels.data(), 0, nullptr) == 0) {
    throw IoError(fmt::format("{}: the PNG file is damaged: {}", name, png.image.message));
  }
  return image;
}

Image read_png(const std::filesystem::path& path) { return parse_png(read_file(path, kMaxBytes), path.string()); }

}  // namespace swell
