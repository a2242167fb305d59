// The TOML design reader on arbitrary text.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "swell/base/errors.h"
#include "swell/model/design.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    swell::parse_design({reinterpret_cast<const char*>(data), size}, "fuzz.toml");
  } catch (const swell::Error&) {
  }
  return 0;
}
