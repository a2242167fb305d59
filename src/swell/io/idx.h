#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

namespace swell {

// The types of IDX files, by their code in the third byte.
enum class IdxType : uint8_t { u1 = 0x08, i1 = 0x09, i2 = 0x0b, i4 = 0x0c, f4 = 0x0d, f8 = 0x0e };

// An array in the IDX format of the MNIST files (yann.lecun.com/exdb/mnist).
struct IdxArray {
  IdxType type = IdxType::u1;
  std::vector<int> shape;       // 1 to 4 extents
  std::vector<uint8_t> values;  // u1: [product of shape], row-major; else empty
  std::vector<double> numbers;  // other types: [product of shape], row-major; else empty

  double operator[](size_t i) const { return type == IdxType::u1 ? values[i] : numbers[i]; }
};

// Raw or gzip, told apart by the first bytes; at most 1 GiB inflated. Throws IoError with `name` in it.
IdxArray parse_idx(std::span<const std::byte> bytes, std::string_view name);
IdxArray read_idx(const std::filesystem::path& path);

}  // namespace swell
