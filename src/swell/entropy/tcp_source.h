#pragma once

#include <memory>

#include "swell/entropy/source.h"

namespace swell::entropy {

// "HOST:PORT": a stream over TCP. Throws InputError where the address is not one, IoError where nobody answers.
std::unique_ptr<Source> open_tcp_source(const std::string& address, std::chrono::milliseconds patience);

}  // namespace swell::entropy
