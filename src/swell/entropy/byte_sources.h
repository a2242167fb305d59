#pragma once

#include <functional>
#include <memory>

#include "swell/entropy/source.h"

namespace swell::entropy {

// Bytes that a function gives: as Source::read; -1 for the end.
using SourceFunction = std::function<int64_t(std::span<std::byte> into, std::chrono::milliseconds patience)>;
std::unique_ptr<Source> make_source(std::string name, SourceFunction read);

// A file, named pipe or character device (such as /dev/hwrng, or the serial line of a generator), from its byte `first`
// on. A pipe that nobody writes to yet is waited for. Throws IoError where it cannot be opened.
std::unique_ptr<Source> open_file_source(const std::string& path, uint64_t first = 0);

// The generator of the operating system.
std::unique_ptr<Source> open_system_source();

}  // namespace swell::entropy
