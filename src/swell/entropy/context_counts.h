#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace swell::entropy {

// Counts of which symbol followed each string of a fixed length, for the predictors of SP 800-90B, 6.3.9 and 6.3.10.

// The last 16 symbols.
struct History {
  uint64_t near = 0, far = 0;  // the last 8 and the 8 before, a byte each, the latest lowest
  uint32_t bits = 0;           // the lowest bit of each, the latest lowest

  void push(uint8_t symbol) {
    far = far << 8 | near >> 56;
    near = near << 8 | symbol;
    bits = bits << 1 | (symbol & 1u);
  }
};

// The symbol that followed most often, of equally common ones the one of highest value; -1 after an unknown string.
struct Prediction {
  int symbol = -1;
  uint32_t count = 0;
};

// Of bits: a table of all strings.
class BitCounts {
 public:
  BitCounts(int length, int /*alphabet*/) : mask_((uint32_t{1} << length) - 1), counts_(size_t{2} << length) {}

  // Goes to the string at the end of `history`.
  Prediction look(const History& history) {
    at_ = &counts_[size_t{2} * (history.bits & mask_)];
    if (at_[0] == 0 && at_[1] == 0) return {};
    return at_[1] >= at_[0] ? Prediction{1, at_[1]} : Prediction{0, at_[0]};
  }
  // Counts what followed the string looked at, where that transition is known already or a new one may be kept. Whether
  // a new one is.
  bool follow(uint8_t symbol, bool may_grow) {
    const bool fresh = at_[symbol] == 0;
    at_[symbol] += !fresh || may_grow;
    return fresh && may_grow;
  }
  // The same where what is known is the string, whatever followed it.
  bool follow_string(uint8_t symbol, bool may_grow) {
    const bool fresh = at_[0] == 0 && at_[1] == 0;
    at_[symbol] += !fresh || may_grow;
    return fresh && may_grow;
  }

 private:
  uint32_t mask_;
  std::vector<uint32_t> counts_;
  uint32_t* at_ = nullptr;
};

// Of any symbols: hash tables of the strings and of the transitions seen.
class SymbolCounts {
 public:
  SymbolCounts(int length, int alphabet);

  Prediction look(const History& history);
  bool follow(uint8_t symbol, bool may_grow);
  bool follow_string(uint8_t symbol, bool may_grow);

 private:
  struct String {
    uint64_t near, far;
    Prediction best;
  };
  struct Transition {
    uint64_t key = 0;  // 1 + string * 256 + symbol; 0 for a free place
    uint32_t count = 0;
  };

  size_t place_of_string(uint64_t near, uint64_t far) const;
  size_t place_of_transition(uint64_t key) const;
  void add_string();
  void count(uint8_t symbol);
  void grow_strings();
  void grow_transitions();

  uint64_t near_mask_, far_mask_;
  std::vector<String> strings_;
  std::vector<int32_t> string_at_;  // by place: number of the string, -1 for a free place; a power of two of them
  std::vector<Transition> transition_at_;
  size_t transitions_ = 0;
  uint64_t near_ = 0, far_ = 0;  // the string looked at
  int32_t string_ = -1;          // its number; -1 where it is unknown
};

}  // namespace swell::entropy
