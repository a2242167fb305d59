#include "swell/base/errors.h"
#include "swell/io/quadratic_files.h"

// Any bytes are either read or refused with an error that a user can be told.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  try {
    swell::parse_qubo(std::as_bytes(std::span(bytes, size)), "input");
  } catch (const swell::Error&) {
  }
  return 0;
}
