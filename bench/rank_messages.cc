// What it costs ranks to put their results together: mpirun -n R rank_messages prints, for pieces of some sizes, the
// median time of Ranks::gather and of Ranks::add. scripts/clusters.py fits latency and bandwidth to it.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "swell/engine/mpi/mpi.h"

namespace {

double median_s(int times, const auto& work) {
  std::vector<double> seconds;
  for (int k = 0; k < times; ++k) {
    const auto start = std::chrono::steady_clock::now();
    work();
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::ranges::nth_element(seconds, seconds.begin() + times / 2);
  return seconds[times / 2];
}

}  // namespace

int main() {
  const auto job = swell::mpi::join({[](const char* name) -> const char* { return std::getenv(name); },
                                     [] { return false; }, [](const std::string&) { std::abort(); }});
  if (!job) {
    std::puts("start it with mpirun, in a build with MPI");
    return 2;
  }
  swell::Ranks& ranks = job->ranks();
  const bool first = ranks.rank() == 0;
  if (first) std::puts("operation,ranks,bytes,seconds");
  const auto tell = [&](const char* operation, size_t bytes, double seconds) {
    if (first) std::printf("%s,%d,%zu,%.9f\n", operation, ranks.size(), bytes, seconds);
  };
  int64_t sums[8] = {};
  tell("add", sizeof sums, median_s(201, [&] { ranks.add(sums); }));
  for (size_t bytes = 8; bytes <= size_t{1} << 24; bytes *= 8) {
    const std::vector<std::byte> piece(bytes);
    tell("gather", bytes, median_s(bytes < (1 << 20) ? 51 : 9, [&] { ranks.gather(piece); }));
  }
  job->leave(false);
  return 0;
}
