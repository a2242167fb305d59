#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

namespace swell {

// An array of NumPy's .npy format, versions 1 to 3 (numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
struct NpyArray {
  std::vector<int64_t> shape;  // extents; empty for a single number
  std::vector<double> values;  // [product of shape], row-major whatever the file's order
};

// Reads f4, f8, i1 to i8 and u1 to u8, either byte order, C or Fortran order. Integers beyond 2^53 are rounded to the
// nearest double. `name` stands in the IoError that is thrown for anything else.
NpyArray parse_npy(std::span<const std::byte> bytes, std::string_view name);
NpyArray read_npy(const std::filesystem::path& path);

// Version 1.0, little-endian, C order: <f4 or <f8 by the type of `values` [product of shape], row-major.
// Throws InputError when shape and values disagree.
std::vector<std::byte> encode_npy(std::span<const int64_t> shape, std::span<const float> values);
std::vector<std::byte> encode_npy(std::span<const int64_t> shape, std::span<const double> values);
void write_npy(const std::filesystem::path& path, std::span<const int64_t> shape, std::span<const float> values);
void write_npy(const std::filesystem::path& path, std::span<const int64_t> shape, std::span<const double> values);
// Numbers kept in double precision, written as <f4.
void write_npy_f32(const std::filesystem::path& path, std::span<const int64_t> shape, std::span<const double> values);

// What comes before the numbers of such a file, a multiple of 64 bytes; `size` is that of one number, 4 or 8 bytes.
std::vector<std::byte> npy_header(std::span<const int64_t> shape, size_t size);

}  // namespace swell
