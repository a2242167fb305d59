#include "swell/io/idx.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "swell/base/errors.h"
#include "swell/io/atomic_file.h"
#include "swell/io/bytes.h"
#include "swell/io/gzip.h"

namespace swell {
namespace {

constexpr size_t kMaxBytes = size_t{1} << 30;

// The extents, after checks of the four bytes 0, 0, type, dimensions.
std::vector<int64_t> parse_shape(std::span<const std::byte> bytes, std::string_view name) {
  if (bytes.size() < 4) {
    throw IoError(fmt::format("{}: cut short: {} bytes, an IDX header has at least 8", name, bytes.size()));
  }
  const auto byte = [&](size_t i) { return std::to_integer<unsigned>(bytes[i]); };
  if (byte(0) != 0 || byte(1) != 0 || byte(2) != 8 || byte(3) < 1 || byte(3) > 4) {
    throw IoError(
        fmt::format("{}: not an IDX file of unsigned bytes: it begins with {:02x} {:02x} {:02x} {:02x}, expected 00 00 "
                    "08 and 1 to 4 dimensions",
                    name, byte(0), byte(1), byte(2), byte(3)));
  }
  const size_t dimensions = byte(3);
  if (bytes.size() < 4 + 4 * dimensions) {
    throw IoError(fmt::format("{}: cut short: {} bytes, the IDX header of {} dimensions has {}", name, bytes.size(),
                              dimensions, 4 + 4 * dimensions));
  }
  std::vector<int64_t> shape;
  for (size_t d = 0; d < dimensions; ++d) shape.push_back(load<uint32_t>(bytes.data() + 4 + 4 * d, std::endian::big));
  return shape;
}

IdxArray parse_raw(std::span<const std::byte> bytes, std::string_view name) {
  const std::vector<int64_t> shape = parse_shape(bytes, name);
  const std::span<const std::byte> data = bytes.subspan(4 + 4 * shape.size());
  const bool too_long = std::ranges::any_of(shape, [](int64_t n) { return n > std::numeric_limits<int>::max(); });
  const std::optional<int64_t> count = element_count(shape);
  if (too_long || !count || static_cast<uint64_t>(*count) != data.size()) {
    throw IoError(
        fmt::format("{}: shape ({}) does not fit the {} bytes of data", name, fmt::join(shape, ", "), data.size()));
  }
  IdxArray array;
  for (const int64_t extent : shape) array.shape.push_back(static_cast<int>(extent));
  array.values.resize(data.size());
  std::ranges::transform(data, array.values.begin(), [](std::byte b) { return std::to_integer<uint8_t>(b); });
  return array;
}

}  // namespace

IdxArray parse_idx(std::span<const std::byte> bytes, std::string_view name) {
  if (is_gzip(bytes)) return parse_raw(inflate_gzip(bytes, name, kMaxBytes), name);
  return parse_raw(bytes, name);
}

IdxArray read_idx(const std::filesystem::path& path) { return parse_idx(read_file(path, kMaxBytes), path.string()); }

}  // namespace swell
