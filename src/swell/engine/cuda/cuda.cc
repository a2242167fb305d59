#include "swell/engine/cuda/cuda.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "swell/base/clock.h"
#include "swell/base/errors.h"
#include "swell/engine/cuda/couplings.h"
#include "swell/engine/cuda/device.h"
#include "swell/engine/cuda/find_device.h"
#include "swell/engine/part.h"
#include "swell/engine/timeline.h"
#include "swell/io/npy_stream.h"

namespace swell::cuda {

namespace {

constexpr int64_t kStepsPerBooking = 256;  // at most, so that a state that is not finite is noticed
constexpr double kLook_s = 0.02;           // between looks at the progress callback
constexpr double kRoomUsed = 0.9;          // of the device's free memory
// From so many unit-steps and multiply-adds on, a device gains over its start and over the processor.
constexpr double kWorthwhile = 1e11;
constexpr int64_t kSideBySide = 32;  // from so many trajectories on they lie side by side where nothing is dense

Element element_of(Precision precision) {
  switch (precision) {
    case Precision::f32:
      return Element::f32;
    case Precision::tf32:
      return Element::tf32;
    case Precision::bf16:
      return Element::bf16;
    default:
      throw InputError("the cuda engine multiplies in f32, tf32 or bf16; bf16x3 is of the cpu engine");
  }
}

// What all batches of a run share.
struct Plan {
  Plan(const Computer& computer_, std::vector<SegmentTimeline> timelines_, const RunOptions& options_,
       const DeviceCalls& device_)
      : computer(computer_),
        options(options_),
        device(device_),
        element(element_of(options.precision)),
        timelines(std::move(timelines_)) {
    for (const SegmentTimeline& timeline : timelines) {
      if (!timeline.set) continue;
      dense = dense || has_dense(*timeline.set);
      mixed = mixed || (has_dense(*timeline.set) && has_sparse(*timeline.set));
      sparse = sparse || has_sparse(*timeline.set);
    }
    if (!dense) element = Element::f32;  // nothing is multiplied in another precision
    if (sparse && element != Element::f32) {
      throw InputError(
          "sparse couplings beside dense ones are multiplied in f32 on the device; tf32 and bf16 are for "
          "machines whose couplings are all dense");
    }
    padded = padded_units(computer.units(), element);
  }

  // Batches share what stands in the device's memory.
  void load() {
    for (const SegmentTimeline& timeline : timelines) {
      if (timeline.set && !couplings.contains(timeline.set))
        couplings.emplace(timeline.set, Couplings(device, computer, *timeline.set, element));
      units.emplace_back(device, computer, timeline, options.dt, padded);
      drives.emplace_back(device, std::span<const double>(timeline.drive));
    }
  }

  bool in_place() const { return element != Element::f32; }
  bool average_noise() const { return options.integrator == Integrator::leimkuhler_matthews; }
  bool patterns() const { return options.patterns && options.patterns->rows > 0; }
  int64_t quads() const { return (computer.units() + kQuad - 1) / kQuad; }
  int64_t scratch() const { return kSums * (quads() / kTermsPerSum + 2) * 2; }
  double bytes_per_trajectory() const {
    const double states = 2 + (average_noise() ? 1 : 0) + (mixed ? 1 : 0) + 1;
    const double operands = in_place() ? 2 * static_cast<double>(operand_bytes(element, 1, computer.units())) : 0;
    return states * static_cast<double>(padded) * sizeof(float) + operands +
           static_cast<double>(kSums * quads() + scratch() + 4) * sizeof(double);
  }
  // Trajectories that are advanced together.
  int64_t batch() const {
    const double room = kRoomUsed * static_cast<double>(device.free_bytes()) / bytes_per_trajectory();
    int64_t most = options.trajectories;
    if (room < static_cast<double>(most)) most = static_cast<int64_t>(room) / kTileTrajectories * kTileTrajectories;
    if (options.tile > 0) most = std::min<int64_t>(most, options.tile);
    if (most >= 1) return most;
    throw InputError(
        fmt::format("the device has {:.3g} GiB free, too few for the {:.3g} GiB of {} trajectories of {} "
                    "units; fewer units would help",
                    static_cast<double>(device.free_bytes()) / (1 << 30),
                    bytes_per_trajectory() * kTileTrajectories / (1 << 30), kTileTrajectories, computer.units()));
  }

  const Computer& computer;
  const RunOptions& options;
  const DeviceCalls& device;
  Element element;
  std::vector<SegmentTimeline> timelines;
  bool dense = false, sparse = false, mixed = false;
  int64_t padded;
  std::map<const CouplingSet*, Couplings> couplings;
  std::vector<UnitConstants> units;   // [segments]
  std::vector<Array<double>> drives;  // [segments] of [steps][groups]
};

// Whole tiles of the dense products, and whole warps where neighbouring trajectories are side by side.
int64_t padded_trajectories(const Plan& plan, int64_t trajectories) {
  if (plan.dense) return round_up(trajectories, kTileTrajectories);
  return trajectories < kSideBySide ? trajectories : round_up(trajectories, kSideBySide);
}

// Trajectories on the device side by side, advanced from start to end; one batch after the other.
class Batch {
 public:
  Batch(const Plan& plan, int64_t room, Run& result, Meter& meter)
      : plan_(plan), device_(plan.device), room_(padded_trajectories(plan, room)), result_(result), meter_(meter) {
    const bool rows = plan.dense || room < kSideBySide;
    step_.units = plan.computer.units();
    step_.quads = plan.quads();
    step_.trajectory_stride = rows ? plan.padded : 1;
    step_.unit_stride = rows ? 1 : room_;
    step_.terms_stride = room_;
    step_.key = plan.options.noise;
    const size_t size = room_ * plan.padded;
    x_ = Array<float>(device_, size);
    if (!plan.in_place()) next_ = Array<float>(device_, size);
    if (plan.average_noise()) noise_ = Array<float>(device_, size);
    if (plan.mixed) field_ = Array<float>(device_, size);
    rows_ = Array<float>(device_, room * plan.computer.units());
    if (plan.in_place()) {
      const size_t bytes = operand_bytes(plan.element, room_, step_.units);
      for (Array<char>& each : operand_) each = Array<char>(device_, bytes);
      drifted_ = Array<float>(device_, size);
      passed_ = Array<unsigned>(device_, room_ / kRowsOfStates);
    }
    terms_ = Array<double>(device_, kSums * step_.quads * room_);
    scratch_ = Array<double>(device_, plan.scratch() * room_);
    for (Array<double>& each : books_) each = Array<double>(device_, room_);
    step_.terms = terms_.data();
    if (plan.patterns()) load_patterns(rows);
  }

  void advance(int64_t first, int64_t count) {
    first_ = first;
    count_ = count;
    load();
    snapshot(0);
    bool ended = false;
    for (size_t s = 0; s < plan_.timelines.size() && !ended; ++s) {
      const SegmentTimeline& timeline = plan_.timelines[s];
      segment_ = static_cast<int64_t>(s);
      int64_t k = 0, to = next_stop(timeline, 0);
      if (to == 0 && timeline.steps > 0) break;
      enter(timeline);
      if (s == 0) begin(timeline);
      const std::vector<double> zeros(count_, 0.0);
      for (int b = 0; b < 3; ++b) books_[b].put(zeros);
      if (s == 0) record(timeline, 0);
      for (; to > k; to = k < timeline.steps ? next_stop(timeline, k) : k) {
        const auto start = std::chrono::steady_clock::now();
        while (k < to) k += take(timeline, k, to);
        look(timeline, k, start);
      }
      settle(timeline, k);
      if (k == timeline.steps) record(timeline, k);
      keep_books();
      ended = k < timeline.steps;
    }
    store();
    meter_.finish(first_, count_);
  }

  // One trajectory alone, step by step, to name the step and the unit that diverged.
  [[noreturn]] void find_divergence() {
    first_ = 0;
    count_ = 1;
    load();
    const int64_t n = step_.units;
    for (size_t s = 0; s < plan_.timelines.size(); ++s) {
      const SegmentTimeline& timeline = plan_.timelines[s];
      segment_ = static_cast<int64_t>(s);
      enter(timeline);
      for (int64_t k = 0; k < timeline.steps; ++k) {
        take(timeline, k, k + 1);
        const std::vector<float> x = states(1, 0, n);
        const auto wrong = std::ranges::find_if(x, [](float value) { return !std::isfinite(value); });
        if (wrong != x.end())
          throw Diverged(plan_.options.first_trajectory, timeline.first_step + k, wrong - x.begin(), plan_.options.dt);
      }
    }
    throw Diverged(plan_.options.first_trajectory, result_.steps - 1, 0, plan_.options.dt);
  }

 private:
  Books books() const { return {books_[0].data(), books_[1].data(), books_[2].data(), books_[3].data()}; }
  double* observed(int64_t t) { return result_.observed.data() + (first_ + t) * result_.sums.size(); }

  void load_patterns(bool rows) {
    const int64_t n = step_.units, count = plan_.options.patterns->rows;
    step_.pattern_rows = count;
    step_.pattern_row_stride = rows ? plan_.padded : 1;
    step_.pattern_unit_stride = rows ? 1 : count;
    std::vector<float> values(count * plan_.padded, 0.0f);
    for (int64_t r = 0; r < count; ++r) {
      for (int64_t i = 0; i < n; ++i)
        values[r * step_.pattern_row_stride + i * step_.pattern_unit_stride] =
            static_cast<float>(plan_.options.patterns->values[r * n + i]);
    }
    patterns_ = Array<float>(device_, std::span<const float>(values));
    step_.pattern = patterns_.data();
  }

  void load() {
    step_.trajectories = count_;
    step_.first_trajectory = static_cast<uint64_t>(plan_.options.first_trajectory + first_);
    step_.x = x_.data();
    step_.next = plan_.in_place() ? x_.data() : next_.data();
    step_.noise = nullptr;
    std::vector<float> start(x_.size(), 0.0f);
    const int64_t n = step_.units;
    if (!plan_.options.start.empty()) {
      for (int64_t t = 0; t < count_; ++t) {
        for (int64_t i = 0; i < n; ++i)
          start[place(step_, t, i)] = static_cast<float>(plan_.options.start[(first_ + t) * n + i]);
      }
    }
    x_.put(start);
    if (!plan_.average_noise()) return;
    step_.noise = noise_.data();
    step_.draw = static_cast<uint64_t>(plan_.options.first_step);
    device_.first_noise(step_);
  }

  // The constants and couplings of a segment come into force; clamped units jump to their patterns.
  void enter(const SegmentTimeline& timeline) {
    step_.unit = plan_.units[segment_].arrays();
    step_.sparse = {};
    dense_ = {};
    if (timeline.set) {
      const Couplings& couplings = plan_.couplings.at(timeline.set);
      step_.sparse = couplings.sparse();
      if (couplings.dense()) dense_ = couplings.product();
    }
    Step here = step_;
    here.next = const_cast<float*>(step_.x);
    for (size_t g = 0; g < timeline.clamped.size(); ++g) {
      const Group& group = plan_.computer.groups[g];
      if (timeline.clamped[g]) device_.clamp(here, group.first, group.size);
    }
    if (!dense_.J || !plan_.in_place()) return;
    dense_.x = operand_[0].data();
    dense_.next = operand_[1].data();
    dense_.drifted = drifted_.data();
    dense_.passed = passed_.data();
    device_.round_states(step_, dense_);
  }

  // The control of step k of the segment.
  void set_control(const SegmentTimeline& timeline, int64_t k) {
    const auto groups = static_cast<int64_t>(plan_.computer.groups.size());
    step_.drive = plan_.drives[segment_].data() + k * groups;
    step_.drive_before = step_.drive - (k > 0 ? groups : 0);
    step_.driven = timeline.driven && plan_.patterns();
    step_.root_kT = std::sqrt(static_cast<float>(timeline.kT[k]));
    step_.draw = static_cast<uint64_t>(plan_.options.first_step + timeline.first_step + k);
  }

  void pass(int64_t steps = 1) {
    if (!dense_.J) {
      step_.field = nullptr;
      return device_.update(step_);
    }
    if (!step_.sparse.row_start) return device_.update_dense(step_, dense_, steps);
    device_.multiply(step_, dense_, field_.data());
    step_.field = field_.data();
    device_.update(step_);
  }

  // Whether the heat up to step k of the segment, and the work of its control, have to be booked before it.
  bool books_before(const SegmentTimeline& timeline, int64_t k) const {
    if (k % kStepsPerBooking == 0 || timeline.kT[k] != timeline.kT[k - 1]) return true;
    if (!timeline.driven) return false;
    const auto groups = static_cast<int64_t>(plan_.computer.groups.size());
    const auto now = timeline.drive.begin() + k * groups;
    return !std::equal(now, now + groups, now - groups);
  }

  // Steps from k on, before `to`, that are alike for the device.
  int64_t steps_alike(const SegmentTimeline& timeline, int64_t k, int64_t to) const {
    if (!plan_.in_place() || !dense_.J || kind_of(step_) == StepKind::any) return 1;
    int64_t end = k + 1;
    while (end < to && !books_before(timeline, end) &&
           !is_observed(plan_.options.observables, timeline.first_step + end + 1))
      ++end;
    return end - k;
  }

  // Step k of the segment, and those before `to` that can be taken with it; returns how many.
  int64_t take(const SegmentTimeline& timeline, int64_t k, int64_t to) {
    set_control(timeline, k);
    if (is_observed(plan_.options.observables, timeline.first_step + k + 1)) moment_energy_ = energy_now(timeline, k);
    step_.move = true;
    step_.sum = books_before(timeline, k);
    const int64_t steps = steps_alike(timeline, k, to);
    pass(steps);
    if (step_.sum) {
      device_.book(step_, scratch_.data(), books(), k == 0 ? Booking::change : Booking::step,
                   k == 0 ? 0.0 : timeline.kT[k - 1]);
    }
    if (plan_.in_place()) {
      if (steps % 2 != 0) std::swap(operand_[0], operand_[1]);
      if (dense_.J) {
        dense_.x = operand_[0].data();
        dense_.next = operand_[1].data();
      }
      return steps;
    }
    std::swap(x_, next_);
    step_.x = x_.data();
    step_.next = next_.data();
    return steps;
  }

  // Sums of the states as they are, under the control of step k, booked so.
  void sum_and_book(const SegmentTimeline& timeline, int64_t k, Booking booking) {
    set_control(timeline, k);
    step_.move = false;
    step_.sum = true;
    pass();
    device_.book(step_, scratch_.data(), books(), booking, timeline.kT[k]);
  }

  void begin(const SegmentTimeline& timeline) {
    sum_and_book(timeline, 0, Booking::begin);
    const std::vector<double> energy = books_[3].get(count_);
    std::ranges::copy(energy, result_.start_energy.begin() + first_);
  }

  // Books the heat of the first k steps of the segment up to its end.
  void settle(const SegmentTimeline& timeline, int64_t k) {
    sum_and_book(timeline, k - 1, Booking::settle);
    check_finite();
  }

  // Books stay as they are, whatever the task books to learn something.
  template <class Task>
  auto with_books_kept(Task task) {
    std::vector<double> kept[4];
    for (int b = 0; b < 4; ++b) kept[b] = books_[b].get(count_);
    auto result = task();
    for (int b = 0; b < 4; ++b) books_[b].put(kept[b]);
    return result;
  }
  // V of the states under the control of step k.
  std::vector<double> energy_now(const SegmentTimeline& timeline, int64_t k) {
    return with_books_kept([&] {
      sum_and_book(timeline, k, Booking::begin);
      return books_[3].get(count_);
    });
  }

  // The step of the segment before which something is due, or the run may end; k itself where it ends here.
  int64_t next_stop(const SegmentTimeline& timeline, int64_t k) {
    const int64_t now = timeline.first_step + k;
    const int64_t due =
        std::min({next_snapshot(plan_.options.snapshots, now), next_observation(plan_.options.observables, now),
                  next_point(result_.course_steps, now)});
    const int64_t to = std::min({timeline.first_step + timeline.steps, now + steps_per_look_, due});
    return meter_.reach(first_, now, to) - timeline.first_step;
  }

  // What is due after k steps of the segment.
  void look(const SegmentTimeline& timeline, int64_t k, std::chrono::steady_clock::time_point start) {
    const int64_t step = timeline.first_step + k;
    snapshot(step);
    observe(step);
    if (k < timeline.steps) record(timeline, k);
    taken_ += step - looked_;
    looked_ = step;
    if (taken_ < steps_per_look_ && k < timeline.steps) return;
    device_.wait();
    const double seconds = seconds_since(start);
    if (seconds < kLook_s) steps_per_look_ *= 2;
    if (seconds > 4 * kLook_s) steps_per_look_ = std::max<int64_t>(1, steps_per_look_ / 2);
    check_finite();
    if (!meter_.add(count_ * taken_)) throw Interrupted("the run was interrupted; nothing of it was kept");
    taken_ = 0;
    if (step == result_.steps) looked_ = 0;
  }

  std::vector<float> states(int64_t trajectories, int64_t first_unit, int64_t units) {
    device_.copy_states(step_, trajectories, first_unit, units, rows_.data());
    return rows_.get(trajectories * units);
  }

  void snapshot(int64_t step) {
    const Snapshots& shots = plan_.options.snapshots;
    const int64_t number = snapshot_number(shots, step), kept = std::min(count_, shots.trajectories - first_);
    if (number < 0 || kept <= 0) return;
    const int64_t place = (number * shots.trajectories + first_) * shots.units;
    std::vector<float> rows = states(kept, shots.first_unit, shots.units);
    if (shots.file) {
      shots.file->put(place, std::move(rows));
    } else {
      std::ranges::copy(rows, result_.snapshots.begin() + place);
    }
  }

  void observe(int64_t step) {
    if (!is_observed(plan_.options.observables, step)) return;
    const int64_t n = step_.units;
    const std::vector<float> x = states(count_, 0, n);
    for (int64_t t = 0; t < count_; ++t) {
      swell::observe(
          plan_.computer.groups, plan_.options.observables, result_.sums, [&](int64_t i) { return x[t * n + i]; },
          moment_energy_[t], observed(t));
    }
  }

  // A point of the course after k steps of the segment, with the heat up to there.
  void record(const SegmentTimeline& timeline, int64_t k) {
    const int64_t point = point_at(result_.course_steps, timeline.first_step + k);
    if (point < 0) return;
    const bool open = k > 0 && k < timeline.steps;
    const auto figures = with_books_kept([&] {
      if (open) sum_and_book(timeline, k - 1, Booking::settle);
      return std::vector<std::vector<double>>{books_[0].get(count_), books_[1].get(count_), books_[2].get(count_),
                                              books_[3].get(count_)};
    });
    const int64_t n = step_.units;
    const std::vector<float> x = states(count_, 0, n);
    for (int64_t t = 0; t < count_; ++t) {
      SegmentBooks all{figures[0][t], figures[1][t], figures[2][t]};
      for (int64_t s = 0; s < segment_; ++s) {
        const SegmentBooks& earlier = result_.book(first_ + t, s);
        all.work += earlier.work;
        all.heat += earlier.heat;
        all.entropy += earlier.entropy;
      }
      swell::record(
          plan_.computer.groups, result_.sums, point, all, figures[3][t], [&](int64_t i) { return x[t * n + i]; },
          observed(t));
    }
  }

  // A state that is not finite has no finite energy, from the next booking on.
  void check_finite() {
    const std::vector<double> energy = books_[3].get(count_);
    const auto wrong = std::ranges::find_if(energy, [](double value) { return !std::isfinite(value); });
    if (wrong == energy.end()) return;
    const int64_t t = first_ + (wrong - energy.begin()), n = step_.units;
    RunOptions options = plan_.options;
    options.progress = {};
    options.snapshots = {};
    options.observables = {};
    options.kept = Kept::nothing;
    options.first_trajectory += t;
    options.trajectories = 1;
    if (!options.start.empty()) options.start = options.start.subspan(t * n, n);
    Plan again(plan_.computer, plan_.timelines, options, device_);
    again.load();
    Run scratch = make_run(plan_.computer, again.timelines, options);
    Meter silent(options, 0, 0);
    Batch(again, 1, scratch, silent).find_divergence();
  }

  void keep_books() {
    const std::vector<double> work = books_[0].get(count_), heat = books_[1].get(count_),
                              entropy = books_[2].get(count_);
    for (int64_t t = 0; t < count_; ++t)
      result_.books[(first_ + t) * result_.segments + segment_] = {work[t], heat[t], entropy[t]};
  }

  void store() {
    const std::vector<double> energy = books_[3].get(count_);
    std::ranges::copy(energy, result_.end_energy.begin() + first_);
    const std::vector<float> x = states(count_, 0, step_.units);
    std::ranges::copy(x, result_.states.begin() + first_ * step_.units);
  }

  const Plan& plan_;
  const DeviceCalls& device_;
  const int64_t room_;  // trajectories that the arrays have room for
  Run& result_;
  Meter& meter_;
  int64_t first_ = 0, count_ = 0, segment_ = 0;
  int64_t steps_per_look_ = 1, taken_ = 0, looked_ = 0;
  Step step_{};
  Dense dense_{};
  Array<float> x_, next_, noise_, field_, patterns_, rows_;
  Array<char> operand_[2];
  Array<float> drifted_;
  Array<unsigned> passed_;
  Array<double> terms_, scratch_;
  Array<double> books_[4];  // work, heat, entropy, V
  std::vector<double> moment_energy_;
};

}  // namespace

void plan(const Computer& computer, const Protocol& protocol, const RunOptions& options, MemoryPlan& plan) {
  const Element element = element_of(options.precision);
  const auto padded = static_cast<double>(padded_units(computer.units(), element));
  // On this side of the device: states on their way, and couplings until they are there.
  plan.parts.push_back({"trajectories under way",
                        2 * static_cast<double>(options.trajectories) * padded * sizeof(float),
                        "fewer trajectories at once"});
  std::set<int> sets;
  for (const Segment& segment : protocol.segments) sets.insert(segment.couplings);
  sets.erase(kNoCouplings);
  double couplings = 0;
  for (const int set : sets) {
    for (const CouplingBlock& block : computer.sets[set].blocks) {
      const auto* sparse = std::get_if<SparseWeights>(&block.weights);
      couplings += sparse ? 4.0 * static_cast<double>(sparse->values.size()) * sizeof(std::pair<int32_t, float>)
                          : static_cast<double>(bytes_of(element)) * padded * padded;
    }
  }
  plan.parts.push_back({"couplings", couplings, "fewer units"});
}

bool gains(const Computer& computer, const Protocol& protocol, const RunOptions& options) {
  if (!options.checkpoint.path.empty() || !options.isa.empty() || options.precision == Precision::bf16x3) return false;
  double work = 0;
  for (const Segment& segment : protocol.segments) {
    double each = static_cast<double>(computer.units());
    if (segment.couplings != kNoCouplings) {
      for (const CouplingBlock& block : computer.sets[segment.couplings].blocks) {
        const auto* sparse = std::get_if<SparseWeights>(&block.weights);
        if (sparse && options.precision != Precision::f32) return false;
        each += sparse ? static_cast<double>(sparse->values.size())
                       : static_cast<double>(computer.groups[block.row_group].size) *
                             static_cast<double>(computer.groups[block.column_group].size);
      }
    }
    work += each * static_cast<double>(count_steps(segment, options.dt));
  }
  return work * static_cast<double>(options.trajectories) > kWorthwhile && device();
}

Run run(const Computer& computer, const Protocol& protocol, const RunOptions& options) {
  check_options(computer, protocol, options);
  Plan plan(computer, lay_out(computer, protocol, options.dt), options, find_device(options.isa));
  Run result = make_run(computer, plan.timelines, options);
  if (options.snapshots.file) options.snapshots.file->open(NpyStream::Mode::fresh);
  plan.load();
  Meter meter(options, 0, options.trajectories * result.steps);
  const int64_t size = plan.batch();
  Batch batch(plan, size, result, meter);
  for (int64_t first = 0; first < options.trajectories && !meter.stopped(); first += size) {
    try {
      batch.advance(first, std::min(size, options.trajectories - first));
    } catch (const Interrupted&) {
      if (!meter.stopped()) throw;  // else these trajectories are dropped
    }
  }
  if (meter.stopped()) keep_part(plan.timelines, options, meter, result);
  return result;
}

}  // namespace swell::cuda
