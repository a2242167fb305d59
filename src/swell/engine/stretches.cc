#include "swell/engine/stretches.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "swell/base/clock.h"
#include "swell/base/errors.h"
#include "swell/engine/fingerprint.h"
#include "swell/engine/part.h"
#include "swell/io/checksum.h"
#include "swell/io/npy_stream.h"

namespace swell {

namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kFormatKey = "swell_checkpoint";
constexpr const char* kFormat = "stretches 1";
constexpr double kWorkPerSecond = 1e9;

std::string sum_of(const Safetensors& file) {
  Sha256 sum;
  for (const auto& [name, tensor] : file.tensors) {
    sum.update(std::as_bytes(std::span(name.data(), name.size())));
    sum.update(std::as_bytes(std::span(tensor.values)));
  }
  return hex(sum.digest());
}

// Between two calls of go_on, and of the progress callback, in steps.
int64_t steps_per_look(double step_work, int64_t trajectories) {
  constexpr double kSeconds = 0.5;
  const double work = std::max(1.0, step_work) * static_cast<double>(trajectories);
  return std::max<int64_t>(1, std::llround(std::min(1e15, kSeconds * kWorkPerSecond / work)));
}

// Where two steps of a segment have the same drive.
bool same_drive(const SegmentTimeline& timeline, int64_t a, int64_t b) {
  const auto groups = static_cast<int64_t>(timeline.clamped.size());
  return std::equal(timeline.drive.begin() + a * groups, timeline.drive.begin() + (a + 1) * groups,
                    timeline.drive.begin() + b * groups);
}

class Driver {
 public:
  Driver(const System& system, const Protocol& protocol, const RunOptions& options, StretchMachine& machine,
         double step_work)
      : system_(system),
        options_(options),
        machine_(machine),
        step_work_(step_work),
        timelines_(lay_out(system, protocol, step_length(system, options))),
        result_(make_run(system, timelines_, options)),
        last_(options.trajectories, 0.0) {
    if (!options.checkpoint.path.empty()) fingerprint_ = fingerprint(system, protocol, options);
  }

  Run carry_out() {
    const bool resumed = !options_.checkpoint.path.empty() && std::filesystem::exists(options_.checkpoint.path);
    if (resumed) read();
    NpyStream* const file = options_.snapshots.file;
    if (file) {
      file->open(options_.checkpoint.path.empty() ? NpyStream::Mode::fresh
                 : resumed                        ? NpyStream::Mode::resumed
                                                  : NpyStream::Mode::kept);
    }
    if (resumed && options_.checkpoint.on_resume) options_.checkpoint.on_resume(done(), total());
    if (!resumed) first_snapshot();
    written_ = Clock::now();
    for (; segment_ < result_.segments; ++segment_, step_ = 0) {
      while (step_ < timelines_[segment_].steps && !cut_) take_stretch(timelines_[segment_]);
      if (cut_) break;
    }
    result_.end_energy = last_;
    machine_.leave(result_);
    result_.wall_s = earlier_s_;
    if (cut_) cut_run(timelines_, options_, all_trajectories(), timelines_[segment_].first_step + step_, result_);
    return std::move(result_);
  }

 private:
  int64_t total() const { return result_.trajectories * result_.steps; }
  int64_t done() const {
    const int64_t before = segment_ < result_.segments ? timelines_[segment_].first_step + step_ : result_.steps;
    return result_.trajectories * before;
  }

  std::vector<int64_t> all_trajectories() const {
    std::vector<int64_t> numbers(result_.trajectories);
    std::iota(numbers.begin(), numbers.end(), int64_t{0});
    return numbers;
  }

  void first_snapshot() {
    if (snapshot_number(options_.snapshots, 0) < 0) return;
    std::vector<double> x(system_.units());
    for (int64_t t = 0; t < options_.snapshots.trajectories; ++t) {
      machine_.copy_state(t, x);
      hand_over({0, t, 1, x, {}, {}});
      snapshot(t, 0, x);
    }
  }

  // To the caller, where it takes snapshots itself.
  void hand_over(const Sight& sight) {
    const Snapshots& shots = options_.snapshots;
    if (!shots.take) return;
    const int64_t count = std::min(sight.count, shots.trajectories - sight.first);
    if (count < 1) return;
    const std::span<const double> states = sight.x.first(count * system_.units());
    if (snapshot_number(shots, sight.step) >= 0) shots.take({sight.step, sight.first, count, states, false});
    if (is_later_snapshot(shots, sight.step)) shots.take({sight.step, sight.first, count, states, true});
  }

  void snapshot(int64_t t, int64_t step, std::span<const double> x) {
    const Snapshots& shots = options_.snapshots;
    const int64_t number = snapshot_number(shots, step);
    if (number < 0 || t >= shots.trajectories || shots.take) return;
    const int64_t place = (number * shots.trajectories + t) * shots.units;
    std::vector<float> row(shots.units);
    for (int64_t u = 0; u < shots.units; ++u) row[u] = static_cast<float>(x[shots.first_unit + u]);
    if (shots.file) {
      shots.file->put(place, std::move(row));
    } else {
      std::ranges::copy(row, result_.snapshots.begin() + place);
    }
  }

  // The control changes while the states stay: work.
  void change_control(const SegmentTimeline& timeline) {
    machine_.set_control(timeline, step_);
    std::vector<double> now = machine_.energies();
    if (timeline.first_step + step_ == 0) {
      result_.start_energy = now;
      if (point_at(result_.course_steps, 0) >= 0) {
        std::vector<double> x(system_.units());
        for (int64_t t = 0; t < result_.trajectories; ++t) {
          machine_.copy_state(t, x);
          record(t, 0, x, now[t], {});
        }
      }
    } else {
      for (int64_t t = 0; t < result_.trajectories; ++t) book(t).work += now[t] - last_[t];
    }
    last_ = std::move(now);
  }

  SegmentBooks& book(int64_t t) { return result_.books[t * result_.segments + segment_]; }

  // Of the whole run so far, with what the running stretch adds.
  void record(int64_t t, int64_t step, std::span<const double> x, double energy, const SegmentBooks& added) {
    const int64_t point = point_at(result_.course_steps, step);
    if (point < 0) return;
    SegmentBooks all = added;
    for (int64_t s = 0; s <= segment_; ++s) {
      const SegmentBooks& books = result_.book(t, s);
      all.work += books.work;
      all.heat += books.heat;
      all.entropy += books.entropy;
    }
    swell::record(
        system_.groups(), result_.sums, point, all, energy, [&](int64_t i) { return x[i]; }, observed(t));
  }
  double* observed(int64_t t) { return result_.observed.data() + t * result_.sums.size(); }

  // Steps of the run in (from, to] after which something is to be seen.
  std::vector<int64_t> looks(int64_t from, int64_t to) const {
    std::vector<int64_t> steps;
    const auto next = [&](int64_t step) {
      return std::min({next_snapshot(options_.snapshots, step), next_observation(options_.observables, step),
                       next_point(result_.course_steps, step)});
    };
    for (int64_t step = next(from); step <= to; step = next(step)) steps.push_back(step);
    return steps;
  }

  int64_t end_of_stretch(const SegmentTimeline& timeline) const {
    int64_t to = timeline.steps;
    if (timeline.driven) {
      to = step_ + 1;
      while (to < timeline.steps && same_drive(timeline, step_, to)) ++to;
    }
    if (options_.checkpoint.path.empty() && !options_.progress) return to;
    const int64_t grain = machine_.grain();
    const int64_t longest = std::max<int64_t>(1, steps_per_look(step_work_, result_.trajectories) / grain) * grain;
    return std::min(to, step_ + longest);
  }

  void take_stretch(const SegmentTimeline& timeline) {
    if (!go_on()) return stop();
    change_control(timeline);
    const int64_t to = end_of_stretch(timeline);
    const std::vector<int64_t> seen = looks(timeline.first_step + step_, timeline.first_step + to);
    std::vector<double> entropy(result_.trajectories, 0.0);
    const Look look = [&](const Sight& sight) {
      hand_over(sight);
      if (only_handed_over()) return;
      for (int64_t k = 0; k < sight.count; ++k) {
        const std::span<const double> x = sight.x.subspan(k * system_.units(), system_.units());
        see(sight.first + k, sight.step, x, sight.energy[k], sight.entropy[k]);
      }
    };
    const std::vector<double> kept = options_.checkpoint.path.empty() ? std::vector<double>() : result_.observed;
    const int64_t taken = machine_.advance(
        {timeline, step_, to, seen}, look, [this] { return go_on(); }, entropy);
    const bool whole = taken == to - step_;
    if (!whole && !options_.checkpoint.path.empty()) {
      // What the file holds is from before the stretch.
      result_.observed = kept;
      stop();
    }
    const std::vector<double> now = machine_.energies();
    for (int64_t t = 0; t < result_.trajectories; ++t) {
      book(t).heat += last_[t] - now[t];
      book(t).entropy += entropy[t];
    }
    last_ = now;
    step_ += taken;
    if (!whole) return stop();
    if (seconds_since(written_) >= options_.checkpoint.every_s) write();
  }

  bool only_handed_over() const {
    return options_.snapshots.take && options_.observables.every == 0 && result_.course_steps.empty();
  }

  void see(int64_t t, int64_t step, std::span<const double> x, double energy, double produced) {
    snapshot(t, step, x);
    record(t, step, x, energy, {0, last_[t] - energy, produced});
    if (!is_observed(options_.observables, step)) return;
    observe(
        system_.groups(), options_.observables, result_.sums, [&](int64_t i) { return x[i]; }, energy, observed(t));
  }

  bool go_on() {
    if (!stopped_) stopped_ = !tell(options_.progress, done(), total());
    return !stopped_;
  }

  // The run ends here: with what there is, or with an exception.
  void stop() {
    cut_ = options_.kept == Kept::part && done() > 0;
    if (cut_) return;
    if (options_.checkpoint.path.empty()) throw Interrupted("the run was interrupted; nothing of it was kept");
    write();
    throw Interrupted(
        fmt::format("the run was interrupted; {} holds {:.3g} of {:.3g} trajectory-steps and goes on from "
                    "there",
                    options_.checkpoint.path.string(), static_cast<double>(done()), static_cast<double>(total())));
  }

  void write() {
    if (options_.checkpoint.path.empty()) return;
    if (options_.snapshots.file) options_.snapshots.file->flush();
    Safetensors file;
    const auto put = [&](const char* name, std::vector<int64_t> shape, std::vector<double> values) {
      file.tensors[name] = {std::move(shape), std::move(values), Dtype::F64};
    };
    const int64_t trajectories = result_.trajectories;
    put("position", {2}, {static_cast<double>(segment_), static_cast<double>(step_)});
    std::vector<double> books;
    for (const SegmentBooks& one : result_.books) books.insert(books.end(), {one.work, one.heat, one.entropy});
    put("books", {trajectories, result_.segments, 3}, std::move(books));
    put("start_energy", {trajectories}, result_.start_energy);
    put("last_energy", {trajectories}, last_);
    put("observed", {static_cast<int64_t>(result_.observed.size())}, result_.observed);
    machine_.save(file);
    for (const auto& [what, value] : fingerprint_) file.metadata[what] = value;
    file.metadata[kFormatKey] = kFormat;
    const double used = earlier_s_ + seconds_since(began_);
    file.metadata["wall_s"] = fmt::format("{}", used);
    file.metadata["sha256"] = sum_of(file);
    write_safetensors(options_.checkpoint.path, file);
    written_ = Clock::now();
  }

  void read() {
    const std::string name = options_.checkpoint.path.string();
    const Safetensors file = read_safetensors(options_.checkpoint.path);
    require_same_run(file.metadata, kFormatKey, kFormat, fingerprint_, name);
    const auto sum = file.metadata.find("sha256");
    if (sum == file.metadata.end() || sum->second != sum_of(file))
      throw IoError(fmt::format("{}: damaged checkpoint: its SHA-256 does not fit its numbers", name));
    const auto& position = stored(file, "position", 2, name);
    segment_ = static_cast<int64_t>(position[0]);
    step_ = static_cast<int64_t>(position[1]);
    const bool inside =
        segment_ >= 0 && segment_ < result_.segments && step_ >= 0 && step_ <= timelines_[segment_].steps;
    if (!inside)
      throw IoError(fmt::format("{}: damaged checkpoint: it stands at step {} of segment {}", name, step_, segment_));
    const auto& books = stored(file, "books", result_.books.size() * 3, name);
    for (size_t k = 0; k < result_.books.size(); ++k)
      result_.books[k] = {books[3 * k], books[3 * k + 1], books[3 * k + 2]};
    result_.start_energy = stored(file, "start_energy", result_.start_energy.size(), name);
    last_ = stored(file, "last_energy", last_.size(), name);
    result_.observed = stored(file, "observed", result_.observed.size(), name);
    earlier_s_ = std::stod(file.metadata.at("wall_s"));
    machine_.load(file, name);
  }

  const System& system_;
  const RunOptions& options_;
  StretchMachine& machine_;
  const double step_work_;
  const std::vector<SegmentTimeline> timelines_;
  Run result_;
  Fingerprint fingerprint_;
  std::vector<double> last_;  // [trajectories] energy under the last control
  int64_t segment_ = 0, step_ = 0;
  bool stopped_ = false, cut_ = false;
  double earlier_s_ = 0;
  const Clock::time_point began_ = Clock::now();
  Clock::time_point written_;
};

}  // namespace

std::span<const double> pattern_of(const RunOptions& options, int64_t units, int64_t trajectory, const Group& group) {
  if (!options.patterns || options.patterns->rows == 0) {
    throw InputError(
        fmt::format("group '{}' is driven or clamped, and the run has no patterns; they are needed", group.name));
  }
  const int64_t row = (options.first_trajectory + trajectory) % options.patterns->rows;
  return std::span(options.patterns->values).subspan(row * units, units);
}

const std::vector<double>& stored(const Safetensors& file, const std::string& tensor, size_t size,
                                  const std::string& name) {
  const auto found = file.tensors.find(tensor);
  if (found == file.tensors.end() || found->second.values.size() != size)
    throw IoError(fmt::format("{}: damaged checkpoint: tensor '{}' is missing or of another shape", name, tensor));
  return found->second.values;
}

Run run_in_stretches(const System& system, const Protocol& protocol, const RunOptions& options, StretchMachine& machine,
                     double step_work) {
  return Driver(system, protocol, options, machine, step_work).carry_out();
}

}  // namespace swell
