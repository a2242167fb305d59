#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace swell {

struct ProgramResult {
  bool found = false;  // false where the program is not installed
  int status = -1;     // exit status; 128 + signal where a signal ended it
  std::string output;  // the last 4000 bytes of its standard output and error together
};

// What the system lets the program take before it ends it; 0 for no limit.
struct ProgramLimits {
  int64_t cpu_s = 0, memory_bytes = 0;
  int64_t file_bytes = 0;  // of each file that it writes
};

// Runs arguments[0], looked up in the caller's PATH, with these arguments (no shell) in `folder`, with an empty
// standard input, and waits. Throws IoError when the system cannot start a process.
ProgramResult run_program(std::span<const std::string> arguments, const std::filesystem::path& folder,
                          const ProgramLimits& limits = {});

}  // namespace swell
