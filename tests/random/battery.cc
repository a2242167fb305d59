#include "random/battery.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <memory>
#include <numbers>

#include "swell/engine/cpu/step_kernels.h"
#include "swell/kernels/dispatch.h"

namespace swell::test {

namespace {

constexpr uint64_t kHigh = uint64_t{1} << 32;
constexpr int kCells = 1024, kSquareCells = 32;  // cells of one normal, and per axis of a pair
constexpr int kStepsInARow = 97;                 // prime, so that every kind of pair meets every step
constexpr int kSubSample = 4096;                 // for Kolmogorov-Smirnov

double two_sided_p(double sigmas) { return std::erfc(std::abs(sigmas) / std::numbers::sqrt2); }

double upper_normal(double x) { return 0.5 * std::erfc(x / std::numbers::sqrt2); }

// <x^k> = (k - 1)!! for even k, 0 for odd.
double normal_moment(int k) {
  if (k % 2) return 0;
  double value = 1;
  for (int j = k - 1; j > 1; j -= 2) value *= j;
  return value;
}

// Both tails of a Poisson count: exact sums where few are expected, the square-root transform where many are.
double poisson_p(double count, double expected) {
  if (expected > 1000) return two_sided_p(2 * (std::sqrt(count + 0.375) - std::sqrt(expected)));
  double below = 0, at = 0, above = 0, term = std::exp(-expected);
  for (int k = 0; k < 3000; ++k) {
    (k < count ? below : k > count ? above : at) += term;
    term *= expected / (k + 1);
  }
  return std::min(1.0, 2 * (at + std::min(below, above)));
}

// Upper ends of kCells equiprobable cells, by bisection of the distribution function.
class Cells {
 public:
  Cells() {
    for (int cell = 0; cell + 1 < kCells; ++cell) {
      double low = -8, high = 8;
      for (int halving = 0; halving < 60; ++halving) {
        const double middle = (low + high) / 2;
        (upper_normal(-middle) < (cell + 1.0) / kCells ? low : high) = middle;
      }
      ends_[cell] = static_cast<float>(low);
    }
    ends_[kCells - 1] = 1e30f;
    for (int slot = 0; slot < kSlots; ++slot) {
      const float left = static_cast<float>(slot) / kSlotsPerUnit - kRange;
      first_[slot] = static_cast<uint16_t>(std::upper_bound(ends_.begin(), ends_.end(), left) - ends_.begin());
    }
  }
  uint16_t operator()(float x) const {
    const float clamped = std::min(kRange - 0.01f, std::max(-kRange, x));
    uint16_t cell = first_[static_cast<int>((clamped + kRange) * kSlotsPerUnit)];
    while (cell > 0 && x < ends_[cell - 1]) --cell;
    while (x >= ends_[cell]) ++cell;
    return cell;
  }

 private:
  static constexpr float kRange = 4.0f, kSlotsPerUnit = 512.0f;
  static constexpr int kSlots = 4096;
  std::array<float, kCells> ends_;
  std::array<uint16_t, kSlots> first_;
};

struct Tile {
  alignas(64) std::array<float, kTileDraws> x;
  std::array<uint16_t, kTileDraws> cell;

  void fill(const Source& source, const TileAddress& address, const Cells& cells) {
    source(address, x.data());
    for (int i = 0; i < kTileDraws; ++i) cell[i] = cells(x[i]);
  }
};

// Everything about pairs of one kind. For independent normals <xy>, <(x^2 - 1) y>, <x (y^2 - 1)> and <(x^2-1)(y^2-1)>
// vanish with variances 1, 2, 2 and 4.
class Pairs {
 public:
  explicit Pairs(std::string name) : name_(std::move(name)), counts_(kSquareCells * kSquareCells) {}

  void add(const Tile& first, int i, const Tile& second, int j) {
    const double x = static_cast<double>(first.x[i]), y = static_cast<double>(second.x[j]);
    const double xx = x * x - 1, yy = y * y - 1;
    sums_[0] += x * y;
    sums_[1] += xx * y;
    sums_[2] += x * yy;
    sums_[3] += xx * yy;
    constexpr int kPerSide = kCells / kSquareCells;
    ++counts_[first.cell[i] / kPerSide * kSquareCells + second.cell[j] / kPerSide];
    ++pairs_;
  }
  void report(std::vector<Finding>& findings) const {
    const double n = static_cast<double>(pairs_), expected = n / static_cast<double>(counts_.size());
    if (expected < 5) return;  // not drawn often enough for this kind
    constexpr const char* kWhat[] = {"values", "square, value", "value, square", "squares"};
    constexpr double kVariance[] = {1, 2, 2, 4};
    for (int k = 0; k < 4; ++k)
      findings.push_back({fmt::format("{}: {}", name_, kWhat[k]), two_sided_p(sums_[k] / std::sqrt(kVariance[k] * n))});
    double chi_square = 0;
    for (const int64_t count : counts_) chi_square += std::pow(static_cast<double>(count) - expected, 2) / expected;
    findings.push_back(
        {fmt::format("{}: 32 x 32 cells", name_), chi_square_p(chi_square, static_cast<double>(counts_.size() - 1))});
  }

 private:
  std::string name_;
  std::array<double, 4> sums_{};
  std::vector<int64_t> counts_;
  int64_t pairs_ = 0;
};

// Pairs inside a tile: units first + k period and second + k period, or lanes that far apart.
struct Near {
  const char* name;
  int first_unit, second_unit, period, lag;  // lag in trajectories; 0 for pairs of units
};
constexpr Near kNear[] = {
    {"block 0,1", 0, 1, 4, 0},        {"block 0,2", 0, 2, 4, 0},        {"block 0,3", 0, 3, 4, 0},
    {"block 1,2", 1, 2, 4, 0},        {"block 1,3", 1, 3, 4, 0},        {"block 2,3", 2, 3, 4, 0},
    {"next block", 0, 4, 8, 0},       {"block 3, next 0", 3, 4, 8, 0},  {"next slab", 0, 12, 24, 0},
    {"64 units on", 0, 64, 72, 0},    {"half a machine", 0, 648, 1, 0}, {"trajectory + 1", 0, 0, 0, 1},
    {"trajectory + 2", 0, 0, 0, 2},   {"trajectory + 4", 0, 0, 0, 4},   {"trajectory + 8", 0, 0, 0, 8},
    {"trajectory + 16", 0, 0, 0, 16}, {"trajectory + 32", 0, 0, 0, 32},
};

// Pairs with the same place in another tile.
struct Far {
  const char* name;
  uint64_t seed;
  uint32_t stream;
  uint64_t trajectory, step;
};
constexpr Far kFar[] = {
    {"step + 1", 0, 0, 0, 1},
    {"step + 2", 0, 0, 0, 2},
    {"step + 2500", 0, 0, 0, 2500},
    {"step + 2^16", 0, 0, 0, 1 << 16},
    {"step + 2^32", 0, 0, 0, kHigh},
    {"trajectory + 1000", 0, 0, 1000, 0},
    {"trajectory + 2^16", 0, 0, 1 << 16, 0},
    {"trajectory + 2^32", 0, 0, kHigh, 0},
    {"trajectory + 1, step + 1", 0, 0, 1, 1},
    {"trajectory + 64, step - 1", 0, 0, 64, ~uint64_t{0}},
    {"seed + 1", 1, 0, 0, 0},
    {"seed + 2^16", 1 << 16, 0, 0, 0},
    {"seed + 2^32", kHigh, 0, 0, 0},
    {"seed + 2^63", uint64_t{1} << 63, 0, 0, 0},
    {"stream + 1", 0, 1, 0, 0},
    {"stream + 2", 0, 2, 0, 0},
    {"stream + 3", 0, 3, 0, 0},
    {"stream + 4", 0, 4, 0, 0},
    {"seed + 1, stream + 1", 1, 1, 0, 0},
};

void add_near(const Near& near, const Tile& tile, Pairs& pairs) {
  if (near.lag) {
    for (int first = 0; first < kTileTrajectories; ++first) {
      if (first / near.lag % 2) continue;
      for (int unit = 0; unit < kTileUnits; ++unit)
        pairs.add(tile, tile_index(first, unit), tile, tile_index(first + near.lag, unit));
    }
    return;
  }
  for (int unit = near.first_unit; unit + near.second_unit - near.first_unit < kTileUnits; unit += near.period) {
    for (int trajectory = 0; trajectory < kTileTrajectories; ++trajectory)
      pairs.add(tile, tile_index(trajectory, unit), tile,
                tile_index(trajectory, unit + near.second_unit - near.first_unit));
  }
}

// Sums of draws that would drift apart from their exact variance if many draws shared a weak common part.
class Sums {
 public:
  Sums(std::string name, int terms) : name_(std::move(name)), terms_(terms) {}
  void add(double sum) {
    excess_ += sum * sum / terms_ - 1;
    ++count_;
  }
  void report(std::vector<Finding>& findings) const {
    if (count_ < 1000) return;
    findings.push_back({name_, two_sided_p(excess_ / std::sqrt(2.0 * static_cast<double>(count_)))});
  }

 private:
  std::string name_;
  int terms_;
  double excess_ = 0;
  int64_t count_ = 0;
};

// What concerns one normal at a time, and sums of them.
class Singles {
 public:
  void add(const Tile& tile) {
    draws_ += kTileDraws;
    for (const uint16_t cell : tile.cell) ++counts_[cell];
    add_moments(tile.x);
    add_tails(tile.x);
    add_sums(tile.x);
  }
  void add_sub_sample(std::vector<float> values, std::vector<double>& logs) const {
    std::sort(values.begin(), values.end());
    const double n = static_cast<double>(values.size());
    double distance = 0;
    for (size_t i = 0; i < values.size(); ++i) {
      const double u = upper_normal(-static_cast<double>(values[i]));
      distance = std::max({distance, u - static_cast<double>(i) / n, (static_cast<double>(i) + 1) / n - u});
    }
    logs.push_back(std::log(std::max(1e-300, kolmogorov_p(distance, n))));
  }
  void report(std::vector<Finding>& findings) const {
    const double n = static_cast<double>(draws_);
    for (int k = 1; k <= kOrders; ++k) {
      double sum = 0;
      for (const double lane : moments_[k - 1]) sum += lane;
      const double variance = normal_moment(2 * k) - normal_moment(k) * normal_moment(k);
      findings.push_back(
          {fmt::format("moment {}", k), two_sided_p((sum / n - normal_moment(k)) / std::sqrt(variance / n))});
    }
    double chi_square = 0, distance = 0, running = 0;
    for (int cell = 0; cell < kCells; ++cell) {
      const double count = static_cast<double>(counts_[cell]);
      chi_square += std::pow(count - n / kCells, 2) / (n / kCells);
      running += count;
      distance = std::max(distance, std::abs(running / n - (cell + 1.0) / kCells));
    }
    findings.push_back({"1024 cells", chi_square_p(chi_square, kCells - 1)});
    findings.push_back({"Kolmogorov-Smirnov, all draws", kolmogorov_p(distance, n)});
    for (size_t k = 0; k < kCuts.size(); ++k) {
      const double expected = n * upper_normal(static_cast<double>(kCuts[k]));
      findings.push_back({fmt::format("above {}", kCuts[k]), poisson_p(above_[k], expected)});
      findings.push_back({fmt::format("below -{}", kCuts[k]), poisson_p(below_[k], expected)});
    }
    over_units_.report(findings);
    over_trajectories_.report(findings);
    over_steps_.report(findings);
  }

 private:
  static constexpr int kOrders = 8, kRow = 16, kStepSum = 16;
  static constexpr std::array<float, 6> kCuts{3.0f, 3.5f, 4.0f, 4.5f, 5.0f, 5.5f};
  using Draws = std::array<float, kTileDraws>;

  // In rows of independent sums, which the compiler turns into vectors.
  void add_moments(const Draws& x) {
    for (int i = 0; i < kTileDraws; i += kRow) {
      std::array<double, kRow> value, power;
      for (int k = 0; k < kRow; ++k) power[k] = value[k] = static_cast<double>(x[i + k]);
      for (int order = 0; order < kOrders; ++order) {
        for (int k = 0; k < kRow; ++k) {
          moments_[order][k] += power[k];
          power[k] *= value[k];
        }
      }
    }
  }
  void add_tails(const Draws& x) {
    for (const float value : x) {
      if (std::abs(value) <= kCuts[0]) continue;
      for (size_t k = 0; k < kCuts.size(); ++k) {
        above_[k] += value > kCuts[k];
        below_[k] += value < -kCuts[k];
      }
    }
  }
  void add_sums(const Draws& x) {
    std::array<double, kTileTrajectories> units{};
    std::array<double, kTileUnits> trajectories{};
    for (int block = 0; block < kTileTrajectories / kLaneCount; ++block) {
      for (int unit = 0; unit < kTileUnits; ++unit) {
        for (int lane = 0; lane < kLaneCount; ++lane) {
          const int i = (block * kTileUnits + unit) * kLaneCount + lane;
          const double value = static_cast<double>(x[i]);
          units[block * kLaneCount + lane] += value;
          trajectories[unit] += value;
          step_sums_[i] += x[i];
        }
      }
    }
    for (const double sum : units) over_units_.add(sum);
    for (const double sum : trajectories) over_trajectories_.add(sum);
    if (++steps_ % kStepSum) return;
    for (float& sum : step_sums_) {
      over_steps_.add(static_cast<double>(sum));
      sum = 0;
    }
  }

  int64_t draws_ = 0, steps_ = 0;
  std::array<int64_t, kCells> counts_{};
  std::array<std::array<double, kRow>, kOrders> moments_{};
  std::array<double, kCuts.size()> above_{}, below_{};
  std::vector<float> step_sums_ = std::vector<float>(kTileDraws, 0.0f);
  Sums over_units_{"sums over units", kTileUnits}, over_trajectories_{"sums over trajectories", kTileTrajectories},
      over_steps_{"sums over steps", kStepSum};
};

// Steps run fastest, then trajectories; every seventh row of steps takes the next seed and stream.
TileAddress address_of(int64_t tile) {
  const uint64_t row = static_cast<uint64_t>(tile / kStepsInARow), key = row / 7;
  return {{20260401 + (key << 20), static_cast<uint32_t>(key % 5)},
          row * kTileTrajectories,
          static_cast<uint64_t>(tile % kStepsInARow) + 1};
}

}  // namespace

double chi_square_p(double chi_square, double freedom) {
  // Wilson and Hilferty: the cube root is nearly normal; within 1 % of sigma at 6 sigma from 100 degrees of freedom on.
  const double c = 2 / (9 * freedom);
  return two_sided_p((std::cbrt(chi_square / freedom) - 1 + c) / std::sqrt(c));
}

double kolmogorov_p(double distance, double n) {
  const double t = distance * (std::sqrt(n) + 0.12 + 0.11 / std::sqrt(n));
  if (t < 0.3) return 1;  // to 1e-5
  double sum = 0;
  for (int k = 1; k <= 20; ++k) sum += (k % 2 ? 2 : -2) * std::exp(-2.0 * k * k * t * t);
  return std::clamp(sum, 0.0, 1.0);
}

Source engine_draws(std::string_view isa, cpu::Layout layout) {
  static_assert(cpu::kLanes == kLaneCount && cpu::kMaxSlots >= kTileTrajectories);
  static_assert(kTileUnits % cpu::kSlabRows == 0);
  if (layout == cpu::Layout::wide) {
    return [kernels = cpu::step_kernels(isa).wide](const TileAddress& address, float* draws) {
      cpu::Tile tile{};
      tile.padded_units = kTileUnits;
      tile.slots = kTileTrajectories;
      tile.noise = draws;
      tile.key = address.key;
      tile.first_trajectory = address.trajectory;
      kernels->fill_noise(tile, address.step);
    };
  }
  return [kernels = cpu::step_kernels(isa).narrow](const TileAddress& address, float* draws) {
    constexpr int kSlots = 8, kPadded = (kTileUnits + cpu::kStripRows - 1) / cpu::kStripRows * cpu::kStripRows;
    static_assert(kSlots <= cpu::kMaxNarrow && kTileTrajectories % kSlots == 0);
    alignas(64) std::array<float, kSlots * kPadded> rows;
    for (int first = 0; first < kTileTrajectories; first += kSlots) {
      cpu::Tile tile{};
      tile.padded_units = kPadded;
      tile.slots = kSlots;
      tile.noise = rows.data();
      tile.key = address.key;
      tile.first_trajectory = address.trajectory + first;
      kernels->fill_noise(tile, address.step);
      for (int slot = 0; slot < kSlots; ++slot) {
        for (int unit = 0; unit < kTileUnits; ++unit)
          draws[tile_index(first + slot, unit)] = rows[slot * kPadded + unit];
      }
    }
  };
}

const Finding& Verdict::worst() const {
  return *std::min_element(findings.begin(), findings.end(),
                           [](const Finding& a, const Finding& b) { return a.p < b.p; });
}

double Verdict::p() const { return std::min(1.0, worst().p * static_cast<double>(findings.size())); }

Verdict judge(const Source& source, int64_t tiles) {
  const Cells cells;
  const auto here = std::make_unique<Tile>(), there = std::make_unique<Tile>();
  Singles singles;
  std::vector<Pairs> near, far;
  for (const Near& kind : kNear) near.emplace_back(kind.name);
  for (const Far& kind : kFar) far.emplace_back(kind.name);
  std::vector<double> logs;  // of the p-values of Kolmogorov-Smirnov
  for (int64_t tile = 0; tile < tiles; ++tile) {
    const TileAddress address = address_of(tile);
    here->fill(source, address, cells);
    singles.add(*here);
    for (size_t kind = tile % 3; kind < near.size(); kind += 3) add_near(kNear[kind], *here, near[kind]);
    const Far& shift = kFar[tile % far.size()];
    there->fill(source,
                {{address.key.seed + shift.seed, address.key.stream + shift.stream},
                 address.trajectory + shift.trajectory,
                 address.step + shift.step},
                cells);
    for (int i = 0; i < kTileDraws; ++i) far[tile % far.size()].add(*here, i, *there, i);
    if (tile % 4 == 0) singles.add_sub_sample({here->x.begin(), here->x.begin() + kSubSample}, logs);
  }
  Verdict verdict{{}, tiles * kTileDraws};
  singles.report(verdict.findings);
  for (const Pairs& pairs : near) pairs.report(verdict.findings);
  for (const Pairs& pairs : far) pairs.report(verdict.findings);
  double fisher = 0;  // -2 sum ln p is chi-square with two degrees of freedom each
  for (const double log : logs) fisher -= 2 * log;
  verdict.findings.push_back(
      {"Kolmogorov-Smirnov, sub-samples", chi_square_p(fisher, 2 * static_cast<double>(logs.size()))});
  return verdict;
}

}  // namespace swell::test
