#include <cstdint>
#include <string_view>

#include "swell/base/errors.h"
#include "swell/entropy/tape_file.h"

// Any bytes are either read as the header of a tape or refused with an error that a user can be told.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string header(reinterpret_cast<const char*>(data), size);
  header.resize(swell::entropy::kTapeHeader, ' ');
  try {
    swell::entropy::parse_tape_header(header, swell::entropy::kTapeHeader + 5, "input");
  } catch (const swell::Error&) {
  }
  return 0;
}
