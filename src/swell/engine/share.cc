#include "swell/engine/share.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "swell/base/clock.h"
#include "swell/base/errors.h"
#include "swell/base/parcel.h"
#include "swell/engine/part.h"
#include "swell/engine/timeline.h"
#include "swell/io/npy_stream.h"

namespace swell {

namespace {

constexpr auto kBetweenMeetings = std::chrono::milliseconds(50);

template <class T>
std::span<T> rows_of(std::span<T> all, const Portion& portion, int64_t trajectories) {
  if (all.empty()) return {};
  const auto width = static_cast<int64_t>(all.size()) / trajectories;
  return all.subspan(portion.first * width, portion.count * width);
}

}  // namespace

Share::Share(Ranks& ranks, const RunOptions& whole)
    : ranks_(ranks),
      whole_(whole),
      portion_(swell::portion(whole.trajectories, grain_of_trajectories(whole.trajectories, ranks.size()), ranks.rank(),
                              ranks.size())) {}

RunOptions Share::part() {
  RunOptions part = whole_;
  const int64_t trajectories = whole_.trajectories;
  part.ranks = nullptr;
  part.share = this;
  part.trajectories = portion_.count;
  part.first_trajectory += portion_.first;
  part.start = rows_of(part.start, portion_, trajectories);
  part.start_spins = rows_of(part.start_spins, portion_, trajectories);
  part.kT_of_trajectory = rows_of(part.kT_of_trajectory, portion_, trajectories);
  part.snapshots.trajectories = std::clamp<int64_t>(whole_.snapshots.trajectories - portion_.first, 0, portion_.count);
  if (part.snapshots.trajectories == 0) part.snapshots = {};
  part.files.clear();
  part.progress = [this](const Progress& at) { return go_on(at.done); };
  // Which step is the furthest, no rank knows of the others.
  if (part.kept == Kept::part) part.kept = Kept::finished;
  return part;
}

bool Share::go_on(int64_t done) {
  done_ = done;
  return !stopped_;
}

void Share::begin(int64_t done_here, int64_t total) {
  done_ = done_here;
  total_ = total;
  meetings_ = std::jthread([this] { meet_until_all_are_done(); });
}

void Share::meet_until_all_are_done() {
  enum Figure { done, stop, failed, interrupted, ended, due, handed, figures };
  std::exception_ptr trouble;  // of a checkpoint that could not be written, or of the callback
  bool asked = false, told_to_stop = false;
  auto written = std::chrono::steady_clock::now();
  for (;;) {
    int64_t sums[figures] = {};
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, kBetweenMeetings, [&] { return ended_; });
      sums[ended] = ended_;
      sums[interrupted] = is_interruption(failure_);
      sums[failed] = trouble || (failure_ && !sums[interrupted]);
    }
    sums[done] = done_;
    sums[stop] = told_to_stop || sums[failed];
    const bool wants = checkpoint_.write && !asked && ranks_.rank() == 0;
    sums[due] = wants && seconds_since(written) >= whole_.checkpoint.every_s;
    sums[handed] = asked && checkpoint_.handed();
    ranks_.add(sums, true);
    if (sums[stop] > 0) stopped_ = true;
    if (sums[ended] == ranks_.size()) {
      const std::lock_guard lock(mutex_);
      interrupted_ = sums[interrupted] > 0;
      if (sums[failed] > 0 && trouble) failure_ = trouble;
      any_failed_ = sums[failed] > 0;
      return;
    }
    try {
      if (!tell(whole_.progress, sums[done], total_)) told_to_stop = true;
    } catch (...) {
      trouble = std::current_exception();
    }
    if (stopped_ || !checkpoint_.write) continue;
    if (sums[due] > 0) {
      checkpoint_.ask();
      asked = true;
    } else if (sums[handed] == ranks_.size()) {
      try {
        checkpoint_.write();
      } catch (...) {
        trouble = std::current_exception();
      }
      asked = false;
      written = std::chrono::steady_clock::now();
    }
  }
}

bool Share::conclude(std::exception_ptr failure) {
  if (concluded_) {
    if (error_) std::rethrow_exception(error_);
    return interrupted_;
  }
  {
    const std::lock_guard lock(mutex_);
    failure_ = failure;
    ended_ = true;
  }
  if (!meetings_.joinable()) begin(0, 0);
  changed_.notify_all();
  meetings_.join();
  concluded_ = true;
  if (!any_failed_) return interrupted_;
  // Those that were stopped for it have nothing to tell.
  try {
    do_together(ranks_, [&] {
      if (failure_ && !is_interruption(failure_)) std::rethrow_exception(failure_);
    });
  } catch (...) {
    error_ = std::current_exception();
    throw;
  }
  return interrupted_;
}

namespace {

// What one rank did of a run, for the others.
class Piece {
 public:
  static Parcel packed(Run run, bool any) {
    Parcel parcel;
    parcel.put(any);
    if (!any) return parcel;
    for (const int64_t value : {run.trajectories, run.units, run.segments, run.steps, run.filmed, run.observations,
                                run.sums.groups, run.sums.units, run.sums.points})
      parcel.put(value);
    for (const bool value : {run.interrupted, run.books_known, run.sums.by_group}) parcel.put(value);
    parcel.put(run.wall_s);
    each(run, [&](const auto& values) { parcel.put_all(values); });
    return parcel;
  }

  explicit Piece(Parcel parcel) : any(parcel.take<bool>()) {
    if (!any) return;
    for (int64_t* value : {&run.trajectories, &run.units, &run.segments, &run.steps, &run.filmed, &run.observations,
                           &run.sums.groups, &run.sums.units, &run.sums.points})
      *value = parcel.take<int64_t>();
    for (bool* value : {&run.interrupted, &run.books_known, &run.sums.by_group}) *value = parcel.take<bool>();
    run.wall_s = parcel.take<double>();
    each(run, [&](auto& values) { values = parcel.take_all<typename std::decay_t<decltype(values)>::value_type>(); });
  }

  bool any;
  Run run;

 private:
  template <class R, class Visit>
  static void each(R& run, Visit&& visit) {
    visit(run.states);
    visit(run.spins);
    visit(run.flips);
    visit(run.best_energy);
    visit(run.best_spins);
    visit(run.books);
    visit(run.start_energy);
    visit(run.end_energy);
    visit(run.snapshot_times);
    visit(run.snapshots);
    visit(run.course_steps);
    visit(run.observed);
    visit(run.kept);
  }
};

template <class T>
void append(std::vector<T>& all, const std::vector<T>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

// [snapshots][trajectories][units] of all ranks side by side.
void interleave(const std::vector<Piece>& pieces, int64_t units, Run& result) {
  const auto shots = static_cast<int64_t>(result.snapshot_times.size());
  result.snapshots.clear();
  for (int64_t shot = 0; shot < shots; ++shot) {
    for (const Piece& piece : pieces) {
      if (!piece.any || piece.run.snapshots.empty()) continue;
      const int64_t width = piece.run.filmed * units;
      const auto from = piece.run.snapshots.begin() + shot * width;
      result.snapshots.insert(result.snapshots.end(), from, from + width);
    }
  }
}

Run merged(std::vector<Piece>& pieces, const RunOptions& whole, int ranks) {
  Run result;
  bool begun = false;
  for (int r = 0; r < ranks; ++r) {
    Piece& piece = pieces[r];
    if (!piece.any) continue;
    const Portion portion =
        swell::portion(whole.trajectories, grain_of_trajectories(whole.trajectories, ranks), r, ranks);
    if (piece.run.kept.empty() && !piece.run.interrupted) {
      piece.run.kept.resize(portion.count);
      std::iota(piece.run.kept.begin(), piece.run.kept.end(), int64_t{0});
    }
    for (int64_t& number : piece.run.kept) number += portion.first;
    if (!begun) {
      result = piece.run;
      result.snapshots.clear();
      begun = true;
      continue;
    }
    const Run& more = piece.run;
    result.trajectories += more.trajectories;
    result.filmed += more.filmed;
    result.interrupted = result.interrupted || more.interrupted;
    append(result.states, more.states);
    append(result.spins, more.spins);
    append(result.flips, more.flips);
    append(result.best_energy, more.best_energy);
    append(result.best_spins, more.best_spins);
    append(result.books, more.books);
    append(result.start_energy, more.start_energy);
    append(result.end_energy, more.end_energy);
    append(result.observed, more.observed);
    append(result.kept, more.kept);
  }
  if (!begun) throw Interrupted("the run was interrupted before the first trajectory had ended");
  interleave(pieces, whole.snapshots.units, result);
  result.interrupted = result.interrupted || result.trajectories < whole.trajectories;
  if (!result.interrupted) result.kept.clear();
  return result;
}

// The file of the snapshots is made by the first rank; every rank writes its own rows of it.
void open_snapshots(Share& share) {
  const RunOptions& whole = share.whole();
  NpyStream* const file = whole.snapshots.file;
  if (whole.snapshots.every == 0 || !file) return;
  const bool first = share.ranks().rank() == 0;
  do_together(share.ranks(), [&] {
    if (!first) return;
    const bool kept = !whole.checkpoint.path.empty();
    file->open(!kept ? NpyStream::Mode::fresh : share.resumed ? NpyStream::Mode::resumed : NpyStream::Mode::kept);
  });
  do_together(share.ranks(), [&] {
    if (!first) file->open(NpyStream::Mode::joined);
  });
  const int64_t units = whole.snapshots.units, all = whole.snapshots.trajectories;
  const int64_t here = std::clamp<int64_t>(all - share.portion().first, 0, share.portion().count);
  file->share_rows(here * units, all * units, share.portion().first * units);
}

}  // namespace

Run run_shared(const System& system, const Protocol& protocol, const RunOptions& options,
               const std::function<Run(const RunOptions& part)>& run_part) {
  Ranks& ranks = *options.ranks;
  Share share(ranks, options);
  do_together(ranks, [&] { check_options(system, protocol, options); });
  const bool keeps = !options.checkpoint.path.empty();
  share.resumed = !all_agree(&ranks, !(keeps && ranks.rank() == 0 && std::filesystem::exists(options.checkpoint.path)));
  open_snapshots(share);
  NpyStream* const file = options.snapshots.every > 0 ? options.snapshots.file : nullptr;
  if (!keeps) share.begin(0, options.trajectories * count_steps(protocol, step_length(system, options)));
  const RunOptions part = share.part();
  Run mine;
  std::exception_ptr failure;
  bool any = false;
  try {
    if (part.trajectories > 0 || keeps) mine = run_part(part);
    any = part.trajectories > 0;
  } catch (...) {
    failure = std::current_exception();
  }
  const bool interrupted = share.conclude(failure);
  if (interrupted && options.kept == Kept::nothing && !failure)
    throw Interrupted("the run was interrupted; nothing of it was kept");
  if (failure && (options.kept == Kept::nothing || !is_interruption(failure))) std::rethrow_exception(failure);
  if (file) do_together(ranks, [&] { file->flush(); });
  std::vector<Piece> pieces;
  {
    const Parcel parcel = Piece::packed(std::move(mine), any);
    for (Ranks::Bytes& bytes : ranks.gather(parcel.bytes())) pieces.emplace_back(Parcel(std::move(bytes)));
  }
  Run result = merged(pieces, options, ranks.size());
  if (file && result.interrupted) {
    const auto shots = static_cast<int64_t>(result.snapshot_times.size());
    do_together(ranks, [&] { keep_filmed(options.snapshots, shots, result.kept, *file); });
  }
  return result;
}

}  // namespace swell
