#include "swell/base/errors.h"
#include "swell/hardware/spice/safe_text.h"
#include "swell/io/bytes.h"

// Any bytes are either let through to the simulator or refused with an error that a user can be told.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  try {
    swell::spice::safe_subcircuit(swell::as_text(std::as_bytes(std::span(bytes, size))), "input");
  } catch (const swell::Error&) {
  }
  return 0;
}
