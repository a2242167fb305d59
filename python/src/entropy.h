#pragma once

#include <memory>

#include "swell/entropy/feed.h"

namespace swell::python {

// A source of random bits, and the seed that was taken from it.
struct PythonFeed {
  std::unique_ptr<entropy::Feed> feed;
  uint64_t seed = 0;
  ~PythonFeed();
};

}  // namespace swell::python
