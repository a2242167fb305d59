#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace swell {

bool is_gzip(std::span<const std::byte> bytes);

// The inflated bytes of all members. Throws IoError with `name` when damaged, cut short or longer than max_bytes.
std::vector<std::byte> inflate_gzip(std::span<const std::byte> bytes, std::string_view name, size_t max_bytes);

}  // namespace swell
