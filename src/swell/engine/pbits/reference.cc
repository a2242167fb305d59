#include "swell/engine/pbits/reference.h"

namespace swell {

namespace {

uint32_t word_of(const Words4& words, int which) {
  const uint32_t all[4] = {words.a, words.b, words.c, words.d};
  return all[which];
}

// The 32 bits that a replica draws in multi-spin coding, the highest first.
uint32_t bit_draw(NoiseKey key, int64_t replica, int64_t sweep, int64_t slot) {
  key = key_of_step(key, static_cast<uint64_t>(sweep));
  key.tape = nullptr;  // steps below are parts of a sweep
  uint32_t bits = 0;
  for (int level = 0; level < pbits::kLevels; ++level) {
    const auto step = static_cast<uint64_t>(sweep * pbits::kDrawsPerUpdate + level / pbits::kLevelsPerDraw);
    const Words4 words = noise_words(key, static_cast<uint32_t>(slot), step,
                                     static_cast<uint32_t>(replica / pbits::kReplicasPerLane), 0);
    const uint32_t bit = word_of(words, level % pbits::kLevelsPerDraw) >> (replica % pbits::kReplicasPerLane) & 1u;
    bits = bits << 1 | bit;
  }
  return bits;
}

uint32_t real_draw(NoiseKey key, int64_t replica, int64_t sweep, int64_t slot) {
  const auto number = static_cast<uint64_t>(replica);
  return word_of(noise_words(key, pbits::draw_block(slot), static_cast<uint64_t>(sweep), static_cast<uint32_t>(number),
                             static_cast<uint32_t>(number >> 32)),
                 pbits::draw_word(slot));
}

}  // namespace

void sweep_plainly(const Pbits::Layout& layout, Coding coding, const PbitOptions& options, int64_t replica, int64_t k,
                   double beta, std::span<int8_t> spins, double& heat, int64_t& flips) {
  const int64_t sweep = options.first_sweep + k, number = options.first_replica + replica;
  const auto units = static_cast<int64_t>(spins.size());
  for (int64_t slot = 0; slot < layout.colouring.slots(); ++slot) {
    const int32_t unit = layout.colouring.unit[slot];
    if (unit == kNoUnit || (!options.held.empty() && options.held[unit])) continue;
    double field = local_field(layout.model, spins, unit);
    if (!options.extra_fields.empty()) field += options.extra_fields[replica * units + unit];
    const double aligned = spins[unit] * field;
    bool flip = false;
    if (coding == Coding::bits) {
      const auto multiples = static_cast<int64_t>(aligned / layout.scale);
      flip =
          bit_draw(options.noise, number, sweep, slot) < bit_threshold(options.update, beta, layout.scale, multiples);
    } else {
      const float cost = static_cast<float>(2 * beta) * static_cast<float>(aligned);
      flip = cost < flip_threshold(options.update, real_draw(options.noise, number, sweep, slot));
    }
    if (!flip) continue;
    spins[unit] = static_cast<int8_t>(-spins[unit]);
    heat -= 2 * aligned;
    ++flips;
  }
}

}  // namespace swell
