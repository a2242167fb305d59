#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "swell/io/streets.h"
#include "swell/programs/route/runs.h"

namespace swell::route {

// Shortest ways between all junctions of a network.
class Ways {
 public:
  // Throws InputError above kMostJunctions.
  explicit Ways(const Streets& streets);
  static constexpr int64_t kMostJunctions = 4000;

  double length(int64_t a, int64_t b) const { return length_[a * junctions_ + b]; }
  // Appends the streets from a to b, in order.
  void append(int64_t a, int64_t b, std::vector<int64_t>& streets) const;

 private:
  const Streets& streets_;
  int64_t junctions_;
  std::vector<double> length_;        // [from][to]
  std::vector<int32_t> last_street_;  // [from][to], -1 for from = to
};

// A round from the depot back to it, as the streets walked in order.
struct Round {
  std::vector<int64_t> streets;
  double length = 0;
};

enum class Duty { all, required, rewards };

// Every street (the Chinese postman): streets between junctions of odd degree are walked twice, and which is a matching
// of those. Pairs are exchanged by Metropolis; `exact` takes the least matching instead.
Round search_postman(const Streets& streets, const Ways& ways, const SearchOptions& options, SearchFigures& figures);
Round exact_postman(const Streets& streets, const Ways& ways);

// The streets with a duty (the rural postman), or as much reward as a round of at most `most_length` collects: an order
// and a direction of the streets served, with shortest ways between them, changed by Metropolis.
Round search_round(const Streets& streets, const Ways& ways, Duty duty, double most_length,
                   const SearchOptions& options, SearchFigures& figures);

// What a round does, street by street from the network itself. Throws InputError where it is no round from the depot.
struct RoundCheck {
  double length = 0;
  double reward = 0;   // of the streets walked, each once
  int64_t walked = 0;  // different streets
  int64_t duties = 0, duties_done = 0;
  std::vector<int64_t> junctions;  // in order, the depot first and last
};
RoundCheck check_round(const Streets& streets, std::span<const int64_t> round);

}  // namespace swell::route
