#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "swell/entropy/health.h"

namespace swell::entropy {

// A tape: the raw bytes of a source as they came, with where they came from. A file of kTapeHeader bytes of header, the
// line "swell tape 1" and a JSON object padded with blanks, and the bytes.
constexpr uint64_t kTapeHeader = 4096;

struct TapeInfo {
  std::string source, device;  // its name; what the user says of it
  std::string recorded;        // when recording began, ISO 8601, UTC
  HealthSettings health;       // symbols, claimed min-entropy and false alarms of the tests while it was recorded
  bool symbol_per_byte =
      false;  // each byte holds one symbol in its low bits; else symbols are packed, highest bits first
  uint64_t bytes = 0;
  std::string sha256;   // of the bytes; empty where recording did not come to its end
  std::string failure;  // of a health test, in a sentence; empty where all passed
};

// Min-entropy of one byte of the tape, as claimed.
double min_entropy_per_byte(const HealthSettings& health, bool symbol_per_byte);
// Whether each byte counts as eight uniform bits, as claimed.
bool is_full(const HealthSettings& health, bool symbol_per_byte);

// Whether it is a plain file that begins as tapes do.
bool is_tape(const std::filesystem::path& path);
// Throws IoError where the file is missing or is no tape, or a value in its header is not allowed.
TapeInfo read_tape_info(const std::filesystem::path& path);
// The same of the first bytes of a file of so many in all.
TapeInfo parse_tape_header(std::string_view header, uint64_t file_size, const std::string& file);

// The header of a tape, kTapeHeader bytes. Throws InputError where it does not fit.
std::string tape_header(const TapeInfo& info);

}  // namespace swell::entropy
