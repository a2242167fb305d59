#include "swell/io/geojson_streets.h"
#include "swell/base/errors.h"

// Any bytes are either read or refused with an error that a user can be told; what is read can be cut to the depot's
// part.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  try {
    swell::StreetNetwork network = swell::parse_geojson_streets(std::as_bytes(std::span(bytes, size)), "input");
    swell::keep_part_of_depot(network, "input");
  } catch (const swell::Error&) {
  }
  return 0;
}
