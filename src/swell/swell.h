#pragma once

// The public face of the library: describe a machine, run it, read its books. Programs that use Swell include this.
//
//   model/builder.h      machines and protocols in a few lines
//   model/computer.h     Langevin units;  model/ising.h  p-bits;  model/linear_system.h  linear stochastic systems
//   model/protocol.h     what changes in time
//   engine/run.h         run(): any of the three under a protocol
//   ledger/statistics.h  means with standard errors
//   ledger/diagnose.h    whether a run came to equilibrium
//   hardware/precision.h what a device of so many bits would hold

#include "swell/base/errors.h"
#include "swell/engine/run.h"
#include "swell/hardware/precision.h"
#include "swell/ledger/diagnose.h"
#include "swell/ledger/statistics.h"
#include "swell/model/builder.h"
#include "swell/model/computer.h"
#include "swell/model/ising.h"
#include "swell/model/linear_system.h"
#include "swell/model/protocol.h"
#include "swell/model/system.h"
#include "swell/version.h"
