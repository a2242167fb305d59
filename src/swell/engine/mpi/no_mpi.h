#pragma once

// What stands in the place of mpi.cc in a program that is built without MPI.
#include "swell/engine/mpi/mpi.h"
