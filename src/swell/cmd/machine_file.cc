#include "swell/cmd/machine_file.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <span>

#include "swell/io/file_kind.h"

namespace swell::cmd {

bool is_langevin_machine(const std::string& file) {
  if (file == "whitelam2026" || file.ends_with(".toml") || file.ends_with(".safetensors")) return true;
  std::error_code none;
  if (!std::filesystem::is_regular_file(file, none)) return false;  // a pipe gives its bytes once
  std::array<char, 64> start{};
  std::ifstream stream(file, std::ios::binary);
  stream.read(start.data(), start.size());
  const auto count = static_cast<size_t>(std::max<std::streamsize>(stream.gcount(), 0));
  return file_kind(std::as_bytes(std::span(start).first(count))) == FileKind::safetensors;
}

}  // namespace swell::cmd
