#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace swell {

// Indented by two spaces, lists of numbers on one line, keys in the given order, a newline at the end; bytes that are
// not UTF-8 become U+FFFD. Throws IoError naming the key of a number that is NaN or infinite, which JSON cannot hold.
std::string to_text(const nlohmann::ordered_json& json);

// A value as an error shows it, in plain characters, a long one cut: 256, true, "a text", [1,2].
std::string shown(const nlohmann::json& json);
std::string shown(const nlohmann::ordered_json& json);

// Writes to_text(json) atomically. The path "-" is refused with InputError: standard output is the caller's.
void write_json(const std::filesystem::path& path, const nlohmann::ordered_json& json);

}  // namespace swell
