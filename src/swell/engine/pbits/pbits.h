#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "swell/engine/run.h"
#include "swell/model/ising.h"
#include "swell/model/system.h"
#include "swell/physics/glauber.h"

namespace swell {

// How replicas lie in memory. The states after a sweep do not depend on threads, tiles or instruction set.
enum class Coding {
  automatic,
  bits,    // 512 replicas in the bits of words: couplings and fields whole multiples of one number, one beta for all
  wide,    // up to 64 replicas side by side, any couplings
  narrow,  // one replica, its units side by side: fastest for few replicas and at low temperature
};

// A replica after a sweep, on the thread that advances it.
struct PbitLook {
  int64_t replica = 0, sweep = 0;  // number in the call; sweeps done
  std::span<const int8_t> spins;   // [units]
  double energy = 0, entropy = 0;
};

struct PbitOptions {
  EngineKind engine = EngineKind::cpu;
  Coding coding = Coding::automatic;
  FlipRule update = FlipRule::gibbs;
  NoiseKey noise;
  int64_t replicas = 1;
  int64_t first_replica = 0;  // number of the first one: draws are addressed by replica number; bits: a multiple of 512
  int64_t first_sweep = 0;    // number of the first sweep, for the draws
  std::vector<double> beta;   // [sweeps], 1 / kT in units of the couplings; or see `ladder`
  std::vector<double> ladder;     // [replicas] constant beta of each replica instead, for `sweeps` sweeps; not bits
  int64_t sweeps = 0;             // with a ladder
  std::span<const int8_t> start;  // [replicas][units] of +1 or -1; empty for random ones
  std::span<const double> start_energy;  // [replicas] where the caller knows it
  // Narrow only: units that never flip, [units], 1 for held; and fields beside the model's, [replicas][units].
  std::span<const char> held;
  std::span<const double> extra_fields;
  std::vector<int64_t> looks;  // sweeps done, ascending, after which `look` is shown each replica
  std::function<void(const PbitLook&)> look;
  int threads = 1;
  std::string isa;  // as in RunOptions
  // Called between sweeps, one thread at a time; false ends the run at once, all replicas at the same sweep or earlier.
  std::function<bool()> go_on;
};

struct PbitRun {
  int64_t replicas = 0, units = 0;
  std::vector<int8_t> spins;          // [replicas][units] at the end
  std::vector<double> start_energy;   // [replicas]
  std::vector<double> energy;         // [replicas] of `spins`, from scratch
  std::vector<double> heat;           // [replicas] given to the bath: sum over flips of E before - E after
  std::vector<double> entropy;        // [replicas] sum of heat / kT; NaN of bits at a temperature that changes
  std::vector<int64_t> flips;         // [replicas]
  std::vector<double> best_energy;    // [replicas] narrow: lowest after any sweep; else of the end
  std::vector<int8_t> best_spins;     // [replicas][units] its state
  std::vector<int64_t> sweeps_done;   // [replicas]
  Coding coding = Coding::automatic;  // that was used

  std::span<const int8_t> spins_of(int64_t replica) const {
    return {spins.data() + replica * units, static_cast<size_t>(units)};
  }
  std::span<const int8_t> best_of(int64_t replica) const {
    return {best_spins.data() + replica * units, static_cast<size_t>(units)};
  }
};

// A model made ready for sweeps: coloured and laid out once. Thread-safe once made.
class Pbits : public Prepared {
 public:
  explicit Pbits(const IsingModel& model);
  ~Pbits() override;
  Pbits(Pbits&&) noexcept;

  const IsingModel& model() const;
  int64_t colours() const;
  // Blocks of four draws of a sweep of one replica (engine/pbits/kernel.h).
  int64_t draw_blocks() const;
  // Whether multi-spin coding can hold the model.
  bool fits_bits() const;

  // Sweeps: in each, every unit is updated once, one colour after the other. Throws InputError where sizes do not fit
  // or the coding cannot hold the model.
  PbitRun sample(const PbitOptions& options) const;

  struct Layout;

 private:
  std::unique_ptr<const Layout> layout_;
};

// Of a replica in the order of its units: E, extra fields included where they are not empty; 0 where directed couplings
// leave no E.
double pbit_energy(const IsingModel& model, std::span<const int8_t> spins, std::span<const double> extra_fields);

// The spins that a replica starts with where none are given.
void fill_random_spins(uint64_t seed, int64_t replica, std::span<int8_t> spins);

}  // namespace swell
