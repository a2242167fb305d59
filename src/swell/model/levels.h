#pragma once

#include <span>

namespace swell {

// What a device with so many bits per parameter can hold, a sign and bits - 1 of magnitude: 2^bits - 1 evenly spaced
// levels from -largest to +largest, zero among them; two bits are -1, 0 and +1.
struct Levels {
  double count = 0;  // levels above zero, 2^(bits-1) - 1
  double step = 0;   // from one level to the next; 0 where all values are 0
};

// Up to this magnitude, or to the largest of these. Throws InputError for bits below 2 or above 24.
Levels levels_up_to(double largest, int bits);
Levels levels_for(std::span<const double> values, int bits);

// The number of the level nearest to a value; 0 where there is no step.
double nearest_level(double value, double step);

}  // namespace swell
