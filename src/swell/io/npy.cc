#include "swell/io/npy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <string>

#include "swell/base/errors.h"
#include "swell/io/atomic_file.h"
#include "swell/io/bytes.h"
#include "swell/io/file_kind.h"
#include "swell/io/gzip.h"
#include "swell/io/zip.h"

namespace swell {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr size_t kMaxBytes = size_t{8} << 30;
constexpr size_t kMaxDimensions = 64;  // NumPy's own limit

struct Header {
  std::string descr;
  bool fortran_order = false;
  std::vector<int64_t> shape;
};

// Reads the one Python literal that a header may be: {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }
class HeaderReader {
 public:
  HeaderReader(std::string_view text, std::string_view name) : text_(text), name_(name) {}

  Header read() {
    Header header;
    bool has_descr = false, has_order = false, has_shape = false;
    expect('{');
    while (!accept('}')) {
      const std::string key(string());
      expect(':');
      if (key == "descr" && !has_descr) {
        if (peek() == '[') refuse_structure();
        header.descr = string();
        has_descr = true;
      } else if (key == "fortran_order" && !has_order) {
        header.fortran_order = boolean();
        has_order = true;
      } else if (key == "shape" && !has_shape) {
        header.shape = shape();
        has_shape = true;
      } else {
        fail(fmt::format("the key {} is unknown or stands twice", printable(key)));
      }
      if (!accept(',') && peek() != '}') fail("expected ',' or '}'");
    }
    if (peek() != '\0') fail("expected nothing after '}'");
    if (!has_descr || !has_order || !has_shape) fail("expected the keys descr, fortran_order and shape");
    return header;
  }

 private:
  [[noreturn]] void fail(std::string_view what) const {
    throw IoError(fmt::format("{}: bad .npy header: {}, got {} at its byte {}", name_, what,
                              printable(text_.substr(at_, 20)), at_));
  }
  // A list of fields, [('x', '<f4'), ('y', '<i8', (2,))]: named by its fields.
  [[noreturn]] void refuse_structure() const {
    const size_t end = text_.find(", 'fortran_order'", at_);
    const std::string_view fields = text_.substr(at_, std::min(end, text_.size()) - at_);
    throw IoError(fmt::format(
        "{}: a structured .npy array with the fields {} is not read; save one field of it as an array of its own",
        name_, printable(fields)));
  }
  // The next byte that is not white space, or NUL at the end.
  char peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool accept(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail(fmt::format("expected '{}'", c));
  }
  std::string_view string() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') fail("expected a text in quotes");
    const size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) fail("expected a text with both its quotes");
    const std::string_view value = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return value;
  }
  bool boolean() {
    const bool value = peek() == 'T';
    const std::string_view word = value ? "True" : "False";
    if (text_.substr(std::min(at_, text_.size()), word.size()) != word) fail("expected True or False");
    at_ += word.size();
    return value;
  }
  int64_t integer() {
    constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
    if (peek() < '0' || peek() > '9') fail("expected an extent, a whole number from 0");
    int64_t value = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      const int digit = text_[at_] - '0';
      if (value > (kMax - digit) / 10) fail("expected an extent below 2^63");
      value = value * 10 + digit;
    }
    if (at_ < text_.size() && text_[at_] == 'L') ++at_;  // a long of Python 2
    return value;
  }
  std::vector<int64_t> shape() {
    std::vector<int64_t> extents;
    expect('(');
    while (!accept(')')) {
      if (extents.size() == kMaxDimensions) fail(fmt::format("expected at most {} dimensions", kMaxDimensions));
      extents.push_back(integer());
      if (!accept(',') && peek() != ')') fail("expected ',' or ')'");
    }
    return extents;
  }

  std::string_view text_;
  std::string_view name_;
  size_t at_ = 0;
};

template <typename T>
void convert(std::span<const std::byte> data, std::endian order, std::vector<double>& values) {
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<double>(load<T>(data.data() + i * sizeof(T), order));
  }
}

struct ElementType {
  std::string_view code;  // kind and size, as in the header after the byte order
  size_t size;            // bytes
  void (*convert)(std::span<const std::byte>, std::endian, std::vector<double>&);
};

void convert_halves(std::span<const std::byte> data, std::endian order, std::vector<double>& values) {
  for (size_t i = 0; i < values.size(); ++i) values[i] = half_to_double(load<uint16_t>(data.data() + 2 * i, order));
}

void convert_truths(std::span<const std::byte> data, std::endian, std::vector<double>& values) {
  for (size_t i = 0; i < values.size(); ++i) values[i] = data[i] != std::byte{0} ? 1 : 0;
}

constexpr ElementType kElementTypes[] = {
    {"f2", 2, convert_halves},    {"b1", 1, convert_truths},    {"f4", 4, convert<float>},
    {"f8", 8, convert<double>},   {"i1", 1, convert<int8_t>},   {"i2", 2, convert<int16_t>},
    {"i4", 4, convert<int32_t>},  {"i8", 8, convert<int64_t>},  {"u1", 1, convert<uint8_t>},
    {"u2", 2, convert<uint16_t>}, {"u4", 4, convert<uint32_t>}, {"u8", 8, convert<uint64_t>},
};

// What NumPy calls the types that hold no real numbers, by the letter of their kind.
std::string_view kind_of_type(char letter) {
  switch (letter) {
    case 'O':
      return "Python objects";
    case 'U':
    case 'S':
    case 'a':
      return "texts";
    case 'c':
      return "complex numbers";
    case 'M':
    case 'm':
      return "times";
    case 'V':
      return "raw bytes";
    default:
      return "";
  }
}

const ElementType& element_type(std::string_view descr, std::string_view name) {
  for (const ElementType& type : kElementTypes) {
    if (descr.size() != 3 || descr.substr(1) != type.code) continue;
    if (descr[0] == '<' || descr[0] == '>' || (descr[0] == '|' && type.size == 1)) return type;
  }
  const std::string_view kind = descr.size() > 1 ? kind_of_type(descr[1]) : "";
  throw IoError(fmt::format("{}: the .npy type {}{} is not read, only b1 f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8", name,
                            printable(descr), kind.empty() ? "" : fmt::format(" ({})", kind)));
}

// From first index fastest to last index fastest.
std::vector<double> to_row_major(const std::vector<double>& column_major, std::span<const int64_t> shape) {
  std::vector<double> values(column_major.size());
  std::vector<int64_t> index(shape.size(), 0);
  std::vector<size_t> stride(shape.size(), 1);
  for (size_t d = 1; d < shape.size(); ++d) stride[d] = stride[d - 1] * static_cast<size_t>(shape[d - 1]);
  size_t from = 0;
  for (double& value : values) {
    value = column_major[from];
    for (size_t d = shape.size(); d-- > 0;) {
      from += stride[d];
      if (++index[d] < shape[d]) break;
      from -= stride[d] * static_cast<size_t>(shape[d]);
      index[d] = 0;
    }
  }
  return values;
}

// Length of the fixed part (magic, version, header length) and of the header after it.
std::pair<size_t, size_t> header_extent(std::span<const std::byte> bytes, std::string_view name) {
  if (!as_text(bytes).starts_with(kMagic)) {
    // The beginning of the mark alone is a file that was cut short.
    const bool cut = !bytes.empty() && kMagic.starts_with(as_text(bytes));
    throw IoError(fmt::format("{}: not a .npy file ({})", name, cut ? "cut short" : looks_like(bytes)));
  }
  const size_t fixed = bytes.size() > 6 && bytes[6] == std::byte{1} ? 10 : 12;
  if (bytes.size() < fixed) {
    throw IoError(fmt::format("{}: cut short: {} bytes, a .npy header has at least {}", name, bytes.size(), fixed));
  }
  const int version = std::to_integer<int>(bytes[6]);
  if (version < 1 || version > 3) {
    throw IoError(fmt::format("{}: .npy version {} is not read, only 1 to 3", name, version));
  }
  const size_t length = version == 1 ? load<uint16_t>(bytes.data() + 8, std::endian::little)
                                     : load<uint32_t>(bytes.data() + 8, std::endian::little);
  if (length > bytes.size() - fixed) {
    throw IoError(fmt::format("{}: cut short: the .npy header has {} bytes, the file only {} more", name, length,
                              bytes.size() - fixed));
  }
  return {fixed, length};
}

// Hands header and numbers, each stored as a T, to `append` in blocks.
template <typename T, typename Value>
void encode(std::span<const int64_t> shape, std::span<const Value> values, const Append& append) {
  constexpr size_t kBlock = 16384;  // numbers
  if (element_count(shape) != static_cast<int64_t>(values.size())) {
    throw InputError(
        fmt::format("cannot encode .npy: shape ({}) does not fit {} values", fmt::join(shape, ", "), values.size()));
  }
  append(npy_header(shape, sizeof(T)));
  std::vector<std::byte> block;
  for (size_t first = 0; first < values.size(); first += kBlock) {
    const auto part = values.subspan(first, std::min(kBlock, values.size() - first));
    block.resize(part.size() * sizeof(T));
    for (size_t i = 0; i < part.size(); ++i) store_little(block.data() + i * sizeof(T), static_cast<T>(part[i]));
    append(block);
  }
}

template <typename T>
std::vector<std::byte> encode_at_once(std::span<const int64_t> shape, std::span<const T> values) {
  std::vector<std::byte> bytes;
  encode<T>(shape, values,
            [&](std::span<const std::byte> part) { bytes.insert(bytes.end(), part.begin(), part.end()); });
  return bytes;
}

template <typename T, typename Value>
void write(const std::filesystem::path& path, std::span<const int64_t> shape, std::span<const Value> values) {
  write_file_atomically(path, [&](const Append& append) { encode<T>(shape, values, append); });
}

}  // namespace

NpyArray parse_npy(std::span<const std::byte> bytes, std::string_view name) {
  const auto [fixed, length] = header_extent(bytes, name);
  Header header = HeaderReader(as_text(bytes.subspan(fixed, length)), name).read();
  const ElementType& type = element_type(header.descr, name);
  const std::span<const std::byte> data = bytes.subspan(fixed + length);
  const std::optional<int64_t> count = element_count(header.shape);
  if (!count || static_cast<uint64_t>(*count) != data.size() / type.size || data.size() % type.size != 0) {
    throw IoError(fmt::format("{}: shape ({}) of {}-byte numbers does not fit the {} bytes of data", name,
                              fmt::join(header.shape, ", "), type.size, data.size()));
  }
  NpyArray array{std::move(header.shape), std::vector<double>(static_cast<size_t>(*count)), std::string(type.code)};
  type.convert(data, header.descr[0] == '>' ? std::endian::big : std::endian::little, array.values);
  if (header.fortran_order && array.shape.size() > 1) array.values = to_row_major(array.values, array.shape);
  return array;
}

namespace {

// The array of this name in a .npz archive, whose members are NAME.npy; without a name the only one.
NpyArray parse_npz(std::span<const std::byte> bytes, const std::string& member, const std::string& name) {
  const std::vector<ZipMember> members = list_zip(bytes, name);
  std::string known;
  const ZipMember* found = nullptr;
  for (const ZipMember& candidate : members) {
    const std::string_view stem = array_of_member(candidate.name);
    if (stem.empty()) continue;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", printable(stem));
    if (stem == member || candidate.name == member || (member.empty() && !found)) found = &candidate;
  }
  const bool several = member.empty() && known.find(", ") != std::string::npos;
  if (known.empty()) throw IoError(fmt::format("{}: the zip archive holds no .npy array", name));
  if (several) {
    throw InputError(fmt::format("{}: the archive holds the arrays {}; name one of them, as in {}:{}", name, known,
                                 name, array_of_member(members[0].name)));
  }
  if (!found)
    throw InputError(fmt::format("{}: no array {} in the archive; it holds {}", name, printable(member), known));
  return parse_npy(read_member(bytes, *found, name, kMaxBytes),
                   fmt::format("{}:{}", name, array_of_member(found->name)));
}

}  // namespace

std::string_view array_of_member(std::string_view member) {
  return member.ends_with(".npy") ? member.substr(0, member.size() - 4) : std::string_view();
}

std::pair<std::filesystem::path, std::string> split_array_name(const std::filesystem::path& path) {
  const std::string text = path.string();
  std::error_code none;
  if (std::filesystem::exists(path, none)) return {path, ""};
  for (size_t colon = text.rfind(':'); colon != std::string::npos && colon > 0; colon = text.rfind(':', colon - 1)) {
    const std::filesystem::path file = text.substr(0, colon);
    if (std::filesystem::is_regular_file(file, none)) return {file, text.substr(colon + 1)};
  }
  return {path, ""};
}

NpyArray parse_npy_or_npz(std::span<const std::byte> bytes, const std::string& member, const std::string& name) {
  const FileKind kind = file_kind(bytes);
  if (kind == FileKind::gzip) return parse_npy_or_npz(inflate_gzip(bytes, name, kMaxBytes), member, name);
  if (kind == FileKind::zip) return parse_npz(bytes, member, name);
  if (!member.empty()) {
    throw InputError(
        fmt::format("{}:{} names an array of an archive; {} is none ({})", name, member, name, looks_like(bytes)));
  }
  return parse_npy(bytes, name);
}

NpyArray read_npy(const std::filesystem::path& path) {
  const auto [file, member] = split_array_name(path);
  return parse_npy_or_npz(read_file(file, kMaxBytes), member, file.string());
}

std::vector<std::byte> npy_header(std::span<const int64_t> shape, size_t size) {
  const bool negative = std::ranges::any_of(shape, [](int64_t extent) { return extent < 0; });
  if (negative || shape.size() > kMaxDimensions) {
    throw InputError(fmt::format("cannot encode .npy: the shape ({}) is not allowed; up to {} extents of 0 or more are",
                                 fmt::join(shape, ", "), kMaxDimensions));
  }
  std::string header = fmt::format("{{'descr': '<f{}', 'fortran_order': False, 'shape': ({}{}), }}", size,
                                   fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
  // The format asks for data that starts at a multiple of 64 bytes, and a newline before it.
  constexpr size_t kFixed = 10;
  header.append(63 - (kFixed + header.size()) % 64, ' ').push_back('\n');
  std::vector<std::byte> bytes(kFixed + header.size());
  std::memcpy(bytes.data(), kMagic.data(), kMagic.size());
  bytes[6] = std::byte{1};
  store_little(bytes.data() + 8, static_cast<uint16_t>(header.size()));
  std::memcpy(bytes.data() + kFixed, header.data(), header.size());
  return bytes;
}

std::vector<std::byte> encode_npy(std::span<const int64_t> shape, std::span<const float> values) {
  return encode_at_once(shape, values);
}
std::vector<std::byte> encode_npy(std::span<const int64_t> shape, std::span<const double> values) {
  return encode_at_once(shape, values);
}

void write_npy(const std::filesystem::path& path, std::span<const int64_t> shape, std::span<const float> values) {
  write<float>(path, shape, values);
}
void write_npy(const std::filesystem::path& path, std::span<const int64_t> shape, std::span<const double> values) {
  write<double>(path, shape, values);
}
void write_npy_f32(const std::filesystem::path& path, std::span<const int64_t> shape, std::span<const double> values) {
  write<float>(path, shape, values);
}

}  // namespace swell
