#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "swell/engine/timeline.h"
#include "swell/io/safetensors.h"

namespace swell {

// Runs of machines that advance all trajectories together while their control stands still: p-bits, linear systems. The
// driver cuts the protocol into stretches of constant couplings, clamps and drives, and keeps books, snapshots,
// observables and the checkpoint; the machine knows how to advance.

// What trajectories [first, first + count) show after a step.
struct Sight {
  int64_t step = 0, first = 0, count = 0;
  std::span<const double> x;                // [count][units]
  std::span<const double> energy, entropy;  // [count], entropy produced since the stretch began
};
using Look = std::function<void(const Sight&)>;

struct Stretch {
  const SegmentTimeline& timeline;
  int64_t from = 0, to = 0;        // steps of the segment
  std::span<const int64_t> looks;  // steps of the run after which each trajectory is looked at, in (from, to]
};

class StretchMachine {
 public:
  virtual ~StretchMachine() = default;

  // The control of this step of the segment comes into force; clamped units jump to their patterns.
  virtual void set_control(const SegmentTimeline& timeline, int64_t step) = 0;
  // Of each trajectory under the control in force; 0 where there is no potential.
  virtual std::vector<double> energies() = 0;
  // Takes the steps of a stretch and adds heat / kT of each step to `entropy`, [trajectories]. Looks come from the
  // threads that advance the trajectories, those of one trajectory in order. Returns the steps taken: fewer where go_on
  // said so, by all trajectories alike; 0 with the state before the stretch where they do not agree.
  virtual int64_t advance(const Stretch& stretch, const Look& look, const std::function<bool()>& go_on,
                          std::span<double> entropy) = 0;
  // Steps that a checkpoint may come apart, so that no more work is lost: any whole number of `grain`.
  virtual int64_t grain() const = 0;
  virtual void copy_state(int64_t trajectory, std::span<double> x) const = 0;
  // Into and out of a checkpoint (`name` is its file), and at the end into the result.
  virtual void save(Safetensors& file) const = 0;
  virtual void load(const Safetensors& file, const std::string& name) = 0;
  virtual void leave(Run& result) const = 0;
};

// Work of one step of one trajectory in any unit, of which a second takes about 1e9: how often checkpoints can come.
Run run_in_stretches(const System& system, const Protocol& protocol, const RunOptions& options, StretchMachine& machine,
                     double step_work);

// What drives or clamps a group of a trajectory: row (first_trajectory + t) % rows of the patterns. Throws InputError
// where the run has none.
std::span<const double> pattern_of(const RunOptions& options, int64_t units, int64_t trajectory, const Group& group);

// The numbers of a tensor. Throws IoError where a checkpoint, `name`, has none of this size.
const std::vector<double>& stored(const Safetensors& file, const std::string& tensor, size_t size,
                                  const std::string& name);

}  // namespace swell
