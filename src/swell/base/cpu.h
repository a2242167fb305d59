#pragma once

#include <cstdint>

namespace swell {

// Instruction sets of this processor, by feature bits (never by model). False on other architectures.
bool cpu_has_v3();    // x86-64-v3: AVX2, FMA, BMI2
bool cpu_has_bf16();  // AVX-512 BF16: products of bf16 numbers, on top of v4
bool cpu_has_v4();    // x86-64-v4: AVX-512 F, BW, CD, DQ, VL
bool cpu_has_amx();   // AMX tiles with bf16 products, on top of AVX-512 BF16; asks the system for leave to use them

// Size of one core's second-level cache in bytes; half a megabyte where the system does not say.
long cpu_l2_bytes();
// Size of the third-level cache that cores share, in bytes; that of the second level where there is none.
long cpu_l3_bytes();

}  // namespace swell
