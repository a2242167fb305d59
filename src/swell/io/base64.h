#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace swell {

// RFC 4648 with padding, one line: fit for data: URLs.
std::string encode_base64(std::span<const std::byte> bytes);

// The bytes of such a text, without line breaks; nothing where it is not one.
std::optional<std::vector<std::byte>> decode_base64(std::string_view text);

}  // namespace swell
