#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace swell {

// RFC 4648 with padding, one line: fit for data: URLs.
std::string encode_base64(std::span<const std::byte> bytes);

}  // namespace swell
