#include <cstdint>
#include <string_view>

#include "swell/base/errors.h"
#include "swell/entropy/http_source.h"

// Any answer of a service is either read as numbers or refused with an error that a user can be told.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    swell::entropy::bytes_in_answer({reinterpret_cast<const char*>(data), size}, "/data", "input");
  } catch (const swell::Error&) {
  }
  return 0;
}
