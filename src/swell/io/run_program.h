#pragma once

#include <filesystem>
#include <span>
#include <string>

namespace swell {

struct ProgramResult {
  bool found = false;  // false where the program is not installed
  int status = -1;     // exit status; 128 + signal where a signal ended it
  std::string output;  // the last 4000 bytes of its standard output and error together
};

// Runs arguments[0], looked up in the caller's PATH, with these arguments (no shell) in `folder`, with an empty
// standard input, and waits. Throws IoError when the system cannot start a process.
ProgramResult run_program(std::span<const std::string> arguments, const std::filesystem::path& folder);

}  // namespace swell
