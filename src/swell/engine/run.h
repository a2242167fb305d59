#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "swell/base/disk.h"
#include "swell/base/progress.h"
#include "swell/model/computer.h"
#include "swell/model/integrator.h"
#include "swell/model/protocol.h"
#include "swell/model/system.h"
#include "swell/physics/glauber.h"
#include "swell/random/normal.h"

namespace swell {

class NpyStream;  // io/npy_stream.h
class Ranks;      // base/ranks.h
class Share;      // engine/share.h

// Patterns: what drives or clamps the units, one row per pattern. Trajectory number t uses row t % rows.
struct Patterns {
  int64_t rows = 0;
  std::vector<double> values;  // [rows][units]; empty means zero everywhere
};

enum class EngineKind {
  cpu,
  reference,
  cuda,       // a graphics processor
  automatic,  // that, where one is here and the run is long enough to gain from it; else cpu
};
// As on the command line: "cpu", "reference", "cuda", "auto".
std::string_view name_of(EngineKind engine);
std::optional<EngineKind> engine_named(std::string_view name);

// Of the dense couplings' products; states, sparse couplings, noise and updates are f32 in any case, books double. A
// bf16 number has 8 bits of mantissa; below 2^-48 it is taken for zero. Products of two are exact, sums are f32.
enum class Precision {
  f32,     // J and x in f32, one fused multiply-add each
  bf16x3,  // J = Jh + Jl and x = xh + xl of two bf16 numbers each, Jh xl + Jh xh + Jl xh: a term of a force is off by
           // at most 2^-14 of its size
  bf16,    // J and x rounded to bf16: off by at most 2^-7. Faster where the processor has bf16 products
  tf32,    // cuda engine: J and x rounded to 11 bits of mantissa, off by at most 2^-10, on tensor cores as bf16 is
};
// As on the command line: "f32", "bf16x3", "bf16", "tf32".
std::string_view name_of(Precision precision);
std::optional<Precision> precision_named(std::string_view name);

// Of p-bits: "gibbs", "metropolis".
std::string_view name_of(FlipRule rule);
std::optional<FlipRule> flip_rule_named(std::string_view name);

// Which engine runs, and how it multiplies.
struct EngineChoice {
  EngineKind engine = EngineKind::cpu;
  Precision precision = Precision::f32;  // not of the reference engine
  std::string isa;  // kernels to use ("portable", "v3", "v4", "v4-bf16", "amx"); empty for the best there are
  // The processes that share the trajectories of the run; each of them calls run() alike, and has the same result. Of
  // Langevin units; other machines are advanced by every rank. Null for this process alone.
  Ranks* ranks = nullptr;
};

// Trajectories [first, first + count) of a run after so many steps.
struct StatesAt {
  int64_t step = 0, first = 0, count = 0;
  std::span<const double> x;  // [count][units]
  bool later = false;         // Snapshots::lag steps after a snapshot
};

struct Snapshots {
  int64_t every = 0;       // global steps between snapshots; 0 for none
  int64_t from_step = 0;   // the first is taken before this step
  int64_t first_unit = 0;  // units kept: [first_unit, first_unit + units)
  int64_t units = 0;
  int64_t trajectories = 0;  // only the first so many of the run

  // Where they go, an array [snapshots][trajectories][units]; null for Run::snapshots. It is the caller's to finish.
  NpyStream* file = nullptr;

  // Of p-bits and linear systems: takes all units in double precision while the run goes on, in place of both. Called
  // by the threads that advance the trajectories, in order for each of them. What a run that throws Interrupted handed
  // over is no part of any result.
  std::function<void(const StatesAt&)> take = {};
  int64_t lag = 0;  // with `take`: each snapshot is followed by another so many steps later; 0 for not
};

// Steps of one length among others that take turns.
struct Turn {
  double dt = 0;  // units of 1/mu
  int64_t steps = 0;
};

// How many a run of so many steps takes.
int64_t count_snapshots(const Snapshots& snapshots, int64_t steps);

// Averages taken while the run goes on: at times so many steps apart, sums are kept of each trajectory, so that
// averages have standard errors, trajectories being independent.
struct Observables {
  int64_t every = 0;                  // steps between observations; 0 for none
  int64_t from_step = 0;              // the first observation is after step from_step + every
  int64_t first_unit = 0, units = 0;  // whose x and x^2 are summed

  // The course of a run in time: points every so many steps, at the start and at the end of each segment; 0 for none.
  int64_t course_every = 0;
  // The course has heat and work of each group, too: of Langevin units, by the cpu and the reference engine. Every step
  // is then looked at in double precision, which costs more than the step.
  bool by_group = false;
};

// Where what stands in the sums of a trajectory, all over observations. m_g is the mean of x over a group.
struct ObservedSums {
  int64_t groups = 0, units = 0;
  static constexpr int64_t energy = 0, energy_square = 1;  // of V that the step before began with
  int64_t group(int64_t g) const { return 2 + g; }         // m_g
  int64_t product(int64_t g, int64_t h) const { return 2 + groups + g * (g + 1) / 2 + h; }  // m_g m_h, h <= g
  int64_t unit(int64_t u) const { return product(groups, 0) + 2 * u; }                      // x; x^2 follows

  // With by_group, since the start of the run: the heat that a group's units gave to their baths; then the work of its
  // drive (engine/group_books.h).
  bool by_group = false;
  int64_t group_heat(int64_t g) const { return unit(units) + 2 * g; }

  // The course, point after point: the books since the start of the run with the heat of the step that has just ended,
  // V of the state under the control of that step, for each group the means over its units of x and x^2, and with
  // by_group its heat and work.
  int64_t points = 0;
  int64_t course(int64_t point) const {
    return group_heat(by_group ? groups : 0) + point * (4 + (by_group ? 4 : 2) * groups);
  }
  int64_t work(int64_t point) const { return course(point); }
  int64_t heat(int64_t point) const { return course(point) + 1; }
  int64_t entropy(int64_t point) const { return course(point) + 2; }
  int64_t course_energy(int64_t point) const { return course(point) + 3; }
  int64_t course_mean(int64_t point, int64_t g) const { return course(point) + 4 + 2 * g; }  // mean of x^2 follows
  int64_t course_group_heat(int64_t point, int64_t g) const { return course_mean(point, groups + g); }  // work follows

  int64_t size() const { return course(points); }
};

// A file from which a run that was stopped goes on, with the same bytes as if it had not been, whatever the threads and
// the tile. It is written every so many seconds and when the run is interrupted; the old one stays valid until the new
// one is complete. The caller removes it when the results are safe.
struct CheckpointFile {
  std::filesystem::path path;                                  // empty for none
  double every_s = 60;                                         // between two of them
  std::function<void(int64_t done, int64_t total)> on_resume;  // trajectory-steps that `path` already holds
  std::string extent;  // what the caller made of the work asked for; empty for all of it. Of another one it is refused.
};

// What a run without a checkpoint keeps where it is stopped: nothing (it throws Interrupted), the trajectories that
// have finished, or, where none has, all those under way up to one step, as if the protocol had ended there.
// Interrupted is thrown where there is nothing to keep.
enum class Kept { nothing, finished, part };

// What the user of a program says of its runs, whatever it runs: programs hand it on as it is.
struct RunSettings : EngineChoice {
  int threads = 1;  // results do not depend on it
  int tile = 0;     // trajectories that one thread advances together, 0 for automatic; results do not depend on it
  ProgressCallback progress;  // trajectory-steps
};

// Pointers and spans are the caller's, and live as long as run() works; nothing of them is kept in the Run.
struct RunOptions : RunSettings {
  Integrator integrator = Integrator::euler_maruyama;  // of Langevin units and linear systems
  FlipRule rule = FlipRule::gibbs;                     // of p-bits
  double dt = 1e-3;                                    // units of 1/mu; a step of p-bits is a sweep, whatever it says
  // Of linear systems, in place of dt: so many steps of each length, again and again. Segments are whole rounds.
  std::vector<Turn> turns;
  NoiseKey noise;  // seed and stream
  int64_t trajectories = 1;
  int64_t first_trajectory = 0;  // number of the first one: draws are addressed by trajectory number
  const Patterns* patterns = nullptr;
  std::span<const double> start;        // [trajectories][units]; empty means x = 0, and random p-bits
  std::span<const int8_t> start_spins;  // the same of p-bits
  // [trajectories] of p-bits: a temperature of its own for each, E0, in place of the protocol's (replica exchange).
  std::span<const double> kT_of_trajectory;
  int64_t first_step = 0;  // number of the first step: draws are addressed by it. Not 0 to go on from an earlier run
  // The segment that the earlier run ended with, where this one goes on from it: `start` has the states that it left.
  // The change of control from there to the first step is then work of the first segment, and start_energy is V under
  // the earlier control. Null: the first control has been in force before.
  const Segment* came_from = nullptr;
  // False: nobody will read them. Linear systems then leave out work, heat, entropy and energies (Run::books_known).
  bool books = true;
  Snapshots snapshots;
  Observables observables;
  CheckpointFile checkpoint;  // of the cpu engine
  bool one_of_many = false;   // short runs: where they need little memory, the system is not asked for it each time
  double result_bytes = 0;    // that the caller will need besides, for the prediction of memory
  std::vector<PlannedFile> files;  // that the caller will write: a run for which the disk has no room is refused
  Kept kept = Kept::nothing;       // where `progress` stops the run; without a checkpoint
  Share* share = nullptr;          // of run() itself: the run is one rank's part of a larger one
};

// What one trajectory did in one segment, energies in E0. First law, to rounding: change of V = work - heat.
struct SegmentBooks {
  double work = 0;     // sum over changes of the control of V(x, new) - V(x, old), at fixed x
  double heat = 0;     // sum over steps of V(x_k) - V(x_{k+1}) at fixed control: given to the bath
  double entropy = 0;  // sum over steps of heat / kT, in units of k; 0 while kT = 0
};

struct Run {
  std::string engine;  // that ran: "cpu", "reference", "cuda", "p-bits", "linear"
  int64_t trajectories = 0, units = 0, segments = 0, steps = 0;
  std::vector<double> states;  // [trajectories][units] at the end; of p-bits see `spins`
  std::vector<int8_t> spins;   // [trajectories][units] of p-bits at the end, +1 or -1
  std::vector<int64_t> flips;  // [trajectories] of p-bits
  std::vector<double>
      best_energy;                 // [trajectories] of p-bits, up to 7 at once: lowest after any sweep; else at the end
  std::vector<int8_t> best_spins;  // [trajectories][units] its state
  bool books_known = true;         // false: forces without a potential, noise that is no bath's, or books that were
                                   // not wanted; books and energies are 0 (but for the entropy of p-bits)
  std::vector<SegmentBooks> books;     // [trajectories][segments]
  std::vector<double> start_energy;    // [trajectories] V before the first step, under its control
  std::vector<double> end_energy;      // [trajectories] V after the last step, under its control
  std::vector<double> snapshot_times;  // [snapshots] units of 1/mu
  std::vector<float> snapshots;        // [snapshots][kept trajectories][kept units]
  ObservedSums sums;                   // what is where in `observed`
  int64_t observations = 0;            // that `observed` is summed over
  std::vector<int64_t> course_steps;   // [points] steps taken before each point of the course
  std::vector<double> observed;        // [trajectories][sums.size()]; empty without observables
  int64_t multiply_adds = 0;           // of the simulation, couplings only: each that a step or sweep reads
  int64_t draws = 0;                   // random numbers: one for each step of each unit that was not clamped
  double memory_predicted_bytes = 0;   // at the most: what the process held before the run, and what the run takes
  double wall_s = 0;                   // with that of the parts before a resume

  // Stopped, with what it did so far in all of the above: fewer trajectories, or fewer steps, than were asked for.
  bool interrupted = false;
  std::vector<int64_t> kept;  // then: which of the trajectories asked for these are, from 0
  int64_t filmed = 0;         // trajectories in the snapshots

  std::span<const int8_t> spins_of(int64_t trajectory) const {
    return {spins.data() + trajectory * units, static_cast<size_t>(units)};
  }
  std::span<const int8_t> best_of(int64_t trajectory) const {
    return {best_spins.data() + trajectory * units, static_cast<size_t>(units)};
  }
  std::span<const double> state(int64_t trajectory) const {
    return {states.data() + trajectory * units, static_cast<size_t>(units)};
  }
  const SegmentBooks& book(int64_t trajectory, int64_t segment) const { return books[trajectory * segments + segment]; }
};

// Runs the protocol on a machine of any kind. The same bytes for any threads, tile and number of trajectories; the
// reference engine (double precision) and the fast ones use the same draws. A step of p-bits is a sweep, in which every
// unit is updated once. Their energy is E, a drive of amplitude A on unit i adds -A pattern_i m_i to it; books are kept
// as for V. Where forces have no potential there are none, but for the entropy that p-bits give to their bath.
// Throws InputError where sizes do not fit, Diverged where a state becomes non-finite, Interrupted; InputError where
// the checkpoint is of another run, IoError where it is damaged or cannot be written.
Run run(const System& system, const Protocol& protocol, const RunOptions& options);

}  // namespace swell
