#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

namespace swell {

// An array of unsigned bytes in the IDX format of the MNIST files (yann.lecun.com/exdb/mnist).
struct IdxArray {
  std::vector<int> shape;       // 1 to 4 extents
  std::vector<uint8_t> values;  // [product of shape], row-major
};

// Raw or gzip, told apart by the first bytes; at most 1 GiB inflated. Throws IoError with `name` in it.
IdxArray parse_idx(std::span<const std::byte> bytes, std::string_view name);
IdxArray read_idx(const std::filesystem::path& path);

}  // namespace swell
