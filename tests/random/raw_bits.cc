// Writes the random words of the noise to standard output, without end, for a battery that reads bits (docs/noise.md).
//   raw_bits unit|step|trajectory|seed [SEED]
// The argument says which coordinate runs fastest. Shapes are those of the published machine: 324 blocks of four units
// and 2500 steps; 1024 trajectories; 4096 seeds of 64 streams.

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "swell/random/normal.h"

namespace {

using swell::NoiseKey;
using swell::Words4;

constexpr uint64_t kBlocks = 324, kSteps = 2500, kTrajectories = 1024, kSeeds = 4096, kStreams = 64;

// Four words of each of the draws number first, first + 1, ... in the order of the coordinates that `words_at` gives.
template <class WordsAt>
int write_all(WordsAt words_at) {
  std::vector<Words4> buffer(1 << 14);
  for (uint64_t first = 0;; first += buffer.size()) {
    for (size_t i = 0; i < buffer.size(); ++i) buffer[i] = words_at(first + i);
    if (std::fwrite(buffer.data(), sizeof(Words4), buffer.size(), stdout) != buffer.size()) return 0;  // reader is done
  }
}

Words4 words(NoiseKey key, uint64_t block, uint64_t step, uint64_t trajectory) {
  return swell::noise_words(key, static_cast<uint32_t>(block), step, static_cast<uint32_t>(trajectory),
                            static_cast<uint32_t>(trajectory >> 32));
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<char*> arguments(argv, static_cast<size_t>(argc));
  const std::string_view order = argc > 1 ? arguments[1] : "";
  uint64_t seed = 1;
  const char* const text = argc > 2 ? arguments[2] : "1";
  const auto parsed = std::from_chars(text, text + std::strlen(text), seed);
  if (argc <= 3 && parsed.ec == std::errc{} && *parsed.ptr == '\0') {
    const NoiseKey key{seed, 0};
    if (order == "unit") {
      return write_all(
          [=](uint64_t i) { return words(key, i % kBlocks, i / kBlocks % kSteps, i / (kBlocks * kSteps)); });
    }
    if (order == "step") {
      return write_all(
          [=](uint64_t i) { return words(key, i / kSteps % kBlocks, i % kSteps, i / (kBlocks * kSteps)); });
    }
    if (order == "trajectory") {
      return write_all([=](uint64_t i) {
        return words(key, i / kTrajectories % kBlocks, i / (kBlocks * kTrajectories), i % kTrajectories);
      });
    }
    if (order == "seed") {
      return write_all([=](uint64_t i) {
        const NoiseKey other{seed + i % kSeeds, static_cast<uint32_t>(i / kSeeds % kStreams)};
        return words(other, i / (kSeeds * kStreams) % kBlocks, i / (kSeeds * kStreams * kBlocks), 0);
      });
    }
  }
  std::fputs("usage: raw_bits unit|step|trajectory|seed [SEED]\n", stderr);
  return 2;
}
