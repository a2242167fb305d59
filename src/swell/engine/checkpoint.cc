#include "swell/engine/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/base/ranks.h"
#include "swell/engine/share.h"
#include "swell/io/bytes.h"
#include "swell/io/checksum.h"
#include "swell/io/npy_stream.h"
#include "swell/io/safetensors.h"

namespace swell {

namespace {

constexpr const char* kFormatKey = "swell_checkpoint";
constexpr const char* kFormat = "1";
constexpr const char* kTimeKey = "wall_s";
constexpr const char* kSum = "sha256";
constexpr size_t kSumBytes = 32;

double now_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// Numbers of one tensor, decoded as they are asked for.
template <typename T>
class Column {
 public:
  Column(const StoredSafetensors& file, const std::string& tensor, const char* dtype, std::vector<int64_t> shape,
         const std::string& name) {
    const auto found = file.tensors.find(tensor);
    if (found == file.tensors.end() || found->second.dtype != dtype || found->second.shape != shape) {
      throw IoError(fmt::format("{}: damaged checkpoint: tensor '{}' is missing or of another shape", name, tensor));
    }
    bytes_ = found->second.bytes;
  }
  T operator[](int64_t k) const { return load<T>(bytes_.data() + k * sizeof(T), std::endian::little); }

 private:
  std::span<const std::byte> bytes_;
};

template <typename T>
void append_number(const Append& append, T value) {
  std::byte bytes[sizeof(T)];
  store_little(bytes, value);
  append(bytes);
}

template <typename T>
void append_row(const Append& append, std::span<const T> values, std::vector<std::byte>& row) {
  row.resize(values.size() * sizeof(float));
  for (size_t k = 0; k < values.size(); ++k)
    store_little(row.data() + k * sizeof(float), static_cast<float>(values[k]));
  append(row);
}

// The file holds what was written: its last 32 bytes are the sum of those before.
void check_sum(std::span<const std::byte> bytes, const std::string& name) {
  if (bytes.size() >= kSumBytes) {
    Sha256 sum;
    sum.update(bytes.first(bytes.size() - kSumBytes));
    if (std::ranges::equal(sum.digest(), bytes.last(kSumBytes))) return;
  }
  throw IoError(fmt::format("{}: damaged checkpoint: its SHA-256 does not fit its bytes", name));
}

}  // namespace

Checkpoints::Checkpoints(const RunOptions& options, const std::vector<SegmentTimeline>& timelines,
                         Fingerprint fingerprint, Run& result)
    : options_(options),
      timelines_(timelines),
      fingerprint_(std::move(fingerprint)),
      result_(result),
      began_s_(now_s()),
      finished_(options.trajectories, 0) {
  const std::string name = options.checkpoint.path.string();
  const bool resumed = options.share ? options.share->resumed : std::filesystem::exists(options.checkpoint.path);
  if (resumed) read(name);
  result.wall_s = earlier_s_;
  NpyStream* const file = options.share ? nullptr : options.snapshots.file;
  try {
    if (file) file->open(resumed ? NpyStream::Mode::resumed : NpyStream::Mode::kept);
  } catch (const IoError& error) {
    if (!resumed) throw;
    throw IoError(fmt::format("{}; remove the checkpoint {} to begin again", error.what(), name));
  }
  if (resumed && options.checkpoint.on_resume) {
    const int64_t trajectories = options.share ? options.share->whole().trajectories : result.trajectories;
    options.checkpoint.on_resume(done_in_file_, trajectories * result.steps);
  }
}

Checkpoints::~Checkpoints() { stop(); }

void Checkpoints::read(const std::string& name) {
  const std::vector<std::byte> bytes = read_file(options_.checkpoint.path, size_t{1} << 50);
  const StoredSafetensors file = index_safetensors(bytes, name);
  if (file.metadata.contains(kFormatKey)) check_sum(bytes, name);
  require_same_run(file.metadata, kFormatKey, kFormat, fingerprint_, name);
  const int64_t segments = result_.segments, units = result_.units;
  const Portion here = options_.share ? options_.share->portion() : Portion{0, result_.trajectories};
  const int64_t trajectories = options_.share ? options_.share->whole().trajectories : result_.trajectories;
  const Column<int64_t> segment(file, "segment", "I64", {trajectories}, name),
      step(file, "step", "I64", {trajectories}, name);
  int64_t begun = 0;
  for (int64_t t = 0; t < trajectories; ++t) {
    const int64_t s = segment[t], k = step[t];
    const bool unbegun = s == 0 && k == 0, done = s == segments && k == 0;
    if (!unbegun && !done && !(s >= 0 && s < segments && k >= 1 && k <= timelines_[s].steps)) {
      throw IoError(
          fmt::format("{}: damaged checkpoint: trajectory {} stands at step {} of segment {}", name, t, k, s));
    }
    begun += !unbegun;
  }
  const Column<float> x(file, "x", "F32", {begun, units}, name);
  const Column<double> books(file, "books", "F64", {begun, segments, 3}, name),
      start(file, "start_energy", "F64", {begun}, name), last(file, "last_energy", "F64", {begun}, name),
      observed(file, "observed", "F64", {begun, sums()}, name);
  std::shared_ptr<Stage> stage;
  for (int64_t number = 0, row = -1; number < trajectories; ++number) {
    const int64_t t = number - here.first;  // in this process
    const int64_t s = segment[number], k = step[number];
    if (s == 0 && k == 0) continue;
    ++row;
    const int64_t steps = s == segments ? result_.steps : timelines_[s].first_step + k;
    done_in_file_ += steps;
    if (t < 0 || t >= here.count) continue;
    finished_[t] = s == segments;
    done_ += steps;
    result_.start_energy[t] = start[row];
    for (int64_t past = 0; past < segments; ++past) {
      const int64_t at = (row * segments + past) * 3;
      result_.books[t * segments + past] = {books[at], books[at + 1], books[at + 2]};
    }
    for (int64_t k = 0; k < sums(); ++k) result_.observed[t * sums() + k] = observed[row * sums() + k];
    if (finished_[t]) {
      result_.end_energy[t] = last[row];
      for (int64_t i = 0; i < units; ++i) result_.states[t * units + i] = static_cast<double>(x[row * units + i]);
    } else {
      if (!stage || stage->first + stage->count != t || stage->segment != s || stage->step != k) {
        stage = std::make_shared<Stage>(Stage{t, 0, s, k, {}, {}, {}, {}});
        stages_[t] = stage;
      }
      ++stage->count;
      for (int64_t i = 0; i < units; ++i) stage->x.push_back(x[row * units + i]);
      stage->books.push_back(result_.books[t * segments + s]);
      stage->last_energy.push_back(last[row]);
      for (int64_t k = 0; k < sums(); ++k) stage->observed.push_back(observed[row * sums() + k]);
    }
  }
  const auto time = file.metadata.find(kTimeKey);
  if (time != file.metadata.end()) {
    std::from_chars(time->second.data(), time->second.data() + time->second.size(), earlier_s_);
  }
}

std::vector<Stretch> Checkpoints::cut(int64_t tile) {
  const int64_t units = result_.units;
  const auto whole = std::exchange(stages_, {});
  std::vector<Stretch> stretches;
  for (int64_t t = 0; t < result_.trajectories;) {
    const auto found = whole.find(t);
    if (found == whole.end()) {
      int64_t end = t;
      while (end < result_.trajectories && end < t + tile && finished_[end] == finished_[t] && !whole.contains(end))
        ++end;
      if (!finished_[t]) stretches.push_back({t, end - t, nullptr});
      t = end;
      continue;
    }
    const Stage& all = *found->second;
    for (int64_t from = 0; from < all.count; from += tile) {
      const int64_t to = std::min(all.count, from + tile);
      const auto part =
          std::make_shared<Stage>(Stage{t + from,
                                        to - from,
                                        all.segment,
                                        all.step,
                                        {all.x.begin() + from * units, all.x.begin() + to * units},
                                        {all.books.begin() + from, all.books.begin() + to},
                                        {all.last_energy.begin() + from, all.last_energy.begin() + to},
                                        {all.observed.begin() + from * sums(), all.observed.begin() + to * sums()}});
      stages_[part->first] = part;
      stretches.push_back({part->first, part->count, part});
    }
    t += all.count;
  }
  return stretches;
}

void Checkpoints::start() {
  if (options_.share) {
    options_.share->set_checkpoint({[this] {
                                      const std::lock_guard lock(mutex_);
                                      ask();
                                    },
                                    [this] {
                                      const std::lock_guard lock(mutex_);
                                      return awaited_.empty();
                                    },
                                    [this] { write(); }});
    return options_.share->begin(done_, options_.share->whole().trajectories * result_.steps);
  }
  writer_ = std::jthread([this] { write_on_time(); });
}

void Checkpoints::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (writer_.joinable()) writer_.join();
}

void Checkpoints::ask() {
  awaited_ = running_;
  ++wave_;
}

void Checkpoints::write_on_time() {
  const auto every = std::chrono::duration<double>(std::min(options_.checkpoint.every_s, 1e9));
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait_for(lock, every, [&] { return stopping_; });
    if (stopping_) return;
    ask();
    changed_.wait(lock, [&] { return stopping_ || awaited_.empty(); });
    if (stopping_) return;
    lock.unlock();
    std::exception_ptr failure;
    try {
      write();
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    if (!failure) continue;
    failure_ = failure;
    ++wave_;  // so that workers look, and stop
    return;
  }
}

void Checkpoints::answer(int64_t first) {
  awaited_.erase(first);
  if (awaited_.empty()) changed_.notify_all();
}

void Checkpoints::begin(int64_t first) {
  const std::lock_guard lock(mutex_);
  running_.insert(first);
}

void Checkpoints::hand_over(Stage stage) {
  const int64_t first = stage.first;
  auto handed = std::make_shared<const Stage>(std::move(stage));
  const std::lock_guard lock(mutex_);
  stages_[first].swap(handed);
  answer(first);
  if (failure_) std::rethrow_exception(failure_);
}

void Checkpoints::finish(int64_t first, int64_t count) {
  const std::lock_guard lock(mutex_);
  std::fill_n(finished_.begin() + first, count, 1);
  stages_.erase(first);
  running_.erase(first);
  answer(first);
}

Checkpoints::Rows Checkpoints::rows() {
  Rows rows;
  rows.segment.resize(8 * result_.trajectories);
  rows.step.resize(8 * result_.trajectories);
  const std::lock_guard lock(mutex_);
  auto next = stages_.begin();
  for (int64_t t = 0; t < result_.trajectories; ++t) {
    if (next != stages_.end() && next->first == t) rows.stages.push_back((next++)->second);
    const bool staged = !rows.stages.empty() && t < rows.stages.back()->first + rows.stages.back()->count;
    const Stage* stage = staged ? rows.stages.back().get() : nullptr;
    if (stage || finished_[t]) rows.sources.push_back({t, stage});
    if (stage) rows.done += timelines_[stage->segment].first_step + stage->step;
    if (finished_[t]) rows.done += result_.steps;
    store_little(rows.segment.data() + 8 * t, stage ? stage->segment : finished_[t] ? result_.segments : int64_t{0});
    store_little(rows.step.data() + 8 * t, stage ? stage->step : int64_t{0});
  }
  return rows;
}

void Checkpoints::append_array(int array, const Rows& rows, const Append& append) const {
  const int64_t segments = result_.segments, units = result_.units;
  if (array == 0) return append(rows.segment);
  if (array == 1) return append(rows.step);
  std::vector<std::byte> row;
  for (const auto& [t, stage] : rows.sources) {
    const int64_t k = stage ? t - stage->first : 0;  // in the stage
    if (array == 2) {
      for (int64_t s = 0; s < segments; ++s) {
        SegmentBooks books;
        if (!stage || s < stage->segment) books = result_.books[t * segments + s];
        if (stage && s == stage->segment) books = stage->books[k];
        for (const double value : {books.work, books.heat, books.entropy}) append_number(append, value);
      }
    }
    if (array == 3) append_number(append, result_.start_energy[t]);
    if (array == 4) append_number(append, stage ? stage->last_energy[k] : result_.end_energy[t]);
    if (array == 5) {
      const double* const values = stage ? stage->observed.data() + k * sums() : result_.observed.data() + t * sums();
      for (int64_t sum = 0; sum < sums(); ++sum) append_number(append, values[sum]);
    }
    if (array == 6 && stage) append_row(append, std::span(stage->x).subspan(k * units, units), row);
    if (array == 6 && !stage) append_row(append, result_.state(t), row);
  }
}

void Checkpoints::write_file(int64_t trajectories, int64_t begun,
                             const std::function<void(int array, const Append&)>& array) const {
  const NamedShape tensors[] = {{"segment", "I64", {trajectories}},
                                {"step", "I64", {trajectories}},
                                {"books", "F64", {begun, result_.segments, 3}},
                                {"start_energy", "F64", {begun}},
                                {"last_energy", "F64", {begun}},
                                {"observed", "F64", {begun, sums()}},
                                {"x", "F32", {begun, result_.units}},
                                {kSum, "U8", {kSumBytes}}};
  static_assert(std::size(tensors) == kArrays + 1);
  std::map<std::string, std::string> metadata(fingerprint_.begin(), fingerprint_.end());
  metadata[kFormatKey] = std::string(kFormat);
  metadata[kTimeKey] = fmt::format("{:.3f}", earlier_s_ + now_s() - began_s_);
  const auto make = [&](const Append& append_to_file) {
    Sha256 sum;
    const Append append = [&](std::span<const std::byte> bytes) {
      sum.update(bytes);
      append_to_file(bytes);
    };
    append(safetensors_header(tensors, metadata));
    for (int k = 0; k < kArrays; ++k) array(k, append);
    append_to_file(sum.digest());
  };
  write_file_atomically(options_.checkpoint.path, make, TemporaryName::fixed);
}

int64_t Checkpoints::write() {
  if (options_.share) return write_shared();
  const Rows mine = rows();
  if (mine.sources.empty()) return 0;
  // Snapshots of the steps that the checkpoint claims must be on the disk before it.
  if (options_.snapshots.file) options_.snapshots.file->flush();
  write_file(result_.trajectories, static_cast<int64_t>(mine.sources.size()),
             [&](int array, const Append& append) { append_array(array, mine, append); });
  return mine.done;
}

int64_t Checkpoints::write_shared() {
  Ranks& ranks = options_.share->ranks();
  const Rows mine = rows();
  do_together(ranks, [&] {
    if (options_.snapshots.file) options_.snapshots.file->flush();
  });
  int64_t sums[] = {static_cast<int64_t>(mine.sources.size()), mine.done};
  ranks.add(sums);
  const int64_t begun = sums[0], done = sums[1];
  if (begun == 0) return 0;
  int collected = 0;
  const auto collect = [&](int array, const Append& append) {
    std::vector<std::byte> bytes;
    append_array(array, mine,
                 [&](std::span<const std::byte> more) { bytes.insert(bytes.end(), more.begin(), more.end()); });
    ++collected;
    ranks.collect(bytes, append);
  };
  do_together(ranks, [&] {
    const auto take_the_rest = [&] {
      while (collected < kArrays) collect(collected, [](std::span<const std::byte>) {});
    };
    if (ranks.rank() > 0) return take_the_rest();
    try {
      write_file(options_.share->whole().trajectories, begun, collect);
    } catch (...) {
      take_the_rest();
      throw;
    }
  });
  return done;
}

}  // namespace swell
