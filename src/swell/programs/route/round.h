#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "swell/io/street_network.h"
#include "swell/programs/route/runs.h"

namespace swell::route {

// One street of a round, walked from a to b, or backwards.
struct Step {
  int64_t street = 0;
  bool back = false;
  bool operator==(const Step&) const = default;
};

// A walk as the streets in order.
struct Round {
  std::vector<Step> steps;
  double length = 0;
};

// What a round is to do: begin at `start`, walk every street of `must`, and end at `end`; with rewards, collect as much
// as a walk of at most `most_length` does.
struct RoundTask {
  const StreetNetwork& network;
  std::vector<char> must;  // [street]
  int64_t start = 0;
  std::optional<int64_t> end;  // nothing: anywhere
  bool rewards = false;
  double most_length = INFINITY;
};

// The task that a network and two wishes make. duty: all, required (the streets with a duty), rewards, or auto, what
// the network says. most_length: 0 for none; above that it is the rewards that count, but for all streets.
RoundTask round_task(const StreetNetwork& network, const std::string& duty, double most_length);

inline int64_t begin_of(const StreetNetwork::Street& street, bool back) { return back ? street.b : street.a; }
inline int64_t end_of(const StreetNetwork::Street& street, bool back) { return back ? street.a : street.b; }

double length_of(const StreetNetwork& network, std::span<const Step> steps);

// What a round does, street by street from the network itself. Throws InputError where it is no walk from the start to
// the end, goes against a one-way street, leaves a street of `must` out or is too long.
struct RoundCheck {
  double length = 0;
  double reward = 0;   // of the streets walked, each once
  int64_t walked = 0;  // different streets
  int64_t duties = 0, duties_done = 0;
  std::vector<int64_t> junctions;  // in order, the start first
};
RoundCheck check_round(const RoundTask& task, const Round& round);

// Lengths as whole numbers of `unit`: exact where all are decimals of few places (unit 1, 0.1, ...); else rounded to a
// part in 10^12 of the longest.
struct WholeLengths {
  double unit = 1;
  bool exact = true;
  std::vector<int64_t> forward, back;  // [street]; back -1: one-way
  int64_t shorter(int64_t s) const { return back[s] < 0 || forward[s] < back[s] ? forward[s] : back[s]; }
};
WholeLengths whole_lengths(const StreetNetwork& network);

// How sums of this network's lengths, or rewards, are told apart.
Measure measure_of_lengths(const StreetNetwork& network);
Measure measure_of_rewards(const StreetNetwork& network);

// A walk along all streets of a multiset that hangs together with the start and meets each junction an even number of
// times, but for start and end where they differ (C. Hierholzer, Math. Ann. 6, 30 (1873)).
Round walk_through(const StreetNetwork& network, const std::vector<int64_t>& copies, int64_t start);
// The same along steps that are left as often as entered.
Round walk_along(const StreetNetwork& network, const std::vector<Step>& steps, int64_t start);

}  // namespace swell::route
