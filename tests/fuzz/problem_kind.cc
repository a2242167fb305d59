#include "swell/io/problem_kind.h"

// Any bytes look like something.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const auto file = std::as_bytes(std::span(bytes, size));
  swell::describe(swell::problem_kind(file), file);
  return 0;
}
