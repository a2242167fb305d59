#include "swell/engine/cpu/cpu.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <set>
#include <utility>

#include "swell/base/cpu.h"
#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/engine/checkpoint.h"
#include "swell/engine/cpu/packed.h"
#include "swell/engine/cpu/step_kernels.h"
#include "swell/engine/draws.h"
#include "swell/engine/group_books.h"
#include "swell/engine/part.h"
#include "swell/engine/share.h"
#include "swell/engine/timeline.h"
#include "swell/io/npy_stream.h"
#include "swell/kernels/dispatch.h"

namespace swell::cpu {

namespace {

// Steps between looks at the progress callback: so many, or about so many multiply-adds and updates of a tile, a
// fraction of a second.
constexpr int64_t kStepsPerLook = 50;
constexpr double kWorkPerLook = 2e8;

// What all tiles of a run share, read-only while it runs.
struct Plan {
  const Computer& computer;
  const RunOptions& options;
  const StepKernels& kernels;
  Layout layout;
  Products products;
  std::vector<SegmentTimeline> timelines;
  std::map<const CouplingSet*, PackedCouplings> couplings;
  std::vector<PackedUnits> units;  // [segments]
  int64_t steps_per_look;          // between looks at the progress callback and at the state

  StepPlan steps(size_t s) const {
    const SegmentTimeline& timeline = timelines[s];
    StepPlan plan{};
    if (timeline.set) couplings.at(timeline.set).fill(plan);
    plan.units = units[s].strips();
    plan.unit_count = computer.units();
    plan.groups = static_cast<int>(computer.groups.size());
    plan.drive = timeline.drive.data();
    plan.kT = timeline.kT.data();
    plan.first_step = timeline.first_step;
    plan.first_draw = options.first_step + timeline.first_step;
    plan.steps = timeline.steps;
    plan.average_noise = options.integrator == Integrator::leimkuhler_matthews;
    plan.driven = timeline.driven;
    return plan;
  }
};

// Consecutive trajectories, as many as the layout has room for, advanced by one thread from start to end.
class TileRun {
 public:
  TileRun(const Plan& plan, const Stretch& stretch, Run& result, Meter& meter, Checkpoints* checkpoints)
      : plan_(plan),
        first_(stretch.first),
        count_(stretch.count),
        from_(stretch.from.get()),
        result_(result),
        meter_(meter),
        checkpoints_(checkpoints) {
    tile_.padded_units = padded_units(plan.computer.units(), plan.layout);
    tile_.slots = static_cast<int>(plan.layout == Layout::wide ? (count_ + kLanes - 1) / kLanes * kLanes : count_);
    const int64_t size = tile_.slots * tile_.padded_units;
    x_.resize(size, 0.0f);
    next_.resize(size, 0.0f);
    tile_.x = x_.data();
    tile_.next = next_.data();
    if (saturates(plan.computer)) put_.resize(size, 0.0f);
    tile_.put = put_.empty() ? nullptr : put_.data();
    if (plan.products != Products::single) {
      // A tile unit reads on from the last pairs of a lane block, where J is zero.
      const int64_t room = in_tiles(plan.products) ? kTileWords * kLanes : 0;
      const int64_t columns = plan.layout == Layout::wide ? tile_.slots / kLanes : tile_.slots;
      tile_.pair_stride = size / 2 / columns + room;
      pairs_.resize(parts_of(plan.products) * columns * tile_.pair_stride, 0u);
      tile_.pairs = pairs_.data();
      tile_.rests = pairs_.data() + (parts_of(plan.products) - 1) * columns * tile_.pair_stride;
    }
    const int64_t slots = tile_.slots;
    books_.resize((5 + plan.computer.groups.size()) * slots, 0.0);
    tile_.work = books_.data();
    tile_.heat = tile_.work + slots;
    tile_.entropy = tile_.heat + slots;
    tile_.last_energy = tile_.entropy + slots;
    tile_.inner = tile_.last_energy + slots;
    tile_.overlap = tile_.inner + slots;
    tile_.key = plan.options.noise;
    tile_.first_trajectory = static_cast<uint64_t>(plan.options.first_trajectory + first_);
    load(size);
    make_group_books();
  }

  void advance() {
    if (checkpoints_) {
      wave_ = checkpoints_->wave();
      checkpoints_->begin(first_);
    }
    if (!from_) snapshot(0);
    for (size_t s = from_ ? from_->segment : 0; s < plan_.timelines.size(); ++s) {
      const StepPlan steps = plan_.steps(s);
      int64_t k = std::exchange(from_step_, 0), to = next_stop(steps, k);
      if (to == k && k < steps.steps) break;
      if (k == 0) {
        clamp(plan_.timelines[s]);
        if (s == 0) begin(steps);
        std::fill_n(tile_.work, 3 * tile_.slots, 0.0);
        if (s == 0) record(0, steps, 0);
      }
      for (; to > k; to = k < steps.steps ? next_stop(steps, k) : k) {
        if (group_books_) copy_states(group_books_->before());
        plan_.kernels.advance(tile_, steps, k, to);
        if (group_books_) book_groups(s, k);
        check_finite(steps.first_step + to - 1);
        snapshot(steps.first_step + to);
        observe(steps.first_step + to);
        if (to < steps.steps) record(static_cast<int64_t>(s), steps, to);
        const bool go_on = meter_.add(count_ * (to - k));
        k = to;
        hand_over(static_cast<int64_t>(s), k, !go_on);
        if (!go_on) throw Interrupted("the run was interrupted; nothing of it was kept");
      }
      settle(steps, k);
      check_finite(steps.first_step + k - 1);
      if (k == steps.steps) record(static_cast<int64_t>(s), steps, k);
      keep_books(static_cast<int64_t>(s));
      if (k < steps.steps) break;
    }
    store();
    meter_.finish(first_, count_);
    if (checkpoints_) checkpoints_->finish(first_, count_);
  }

 private:
  // Where the state of a unit of a trajectory of the tile stands.
  float* at(float* base, int64_t trajectory, int64_t unit) const {
    if (plan_.layout == Layout::narrow) return base + trajectory * tile_.padded_units + unit;
    return base + ((trajectory / kLanes) * tile_.padded_units + unit) * kLanes + trajectory % kLanes;
  }

  // The step of the segment before which something is due, or the run may end; k itself where it ends here.
  int64_t next_stop(const StepPlan& steps, int64_t k) {
    const int64_t now = steps.first_step + k;
    const int64_t due =
        std::min({next_snapshot(plan_.options.snapshots, now), next_observation(plan_.options.observables, now),
                  next_point(result_.course_steps, now)});
    const int64_t look = group_books_ ? 1 : plan_.steps_per_look;
    const int64_t to = std::min({steps.first_step + steps.steps, now + look, due});
    return meter_.reach(first_, now, to) - steps.first_step;
  }

  // Books the heat of the last of the first k steps of a segment.
  void settle(const StepPlan& steps, int64_t k) {
    StepPlan so_far = steps;
    so_far.steps = k;
    plan_.kernels.settle(tile_, so_far);
  }

  // Start states (or those of a checkpoint) and patterns from rows per trajectory to the tile's layout.
  void load(int64_t size) {
    const int64_t n = plan_.computer.units();
    const RunOptions& options = plan_.options;
    if (from_) {
      for (int64_t t = 0; t < count_; ++t) {
        for (int64_t i = 0; i < n; ++i) *at(tile_.x, t, i) = from_->x[t * n + i];
        tile_.work[t] = from_->books[t].work;
        tile_.heat[t] = from_->books[t].heat;
        tile_.entropy[t] = from_->books[t].entropy;
        tile_.last_energy[t] = from_->last_energy[t];
      }
      from_step_ = from_->step;
    } else if (!options.start.empty()) {
      for (int64_t t = 0; t < count_; ++t) {
        for (int64_t i = 0; i < n; ++i) *at(tile_.x, t, i) = static_cast<float>(options.start[(first_ + t) * n + i]);
      }
    }
    if (options.patterns && options.patterns->rows > 0) {
      pattern_.resize(size, 0.0f);
      for (int64_t t = 0; t < count_; ++t) {
        const int64_t row = (options.first_trajectory + first_ + t) % options.patterns->rows;
        for (int64_t i = 0; i < n; ++i)
          *at(pattern_.data(), t, i) = static_cast<float>(options.patterns->values[row * n + i]);
      }
      tile_.pattern = pattern_.data();
    }
    if (options.integrator == Integrator::leimkuhler_matthews) {
      noise_.resize(size, 0.0f);
      tile_.noise = noise_.data();
      const int64_t done = from_ ? plan_.timelines[from_->segment].first_step + from_->step : 0;
      plan_.kernels.fill_noise(tile_, static_cast<uint64_t>(options.first_step + done));
    }
  }

  // States, or patterns, from the tile's layout to [units][trajectories].
  void copy_out(float* from, std::span<double> to) const {
    for (int64_t i = 0; i < plan_.computer.units(); ++i) {
      for (int64_t t = 0; t < count_; ++t) to[i * count_ + t] = static_cast<double>(*at(from, t, i));
    }
  }
  void copy_states(std::span<double> to) const { copy_out(tile_.x, to); }

  void make_group_books() {
    if (!plan_.options.observables.by_group) return;
    std::vector<double> pattern(tile_.pattern ? plan_.computer.units() * count_ : 0);
    if (tile_.pattern) copy_out(pattern_.data(), pattern);
    group_books_.emplace(plan_.computer, plan_.timelines, count_, std::move(pattern));
  }
  void book_groups(size_t segment, int64_t k) {
    copy_states(group_books_->after());
    group_books_->add(segment, k, result_.sums, [&](int64_t t) { return observed(t); });
  }

  void begin(const StepPlan& steps) {
    plan_.kernels.begin(tile_, steps);
    for (int64_t t = 0; t < count_; ++t) result_.start_energy[first_ + t] = tile_.last_energy[t];
  }

  // Clamped units jump to their pattern when their segment begins.
  void clamp(const SegmentTimeline& timeline) {
    for (size_t g = 0; g < timeline.clamped.size(); ++g) {
      if (!timeline.clamped[g]) continue;
      const Group& group = plan_.computer.groups[g];
      for (int64_t i = group.first; i < group.first + group.size; ++i) {
        for (int64_t t = 0; t < count_; ++t) *at(tile_.x, t, i) = tile_.pattern ? *at(pattern_.data(), t, i) : 0.0f;
      }
    }
  }

  void snapshot(int64_t step) {
    const Snapshots& shots = plan_.options.snapshots;
    const int64_t number = snapshot_number(shots, step), kept = std::min(count_, shots.trajectories - first_);
    if (number < 0 || kept <= 0) return;
    const int64_t place = (number * shots.trajectories + first_) * shots.units;
    std::vector<float> rows(shots.file ? kept * shots.units : 0);
    float* out = shots.file ? rows.data() : result_.snapshots.data() + place;
    for (int64_t t = 0; t < kept; ++t) {
      for (int64_t u = 0; u < shots.units; ++u) *out++ = *at(tile_.x, t, shots.first_unit + u);
    }
    if (shots.file) shots.file->put(place, std::move(rows));
  }

  void observe(int64_t step) {
    if (!is_observed(plan_.options.observables, step)) return;
    for (int64_t t = 0; t < count_; ++t) {
      swell::observe(
          plan_.computer.groups, plan_.options.observables, result_.sums, [&](int64_t i) { return *at(tile_.x, t, i); },
          tile_.last_energy[t], observed(t));
    }
  }
  // A point of the course after `step` steps of a segment. The heat of the last of them is booked at once, where the
  // segment goes on; the next step then finds nothing left of it to book, so that the books keep their bits.
  void record(int64_t segment, const StepPlan& steps, int64_t step) {
    const int64_t point = point_at(result_.course_steps, steps.first_step + step);
    if (point < 0) return;
    if (step > 0 && step < steps.steps) settle(steps, step);
    for (int64_t t = 0; t < count_; ++t) {
      SegmentBooks books{tile_.work[t], tile_.heat[t], tile_.entropy[t]};
      for (int64_t s = 0; s < segment; ++s) {
        const SegmentBooks& earlier = result_.book(first_ + t, s);
        books.work += earlier.work;
        books.heat += earlier.heat;
        books.entropy += earlier.entropy;
      }
      swell::record(
          plan_.computer.groups, result_.sums, point, books, tile_.last_energy[t],
          [&](int64_t i) { return *at(tile_.x, t, i); }, observed(t));
    }
  }
  double* observed(int64_t t) { return result_.observed.data() + (first_ + t) * result_.sums.size(); }

  // Gives the checkpoint a copy where one is due: of the moment after `step` steps of the segment.
  void hand_over(int64_t segment, int64_t step, bool last) {
    if (!checkpoints_ || (!last && checkpoints_->wave() == wave_)) return;
    wave_ = checkpoints_->wave();
    const int64_t n = plan_.computer.units();
    Stage stage{first_, count_, segment, step, {}, {}, {tile_.last_energy, tile_.last_energy + count_}, {}};
    if (!result_.observed.empty()) stage.observed.assign(observed(0), observed(count_));
    stage.x.resize(count_ * n);
    for (int64_t t = 0; t < count_; ++t) {
      for (int64_t i = 0; i < n; ++i) stage.x[t * n + i] = *at(tile_.x, t, i);
      stage.books.push_back({tile_.work[t], tile_.heat[t], tile_.entropy[t]});
    }
    checkpoints_->hand_over(std::move(stage));
  }

  // A state that is not finite has no finite energy: every unit's state is a factor of a part of it. The energy is that
  // before the last step taken, or, once the segment is settled, after it.
  void check_finite(int64_t last_step) const {
    for (int64_t t = 0; t < count_; ++t) {
      if (!std::isfinite(tile_.last_energy[t])) report_divergence(t, last_step);
    }
  }

  // The state is beyond repair, or the energy is and the state soon will be: repeat this trajectory's steps from the
  // start, one by one, to name step and unit.
  [[noreturn]] void report_divergence(int64_t t, int64_t last_step) const;

  void keep_books(int64_t s) {
    for (int64_t t = 0; t < count_; ++t) {
      result_.books[(first_ + t) * result_.segments + s] = {tile_.work[t], tile_.heat[t], tile_.entropy[t]};
    }
  }

  void store() {
    for (int64_t t = 0; t < count_; ++t) {
      result_.end_energy[first_ + t] = tile_.last_energy[t];
      for (int64_t i = 0; i < result_.units; ++i) result_.states[(first_ + t) * result_.units + i] = *at(tile_.x, t, i);
    }
  }

  const Plan& plan_;
  int64_t first_, count_;
  const Stage* from_;      // null from the start
  int64_t from_step_ = 0;  // of the first segment
  Run& result_;
  Meter& meter_;
  Checkpoints* checkpoints_;  // null without
  int64_t wave_ = 0;          // of the last copy for it
  Tile tile_{};
  AlignedVector<float> x_, next_, noise_, pattern_, put_;
  AlignedVector<uint32_t> pairs_;
  std::vector<double> books_;
  std::optional<GroupBooks> group_books_;
};

void TileRun::report_divergence(int64_t t, int64_t last_step) const {
  RunOptions options = plan_.options;
  const int64_t n = plan_.computer.units();
  options.progress = {};
  options.snapshots = {};
  options.observables = {};
  options.checkpoint = {};
  options.kept = Kept::nothing;
  options.first_trajectory += first_ + t;
  options.trajectories = 1;
  options.threads = 1;
  if (!options.start.empty()) options.start = options.start.subspan((first_ + t) * n, n);
  Plan again{plan_.computer, options, plan_.kernels, plan_.layout, plan_.products, plan_.timelines, {}, {}, 1};
  for (const auto& [set, packed] : plan_.couplings)
    again.couplings.emplace(set, PackedCouplings(plan_.computer, *set, plan_.layout, plan_.products));
  for (const SegmentTimeline& timeline : plan_.timelines)
    again.units.emplace_back(plan_.computer, timeline, options.dt);
  Run scratch = make_run(plan_.computer, plan_.timelines, options);
  Meter silent(options, 0, 0);
  TileRun single(again, {0, 1, nullptr}, scratch, silent, nullptr);
  for (size_t s = 0; s < again.timelines.size(); ++s) {
    const StepPlan steps = again.steps(s);
    single.clamp(again.timelines[s]);
    for (int64_t k = 0; k < steps.steps; ++k) {
      again.kernels.advance(single.tile_, steps, k, k + 1);
      for (int64_t i = 0; i < n; ++i) {
        if (!std::isfinite(*single.at(single.tile_.x, 0, i))) {
          throw Diverged(options.first_trajectory, steps.first_step + k, i, options.dt);
        }
      }
    }
  }
  throw Diverged(options.first_trajectory, last_step, 0, options.dt);
}

bool couples_densely(const Computer& computer) {
  return std::ranges::any_of(computer.sets, [](const CouplingSet& set) {
    return std::ranges::any_of(set.blocks,
                               [](const auto& block) { return std::holds_alternative<DenseWeights>(block.weights); });
  });
}
bool couples_scattered(const Computer& computer) {
  return std::ranges::any_of(computer.sets, [](const CouplingSet& set) { return mostly_scattered(set); });
}

int64_t per_thread(const RunOptions& options) { return (options.trajectories + options.threads - 1) / options.threads; }

// Old and new states of a trajectory in the narrow layout, and of a lane block in the wide one.
int64_t state_bytes(const Computer& computer, Layout layout) {
  const int64_t lanes = layout == Layout::wide ? kLanes : 1;
  return 2 * padded_units(computer.units(), layout) * lanes * static_cast<int64_t>(sizeof(float));
}
// What a thread may fill of the caches: its own part of the third, or its second where that is larger.
int64_t near_bytes(int threads) { return std::max<int64_t>(cpu_l2_bytes(), cpu_l3_bytes() * 7 / 8 / threads); }

// Few trajectories per thread go into narrow tiles, where no lane idles; fewer where states have to be gathered one by
// one, unless those of a lane block are far away, in the third-level cache or beyond. A tile unit sums as wide tiles
// do only.
Layout choose_layout(const Computer& computer, const RunOptions& options) {
  if (in_tiles(products_of(options.precision, has_tiles(find_isa(options.isa))))) return Layout::wide;
  if (options.tile > 0) return options.tile <= kMaxNarrow ? Layout::narrow : Layout::wide;
  const bool far = state_bytes(computer, Layout::wide) > cpu_l3_bytes() / 4;
  const int most = !couples_scattered(computer) ? kMaxNarrow : far ? kMaxFarScattered : kMaxScattered;
  return per_thread(options) <= most ? Layout::narrow : Layout::wide;
}

// Lane blocks of a tile that keep old and new states where they are read best: in the second-level cache if they are
// read again and again, in the thread's part of the third if a step passes over them once. Where not even one block
// fits there, all of them share the couplings on their way from memory.
int64_t fitting_blocks(const Computer& computer, int threads) {
  const int64_t block_bytes = state_bytes(computer, Layout::wide);
  const bool dense = couples_densely(computer), once = !dense && !couples_scattered(computer);
  const int64_t near = once ? near_bytes(threads) : cpu_l2_bytes() * 3 / 4;
  if (once && near < block_bytes) return kMaxLaneBlocks;
  // Dense sums of one lane block alone wait for each other.
  return std::clamp<int64_t>(near / block_bytes, dense ? 2 : 1, kMaxLaneBlocks);
}

// The share of a tile, at most `most`, that cuts `count` into equally many tiles for each thread.
int64_t even_share(int64_t count, int64_t most, int threads) {
  const int64_t rounds = (count + threads * most - 1) / (threads * most);
  return std::min(most, (count + rounds * threads - 1) / (rounds * threads));
}

// Trajectories per tile: as many as fit, fewer where that would leave a thread without work.
int64_t choose_tile(const Computer& computer, const RunOptions& options, Layout layout) {
  if (layout == Layout::narrow) {
    if (options.tile > 0) return options.tile;
    // All share the dense couplings; one after the other, their states stay near.
    const int64_t near = cpu_l2_bytes() * 3 / 4 / state_bytes(computer, layout);
    const int64_t most = couples_densely(computer) ? per_thread(options) : std::max<int64_t>(near, 1);
    return even_share(options.trajectories, most, options.threads);
  }
  if (options.tile > 0) return std::clamp<int64_t>((options.tile + kLanes - 1) / kLanes, 1, kMaxLaneBlocks) * kLanes;
  const int64_t blocks = (options.trajectories + kLanes - 1) / kLanes;
  return even_share(blocks, fitting_blocks(computer, options.threads), options.threads) * kLanes;
}

void run_stretches(const Plan& plan, const std::vector<Stretch>& stretches, int64_t done, Run& result,
                   Checkpoints* checkpoints) {
  Meter meter(plan.options, done, plan.options.trajectories * result.steps);
  std::atomic<bool> lost{false};  // draws that will not come
  parallel_for(static_cast<int64_t>(stretches.size()), plan.options.threads, [&](int64_t number) {
    if (meter.stopped()) return;
    const Stretch& stretch = stretches[number];
    const auto go_on = [&] { return meter.add(0) && !meter.stopped(); };
    if (!wait_for_draws(plan.options.noise, stretch.first, stretch.count, go_on)) {
      lost = true;  // the others go on with theirs
      return;
    }
    try {
      TileRun(plan, stretch, result, meter, checkpoints).advance();
    } catch (const Interrupted&) {
      if (!meter.stopped()) throw;  // else these trajectories are dropped
    }
  });
  if (lost && !meter.stopped()) meter.stop();
  if (meter.stopped()) keep_part(plan.timelines, plan.options, meter, result);
}

// Steps of a tile between looks: as many as are done in a fraction of a second.
int64_t steps_per_look(const Plan& plan, int64_t tile) {
  double work = static_cast<double>(plan.computer.units());
  for (const auto& [set, packed] : plan.couplings)
    work = std::max(work, static_cast<double>(plan.computer.units() + packed.multiply_adds()));
  return std::clamp(static_cast<int64_t>(kWorkPerLook / (work * static_cast<double>(tile))), int64_t{1}, kStepsPerLook);
}

void run_with_checkpoints(const Plan& plan, Fingerprint fingerprint, int64_t tile, Run& result) {
  Checkpoints checkpoints(plan.options, plan.timelines, std::move(fingerprint), result);
  const std::vector<Stretch> stretches = checkpoints.cut(tile);
  checkpoints.start();
  std::exception_ptr failure;
  try {
    run_stretches(plan, stretches, checkpoints.done(), result, &checkpoints);
  } catch (...) {
    failure = std::current_exception();
  }
  Share* const share = plan.options.share;
  const bool interrupted = share ? share->conclude(failure) : is_interruption(failure);
  checkpoints.stop();
  if (failure && !is_interruption(failure)) std::rethrow_exception(failure);
  if (!interrupted) return;
  const double part_done = static_cast<double>(checkpoints.write()) /
                           static_cast<double>(whole_of(plan.options).trajectories * result.steps);
  throw Interrupted(
      fmt::format("the run was interrupted at {:.1f} %; {} keeps what was done, and the same command goes on from it",
                  100 * part_done, plan.options.checkpoint.path.string()));
}

double bytes_under_way(const Computer& computer, const RunOptions& options) {
  const Layout layout = choose_layout(computer, options);
  const int64_t tile = std::min(choose_tile(computer, options, layout), options.trajectories);
  const int64_t tiles = (options.trajectories + tile - 1) / tile;
  const int64_t slots = layout == Layout::wide ? (tile + kLanes - 1) / kLanes * kLanes : tile;
  const bool patterns = options.patterns && options.patterns->rows > 0;
  const Products products = products_of(options.precision, false);
  const double pairs = products == Products::single ? 0 : 0.5 * parts_of(products);
  double arrays = 2 + pairs + patterns + saturates(computer) + (options.integrator == Integrator::leimkuhler_matthews);
  if (options.observables.by_group) arrays += 10;  // five in double precision
  return static_cast<double>(std::min<int64_t>(options.threads, tiles)) * arrays * static_cast<double>(slots) *
         static_cast<double>(padded_units(computer.units(), layout)) * sizeof(float);
}

double packed_bytes(const Computer& computer, const CouplingSet& set, const RunOptions& options) {
  const double dense_bytes = options.precision == Precision::bf16 ? sizeof(float) / 2 : sizeof(float);
  double bytes = 0;
  for (const CouplingBlock& block : set.blocks) {
    const bool mirrored = block.row_group != block.column_group;
    if (const auto* sparse = std::get_if<SparseWeights>(&block.weights)) {
      // Entries as pairs while they are sorted, then columns and weights.
      constexpr double kEntry = 2 * (sizeof(int32_t) + sizeof(float));
      bytes += static_cast<double>(sparse->values.size()) * (mirrored ? 2 : 1) * kEntry;
    } else {
      bytes += static_cast<double>(computer.groups[block.row_group].size) *
               static_cast<double>(computer.groups[block.column_group].size) * (mirrored ? 2 : 1) * dense_bytes;
    }
  }
  return bytes;
}

}  // namespace

void plan(const Computer& computer, const Protocol& protocol, const RunOptions& options, MemoryPlan& plan) {
  const double under_way = bytes_under_way(computer, options);
  plan.parts.push_back({"trajectories under way", under_way, "fewer threads"});
  std::set<int> sets;
  for (const Segment& segment : protocol.segments) sets.insert(segment.couplings);
  sets.erase(kNoCouplings);
  double packed = 0;
  for (const int set : sets) packed += packed_bytes(computer, computer.sets[set], options);
  plan.parts.push_back({"couplings", packed, "fewer units"});
  if (options.checkpoint.path.empty()) return;
  // Two copies of what is under way, one on its way to the place of the other, and where all stand; or the file and its
  // stages on a resume.
  double bytes = 2 * under_way + static_cast<double>(options.trajectories) * 2 * (sizeof(int64_t) + sizeof(void*));
  std::error_code none;
  const auto file = std::filesystem::file_size(options.checkpoint.path, none);
  if (!none) bytes = std::max(bytes, 2 * static_cast<double>(file));
  plan.parts.push_back({"checkpoint", bytes, "fewer trajectories at once"});
}

Run run(const Computer& computer, const Protocol& protocol, const RunOptions& options) {
  if (!options.share) check_options(computer, protocol, options);
  if (computer.groups.size() > kMaxGroups) {
    throw InputError(
        fmt::format("the computer has {} groups; this engine takes at most {}", computer.groups.size(), kMaxGroups));
  }
  const Layout layout = choose_layout(computer, options);
  const bool tiles = has_tiles(find_isa(options.isa));
  // Half of J is all of it only where it is the same in both directions.
  const int64_t read_in_halves = has_potential(computer) ? whole_of(options).trajectories : kMaxTriangle + 1;
  Plan plan{computer,
            options,
            step_kernels(options.isa).of(layout),
            layout,
            products_of(options.precision, tiles, layout, read_in_halves),
            lay_out(computer, protocol, options.dt),
            {},
            {},
            kStepsPerLook};
  Run result = make_run(computer, plan.timelines, options);
  for (const SegmentTimeline& timeline : plan.timelines) {
    if (timeline.set && !plan.couplings.contains(timeline.set)) {
      plan.couplings.emplace(timeline.set, PackedCouplings(computer, *timeline.set, layout, plan.products));
    }
    plan.units.emplace_back(computer, timeline, options.dt);
  }
  const int64_t tile = options.trajectories > 0 ? choose_tile(computer, options, layout) : 1;
  plan.steps_per_look = steps_per_look(plan, tile);
  if (options.checkpoint.path.empty()) {
    if (options.snapshots.file) options.snapshots.file->open(NpyStream::Mode::fresh);
    std::vector<Stretch> stretches;
    for (int64_t first = 0; first < options.trajectories; first += tile) {
      stretches.push_back({first, std::min(tile, options.trajectories - first), nullptr});
    }
    run_stretches(plan, stretches, 0, result, nullptr);
  } else {
    run_with_checkpoints(plan, fingerprint(computer, protocol, whole_of(options)), tile, result);
  }
  return result;
}

}  // namespace swell::cpu
