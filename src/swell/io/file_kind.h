#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace swell {

// What a file holds, told by its first bytes (never by its name), so that a reader can say what it was given.
enum class FileKind {
  empty,
  png,
  jpeg,
  gif,
  bmp,
  tiff,
  webp,
  pdf,
  gzip,
  bzip2,
  xz,
  zstd,
  zip,
  hdf5,
  pickle,
  npy,
  idx,
  safetensors,
  utf16,
  html,
  xml,
  json,
  matrix_market,
  text,
  binary,
};

FileKind file_kind(std::span<const std::byte> bytes);

// "a PNG image", "text", "binary data of no known kind".
std::string_view describe(FileKind kind);

// For messages in parentheses: "it starts like a PNG image", "it is empty", "it is text that begins with ...".
std::string looks_like(std::span<const std::byte> bytes);

// A text without the UTF-8 byte order mark that some editors and spreadsheets put before it.
std::string_view without_bom(std::string_view text);

}  // namespace swell
