#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "swell/programs/route/round.h"

namespace swell::route {

// Sets of junctions that are joined (union-find).
class Joined {
 public:
  explicit Joined(int64_t count);
  int64_t root(int64_t v);
  bool join(int64_t a, int64_t b);  // false where they were joined

 private:
  std::vector<int64_t> up_;
};

// The parts that the task's streets, its start and its end make, a number for each junction they touch; -1 elsewhere.
std::vector<int64_t> parts_of_task(const RoundTask& task);

// Classical constructions: the streets of `must` are connected by a tree of shortest ways, then each junction is left
// as often as it is entered at the least further length, by a T-join (G. Frederickson, J. ACM 26, 538 (1979)) or, where
// ways differ by direction, by a flow. `price` is what a street costs while the tree is chosen ([street], whole
// numbers; a relaxation lowers it on streets that it likes). Of a network in one part the T-join alone is the least
// round. `forward`: direction in which two-way streets of `must` are served ([street], only where ways differ).
Round construct_round(const RoundTask& task, const WholeLengths& whole, const std::vector<int64_t>& price,
                      const std::vector<char>& forward);

// The least round through every street, and a bound below every round with the task: exact where all streets may be
// walked both ways at the same length and the task's streets hang together with the start, or all are one-way.
struct Relaxed {
  std::optional<Round> round;  // where the relaxation is a round, and so the least
  double bound = 0;
};
Relaxed relaxed_round(const RoundTask& task, const WholeLengths& whole);

}  // namespace swell::route
