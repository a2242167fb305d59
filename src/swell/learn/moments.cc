#include "swell/learn/moments.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <span>
#include <tuple>

#include "swell/base/clock.h"
#include "swell/base/errors.h"
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

// Reads all images once: the classes with the ranges of their patterns, and the kinds of units.
Survey survey(const Computer& computer, const LearnedProtocol& noising, const PatternSource& images) {
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
  for (int64_t first = 0; first < images.rows; first += kImagesPerPiece) {
    const int64_t rows = std::min(kImagesPerPiece, images.rows - first);
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

// Rows of the sums that one rank forms: each entry is a sum in one order, whoever forms it, and so has the bits that it
// has with one process. A row of xx begins at the diagonal, so that the first ones are longer.
Portion rows_of_rank(int64_t kinds, int rank, int size) {
  constexpr int64_t kStep = 24;  // rows that the kernel takes at once
  const auto start = [&](int r) {
    // The rows [0, k) are 2 k - k^2 / 2 of the work, for kinds = 1.
    const double share = 1.5 * r / size;
    const auto row = static_cast<int64_t>(static_cast<double>(kinds) * (2 - std::sqrt(4 - 2 * share)));
    return r == size ? kinds : std::min(kinds, row / kStep * kStep);
  };
  return {start(rank), start(rank + 1) - start(rank)};
}

// Sums over images, of kinds against kinds.
class KindSums {
 public:
  KindSums(const Survey& survey, const TimeReduction& reduction, int64_t units, int threads, Ranks* ranks)
      : survey_(survey),
        units_(units),
        kinds_(survey.kinds.count()),
        rank_(reduction.rank),
        threads_(threads),
        sums_{std::vector<double>(kinds_ * kinds_), std::vector<double>(kinds_ * kinds_),
              std::vector<double>(3 * kinds_)},
        lookups_(kPieces, Lookup(reduction)),
        ranks_(ranks),
        rows_(ranks ? rows_of_rank(kinds_, ranks->rank(), ranks->size()) : Portion{0, kinds_}) {}

  const PairSums& sums() const { return sums_; }

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
    if (!ranks_) {
      add_gram(kinds_, depth, mean_.data(), kinds_, sums_.xx.data(), kinds_, threads_);
    } else {
      // The same sums of the rows that are this rank's.
      add_product_of_columns(rows_.count, kinds_ - rows_.first, depth, mean_.data() + rows_.first, kinds_,
                             mean_.data() + rows_.first, kinds_, sums_.xx.data() + rows_.first * (kinds_ + 1), kinds_,
                             threads_);
    }
    add_product_of_columns(rows_.count, kinds_, depth, target_.data() + rows_.first, kinds_, mean_.data(), kinds_,
                           sums_.yx.data() + rows_.first * kinds_, kinds_, threads_);
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t k = 0; k < 3 * kinds_; ++k) sums_.singles[k] += block_singles_[row * 3 * kinds_ + k];
    }
  }

  // After all images: the rows of every rank, at every rank.
  void put_together() {
    if (!ranks_) return;
    for (auto* sums : {&sums_.xx, &sums_.yx}) {
      const std::span<const double> here(sums->data() + rows_.first * kinds_, rows_.count * kinds_);
      *sums = gather_all(*ranks_, here);
    }
  }

 private:
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
  Ranks* ranks_;
  Portion rows_;  // of the sums, that are this rank's
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

}  // namespace

Moments exact_moments(const Computer& computer, const LearnedProtocol& protocol, const PatternSource& images,
                      const MomentOptions& options, MomentReport* report) {
  LearnedProtocol noising = protocol;
  for (Segment& segment : noising.segments) segment.kT = temperature(segment, computer);
  if (images.rows < 1) throw InputError("exact training needs at least one image; none was given");
  const auto start = std::chrono::steady_clock::now();
  const Survey found = survey(computer, noising, images);
  std::vector<OneUnitTable> tables;
  for (const UnitClass& own : found.classes) {
    tables.push_back(solve_fokker_planck(own.unit, noising, own.group, own.low, own.high,
                                         {options.fokker_planck_patterns, options.fokker_planck_cells, options.dt,
                                          options.threads, options.table_progress}));
  }
  const TimeReduction reduction = reduce_times(tables);
  const double tables_s = seconds_since(start);
  KindSums sums(found, reduction, computer.units(), options.threads, options.ranks);
  constexpr int64_t kBlock = kPieces * kImagesPerPiece;
  for (int64_t first = 0; first < images.rows; first += kBlock) {
    const int64_t rows = std::min(kBlock, images.rows - first);
    sums.add(images, first, rows);
    const bool go_on = !options.progress || options.progress(first + rows, images.rows);
    if (!all_agree(options.ranks, go_on)) {
      throw Interrupted("training was interrupted while summing moments; nothing was kept");
    }
  }
  sums.put_together();
  Moments moments = for_units(sums.sums(), found.kinds, computer.units(), options.threads);
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
