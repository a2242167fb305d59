#include <cstdint>
#include <string_view>

#include "swell/base/errors.h"
#include "swell/entropy/open_feed.h"

// Any text is either read as the description of a source or refused with an error that a user can be told.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    swell::entropy::parse_description({reinterpret_cast<const char*>(data), size}, "input");
  } catch (const swell::Error&) {
  }
  return 0;
}
