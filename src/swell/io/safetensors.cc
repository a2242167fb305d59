#include "swell/io/safetensors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "swell/base/errors.h"
#include "swell/io/atomic_file.h"
#include "swell/io/bytes.h"
#include "swell/io/file_kind.h"

namespace swell {
namespace {

using nlohmann::json;

constexpr size_t kMaxBytes = size_t{8} << 30;
constexpr uint64_t kMaxHeader = 100'000'000;  // the format's own limit
constexpr std::string_view kMetadataKey = "__metadata__";

// Where a tensor lies in the data after the header.
struct Extent {
  uint64_t begin, end;  // bytes
  std::string name;
  auto order() const { return std::tie(begin, end, name); }
};

struct StoredType {
  std::string_view code;
  size_t size;  // bytes
  Dtype read_as;
  double (*load)(const std::byte*);
};

template <typename T>
double load_as_double(const std::byte* from) {
  return static_cast<double>(load<T>(from, std::endian::little));
}

constexpr StoredType kStoredTypes[] = {
    {"F64", 8, Dtype::F64, load_as_double<double>},
    {"F32", 4, Dtype::F32, load_as_double<float>},
    {"F16", 2, Dtype::F32,
     [](const std::byte* from) { return half_to_double(load<uint16_t>(from, std::endian::little)); }},
    {"BF16", 2, Dtype::F32,
     [](const std::byte* from) { return bfloat16_to_double(load<uint16_t>(from, std::endian::little)); }},
    {"I64", 8, Dtype::F64, load_as_double<int64_t>},
    {"I32", 4, Dtype::F64, load_as_double<int32_t>},
    {"I16", 2, Dtype::F32, load_as_double<int16_t>},
    {"I8", 1, Dtype::F32, load_as_double<int8_t>},
    {"U64", 8, Dtype::F64, load_as_double<uint64_t>},
    {"U32", 4, Dtype::F64, load_as_double<uint32_t>},
    {"U16", 2, Dtype::F32, load_as_double<uint16_t>},
    {"U8", 1, Dtype::F32, load_as_double<uint8_t>},
    {"BOOL", 1, Dtype::F32, [](const std::byte* from) { return *from != std::byte{0} ? 1.0 : 0.0; }},
};

const StoredType* find_type(std::string_view code) {
  const auto* found = std::ranges::find(kStoredTypes, code, &StoredType::code);
  return found == std::end(kStoredTypes) ? nullptr : found;
}

class Reader {
 public:
  Reader(std::span<const std::byte> bytes, std::string_view name) : bytes_(bytes), name_(name) {}

  StoredSafetensors index() {
    const json header = parse_header();
    std::vector<Extent> extents;
    for (const auto& [key, value] : header.items()) {
      if (key == kMetadataKey) {
        read_metadata(value);
      } else {
        extents.push_back(read_tensor(key, value));
      }
    }
    check_cover(extents);
    return std::move(file_);
  }

  Safetensors read() {
    StoredSafetensors stored = index();
    Safetensors file{{}, std::move(stored.metadata)};
    for (const auto& [key, tensor] : stored.tensors) file.tensors.emplace(key, decode(tensor));
    return file;
  }

 private:
  template <typename... Args>
  [[noreturn]] void fail(fmt::format_string<Args...> what, Args&&... args) const {
    throw IoError(fmt::format("{}: bad safetensors file: {}", name_, fmt::format(what, std::forward<Args>(args)...)));
  }

  // A file of another kind is named as what it is, not by the length that its first bytes would be.
  [[noreturn]] void fail_as_other_kind() const {
    throw IoError(fmt::format("{}: not a safetensors file ({})", name_, looks_like(bytes_)));
  }

  // As an error shows what stands in the header: a text as it is, anything else as JSON.
  static std::string shown(const json& value) {
    return printable(value.is_string() ? value.get_ref<const std::string&>() : value.dump());
  }

  json parse_header() {
    if (bytes_.size() < 8) fail_as_other_kind();
    const uint64_t length = load<uint64_t>(bytes_.data(), std::endian::little);
    if (length > bytes_.size() - 8 && (bytes_.size() < 9 || bytes_[8] != std::byte{'{'})) fail_as_other_kind();
    if (length > kMaxHeader) fail("a header of {} bytes, at most {} are allowed", length, kMaxHeader);
    if (length > bytes_.size() - 8) fail("cut short: a header of {} bytes, {} are there", length, bytes_.size() - 8);
    const std::string_view text = as_text(bytes_.subspan(8, length));
    data_ = bytes_.subspan(8 + length);
    if (!text.starts_with('{')) fail("the header begins with {}, expected '{{'", printable(text.substr(0, 1)));
    // The JSON parser takes a NUL for the end of its input.
    if (text.find('\0') != std::string_view::npos) fail("the header holds a NUL byte");
    try {
      return json::parse(text, [this](int, json::parse_event_t event, const json& value) {
        check_event(event, value);
        return true;
      });
    } catch (const json::parse_error& error) {
      fail("the header is not JSON at its byte {}", error.byte);
    } catch (const json::exception&) {
      fail("the header is not JSON");
    }
  }

  // Refuses what the parser would let pass: a key that stands twice, and nesting deeper than a tensor's shape.
  void check_event(json::parse_event_t event, const json& value) {
    using Event = json::parse_event_t;
    constexpr size_t kMaxDepth = 3;
    if (event == Event::object_start || event == Event::array_start) {
      keys_.emplace_back();
      if (keys_.size() > kMaxDepth) fail("the header is nested deeper than {} levels", kMaxDepth);
    } else if (event == Event::object_end || event == Event::array_end) {
      keys_.pop_back();
    } else if (event == Event::key) {
      const auto& text = value.get_ref<const std::string&>();
      if (!keys_.back().insert(text).second) fail("the key {} stands twice", printable(text));
    }
  }

  void read_metadata(const json& value) {
    if (!value.is_object()) fail("{} is not an object", kMetadataKey);
    for (const auto& [key, text] : value.items()) {
      if (!text.is_string()) fail("the metadata {} is not a text", printable(key));
      file_.metadata.emplace(key, text.get<std::string>());
    }
  }

  std::vector<int64_t> read_integers(const json& info, const char* key, const std::string& tensor) const {
    const json& list = info.at(key);
    if (!list.is_array()) fail("{} of tensor {} is not a list", key, printable(tensor));
    std::vector<int64_t> numbers;
    for (const json& number : list) {
      if (!number.is_number_unsigned() || number.get<uint64_t>() > std::numeric_limits<int64_t>::max()) {
        fail("{} of tensor {} holds {}, expected whole numbers from 0 to 2^63 - 1", key, printable(tensor),
             shown(number));
      }
      numbers.push_back(number.get<int64_t>());
    }
    return numbers;
  }

  const StoredType& stored_type(const json& info, const std::string& tensor) const {
    const json& code = info.at("dtype");
    const StoredType* type = code.is_string() ? find_type(code.get_ref<const std::string&>()) : nullptr;
    if (!type) {
      fail("tensor {} has dtype {}; allowed are F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8 and BOOL",
           printable(tensor), shown(code));
    }
    return *type;
  }

  Extent read_tensor(const std::string& key, const json& info) {
    if (!info.is_object() || info.size() != 3 || !info.contains("dtype") || !info.contains("shape") ||
        !info.contains("data_offsets")) {
      fail("tensor {} does not have exactly dtype, shape and data_offsets", printable(key));
    }
    const StoredType& type = stored_type(info, key);
    StoredTensor tensor{std::string(type.code), read_integers(info, "shape", key), {}};
    const std::vector<int64_t> offsets = read_integers(info, "data_offsets", key);
    if (offsets.size() != 2 || offsets[0] > offsets[1] || static_cast<uint64_t>(offsets[1]) > data_.size()) {
      fail("tensor {} has data_offsets [{}], expected begin <= end <= {}", printable(key), fmt::join(offsets, ", "),
           data_.size());
    }
    const auto begin = static_cast<uint64_t>(offsets[0]), end = static_cast<uint64_t>(offsets[1]);
    const std::optional<int64_t> count = element_count(tensor.shape);
    if (!count || static_cast<uint64_t>(*count) != (end - begin) / type.size || (end - begin) % type.size != 0) {
      fail("tensor {} of shape ({}) and dtype {} does not fit its {} bytes", printable(key),
           fmt::join(tensor.shape, ", "), type.code, end - begin);
    }
    tensor.bytes = data_.subspan(begin, end - begin);
    file_.tensors.emplace(key, std::move(tensor));
    return {begin, end, key};
  }

  Tensor decode(const StoredTensor& stored) const {
    const StoredType& type = *find_type(stored.dtype);
    Tensor tensor{stored.shape, std::vector<double>(stored.bytes.size() / type.size), type.read_as};
    for (size_t i = 0; i < tensor.values.size(); ++i) tensor.values[i] = type.load(stored.bytes.data() + i * type.size);
    return tensor;
  }

  // Every byte of the data belongs to exactly one tensor.
  void check_cover(std::vector<Extent>& extents) const {
    std::ranges::sort(extents, {}, &Extent::order);
    uint64_t covered = 0;
    for (const Extent& extent : extents) {
      if (extent.begin != covered) {
        fail("tensor {} begins at byte {} of the data, expected {} (no holes, no overlaps)", printable(extent.name),
             extent.begin, covered);
      }
      covered = extent.end;
    }
    if (covered != data_.size()) fail("the tensors end at byte {} of the data, which has {}", covered, data_.size());
  }

  std::span<const std::byte> bytes_;
  std::span<const std::byte> data_;  // after the header
  std::string_view name_;
  std::vector<std::set<std::string>> keys_;  // keys seen in each object that is still open
  StoredSafetensors file_;
};

struct WrittenType {
  const char* code;
  size_t size;
};
WrittenType written_as(Dtype dtype) {
  return dtype == Dtype::F64    ? WrittenType{"F64", 8}
         : dtype == Dtype::F32  ? WrittenType{"F32", 4}
         : dtype == Dtype::BF16 ? WrittenType{"BF16", 2}
                                : WrittenType{"I8", 1};
}

uint16_t bf16_of(double value) {
  const auto number = static_cast<float>(value);
  const auto bits = std::bit_cast<uint32_t>(number);
  if (std::isnan(number)) return static_cast<uint16_t>(bits >> 16 | 0x40u);
  return static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

void check_tensor(const std::string& name, const Tensor& tensor) {
  const bool negative = std::ranges::any_of(tensor.shape, [](int64_t extent) { return extent < 0; });
  if (negative || element_count(tensor.shape) != static_cast<int64_t>(tensor.values.size())) {
    throw InputError(fmt::format("cannot encode tensor {}: shape ({}) does not fit {} values", printable(name),
                                 fmt::join(tensor.shape, ", "), tensor.values.size()));
  }
  if (name == kMetadataKey) throw InputError(fmt::format("cannot encode a tensor named {}", kMetadataKey));
  if (tensor.dtype == Dtype::F64) return;
  for (const double value : tensor.values) {
    if (tensor.dtype == Dtype::I8) {
      if (!(value >= -128 && value <= 127) || value != std::floor(value))
        throw InputError(
            fmt::format("cannot encode tensor {}: {} is not a whole number from -128 to 127", printable(name), value));
      continue;
    }
    const double written =
        tensor.dtype == Dtype::F32 ? static_cast<double>(static_cast<float>(value)) : rounded_to_bf16(value);
    if (std::isfinite(value) && !std::isfinite(written)) {
      throw InputError(fmt::format("cannot encode tensor {}: {} is beyond {}", printable(name), value,
                                   written_as(tensor.dtype).code));
    }
  }
}

using NamedTensor = std::map<std::string, Tensor>::value_type;

// In the order of the data: F64 first, so that every tensor is aligned to its own size, then by name.
std::vector<const NamedTensor*> data_order(const Safetensors& file) {
  std::vector<const NamedTensor*> order;
  for (const Dtype dtype : {Dtype::F64, Dtype::F32, Dtype::BF16, Dtype::I8}) {
    for (const NamedTensor& tensor : file.tensors) {
      if (tensor.second.dtype == dtype) order.push_back(&tensor);
    }
  }
  return order;
}

std::string header_text(std::span<const NamedShape> tensors, const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header[std::string(kMetadataKey)] = metadata;
  size_t begin = 0;
  for (const NamedShape& tensor : tensors) {
    const size_t end = begin + static_cast<size_t>(element_count(tensor.shape).value()) * find_type(tensor.dtype)->size;
    header[tensor.name] = {{"dtype", tensor.dtype}, {"shape", tensor.shape}, {"data_offsets", {begin, end}}};
    begin = end;
  }
  try {
    std::string text = header.dump();
    text.append((8 - text.size() % 8) % 8, ' ');
    return text;
  } catch (const nlohmann::json::exception&) {
    throw InputError("cannot encode safetensors: a tensor's name or the metadata is not UTF-8");
  }
}

}  // namespace

Safetensors parse_safetensors(std::span<const std::byte> bytes, std::string_view name) {
  return Reader(bytes, name).read();
}

Safetensors read_safetensors(const std::filesystem::path& path) {
  return parse_safetensors(read_file(path, kMaxBytes), path.string());
}

StoredSafetensors index_safetensors(std::span<const std::byte> bytes, std::string_view name) {
  return Reader(bytes, name).index();
}

std::vector<std::byte> safetensors_header(std::span<const NamedShape> tensors,
                                          const std::map<std::string, std::string>& metadata) {
  const std::string header = header_text(tensors, metadata);
  if (header.size() > kMaxHeader) {
    throw InputError(
        fmt::format("cannot encode safetensors: a header of {} bytes, at most {}", header.size(), kMaxHeader));
  }
  std::vector<std::byte> bytes(8 + header.size());
  store_little(bytes.data(), uint64_t{header.size()});
  std::memcpy(bytes.data() + 8, header.data(), header.size());
  return bytes;
}

double rounded_to_bf16(double value) {
  return static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(bf16_of(value)) << 16));
}

std::vector<std::byte> encode_safetensors(const Safetensors& file) {
  size_t data_size = 0;
  for (const auto& [name, tensor] : file.tensors) {
    check_tensor(name, tensor);
    data_size += tensor.values.size() * written_as(tensor.dtype).size;
  }
  const std::vector<const NamedTensor*> order = data_order(file);
  std::vector<NamedShape> shapes;
  for (const NamedTensor* entry : order) {
    shapes.push_back({entry->first, written_as(entry->second.dtype).code, entry->second.shape});
  }
  std::vector<std::byte> bytes = safetensors_header(shapes, file.metadata);
  const size_t header_size = bytes.size();
  bytes.resize(header_size + data_size);
  std::byte* to = bytes.data() + header_size;
  for (const NamedTensor* entry : order) {
    const Tensor& tensor = entry->second;
    for (const double value : tensor.values) {
      if (tensor.dtype == Dtype::F64) {
        store_little(to, value);
      } else if (tensor.dtype == Dtype::F32) {
        store_little(to, static_cast<float>(value));
      } else if (tensor.dtype == Dtype::BF16) {
        store_little(to, bf16_of(value));
      } else {
        store_little(to, static_cast<uint8_t>(static_cast<int8_t>(value)));
      }
      to += written_as(tensor.dtype).size;
    }
  }
  return bytes;
}

void write_safetensors(const std::filesystem::path& path, const Safetensors& file) {
  write_file_atomically(path, encode_safetensors(file));
}

}  // namespace swell
