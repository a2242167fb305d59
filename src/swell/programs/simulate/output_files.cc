#include "swell/programs/simulate/output_files.h"

#include <cmath>

#include "swell/io/atomic_file.h"
#include "swell/io/npy.h"

namespace swell::simulate {

void write_outputs(const std::filesystem::path& folder, Outcome& outcome, const std::string& page) {
  const Run& run = outcome.run;
  write_npy_f32(folder / "states.npy", std::vector{run.trajectories, run.units}, run.states);
  static_assert(sizeof(SegmentBooks) == 3 * sizeof(double));
  write_npy(folder / "ledger.npy", std::vector<int64_t>{run.trajectories, run.segments, 3},
            std::span(&run.books.front().work, 3 * run.books.size()));
  if (run.observations > 0) {
    std::vector<double> rows;
    const auto error = [](const Estimate& e) { return e.has_error() ? e.stderr_of_mean : NAN; };
    for (int64_t u = 0; u < run.sums.units; ++u) {
      const Estimate &mean = outcome.averages.mean[u], &variance = outcome.averages.variance[u];
      rows.insert(rows.end(), {mean.mean, error(mean), variance.mean, error(variance)});
    }
    write_npy(folder / "averages.npy", std::vector<int64_t>{run.sums.units, 4}, rows);
  }
  if (!outcome.course.points.empty()) write_file_atomically(folder / "course.csv", course_csv(outcome.course));
  write_file_atomically(folder / "report.html", page);
  if (outcome.snapshot_file) outcome.snapshot_file->finish();
}

}  // namespace swell::simulate
