#include "swell/engine/pbits/pbits.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <mutex>

#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/engine/cuda/pbits.h"
#include "swell/engine/pbits/layout.h"
#include "swell/engine/pbits/reference.h"
#include "swell/engine/pbits/sweep_kernels.h"
#include "swell/random/streams.h"

namespace swell {

namespace {

constexpr int64_t kRefreshSweeps = 256;      // fields that sum rounding errors are made anew so often
constexpr double kUpdatesPerLook = 1 << 19;  // between two questions whether to go on
constexpr int kBitLanes = pbits::kBitReplicas / pbits::kReplicasPerLane;

// One call of sample(): what its tiles share.
struct Job {
  const Pbits::Layout& layout;
  const PbitOptions& options;
  const pbits::PbitKernels& kernels;
  PbitRun& run;
  int64_t sweeps = 0;
  std::mutex mutex;
  bool stopped = false;

  std::span<int8_t> spins(int64_t replica) const {
    return {run.spins.data() + replica * run.units, static_cast<size_t>(run.units)};
  }
  double beta(int64_t replica, int64_t sweep) const {
    return options.ladder.empty() ? options.beta[sweep] : options.ladder[replica];
  }
  bool go_on() {
    if (!options.go_on) return true;
    const std::lock_guard lock(mutex);
    if (!stopped) stopped = !options.go_on();
    return !stopped;
  }
  std::span<const double> extra(int64_t replica) const {
    if (options.extra_fields.empty()) return {};
    return options.extra_fields.subspan(replica * run.units, run.units);
  }
  double energy(int64_t replica) const { return pbit_energy(layout.model, spins(replica), extra(replica)); }
  // The first look after so many sweeps.
  int64_t next_look(int64_t done) const {
    const auto found = std::ranges::upper_bound(options.looks, done);
    return found == options.looks.end() ? INT64_MAX : *found;
  }
  bool is_look(int64_t done) const { return std::ranges::binary_search(options.looks, done); }
  void look(int64_t replica, int64_t sweep, double energy, double entropy) const {
    options.look({replica, sweep, spins(replica), energy, entropy});
  }
  // Sweeps until the next look, of tiles with so many replicas.
  int64_t stride(int64_t replicas) const {
    return std::max<int64_t>(1, static_cast<int64_t>(kUpdatesPerLook / static_cast<double>(run.units * replicas)));
  }
};

// Where the table's threshold is 1 or 0 throughout, no draw is made.
void fill_table(pbits::AcceptanceTable& table, const Pbits::Layout& layout, FlipRule update, double beta) {
  const int32_t range = layout.most_bonds / 2 + 1;
  for (int parity = 0; parity < 2; ++parity) {
    table.always[parity] = -range;
    table.never[parity] = range + 1;
    for (int32_t k = -range; k <= range; ++k) {
      const uint64_t threshold = bit_threshold(update, beta, layout.scale, 2 * k + parity);
      if (threshold >> 32) table.always[parity] = k + 1;
      if (threshold == 0) table.never[parity] = std::min(table.never[parity], k);
      for (int level = 0; level < pbits::kLevels; ++level) {
        const bool one = (threshold >> (pbits::kLevels - 1 - level) & 1) != 0;
        table.masks[parity][level][k + pbits::kTableOffset] = one ? ~0u : 0u;
      }
    }
  }
}

// A lane of 32 replicas at a time: as many rows of spins as are read or written side by side.
void pack_bits(const Job& job, int64_t first, int64_t count, uint32_t* x) {
  for (int64_t lane = 0; lane * 32 < count; ++lane) {
    const int64_t bits = std::min<int64_t>(32, count - lane * 32);
    const int8_t* spins = job.run.spins.data() + (first + lane * 32) * job.run.units;
    for (int64_t i = 0; i < job.run.units; ++i) {
      uint32_t word = 0;
      for (int64_t b = 0; b < bits; ++b) word |= static_cast<uint32_t>(spins[b * job.run.units + i] > 0) << b;
      x[job.layout.colouring.slot_of[i] * kBitLanes + lane] = word;
    }
  }
  uint32_t* ones = x + job.layout.colouring.slots() * kBitLanes;
  std::fill(ones, ones + kBitLanes, ~0u);
}

void unpack_bits(const Job& job, int64_t first, int64_t count, const uint32_t* x) {
  for (int64_t lane = 0; lane * 32 < count; ++lane) {
    const int64_t bits = std::min<int64_t>(32, count - lane * 32);
    int8_t* spins = job.run.spins.data() + (first + lane * 32) * job.run.units;
    for (int64_t i = 0; i < job.run.units; ++i) {
      const uint32_t word = x[job.layout.colouring.slot_of[i] * kBitLanes + lane];
      for (int64_t b = 0; b < bits; ++b) spins[b * job.run.units + i] = word >> b & 1 ? 1 : -1;
    }
  }
}

// What a run in bits leaves of a replica; `flips` are those of its tile.
void leave_bits(Job& job, int64_t first, int64_t count, const int64_t* flips, int64_t done, double beta,
                bool one_beta) {
  for (int64_t r = 0; r < count; ++r) {
    job.run.energy[first + r] = ising_energy(job.layout.model, job.spins(first + r));
    job.run.heat[first + r] = job.run.start_energy[first + r] - job.run.energy[first + r];
    job.run.entropy[first + r] = done == 0 ? 0 : one_beta ? beta * job.run.heat[first + r] : NAN;
    job.run.flips[first + r] = flips[r];
    job.run.sweeps_done[first + r] = done;
  }
}

// All tiles at once, on the device.
void sample_bits_on_device(Job& job) {
  const int64_t slots = job.layout.colouring.slots(), words = (slots + 1) * kBitLanes;
  const int64_t tiles = (job.run.replicas + pbits::kBitReplicas - 1) / pbits::kBitReplicas;
  std::vector<uint32_t> x(tiles * words, 0u);
  const auto each_tile = [&](auto task) {
    parallel_for(tiles, job.options.threads, [&](int64_t t) {
      const int64_t first = t * pbits::kBitReplicas;
      task(t, first, std::min<int64_t>(pbits::kBitReplicas, job.run.replicas - first));
    });
  };
  each_tile([&](int64_t t, int64_t first, int64_t count) { pack_bits(job, first, count, x.data() + t * words); });
  const pbits::BitPlan& plan = job.layout.bit_plan;
  const cuda::BitBonds bonds{plan.colours.count, plan.slots, plan.colours.first,
                             plan.colours.units, plan.rows,  plan.most_bonds};
  cuda::BitTiles device(job.options.isa, bonds, job.options.noise,
                        static_cast<uint32_t>(job.options.first_replica / pbits::kReplicasPerLane), x);
  const auto unpack = [&] {
    x = device.spins();
    each_tile([&](int64_t t, int64_t first, int64_t count) { unpack_bits(job, first, count, x.data() + t * words); });
  };
  const auto table = std::make_unique<pbits::AcceptanceTable>();
  // Some thousand times as fast as one thread of the processor.
  const int64_t stride = std::max<int64_t>(1, int64_t{1 << 12} * job.stride(tiles * pbits::kBitReplicas));
  double beta = -1;
  bool one_beta = true;
  int64_t done = 0;
  for (; done < job.sweeps; ++done) {
    if (done % stride == 0) {
      device.wait();
      if (!job.go_on()) break;
    }
    if (beta != job.options.beta[done]) {
      fill_table(*table, job.layout, job.options.update, job.options.beta[done]);
      device.set_table(*table);
    }
    one_beta = one_beta && (done == 0 || beta == job.options.beta[done]);
    beta = job.options.beta[done];
    device.sweep(job.options.first_sweep + done);
    if (!job.is_look(done + 1)) continue;
    unpack();
    for (int64_t k = 0; k < job.run.replicas; ++k) {
      const double energy = job.energy(k);
      job.look(k, done + 1, energy, one_beta ? beta * (job.run.start_energy[k] - energy) : NAN);
    }
  }
  unpack();
  const std::vector<int64_t> flips = device.flips();
  each_tile([&](int64_t, int64_t first, int64_t count) {
    leave_bits(job, first, count, flips.data() + first, done, beta, one_beta);
  });
}

void sample_bits(Job& job, int64_t tile_number) {
  const int64_t first = tile_number * pbits::kBitReplicas;
  const int64_t count = std::min<int64_t>(pbits::kBitReplicas, job.run.replicas - first);
  AlignedArray<uint32_t> x((job.layout.colouring.slots() + 1) * kBitLanes);
  pack_bits(job, first, count, x.data());
  std::vector<int64_t> flips(pbits::kBitReplicas, 0);
  pbits::BitTile tile{x.data(), job.options.noise,
                      static_cast<uint32_t>((job.options.first_replica + first) / pbits::kReplicasPerLane),
                      flips.data()};
  const auto table = std::make_unique<pbits::AcceptanceTable>();
  double beta = -1;
  bool one_beta = true;
  int64_t done = 0;
  for (const int64_t stride = job.stride(pbits::kBitReplicas); done < job.sweeps; ++done) {
    if (done % stride == 0 && !job.go_on()) break;
    if (beta != job.options.beta[done]) fill_table(*table, job.layout, job.options.update, job.options.beta[done]);
    one_beta = one_beta && (done == 0 || beta == job.options.beta[done]);
    beta = job.options.beta[done];
    job.kernels.sweep_bits(tile, job.layout.bit_plan, *table, job.options.first_sweep + done);
    if (!job.is_look(done + 1)) continue;
    unpack_bits(job, first, count, x.data());
    for (int64_t k = first; k < first + count; ++k) {
      const double energy = job.energy(k);
      job.look(k, done + 1, energy, one_beta ? beta * (job.run.start_energy[k] - energy) : NAN);
    }
  }
  unpack_bits(job, first, count, x.data());
  leave_bits(job, first, count, flips.data(), done, beta, one_beta);
}

void sample_wide(Job& job, int64_t first, int64_t count) {
  const int width = static_cast<int>((count + 15) / 16 * 16);
  AlignedArray<float> x(job.layout.colouring.slots() * width), beta2(width);
  AlignedArray<double> heat(width);
  AlignedArray<int64_t> flips(width);
  for (int64_t slot = 0; slot < job.layout.colouring.slots(); ++slot) {
    const int32_t unit = job.layout.colouring.unit[slot];
    for (int r = 0; r < width; ++r)
      x[slot * width + r] = unit == kNoUnit || r >= count ? 1.0f : job.run.spins[(first + r) * job.run.units + unit];
  }
  pbits::WideTile tile{
      width,       x.data(),    job.options.noise, static_cast<uint64_t>(job.options.first_replica + first),
      heat.data(), flips.data()};
  const pbits::RealPlan plan = job.layout.real_plan(job.options.update);
  std::vector<double> before(count), entropy(count);
  const auto unpack = [&](int64_t r) {
    const std::span<int8_t> spins = job.spins(first + r);
    for (int64_t i = 0; i < job.run.units; ++i) spins[i] = x[job.layout.colouring.slot_of[i] * width + r] > 0 ? 1 : -1;
    return spins;
  };
  int64_t done = 0;
  for (const int64_t stride = job.stride(width); done < job.sweeps; ++done) {
    if (done % stride == 0 && !job.go_on()) break;
    for (int64_t r = 0; r < count; ++r) {
      beta2[r] = static_cast<float>(2 * job.beta(first + r, done));
      before[r] = heat[r];
    }
    job.kernels.sweep_wide(tile, plan, beta2.data(), job.options.first_sweep + done);
    for (int64_t r = 0; r < count; ++r) entropy[r] += 0.5 * static_cast<double>(beta2[r]) * (heat[r] - before[r]);
    if (!job.is_look(done + 1)) continue;
    for (int64_t r = 0; r < count; ++r) {
      unpack(r);
      job.look(first + r, done + 1, job.energy(first + r), entropy[r]);
    }
  }
  for (int64_t r = 0; r < count; ++r) {
    const std::span<int8_t> spins = unpack(r);
    job.run.entropy[first + r] = entropy[r];
    job.run.energy[first + r] = pbit_energy(job.layout.model, spins, {});
    job.run.heat[first + r] = heat[r];
    job.run.flips[first + r] = flips[r];
    job.run.sweeps_done[first + r] = done;
  }
}

// So large that no temperature flips the unit.
constexpr double kHeld = 1e30;

void fill_fields(const Job& job, int64_t replica, const pbits::RealPlan& plan, const float* x, float* field) {
  const Pbits::Layout& layout = job.layout;
  const std::span<const double> extra = job.extra(replica);
  for (int64_t slot = 0; slot < plan.slots; ++slot) {
    const int32_t unit = layout.colouring.unit[slot];
    double sum = unit == kNoUnit ? kHeld : static_cast<double>(plan.h[slot]);
    if (unit != kNoUnit && !extra.empty()) sum += extra[unit];
    for (int64_t k = plan.row_start[slot]; k < plan.row_start[slot + 1]; ++k)
      sum += static_cast<double>(plan.bonds[k].J * x[plan.bonds[k].slot]);
    if (unit != kNoUnit && !job.options.held.empty() && job.options.held[unit])
      sum = kHeld * static_cast<double>(x[slot]);
    field[slot] = static_cast<float>(sum);
  }
}

void sample_narrow(Job& job, int64_t replica) {
  const int64_t slots = job.layout.colouring.slots();
  AlignedArray<float> x(slots), field(slots), best(slots);
  const std::span<int8_t> spins = job.spins(replica);
  for (int64_t slot = 0; slot < slots; ++slot) {
    const int32_t unit = job.layout.colouring.unit[slot];
    best[slot] = x[slot] = unit == kNoUnit ? 1.0f : static_cast<float>(spins[unit]);
  }
  const pbits::RealPlan plan = job.layout.real_plan(job.options.update);
  fill_fields(job, replica, plan, x.data(), field.data());
  const double start = job.run.start_energy[replica];
  pbits::NarrowTile tile{
      x.data(), field.data(), job.options.noise, static_cast<uint64_t>(job.options.first_replica + replica), start, 0,
      0,        start,        best.data()};
  const auto unpack = [&](const AlignedArray<float>& from, std::span<int8_t> into) {
    for (int64_t i = 0; i < job.run.units; ++i) into[i] = from[job.layout.colouring.slot_of[i]] > 0 ? 1 : -1;
  };
  const int64_t stride = job.stride(1);
  std::vector<float> beta2;
  int64_t done = 0;
  while (done < job.sweeps && job.go_on()) {
    int64_t to = std::min({job.sweeps, done + stride, job.next_look(done)});
    if (!job.layout.exact) to = std::min(to, (done / kRefreshSweeps + 1) * kRefreshSweeps);
    beta2.clear();
    for (int64_t k = done; k < to; ++k) beta2.push_back(static_cast<float>(2 * job.beta(replica, k)));
    job.kernels.sweep_narrow(tile, plan, beta2.data(), job.options.first_sweep + done, job.options.first_sweep + to);
    done = to;
    if (!job.layout.exact && done % kRefreshSweeps == 0) fill_fields(job, replica, plan, x.data(), field.data());
    if (!job.is_look(done)) continue;
    unpack(x, job.spins(replica));
    job.look(replica, done, job.energy(replica), tile.entropy);
  }
  const std::span<int8_t> best_spins{job.run.best_spins.data() + replica * job.run.units, spins.size()};
  unpack(x, spins);
  unpack(best, best_spins);
  job.run.energy[replica] = job.energy(replica);
  job.run.best_energy[replica] = pbit_energy(job.layout.model, best_spins, job.extra(replica));
  job.run.entropy[replica] = tile.entropy;
  job.run.heat[replica] = start - tile.energy;
  job.run.flips[replica] = tile.flips;
  job.run.sweeps_done[replica] = done;
}

void sample_reference(Job& job, int64_t replica) {
  std::vector<double> beta(job.sweeps);
  for (int64_t k = 0; k < job.sweeps; ++k) beta[k] = job.beta(replica, k);
  const std::span<int8_t> spins = job.spins(replica);
  double& heat = job.run.heat[replica];
  for (int64_t k = 0; k < job.sweeps && (k % 16 != 0 || job.go_on()); ++k) {
    const double before = heat;
    sweep_plainly(job.layout, job.run.coding, job.options, replica, k, beta[k], spins, heat, job.run.flips[replica]);
    job.run.entropy[replica] += beta[k] * (heat - before);
    job.run.sweeps_done[replica] = k + 1;
    if (job.is_look(k + 1)) job.look(replica, k + 1, job.energy(replica), job.run.entropy[replica]);
  }
  job.run.energy[replica] = job.energy(replica);
}

// The fastest coding for so many replicas.
Coding choose_coding(const Pbits& model, const PbitOptions& options) {
  if (options.coding != Coding::automatic) return options.coding;
  if (!options.held.empty() || !options.extra_fields.empty()) return Coding::narrow;
  if (model.fits_bits() && options.ladder.empty() && options.replicas >= 64 &&
      options.first_replica % pbits::kBitReplicas == 0)
    return Coding::bits;
  return options.replicas >= 8 ? Coding::wide : Coding::narrow;
}

void check(const Pbits& model, const PbitOptions& options, Coding coding) {
  constexpr int64_t most = int64_t{1} << 36;
  const int64_t units = model.model().units;
  if (options.replicas < 1 || options.first_replica < 0 || options.replicas > most || options.first_replica > most)
    throw InputError(fmt::format("{} replicas from number {} on were asked for; allowed are 1 to {} from 0 on",
                                 options.replicas, options.first_replica, most));
  if (!options.start.empty() && static_cast<int64_t>(options.start.size()) != options.replicas * units)
    throw InputError(fmt::format("the start has {} p-bits; {} replicas of {} are needed", options.start.size(),
                                 options.replicas, units));
  if (!options.ladder.empty() && static_cast<int64_t>(options.ladder.size()) != options.replicas)
    throw InputError(
        fmt::format("the ladder has {} temperatures for {} replicas", options.ladder.size(), options.replicas));
  for (const auto& betas : {options.beta, options.ladder}) {
    for (const double beta : betas) {
      if (!(beta >= 0 && beta <= 1e30)) throw InputError(fmt::format("beta is {}; allowed are 0 to 1e30", beta));
    }
  }
  if (coding != Coding::narrow && !(options.held.empty() && options.extra_fields.empty()))
    throw InputError("held p-bits and fields of their own are for narrow coding only");
  if (coding != Coding::bits) {
    if (options.engine == EngineKind::cuda)
      throw InputError(
          "the cuda engine takes p-bits in bits only: 64 and more replicas from a multiple of 512 on, couplings "
          "and fields that are whole multiples of one number, one temperature for all, no clamps and no "
          "drives; the cpu engine takes all");
    return;
  }
  if (!model.fits_bits())
    throw InputError(
        fmt::format("multi-spin coding takes couplings and fields that are whole multiples of one number and add up to "
                    "at most {} at each p-bit; these do not",
                    pbits::kMostBonds));
  if (!options.ladder.empty())
    throw InputError("multi-spin coding has one temperature for all replicas; a ladder has more");
  if (options.first_replica % pbits::kBitReplicas != 0)
    throw InputError(fmt::format("multi-spin coding starts at a multiple of {}; the first replica is {}",
                                 pbits::kBitReplicas, options.first_replica));
}

}  // namespace

double pbit_energy(const IsingModel& model, std::span<const int8_t> spins, std::span<const double> extra_fields) {
  if (model.directed) return 0;
  double energy = ising_energy(model, spins);
  for (size_t i = 0; i < extra_fields.size(); ++i) energy -= extra_fields[i] * spins[i];
  return energy;
}

void fill_random_spins(uint64_t seed, int64_t replica, std::span<int8_t> spins) {
  const NoiseKey key{seed, stream::kPbitStart};
  const auto number = static_cast<uint64_t>(replica);
  for (size_t i = 0; i < spins.size(); i += 128) {
    const Words4 words = noise_words(key, static_cast<uint32_t>(i / 128), 0, static_cast<uint32_t>(number),
                                     static_cast<uint32_t>(number >> 32));
    const uint32_t bits[4] = {words.a, words.b, words.c, words.d};
    for (size_t k = i; k < std::min(i + 128, spins.size()); ++k) {
      spins[k] = bits[k % 128 / 32] >> (k % 32) & 1 ? 1 : -1;
    }
  }
}

Pbits::Pbits(const IsingModel& model) : layout_(std::make_unique<const Layout>(model)) {}
Pbits::~Pbits() = default;
Pbits::Pbits(Pbits&&) noexcept = default;

const IsingModel& Pbits::model() const { return layout_->model; }
int64_t Pbits::colours() const { return layout_->colouring.colours(); }
int64_t Pbits::draw_blocks() const {
  const int64_t blocks = (layout_->colouring.slots() + pbits::kSlotBlock - 1) / pbits::kSlotBlock;
  return blocks * pbits::kSlotBlock / kNormalsPerBlock;
}
bool Pbits::fits_bits() const { return !layout_->bond_rows.empty(); }

PbitRun Pbits::sample(const PbitOptions& options) const {
  PbitRun run;
  run.coding = choose_coding(*this, options);
  check(*this, options, run.coding);
  const int64_t replicas = options.replicas, units = model().units;
  run.replicas = replicas;
  run.units = units;
  run.spins.assign(options.start.begin(), options.start.end());
  if (run.spins.empty()) {
    run.spins.resize(replicas * units);
    parallel_for(replicas, options.threads, [&](int64_t r) {
      fill_random_spins(options.noise.seed, options.first_replica + r,
                        {run.spins.data() + r * units, static_cast<size_t>(units)});
    });
  }
  run.start_energy.assign(options.start_energy.begin(), options.start_energy.end());
  const auto extra = [&](int64_t r) {
    return options.extra_fields.empty() ? options.extra_fields : options.extra_fields.subspan(r * units, units);
  };
  const bool known = !run.start_energy.empty();
  run.start_energy.resize(replicas);
  parallel_for(known ? 0 : replicas, options.threads,
               [&](int64_t r) { run.start_energy[r] = pbit_energy(model(), run.spins_of(r), extra(r)); });
  run.energy = run.heat = run.entropy = std::vector<double>(replicas, 0.0);
  run.flips = run.sweeps_done = std::vector<int64_t>(replicas, 0);
  run.best_energy = run.start_energy;
  if (run.coding == Coding::narrow) run.best_spins.resize(replicas * units);
  const bool on_device = options.engine == EngineKind::cuda;
  Job job{*layout_, options, cpu::pbit_kernels(on_device ? "" : options.isa), run, 0, {}, false};
  job.sweeps = options.ladder.empty() ? static_cast<int64_t>(options.beta.size()) : options.sweeps;
  if (options.engine == EngineKind::reference) {
    parallel_for(replicas, options.threads, [&](int64_t r) { sample_reference(job, r); });
  } else if (on_device) {
    sample_bits_on_device(job);
  } else if (run.coding == Coding::bits) {
    const int64_t tiles = (replicas + pbits::kBitReplicas - 1) / pbits::kBitReplicas;
    parallel_for(tiles, options.threads, [&](int64_t t) { sample_bits(job, t); });
  } else if (run.coding == Coding::wide) {
    // As even as whole registers allow, so that all threads have work.
    const int64_t share = (replicas + options.threads - 1) / options.threads;
    const int64_t width = std::min<int64_t>(pbits::kMostWide, (share + 15) / 16 * 16);
    parallel_for((replicas + width - 1) / width, options.threads,
                 [&](int64_t t) { sample_wide(job, t * width, std::min(width, replicas - t * width)); });
  } else {
    parallel_for(replicas, options.threads, [&](int64_t r) { sample_narrow(job, r); });
  }
  if (run.coding != Coding::narrow || options.engine == EngineKind::reference || model().directed) {
    run.best_energy = run.energy;
    run.best_spins = run.spins;
  }
  return run;
}

}  // namespace swell
