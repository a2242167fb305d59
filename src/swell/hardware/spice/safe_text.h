#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace swell::spice {

constexpr size_t kMostNetlistBytes = 64 << 20;

// The subcircuit of a folder as the simulator may have it: elements R L C K V I G F B S, switches (.model sw), .subckt,
// .ends and .param, expressions of numbers, names and the functions sinh, tanh, sin, cos, exp and sgn. Comments are
// left out: some begin commands. Throws InputError with the line where there is anything else: a control block, an
// include, a command, a file, a quote.
std::string safe_subcircuit(std::string_view text, const std::string& name);

}  // namespace swell::spice
