#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace swell {

enum class Dtype { I8, BF16, F32, F64 };

struct Tensor {
  std::vector<int64_t> shape;  // extents; empty for a single number
  std::vector<double> values;  // [product of shape], row-major
  // As stored, values rounded to it; on reading F32 or F64, the smaller one that holds them (I64 up to 2^53).
  Dtype dtype = Dtype::F64;
};

// A number as a BF16 tensor holds it: rounded to eight bits, to nearest, ties to even.
double rounded_to_bf16(double value);

// The safetensors format (github.com/huggingface/safetensors): named tensors and text metadata.
struct Safetensors {
  std::map<std::string, Tensor> tensors;
  std::map<std::string, std::string> metadata;
};

// Holds the file to the format's rules: header at most 100 MB, no duplicate or unknown keys, offsets that cover the
// data without holes or overlaps and match shape and dtype. Throws IoError with `name` in it.
Safetensors parse_safetensors(std::span<const std::byte> bytes, std::string_view name);
Safetensors read_safetensors(const std::filesystem::path& path);

// A tensor as it lies in a file, not decoded.
struct StoredTensor {
  std::string dtype;  // F64, F32, F16, BF16, I64 to I8, U64 to U8 or BOOL
  std::vector<int64_t> shape;
  std::span<const std::byte> bytes;  // of the file, row-major, little-endian
};
struct StoredSafetensors {
  std::map<std::string, StoredTensor> tensors;
  std::map<std::string, std::string> metadata;
};

// By the same rules, for files too large to decode at once; the result refers to `bytes`.
StoredSafetensors index_safetensors(std::span<const std::byte> bytes, std::string_view name);

// What comes before the data of a file with these tensors in the order of the data.
struct NamedShape {
  std::string name, dtype;
  std::vector<int64_t> shape;
};
std::vector<std::byte> safetensors_header(std::span<const NamedShape> tensors,
                                          const std::map<std::string, std::string>& metadata);

// The same bytes for the same content: F64 before F32, BF16 and I8, each by name; header padded to a multiple of 8
// bytes. Throws InputError when shape and values disagree, a finite value overflows its type, one of an I8 tensor
// is not whole, or a text is not UTF-8.
std::vector<std::byte> encode_safetensors(const Safetensors& file);
void write_safetensors(const std::filesystem::path& path, const Safetensors& file);

}  // namespace swell
