#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "swell/model/system.h"

namespace swell {

// A function of time within a segment: straight lines between knots, constant outside them. Geometric ones are straight
// in the logarithm, between values above zero.
struct Schedule {
  struct Knot {
    double at;     // fraction of the segment's duration, in [0, 1]; of a schedule without a segment any measure
    double value;  // unit of the scheduled quantity
  };
  std::vector<Knot> knots;  // ascending in `at`; empty means zero everywhere
  bool geometric = false;

  double operator()(double fraction) const;
  bool is_zero() const;
};

// The value at a share of the way from first to last that is straight in the logarithm: first (last / first)^share.
double geometric_at(double first, double last, double share);

constexpr int kNoCouplings = -1;

// One stretch of time in which the same couplings are in force. Of p-bits and linear systems, drive and clamped may be
// left empty: none.
struct Segment {
  std::string name;
  double duration = 0;           // units of 1/mu; of p-bits in sweeps
  int couplings = kNoCouplings;  // number of the coupling set (and its biases) in force, or kNoCouplings
  std::vector<Schedule> drive;   // [groups] amplitude A_g(t): the force on unit i is A_g(t) pattern_i, energy E0
  Schedule kT;                   // thermal energy, E0; without knots that of the machine holds
  std::vector<char> clamped;     // [groups] 1 where units are held at their pattern
};

// What changes in time, and so what defines work.
struct Protocol {
  std::string name;
  std::vector<Segment> segments;
};

// The temperature of a segment: its own, or the machine's where it has none.
Schedule temperature(const Segment& segment, const System& system);

// Whole steps of length dt in a segment. Throws InputError where the duration is no multiple of dt within 1e-6.
int64_t count_steps(const Segment& segment, double dt);
int64_t count_steps(const Protocol& protocol, double dt);

// Throws InputError where a protocol does not fit its machine. `where` starts the message.
void validate(const Protocol& protocol, const System& system, std::string_view where);

}  // namespace swell
