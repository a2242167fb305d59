#pragma once

#include <cstdint>
#include <string>

namespace swell {

// "1 run", "2 runs".
inline std::string counted(int64_t count, const std::string& one) {
  return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

}  // namespace swell
