#include "swell/io/file_kind.h"

#include <fmt/format.h>

#include <algorithm>

#include "swell/io/bytes.h"

namespace swell {
namespace {

using namespace std::string_view_literals;

struct Mark {
  std::string_view bytes;  // at the file's start
  FileKind kind;
};

constexpr Mark kMarks[] = {
    {"\x89PNG\r\n\x1a\n"sv, FileKind::png},
    {"\xff\xd8\xff"sv, FileKind::jpeg},
    {"GIF8"sv, FileKind::gif},
    {"II*\0"sv, FileKind::tiff},
    {"MM\0*"sv, FileKind::tiff},
    {"%PDF-"sv, FileKind::pdf},
    {"\x1f\x8b"sv, FileKind::gzip},
    {"BZh"sv, FileKind::bzip2},
    {"\xfd"
     "7zXZ\0"sv,
     FileKind::xz},
    {"\x28\xb5\x2f\xfd"sv, FileKind::zstd},
    {"PK\3\4"sv, FileKind::zip},
    {"PK\5\6"sv, FileKind::zip},
    {"\x89HDF\r\n\x1a\n"sv, FileKind::hdf5},
    {"\x93NUMPY"sv, FileKind::npy},
    {"\xff\xfe"sv, FileKind::utf16},
    {"\xfe\xff"sv, FileKind::utf16},
    {"\x80\2"sv, FileKind::pickle},
    {"\x80\3"sv, FileKind::pickle},
    {"\x80\4"sv, FileKind::pickle},
    {"\x80\5"sv, FileKind::pickle},
    {"%%MatrixMarket"sv, FileKind::matrix_market},
};

constexpr std::string_view kBom = "\xef\xbb\xbf";
constexpr size_t kLooked = 4096;  // bytes that decide between text and the rest

bool is_idx(std::string_view start) {
  constexpr std::string_view kTypes = "\x08\x09\x0b\x0c\x0d\x0e";
  return start.size() >= 4 && start[0] == '\0' && start[1] == '\0' && kTypes.find(start[2]) != std::string_view::npos &&
         start[3] >= 1 && start[3] <= 8;
}

bool is_safetensors(std::span<const std::byte> bytes) {
  return bytes.size() > 8 && bytes[8] == std::byte{'{'} &&
         load<uint64_t>(bytes.data(), std::endian::little) <= 100'000'000;
}

bool is_text(std::string_view start) {
  return std::ranges::all_of(start, [](char c) {
    const auto code = static_cast<unsigned char>(c);
    return code >= 0x20 ? code != 0x7f : c == '\n' || c == '\r' || c == '\t' || c == '\f';
  });
}

bool starts_with_word(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() && std::equal(lower.begin(), lower.end(), text.begin(), [](char a, char b) {
           return a == (b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b);
         });
}

FileKind kind_of_text(std::string_view text) {
  text = without_bom(text);
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  if (text.starts_with("%%MatrixMarket")) return FileKind::matrix_market;
  if (starts_with_word(text, "<!doctype html") || starts_with_word(text, "<html")) return FileKind::html;
  if (text.starts_with("<?xml") || text.starts_with("<")) return FileKind::xml;
  // A TOML table begins with a bracket as well: only an object, or a list of numbers, texts, lists or objects.
  if (text.starts_with('{')) return FileKind::json;
  if (text.starts_with('[')) {
    const size_t next = text.find_first_not_of(" \t\r\n", 1);
    if (next != std::string_view::npos && std::string_view("{\"-0123456789").find(text[next]) != std::string_view::npos)
      return FileKind::json;
  }
  return FileKind::text;
}

}  // namespace

FileKind file_kind(std::span<const std::byte> bytes) {
  const std::string_view start = as_text(bytes.first(std::min(bytes.size(), kLooked)));
  if (start.empty()) return FileKind::empty;
  for (const Mark& mark : kMarks) {
    if (start.starts_with(mark.bytes)) return mark.kind;
  }
  if (start.starts_with("RIFF") && start.size() >= 12 && start.substr(8, 4) == "WEBP") return FileKind::webp;
  if (is_idx(start)) return FileKind::idx;
  if (is_safetensors(bytes)) return FileKind::safetensors;
  if (is_text(start)) return kind_of_text(start);
  // Two letters are too few to tell a picture from a text, so this comes after it.
  if (start.starts_with("BM")) return FileKind::bmp;
  return FileKind::binary;
}

std::string_view describe(FileKind kind) {
  switch (kind) {
    case FileKind::empty:
      return "an empty file";
    case FileKind::png:
      return "a PNG image";
    case FileKind::jpeg:
      return "a JPEG image";
    case FileKind::gif:
      return "a GIF image";
    case FileKind::bmp:
      return "a BMP image";
    case FileKind::tiff:
      return "a TIFF image";
    case FileKind::webp:
      return "a WebP image";
    case FileKind::pdf:
      return "a PDF document";
    case FileKind::gzip:
      return "a gzip file";
    case FileKind::bzip2:
      return "a bzip2 file";
    case FileKind::xz:
      return "an xz file";
    case FileKind::zstd:
      return "a zstd file";
    case FileKind::zip:
      return "a zip archive (as .npz files are)";
    case FileKind::hdf5:
      return "an HDF5 file";
    case FileKind::pickle:
      return "a Python pickle";
    case FileKind::npy:
      return "a NumPy array (.npy)";
    case FileKind::idx:
      return "an IDX file";
    case FileKind::safetensors:
      return "a safetensors file";
    case FileKind::utf16:
      return "UTF-16 text";
    case FileKind::html:
      return "an HTML page";
    case FileKind::xml:
      return "an XML document";
    case FileKind::json:
      return "a JSON text";
    case FileKind::matrix_market:
      return "a Matrix Market file";
    case FileKind::text:
      return "text";
    case FileKind::binary:
      return "binary data of no known kind";
  }
  return "binary data of no known kind";
}

std::string looks_like(std::span<const std::byte> bytes) {
  const FileKind kind = file_kind(bytes);
  if (kind == FileKind::empty) return "it is empty";
  if (kind == FileKind::text) {
    const std::string_view text = without_bom(as_text(bytes));
    return fmt::format("it is text that begins with {}",
                       printable(text.substr(0, std::min(text.find('\n'), size_t{30}))));
  }
  if (kind == FileKind::binary) return fmt::format("it begins with {}", printable(as_text(bytes).substr(0, 8)));
  return fmt::format("it starts like {}", describe(kind));
}

std::string_view without_bom(std::string_view text) {
  if (text.starts_with(kBom)) text.remove_prefix(kBom.size());
  return text;
}

}  // namespace swell
