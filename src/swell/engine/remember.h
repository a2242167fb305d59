#pragma once

#include <functional>

#include "swell/engine/run.h"

namespace swell {

// Machines whose noise or couplings have memory (ChipMemory), as wider ones without: each memory is a unit.
//   noise    n = s m,  dm = -r m dt + sqrt(2 r kT) dW,  r = 1 / tau,  which pulls unit i by n: J_im = -s / mu_i
//   delay    dy = -(y - x) r dt,  r = 1 / T,  and couplings read y in place of x
//   1/f      a slow m for each decade below the corner, r = 2 pi f_c 10^-k
// With one step's length known, r = (1 - a) / dt with a = e^{-dt/tau}, so that a step of Euler and Maruyama's method
// keeps e^{-t/tau} exactly. The scale s is such that n has the power of the white noise at frequency 0 whatever dt is:
// s^2 = mu_i r. Its variance is then that in continuous time but for (dt / tau)^2 / 12, and with tau far below dt the
// noise is white again. A harmonic unit of second derivative k has <x^2> = (kT/k) / (1 + k mu tau) in continuous time.
Computer with_memory_as_units(const Computer& computer, double dt);

// Runs the wider machine and returns what its first units, those of the machine, did. Memories of noise start from
// their own equilibrium, lagging couplings from where the units stand. `go` is run(). Throws InputError where the run
// cannot have memory: it goes on from an earlier one, or draws bits from outside.
Run run_with_memory(const Computer& computer, const Protocol& protocol, const RunOptions& options,
                    const std::function<Run(const System&, const Protocol&, const RunOptions&)>& go);

}  // namespace swell
