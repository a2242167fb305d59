#include "swell/base/errors.h"
#include "swell/hardware/target_files.h"
#include "swell/io/bytes.h"

// Any bytes are either read or refused with an error that a user can be told.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  try {
    swell::hardware::parse_target(swell::as_text(std::as_bytes(std::span(bytes, size))), "input");
  } catch (const swell::Error&) {
  }
  return 0;
}
