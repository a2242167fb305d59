#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace swell {

// What the processor can do at most, with the instruction set that the cpu engine takes: measured on `threads` threads
// at once for `seconds`, in pieces of about a millisecond; the sum over threads of each one's best piece. `isa` as in
// RunOptions.
double measure_multiply_adds_f32(int threads, double seconds, std::string_view isa = {});  // per second
double measure_multiply_adds_bf16(int threads, double seconds,
                                  std::string_view isa = {});  // per second, of single products
double measure_multiply_adds_f64(int threads, double seconds, std::string_view isa = {});  // per second
// Standard normals per second, the engine's own noise and nothing else.
double measure_normals(int threads, double seconds, std::string_view isa = {});
// Bytes per second read from one buffer of this size, which all threads share as they share couplings.
double measure_reads(int64_t bytes, int threads, double seconds, std::string_view isa = {});
// Cache lines per second read from such a buffer in random order, each thread another part of the order.
double measure_scattered_reads(int64_t bytes, int threads, double seconds, std::string_view isa = {});

// Names of the instruction sets that the cpu engine can take on this processor, best first.
std::vector<std::string> instruction_sets();

}  // namespace swell
