#pragma once

#include <memory>
#include <string>

#include "swell/engine/mpi/mpi.h"

namespace swell::cmd {

// The job of several processes that this one was started in, by mpirun or srun; null where it was started alone. All
// but the first write no files, and what they print goes nowhere.
std::unique_ptr<mpi::Job> join_job();

// At the end: waits for the other ranks. Where they do not end as well, ends the job, and says `sentence` where the
// first rank did not.
void leave_job(mpi::Job& job, int exit_code, const std::string& sentence);

}  // namespace swell::cmd
