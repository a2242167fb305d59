#pragma once

#include <cstdint>

#include "swell/base/inline.h"
#include "swell/random/threefry.h"

namespace swell {

// Bits from outside (random/entropy.h) as the draws of one run see them: draws themselves, or keys of the generator.
struct Tape {
  // Draws: four words for each block of each step of each trajectory, in this order. A place outside stands for the
  // last one before it: vectors draw a few blocks that nobody reads.
  const Words4* words = nullptr;  // null with keys
  uint64_t first_trajectory = 0, trajectories = 0;
  uint64_t first_step = 0, steps = 0;
  uint64_t blocks = 0;
  uint64_t place = 0;  // of the first word in the bytes of the source

  // Keys, one for each 2^key_shift steps from first_step on.
  const uint64_t* keys = nullptr;
  uint64_t key_count = 0;
  int key_shift = 0;
};

SWELL_INLINE uint64_t tape_place(uint64_t number, uint64_t first, uint64_t count) {
  const uint64_t place = number < first ? 0 : number - first;
  return place < count ? place : count - 1;
}

SWELL_INLINE Words4 tape_words(const Tape& tape, uint64_t block, uint64_t step, uint64_t trajectory) {
  const uint64_t row = tape_place(trajectory, tape.first_trajectory, tape.trajectories) * tape.steps +
                       tape_place(step, tape.first_step, tape.steps);
  return tape.words[row * tape.blocks + tape_place(block, 0, tape.blocks)];
}

SWELL_INLINE uint64_t tape_key(const Tape& tape, uint64_t step) {
  const uint64_t passed = step < tape.first_step ? 0 : step - tape.first_step;
  return tape.keys[tape_place(passed >> tape.key_shift, 0, tape.key_count)];
}

}  // namespace swell
