#pragma once

#include <functional>
#include <memory>
#include <string>

#include "swell/base/ranks.h"

namespace swell::mpi {

// What a program tells the job that it is a part of.
struct Program {
  std::function<const char*(const char* name)> variable;  // of the environment; null where it is not set
  std::function<bool()> stopping;                         // whether it was told to stop
  // Called where another rank has died and nothing more will come of the job: says the sentence, where there is one,
  // and ends the program.
  std::function<void(const std::string& sentence)> lost;
};

// A program started by mpirun, srun or the like is one of the ranks of a job.
class Job {
 public:
  virtual ~Job() = default;
  virtual Ranks& ranks() = 0;
  // At the end. A rank that ends well waits for the others. One that failed waits a moment; true where all end, so that
  // the first one tells why, false where the others work on and will wait for this one: then it is to tell, and to call
  // abort().
  virtual bool leave(bool failed) = 0;
  // Ends the whole job with this exit code.
  virtual void abort(int exit_code) = 0;
};

// Null where the program was not started as part of a job, or was built without MPI.
std::unique_ptr<Job> join(const Program& program);

// Whether this build can be part of a job.
bool is_built();

}  // namespace swell::mpi
