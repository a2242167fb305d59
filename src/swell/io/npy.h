#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace swell {

// An array of NumPy's .npy format, versions 1 to 3 (numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
struct NpyArray {
  std::vector<int64_t> shape;  // extents; empty for a single number
  std::vector<double> values;  // [product of shape], row-major whatever the file's order
  std::string type;            // as stored, without the byte order: f2 f4 f8, b1, i1 to i8, u1 to u8
};

// Reads b1 (as 0 and 1), f2, f4, f8, i1 to i8 and u1 to u8, either byte order, C or Fortran order, extents as Python 2
// wrote them (3L). Integers beyond 2^53 are rounded to the nearest double. `name` stands in the IoError that is thrown
// for anything else; a structured type is named by its fields.
NpyArray parse_npy(std::span<const std::byte> bytes, std::string_view name);

// The same, or an array of a .npz archive (stored or deflated), or either inside gzip, told apart by the first bytes.
// member: the array's name in the archive, empty where it is the only one. Throws InputError listing the names.
NpyArray parse_npy_or_npz(std::span<const std::byte> bytes, const std::string& member, const std::string& name);
// FILE.npy, FILE.npz or FILE.npz:NAME.
NpyArray read_npy(const std::filesystem::path& path);

// FILE:NAME as file and name where FILE is there and FILE:NAME is not; otherwise the path and nothing.
std::pair<std::filesystem::path, std::string> split_array_name(const std::filesystem::path& path);
// The array that a member of an archive holds: "x" for "x.npy", nothing for other members.
std::string_view array_of_member(std::string_view member);

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
