#include "swell/base/errors.h"
#include "swell/io/npy.h"
#include "swell/io/zip.h"

// Any bytes are either read as an archive of arrays or refused with an error that a user can be told.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  try {
    swell::parse_npy_or_npz(bytes, "", "input");
  } catch (const swell::Error&) {
  }
  try {
    for (const swell::ZipMember& member : swell::list_zip(bytes, "input"))
      swell::read_member(bytes, member, "input", size_t{1} << 20);
  } catch (const swell::Error&) {
  }
  return 0;
}
