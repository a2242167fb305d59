#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "swell/engine/cpu/kernel.h"
#include "swell/random/normal.h"

// A statistical battery for normals that are drawn by address. Every statistic has a known distribution under exact,
// independent standard normals (nothing is estimated), and uses each normal at most once, so that its pairs are
// independent and its variance is exact.
namespace swell::test {

// A tile of draws at one step: kTileTrajectories trajectories of kTileUnits units, in the order of the fast engine's
// wide tiles, [kTileTrajectories / 16][kTileUnits][16].
constexpr int kLaneCount = 16;
constexpr int kTileTrajectories = 64;
constexpr int kTileUnits = 1296;  // the published machine
constexpr int kTileDraws = kTileTrajectories * kTileUnits;

constexpr int tile_index(int trajectory, int unit) {
  return (trajectory / kLaneCount * kTileUnits + unit) * kLaneCount + trajectory % kLaneCount;
}

struct TileAddress {
  NoiseKey key;
  uint64_t trajectory;  // the first
  uint64_t step;
};

// Fills a tile, 64-byte aligned.
using Source = std::function<void(const TileAddress&, float*)>;

// The engine's own draws on one instruction set, empty for the best, in the order of either layout.
Source engine_draws(std::string_view isa = {}, cpu::Layout layout = cpu::Layout::wide);

struct Finding {
  std::string name;
  double p;  // chance of a statistic as extreme as this, or more
};

struct Verdict {
  std::vector<Finding> findings;
  int64_t draws = 0;

  const Finding& worst() const;
  // Chance that the worst of them all is as bad as this, at most: the smallest p times their number.
  double p() const;
};

// Exact normals fail with this chance. A tenth of the promised 1e-6, because the far tails of the statistics are taken
// from their limit laws.
constexpr double kFalseAlarm = 1e-7;

// Draws this many tiles and judges them: moments 1 to 8, chi-square over 1024 equiprobable cells, Kolmogorov-Smirnov on
// all draws and on sub-samples, tails, sums along each axis; then for pairs within a block of four, along each axis, to
// other streams and seeds: correlation of values, of squares, of value with square, and chi-square over 32 x 32 cells.
Verdict judge(const Source& source, int64_t tiles);

// Upper tail of chi-square, as a two-sided p: too even counts are as suspicious as too uneven ones.
double chi_square_p(double chi_square, double freedom);

// Kolmogorov's limit law with Stephens' correction for n values.
double kolmogorov_p(double distance, double n);

}  // namespace swell::test
