#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace swell {

// What the faults of a batch of chips do to a task.
struct ChipErrors {
  std::string what;             // what the error is, for people: "relative error of the inverse"
  std::string spec;             // the name of the specification
  std::vector<double> error;    // [chips that work]
  int64_t failed = 0;           // chips that settle nowhere, or have no potential with a minimum
  double perfect = 0;           // the same of the machine as designed
  std::vector<double> entropy;  // [chips that work] housekeeping entropy production rate, k per 1/mu; empty where none
};

// Tries the machine as designed (where `perfect_of` is not null), then chips 0, 1, ... and adds their errors, up to
// `chips` of them, as long as go_on (which may be null) says yes; it is asked before each. error_of(chip number) has no
// value for a chip that settles nowhere; one that throws NoMinimum or Diverged settles nowhere as well. Where
// Interrupted is thrown, the chips before stand.
void try_chips(ChipErrors& result, int64_t chips, const std::function<bool()>& go_on,
               const std::function<double()>& perfect_of,
               const std::function<std::optional<double>(int64_t)>& error_of);

}  // namespace swell
