#include "swell/learn/moments.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <span>
#include <tuple>
#include <utility>

#include "swell/base/clock.h"
#include "swell/base/errors.h"
#include "swell/base/parcel.h"
#include "swell/base/ranks.h"
#include "swell/base/threads.h"
#include "swell/kernels/matrix_product.h"
#include "swell/learn/fokker_planck.h"
#include "swell/learn/time_functions.h"
#include "swell/learn/unit_kinds.h"

namespace swell {

void Moments::merge(const Moments& other) {
  if (images == 0 && count == 0) {
    kind = other.kind;
  } else if (kind.empty() || other.kind.empty()) {
    kind.clear();
  } else {
    UnitKinds both(units);
    both.part_by(std::span<const int32_t>(kind));
    both.part_by(std::span<const int32_t>(other.kind));
    kind = both.of_units();
  }
  count += other.count;
  images += other.images;
  for (size_t k = 0; k < xx.size(); ++k) xx[k] += other.xx[k];
  for (size_t k = 0; k < yx.size(); ++k) yx[k] += other.yx[k];
  for (size_t k = 0; k < x.size(); ++k) x[k] += other.x[k];
  for (size_t k = 0; k < y.size(); ++k) y[k] += other.y[k];
}

namespace {

constexpr int64_t kImagesPerPiece = 32, kPieces = 8;  // a block of images is filled in pieces, one thread's work each

// Units of one class share a Fokker-Planck table: the same potential, mobility and drive schedule.
struct UnitClass {
  OneUnitParameters unit;
  int group;         // the first group with this schedule
  double low, high;  // range of the patterns of all units with this schedule, so that portions of data agree on it
};

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Survey {
  std::vector<UnitClass> classes;
  std::vector<int32_t> class_of_unit;
  UnitKinds kinds;
};

bool same_drive(const Protocol& protocol, size_t g, size_t q) {
  const auto same = [](const Schedule::Knot& a, const Schedule::Knot& b) { return a.at == b.at && a.value == b.value; };
  return std::all_of(protocol.segments.begin(), protocol.segments.end(), [&](const Segment& segment) {
    const auto &a = segment.drive[g].knots, &b = segment.drive[q].knots;
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
  });
}

// What the ranks have seen of their images becomes what all have seen.
void share_survey(Ranks& ranks, UnitKinds& kinds, std::vector<double>& low, std::vector<double>& high) {
  Parcel parcel;
  parcel.put_all(kinds.of_units());
  parcel.put_all(low);
  parcel.put_all(high);
  for (Ranks::Bytes& bytes : ranks.gather(parcel.bytes())) {
    Parcel seen(std::move(bytes));
    const auto kind = seen.take_all<int32_t>();
    const auto lowest = seen.take_all<double>(), highest = seen.take_all<double>();
    kinds.part_by(std::span<const int32_t>(kind));
    for (size_t g = 0; g < low.size(); ++g) {
      low[g] = std::min(low[g], lowest[g]);
      high[g] = std::max(high[g], highest[g]);
    }
  }
}

// Reads all images once, each rank its portion: the classes with the ranges of their patterns, and the kinds of units.
Survey survey(const Computer& computer, const LearnedProtocol& noising, const PatternSource& images, Ranks* ranks) {
  const int64_t n = computer.units();
  Survey result{{}, std::vector<int32_t>(n), UnitKinds(n)};
  std::map<std::tuple<size_t, double, double, double, double>, int32_t> known;
  for (size_t g = 0; g < computer.groups.size(); ++g) {
    size_t like = 0;
    while (!same_drive(noising, like, g)) ++like;
    const Group& group = computer.groups[g];
    for (int64_t i = group.first; i < group.first + group.size; ++i) {
      const OneUnitParameters unit{computer.J2[i], computer.J3[i], computer.J4[i], computer.mobility[i]};
      const auto [entry, fresh] = known.emplace(std::tuple(like, unit.J2, unit.J3, unit.J4, unit.mobility),
                                                static_cast<int32_t>(result.classes.size()));
      if (fresh) result.classes.push_back({unit, static_cast<int>(like), kInfinity, -kInfinity});
      result.class_of_unit[i] = entry->second;
    }
  }
  result.kinds.part_by(std::span<const int32_t>(result.class_of_unit));
  const size_t groups = computer.groups.size();
  std::vector<double> low(groups, kInfinity), high(groups, -kInfinity), block(kImagesPerPiece * n);
  const Portion here = portion(images.rows, kImagesPerPiece, ranks ? ranks->rank() : 0, ranks ? ranks->size() : 1);
  const int64_t end = here.first + here.count;
  for (int64_t first = here.first; first < end; first += kImagesPerPiece) {
    const int64_t rows = std::min(kImagesPerPiece, end - first);
    images.fill(first, rows, block.data());
    for (int64_t row = 0; row < rows; ++row) {
      const std::span<const double> values(block.data() + row * n, n);
      result.kinds.part_by(values);
      for (int64_t i = 0; i < n; ++i) {
        const int schedule = result.classes[result.class_of_unit[i]].group;
        low[schedule] = std::min(low[schedule], values[i]);
        high[schedule] = std::max(high[schedule], values[i]);
      }
    }
  }
  if (ranks) share_survey(*ranks, result.kinds, low, high);
  for (UnitClass& own : result.classes) {
    own.low = low[own.group];
    own.high = high[own.group];
  }
  return result;
}

// The time sums at a pattern. Values recur (pixels have 256), so the last ones are kept, by a hash of their bits.
class Lookup {
 public:
  Lookup(const TimeReduction& reduction)
      : reduction_(reduction), width_(2 * reduction.rank + 3), keys_(kSlots, {-1, 0}), values_(kSlots * width_) {}

  const double* operator()(int32_t table, double pattern) {
    const uint64_t bits = std::bit_cast<uint64_t>(pattern);
    const size_t slot = ((bits + static_cast<uint64_t>(table)) * 0x9e3779b97f4a7c15u) >> (64 - kSlotBits);
    double* out = values_.data() + slot * width_;
    if (keys_[slot] == std::pair(table, bits)) return out;
    keys_[slot] = {table, bits};
    const TimeSums& sums = reduction_.tables[table];
    const std::vector<double> weights = interpolation_weights(sums.patterns, pattern);
    std::fill_n(out, width_, 0.0);
    for (size_t c = 0; c < weights.size(); ++c) {
      for (int k = 0; k < width_; ++k) out[k] += weights[c] * sums.values[c * width_ + k];
    }
    return out;
  }

 private:
  static constexpr int kSlotBits = 10;
  static constexpr size_t kSlots = size_t{1} << kSlotBits;
  const TimeReduction& reduction_;
  int width_;
  std::vector<std::pair<int32_t, uint64_t>> keys_;
  std::vector<double> values_;
};

struct PairSums {
  std::vector<double> xx, yx;   // [kinds][kinds] over different units; xx on and above the diagonal
  std::vector<double> singles;  // [3][kinds] sums of <x'>, <y>, <x'^2>
};

// Images are summed in portions, and the portions two by two, then those sums two by two: an order that stands whoever
// sums which portion. Their number, a power of two, follows from that of the images.
int64_t count_portions(int64_t images) {
  constexpr int64_t kLeast = 512;  // images, which take much longer than adding their sums to others
  return static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(std::max<int64_t>(1, images / kLeast))));
}

// Sums over portions [first, first + width), of which there are more and more.
struct PortionSums {
  int64_t first = 0, width = 1;
  PairSums sums;
};

class SumTree {
 public:
  // The portions next to those that came before.
  void push(PortionSums next) {
    nodes_.push_back(std::move(next));
    while (nodes_.size() > 1 && are_halves(nodes_[nodes_.size() - 2], nodes_.back())) {
      const PairSums right = std::move(nodes_.back().sums);
      nodes_.pop_back();
      PortionSums& left = nodes_.back();
      left.width *= 2;
      add(left.sums.xx, right.xx);
      add(left.sums.yx, right.yx);
      add(left.sums.singles, right.singles);
    }
  }

  // After all portions of all ranks: their sum, at every rank.
  PairSums total(Ranks* ranks) {
    if (ranks) put_together(*ranks);
    return std::move(nodes_.front().sums);
  }

 private:
  static bool are_halves(const PortionSums& a, const PortionSums& b) {
    return a.width == b.width && a.first % (2 * a.width) == 0;
  }
  static void add(std::vector<double>& sum, const std::vector<double>& more) {
    for (size_t k = 0; k < sum.size(); ++k) sum[k] += more[k];
  }

  // The first rank goes on with the tree where the others ended, one after the other.
  void put_together(Ranks& ranks) {
    Parcel here;
    here.put(nodes_.size());
    for (const PortionSums& node : nodes_) put(here, node);
    bool own = true;
    ranks.collect(here.bytes(), [&](std::span<const std::byte> bytes) {
      if (std::exchange(own, false)) return;
      Parcel parcel(Ranks::Bytes(bytes.begin(), bytes.end()));
      for (auto left = parcel.take<size_t>(); left > 0; --left) push(take(parcel));
    });
    Parcel whole;
    if (ranks.rank() == 0) put(whole, nodes_.front());
    Parcel all(std::move(ranks.gather(whole.bytes())[0]));
    nodes_.assign(1, take(all));
  }
  static void put(Parcel& parcel, const PortionSums& node) {
    parcel.put(node.first);
    parcel.put(node.width);
    for (const auto* values : {&node.sums.xx, &node.sums.yx, &node.sums.singles}) parcel.put_all(*values);
  }
  static PortionSums take(Parcel& parcel) {
    PortionSums node;
    node.first = parcel.take<int64_t>();
    node.width = parcel.take<int64_t>();
    for (auto* values : {&node.sums.xx, &node.sums.yx, &node.sums.singles}) *values = parcel.take_all<double>();
    return node;
  }

  std::vector<PortionSums> nodes_;
};

// Sums over images, of kinds against kinds.
class KindSums {
 public:
  KindSums(const Survey& survey, const TimeReduction& reduction, int64_t units, int threads)
      : survey_(survey),
        units_(units),
        kinds_(survey.kinds.count()),
        rank_(reduction.rank),
        threads_(threads),
        lookups_(kPieces, Lookup(reduction)) {
    clear();
  }

  // Of all images since the last time.
  PairSums take() {
    PairSums sums = std::move(sums_);
    clear();
    return sums;
  }

  // Images [first, first + rows), at most kPieces * kImagesPerPiece.
  void add(const PatternSource& images, int64_t first, int64_t rows) {
    for (auto* values : {&mean_, &target_}) values->resize(rows * rank_ * kinds_);
    block_singles_.resize(rows * 3 * kinds_);
    parallel_for((rows + kImagesPerPiece - 1) / kImagesPerPiece, threads_, [&](int64_t piece) {
      const int64_t from = piece * kImagesPerPiece, count = std::min(kImagesPerPiece, rows - from);
      std::vector<double> patterns(count * units_);
      images.fill(first + from, count, patterns.data());
      for (int64_t row = 0; row < count; ++row) fill_image(lookups_[piece], patterns.data() + row * units_, from + row);
    });
    const int64_t depth = rows * rank_;
    add_gram(kinds_, depth, mean_.data(), kinds_, sums_.xx.data(), kinds_, threads_);
    add_product_of_columns(kinds_, kinds_, depth, target_.data(), kinds_, mean_.data(), kinds_, sums_.yx.data(), kinds_,
                           threads_);
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t k = 0; k < 3 * kinds_; ++k) sums_.singles[k] += block_singles_[row * 3 * kinds_ + k];
    }
  }

 private:
  void clear() {
    sums_ = {std::vector<double>(kinds_ * kinds_), std::vector<double>(kinds_ * kinds_),
             std::vector<double>(3 * kinds_)};
  }

  void fill_image(Lookup& lookup, const double* pattern, int64_t row) {
    double *mean = mean_.data() + row * rank_ * kinds_, *target = target_.data() + row * rank_ * kinds_;
    double* single = block_singles_.data() + row * 3 * kinds_;
    for (int64_t k = 0; k < kinds_; ++k) {
      const int64_t unit = survey_.kinds.first_units()[k];
      const double* values = lookup(survey_.class_of_unit[unit], pattern[unit]);
      for (int r = 0; r < rank_; ++r) mean[r * kinds_ + k] = values[r];
      for (int r = 0; r < rank_; ++r) target[r * kinds_ + k] = values[rank_ + r];
      for (int s = 0; s < 3; ++s) single[s * kinds_ + k] = values[2 * rank_ + s];
    }
  }

  const Survey& survey_;
  int64_t units_, kinds_;
  int rank_, threads_;
  PairSums sums_;
  std::vector<Lookup> lookups_;
  std::vector<double> mean_, target_;  // [image, time function][kinds] a and b
  std::vector<double> block_singles_;  // [image][3][kinds]
};

Moments for_units(const PairSums& sums, const UnitKinds& kinds, int64_t units, int threads) {
  Moments moments(units);
  moments.kind = kinds.of_units();
  const int64_t count = kinds.count();
  parallel_for(units, threads, [&](int64_t i) {
    const int64_t a = moments.kind[i];
    for (int64_t j = 0; j < units; ++j) {
      const int64_t b = moments.kind[j];
      moments.xx[i * units + j] = sums.xx[std::min(a, b) * count + std::max(a, b)];
      moments.yx[i * units + j] = sums.yx[a * count + b];
    }
    moments.x[i] = sums.singles[a];
    moments.y[i] = sums.singles[count + a];
    moments.xx[i * units + i] = sums.singles[2 * count + a];
  });
  return moments;
}

PairSums sum_images(const Survey& found, const TimeReduction& reduction, int64_t units, const PatternSource& images,
                    const MomentOptions& options) {
  constexpr int64_t kBlock = kPieces * kImagesPerPiece;
  const int64_t portions = count_portions(images.rows);
  const int ranks = options.ranks ? options.ranks->size() : 1;
  const Portion here = portion(portions, 1, options.ranks ? options.ranks->rank() : 0, ranks);
  KindSums sums(found, reduction, units, options.threads);
  SumTree tree;
  int64_t done = 0;
  bool go_on = true;
  for (int64_t p = here.first; p < here.first + here.count && go_on; ++p) {
    const Portion part = portion(images.rows, kImagesPerPiece, static_cast<int>(p), static_cast<int>(portions));
    for (int64_t k = 0; k < part.count && go_on; k += kBlock) {
      const int64_t rows = std::min(kBlock, part.count - k);
      sums.add(images, part.first + k, rows);
      done += rows;
      go_on = tell(options.progress, std::min(images.rows, done * ranks), images.rows);
    }
    tree.push({p, 1, sums.take()});
  }
  if (!all_agree(options.ranks, go_on))
    throw Interrupted("training was interrupted while summing moments; nothing was kept");
  return tree.total(options.ranks);
}

}  // namespace

Moments exact_moments(const Computer& computer, const LearnedProtocol& protocol, const PatternSource& images,
                      const MomentOptions& options, MomentReport* report) {
  LearnedProtocol noising = protocol;
  for (Segment& segment : noising.segments) segment.kT = temperature(segment, computer);
  if (images.rows < 1) throw InputError("exact training needs at least one image; none was given");
  const auto start = std::chrono::steady_clock::now();
  const Survey found = survey(computer, noising, images, options.ranks);
  std::vector<OneUnitTable> tables;
  for (const UnitClass& own : found.classes) {
    tables.push_back(solve_fokker_planck(own.unit, noising, own.group, own.low, own.high,
                                         {options.fokker_planck_patterns, options.fokker_planck_cells, options.dt,
                                          options.threads, options.table_progress}));
  }
  const TimeReduction reduction = reduce_times(tables);
  const double tables_s = seconds_since(start);
  const PairSums sums = sum_images(found, reduction, computer.units(), images, options);
  Moments moments = for_units(sums, found.kinds, computer.units(), options.threads);
  moments.images = images.rows;
  moments.count = static_cast<double>(images.rows) * reduction.weight;
  if (report) {
    const auto kinds = static_cast<double>(found.kinds.count());
    *report = {reduction.rank,
               reduction.truncation,
               found.kinds.count(),
               1.5 * reduction.rank * static_cast<double>(images.rows) * kinds * kinds,
               tables_s,
               seconds_since(start) - tables_s};
  }
  return moments;
}

Moments exact_moments(const Computer& computer, const LearnedProtocol& noising, const Patterns& patterns,
                      const MomentOptions& options, MomentReport* report) {
  const int64_t n = computer.units();
  const PatternSource images{patterns.rows, [&](int64_t first, int64_t rows, double* out) {
                               std::copy_n(patterns.values.begin() + first * n, rows * n, out);
                             }};
  return exact_moments(computer, noising, images, options, report);
}

}  // namespace swell
