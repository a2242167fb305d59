#include "swell/io/idx.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "swell/base/errors.h"
#include "swell/io/atomic_file.h"
#include "swell/io/bytes.h"
#include "swell/io/file_kind.h"
#include "swell/io/gzip.h"

namespace swell {
namespace {

constexpr size_t kMaxBytes = size_t{1} << 30;

// Bytes of one number, 0 for a type that the format does not have.
size_t size_of(IdxType type) {
  switch (type) {
    case IdxType::u1:
    case IdxType::i1:
      return 1;
    case IdxType::i2:
      return 2;
    case IdxType::i4:
    case IdxType::f4:
      return 4;
    case IdxType::f8:
      return 8;
  }
  return 0;
}

double number_at(const std::byte* from, IdxType type) {
  switch (type) {
    case IdxType::u1:
      return load<uint8_t>(from, std::endian::big);
    case IdxType::i1:
      return load<int8_t>(from, std::endian::big);
    case IdxType::i2:
      return load<int16_t>(from, std::endian::big);
    case IdxType::i4:
      return load<int32_t>(from, std::endian::big);
    case IdxType::f4:
      return double{load<float>(from, std::endian::big)};
    case IdxType::f8:
      return load<double>(from, std::endian::big);
  }
  return 0;
}

// The extents, after checks of the four bytes 0, 0, type, dimensions.
std::vector<int64_t> parse_shape(std::span<const std::byte> bytes, std::string_view name) {
  if (bytes.size() < 4) {
    throw IoError(fmt::format("{}: cut short: {} bytes, an IDX header has at least 8", name, bytes.size()));
  }
  const auto byte = [&](size_t i) { return std::to_integer<unsigned>(bytes[i]); };
  if (byte(0) != 0 || byte(1) != 0) {
    throw IoError(fmt::format("{}: not an IDX file ({})", name, looks_like(bytes)));
  }
  if (size_of(static_cast<IdxType>(byte(2))) == 0 || byte(3) < 1 || byte(3) > 4) {
    throw IoError(
        fmt::format("{}: not an IDX file: it begins with 00 00 {:02x} {:02x}, expected 00 00, a type of 08 (unsigned "
                    "byte), 09, 0b, 0c, 0d or 0e, and 01 to 04 dimensions",
                    name, byte(2), byte(3)));
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
  const auto type = static_cast<IdxType>(std::to_integer<uint8_t>(bytes[2]));
  const size_t size = size_of(type);
  if (too_long || !count || static_cast<uint64_t>(*count) != data.size() / size || data.size() % size != 0) {
    throw IoError(fmt::format("{}: shape ({}) of {}-byte numbers does not fit the {} bytes of data", name,
                              fmt::join(shape, ", "), size, data.size()));
  }
  IdxArray array;
  array.type = type;
  for (const int64_t extent : shape) array.shape.push_back(static_cast<int>(extent));
  if (type == IdxType::u1) {
    array.values.resize(data.size());
    std::ranges::transform(data, array.values.begin(), [](std::byte b) { return std::to_integer<uint8_t>(b); });
  } else {
    array.numbers.resize(static_cast<size_t>(*count));
    for (size_t i = 0; i < array.numbers.size(); ++i) array.numbers[i] = number_at(data.data() + i * size, type);
  }
  return array;
}

}  // namespace

IdxArray parse_idx(std::span<const std::byte> bytes, std::string_view name) {
  if (is_gzip(bytes)) return parse_raw(inflate_gzip(bytes, name, kMaxBytes), name);
  return parse_raw(bytes, name);
}

IdxArray read_idx(const std::filesystem::path& path) { return parse_idx(read_file(path, kMaxBytes), path.string()); }

}  // namespace swell
