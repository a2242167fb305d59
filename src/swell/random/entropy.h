#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace swell {

// Random bits from outside, in place of those that the generator makes from a seed: a device, a file of recorded bytes
// (entropy/). What has come stays where it is, so that a draw is a place in it and a run can be repeated.
class Entropy {
 public:
  // What runs take of it.
  enum class Use {
    keys,  // keys of the generator, a new one every so many steps
    all,   // every draw itself
  };

  virtual ~Entropy() = default;

  // Of each place, eight bits that count as uniform. Waits at the most so long for the bytes [0, end) of the source;
  // true when they have come.
  virtual bool wait_for(uint64_t end, std::chrono::milliseconds patience) = 0;
  // Whether they will never come: the source has ended or failed before them.
  virtual bool is_lost(uint64_t end) const = 0;
  // The bytes [first, first + count), aligned to 16, which have come; they stay there as long as this object.
  virtual const std::byte* bytes(uint64_t first, uint64_t count) = 0;
  // Throws InputError where a source of known length has fewer bytes than [0, end); `what` is what needs them.
  virtual void require(uint64_t end, const std::string& what) = 0;
  // Of what the bytes are, for checkpoints: two sources with the same text have the same bytes.
  virtual std::string identity() const = 0;

  // A part that nobody else has: where it begins, a multiple of 16.
  uint64_t claim(uint64_t count) { return next_.fetch_add((count + 15) / 16 * 16); }
  uint64_t claimed() const { return next_; }

  Use use = Use::keys;
  int steps_per_key_log2 = 10;  // with keys: steps of a run between two of them

 private:
  std::atomic<uint64_t> next_ = 0;
};

// What a computation draws from: the number from which the generator makes all of its draws; with a source from outside
// that number came from there, and runs draw on it (engine/run.h).
struct Seed {
  constexpr Seed(uint64_t value = 0, Entropy* from = nullptr) : number(value), entropy(from) {}
  uint64_t number;
  Entropy* entropy;  // null without
};

}  // namespace swell
