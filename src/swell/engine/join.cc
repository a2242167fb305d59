#include "swell/engine/join.h"

#include "swell/engine/linear/forces.h"
#include "swell/engine/pbits/pbits.h"
#include "swell/engine/stretches.h"
#include "swell/engine/timeline.h"
#include "swell/physics/potential.h"

namespace swell {

namespace {

// V of states under the control of the last step of a segment.
class LastControl {
 public:
  LastControl(const System& system, const RunOptions& options)
      : system_(system),
        options_(options),
        timeline_(lay_out(system, {"earlier run", {*options.came_from}}, step_length(system, options)).front()) {
    const int set = timeline_.couplings;
    if (system.kind() == System::Kind::linear) forces_.emplace(system.linear()[set]);
    if (system.kind() == System::Kind::pbits)
      model_ = set == kNoCouplings ? make_ising(system.units(), {}) : system.models()[set];
  }

  // Of trajectory t at what it starts from.
  double energy(int64_t t) const {
    const int64_t n = system_.units();
    const std::vector<double> pull = force(t);
    if (system_.kind() == System::Kind::pbits) {
      std::vector<int8_t> spins(n);
      for (int64_t i = 0; i < n; ++i)
        spins[i] = options_.start.empty() ? options_.start_spins[t * n + i]
                                          : static_cast<int8_t>(options_.start[t * n + i] > 0 ? 1 : -1);
      return pbit_energy(model_, spins, pull);
    }
    const std::span<const double> x = options_.start.subspan(t * n, n);
    if (system_.computer()) return swell::energy(*system_.computer(), {timeline_.set, pull}, x);
    std::vector<double> scaled = pull;
    if (!scaled.empty()) forces_->to_force(scaled);
    return forces_->potential(x.data(), scaled);
  }

 private:
  // Of the drive; empty for none.
  std::vector<double> force(int64_t t) const {
    if (!timeline_.driven) return {};
    const std::span<const Group> groups = system_.groups();
    const double* const amplitude =
        timeline_.drive.data() + (timeline_.steps - 1) * static_cast<int64_t>(groups.size());
    std::vector<double> force(system_.units(), 0.0);
    for (size_t g = 0; g < groups.size(); ++g) {
      if (amplitude[g] == 0) continue;
      const std::span<const double> pattern = pattern_of(options_, system_.units(), t, groups[g]);
      for (int64_t i = groups[g].first; i < groups[g].first + groups[g].size; ++i) force[i] = amplitude[g] * pattern[i];
    }
    return force;
  }

  const System& system_;
  const RunOptions& options_;
  const SegmentTimeline timeline_;
  std::optional<linear::Forces> forces_;
  IsingModel model_;
};

}  // namespace

void book_join(const System& system, const RunOptions& options, Run& run) {
  if (!run.books_known || !keeps_books(system)) return;
  const LastControl before(system, options);
  for (int64_t t = 0; t < run.trajectories; ++t) {
    const double energy = before.energy(run.kept.empty() ? t : run.kept[t]);
    const double work = run.start_energy[t] - energy;
    run.start_energy[t] = energy;
    if (run.segments > 0) run.books[t * run.segments].work += work;
    double* const sums = run.observed.data() + t * run.sums.size();
    for (int64_t p = 0; p < run.sums.points && !run.observed.empty(); ++p) sums[run.sums.work(p)] += work;
  }
}

}  // namespace swell
