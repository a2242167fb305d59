#include "swell/cmd/job.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "swell/cmd/console.h"
#include "swell/cmd/progress.h"
#include "swell/io/leave_files.h"

namespace swell::cmd {

namespace {

int g_error_stream = STDERR_FILENO;  // where this rank speaks in need

void speak(const std::string& sentence) {
  ::dup2(g_error_stream, STDERR_FILENO);
  warn(sentence);
  std::fflush(stderr);
}

void be_silent() {
  g_error_stream = ::dup(STDERR_FILENO);
  const int nowhere = ::open("/dev/null", O_WRONLY);
  ::dup2(nowhere, STDOUT_FILENO);
  ::dup2(nowhere, STDERR_FILENO);
  ::close(nowhere);
}

}  // namespace

std::unique_ptr<mpi::Job> join_job() {
  mpi::Program program;
  program.variable = [](const char* name) { return std::getenv(name); };
  program.stopping = interrupted;
  program.lost = [](const std::string& sentence) {
    if (!sentence.empty()) speak(sentence);
    ::_exit(130);
  };
  std::unique_ptr<mpi::Job> job = mpi::join(program);
  if (!job) return nullptr;
  watch_interrupts_of_a_job();
  if (job->ranks().rank() == 0) return job;
  be_silent();
  leave_files_to_another();
  return job;
}

void leave_job(mpi::Job& job, int exit_code, const std::string& sentence) {
  if (job.leave(exit_code != 0)) return;
  if (job.ranks().rank() > 0 && !sentence.empty()) speak(sentence);
  job.abort(exit_code);
}

}  // namespace swell::cmd
