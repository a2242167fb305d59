#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace swell {

bool is_gzip(std::span<const std::byte> bytes);

// The inflated bytes of all members. Throws IoError with `name` when damaged, cut short or longer than max_bytes.
std::vector<std::byte> inflate_gzip(std::span<const std::byte> bytes, std::string_view name, size_t max_bytes);

// A deflate stream without a wrapper (as in zip archives) that inflates to just so many bytes; else throws IoError.
std::vector<std::byte> inflate_raw(std::span<const std::byte> bytes, std::string_view name, size_t size);

}  // namespace swell
