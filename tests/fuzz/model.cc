// The reader of trained computers on arbitrary bytes.

#include <cstddef>
#include <cstdint>
#include <span>

#include "swell/base/errors.h"
#include "swell/learn/trained.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    swell::parse_trained({reinterpret_cast<const std::byte*>(data), size}, "fuzz.safetensors");
  } catch (const swell::Error&) {
  }
  return 0;
}
