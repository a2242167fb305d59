#include "swell/io/quadratic_files.h"

#include "swell/base/errors.h"

// Any bytes are either read or refused with an error that a user can be told.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  try {
    swell::parse_or_library(std::as_bytes(std::span(bytes, size)), "input", 1);
  } catch (const swell::Error&) {
  }
  return 0;
}
