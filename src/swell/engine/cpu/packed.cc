#include "swell/engine/cpu/packed.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <tuple>
#include <utility>

#include "swell/base/errors.h"
#include "swell/physics/langevin.h"

namespace swell::cpu {

namespace {

int64_t round_up(int64_t value, int64_t multiple) { return (value + multiple - 1) / multiple * multiple; }

bool same_stencil(const Slice& a, const Slice& b) {
  return a.stencil && b.stencil && a.width == b.width && std::equal(a.columns, a.columns + a.width, b.columns) &&
         std::equal(a.weights, a.weights + a.width * kLanes, b.weights);
}

// The dense blocks of a set by pair of groups, so that an entry is found without a search.
class DenseBlocks {
 public:
  DenseBlocks(const Computer& computer, const CouplingSet& set)
      : computer_(computer), groups_(computer.groups.size()), found_(groups_ * groups_) {
    for (const CouplingBlock& block : set.blocks) {
      const auto* dense = std::get_if<DenseWeights>(&block.weights);
      if (!dense) continue;
      const size_t r = block.row_group, c = block.column_group;
      const int64_t columns = computer.groups[c].size;
      found_[r * groups_ + c] = {dense->values.data(), columns, 1};
      const double* const back = block.back.empty() ? dense->values.data() : block.back.data();
      if (r != c) found_[c * groups_ + r] = {back, 1, columns};
    }
  }
  bool empty() const {
    return std::none_of(found_.begin(), found_.end(), [](const View& view) { return view.values; });
  }
  // Whether any coupling between these units of two groups is not zero.
  bool any(int64_t row, int64_t last_row, size_t row_group, size_t column_group, int64_t first, int64_t last) const {
    const View& view = found_[row_group * groups_ + column_group];
    if (!view.values) return false;
    const int64_t rows = computer_.groups[row_group].first, columns = computer_.groups[column_group].first;
    for (int64_t r = row - rows; r < last_row - rows; ++r) {
      for (int64_t k = first - columns; k < last - columns; ++k) {
        if (view.values[r * view.row_stride + k * view.column_stride] != 0) return true;
      }
    }
    return false;
  }
  // Writes J[row][first .. last) of columns in one group to out, out + stride, ...; zeros where nothing is coupled.
  void copy_row(int64_t row, size_t row_group, size_t column_group, int64_t first, int64_t last, float* out,
                int64_t stride) const {
    const View& view = found_[row_group * groups_ + column_group];
    const int64_t r = row - computer_.groups[row_group].first, offset = computer_.groups[column_group].first;
    for (int64_t k = first; k < last; ++k, out += stride)
      *out = view.values ? static_cast<float>(view.values[r * view.row_stride + (k - offset) * view.column_stride]) : 0;
  }

 private:
  struct View {
    const double* values = nullptr;
    int64_t row_stride = 0, column_stride = 0;
  };
  const Computer& computer_;
  size_t groups_;
  std::vector<View> found_;
};

// Calls visit(unit, other unit, J) for every entry of the sparse blocks, in both directions.
template <class Visit>
void for_each_sparse(const Computer& computer, const CouplingSet& set, Visit visit) {
  for (const CouplingBlock& block : set.blocks) {
    const auto* sparse = std::get_if<SparseWeights>(&block.weights);
    if (!sparse) continue;
    const Group &rows = computer.groups[block.row_group], &columns = computer.groups[block.column_group];
    for (int64_t r = 0; r < rows.size; ++r) {
      for (int64_t e = sparse->row_start[r]; e < sparse->row_start[r + 1]; ++e) {
        const int64_t i = rows.first + r, j = columns.first + sparse->column[e];
        const double there = sparse->values[e], back = block.back.empty() ? there : block.back[e];
        // Directed couplings that act one way have zeros on the other.
        if (!block.directed || there != 0) visit(i, j, there);
        if (block.row_group != block.column_group && (!block.directed || back != 0)) visit(j, i, back);
      }
    }
  }
}

}  // namespace

int64_t padded_units(int64_t units, Layout layout) {
  constexpr int64_t kWideRows = std::lcm(kPanelRows, std::lcm(kSlabRows, kTileRows));
  return round_up(units, layout == Layout::wide ? kWideRows : kStripRows);
}

bool mostly_scattered(const CouplingSet& set) {
  constexpr size_t kSampledRows = 2048;
  int64_t entries = 0, alike = 0;
  for (const CouplingBlock& block : set.blocks) {
    const auto* sparse = std::get_if<SparseWeights>(&block.weights);
    if (!sparse) continue;
    const size_t rows = sparse->row_start.size() - 1, stride = std::max<size_t>(1, rows / kSampledRows);
    for (size_t r = 1; r < rows; r += stride) {
      entries += sparse->row_start[r + 1] - sparse->row_start[r];
      const auto first = sparse->column.begin() + sparse->row_start[r - 1],
                 last = sparse->column.begin() + sparse->row_start[r];
      for (int64_t e = sparse->row_start[r]; e < sparse->row_start[r + 1]; ++e)
        alike += std::binary_search(first, last, sparse->column[e] - 1);
    }
  }
  return 2 * alike < entries;
}

namespace {

// The pairs of one row of a piece, from its weights.
class PairWriter {
 public:
  PairWriter(const Piece& piece, int64_t rows, Products products)
      : pair_(piece.first / 2), rows_(rows), parts_(parts_of(products)), tiles_(in_tiles(products)) {}

  // Adds the weight of a column of a row, the row counted from the piece's first.
  void add(uint32_t* pairs, int64_t row, int64_t column, float weight) const {
    const int shift = column % 2 == 0 ? 0 : 16;
    uint32_t* out = pairs + place(row, column / 2 - pair_);
    out[0] |= bf16_bits(weight) << shift;
    if (parts_ == 2) out[tiles_ ? kTileRows * kTileWords : rows_] |= bf16_rest(weight) << shift;
  }
  int64_t size(int64_t pairs) const { return (tiles_ ? round_up(pairs, kTileWords) : pairs) * parts_ * rows_; }

 private:
  int64_t place(int64_t row, int64_t pair) const {
    if (!tiles_) return pair * parts_ * rows_ + row;
    const int64_t block = pair / kTileWords * (rows_ / kTileRows) + row / kTileRows;
    return (block * parts_ * kTileRows + row % kTileRows) * kTileWords + pair % kTileWords;
  }
  int64_t pair_, rows_;
  int parts_;
  bool tiles_;
};

}  // namespace

Products products_of(Precision precision, bool tiles, Layout layout, int64_t trajectories) {
  const Products products = products_of(precision, tiles);
  const bool half = products == Products::pairs && layout == Layout::narrow && trajectories <= kMaxTriangle;
  return half ? Products::triangle : products;
}

Products products_of(Precision precision, bool tiles) {
  if (precision == Precision::f32) return Products::single;
  if (precision == Precision::bf16) return tiles ? Products::tile_pairs : Products::pairs;
  return tiles ? Products::tile_split : Products::split;
}

PackedCouplings::PackedCouplings(const Computer& computer, const CouplingSet& set, Layout layout, Products products)
    : layout_(layout), products_(products), scattered_(mostly_scattered(set)) {
  if (products == Products::triangle)
    pack_triangle(computer, set);
  else
    pack_dense(computer, set);
  // Those of the machine, whatever a layout pads them to.
  for (const CouplingBlock& block : set.blocks) {
    if (!std::holds_alternative<DenseWeights>(block.weights)) continue;
    multiply_adds_ += (block.row_group == block.column_group ? 1 : 2) * computer.groups[block.row_group].size *
                      computer.groups[block.column_group].size;
  }
  pack_rows(computer, set);
  if (layout == Layout::narrow && !row_start_.empty()) pack_slices(computer.units());
  pack_saturation(computer, set);
}

// By the units that couplings other than 0 read.
void PackedCouplings::pack_saturation(const Computer& computer, const CouplingSet& set) {
  if (std::ranges::none_of(set.blocks, [](const CouplingBlock& block) { return block.saturation > 0; })) return;
  constexpr double kUnread = -1;
  std::vector<double> read(computer.groups.size(), kUnread);
  const auto note = [&](int group, const std::vector<double>& values, double X) {
    if (std::ranges::all_of(values, [](double J) { return J == 0; })) return;
    if (read[group] != kUnread && read[group] != X)
      throw InputError(fmt::format(
          "units of group '{}' are read by couplings that saturate at {:g} and at {:g} (0: nowhere); the cpu engine "
          "takes one number for a group, the reference engine takes any",
          computer.groups[group].name, read[group], X));
    read[group] = X;
  };
  for (const CouplingBlock& block : set.blocks) {
    const std::vector<double>& values = std::visit(
        [](const auto& weights) -> const auto& { return weights.values; }, block.weights);
    note(block.column_group, values, block.saturation);
    if (block.row_group != block.column_group)
      note(block.row_group, block.back.empty() ? values : block.back, block.saturation);
  }
  saturation_.resize(padded_units(computer.units(), layout_), 0.0f);
  for (size_t g = 0; g < computer.groups.size(); ++g) {
    if (read[g] > 0)
      std::fill_n(saturation_.begin() + computer.groups[g].first, computer.groups[g].size, static_cast<float>(read[g]));
  }
}

void PackedCouplings::fill(StepPlan& plan) const {
  plan.pieces = pieces_.empty() ? nullptr : pieces_.data();
  plan.piece_count = static_cast<int64_t>(pieces_.size());
  plan.products = products_;
  plan.sparse = {row_start_.empty() ? nullptr : row_start_.data(), column_.data(), weight_.data()};
  plan.scattered = scattered_;
  plan.slices = slices_.empty() ? nullptr : slices_.data();
  plan.saturation = saturation_.empty() ? nullptr : saturation_.data();
}

void PackedCouplings::pack_dense(const Computer& computer, const CouplingSet& set) {
  const DenseBlocks blocks(computer, set);
  if (blocks.empty()) return;
  const int64_t n = computer.units(), padded = padded_units(n, layout_);
  const int64_t panel_rows = layout_ == Layout::narrow ? kStripRows : in_tiles(products_) ? kTilePanelRows : kPanelRows;
  const int64_t piece_columns = in_tiles(products_) ? kTilePieceColumns : kPieceColumns;
  std::vector<int32_t> group(n);
  for (size_t g = 0; g < computer.groups.size(); ++g)
    std::fill_n(group.begin() + computer.groups[g].first, computer.groups[g].size, static_cast<int32_t>(g));
  const auto rows_of = [&](const Piece& piece) { return std::min<int64_t>(panel_rows, padded - piece.row); };
  // First the pieces with their sizes, then their weights into one block of memory.
  const bool single = products_ == Products::single;
  int64_t size = 0;
  for (size_t g = 0; g < computer.groups.size(); ++g) {
    const int64_t end = computer.groups[g].first + computer.groups[g].size;
    for (int64_t column = computer.groups[g].first; column < end; column += piece_columns) {
      for (int64_t row = 0; row < n; row += panel_rows) {
        const int64_t to = std::min(column + piece_columns, end), last_row = std::min(row + panel_rows, n);
        // Pieces without a coupling are left out: groups that are not coupled, units that a set does not use.
        bool coupled = false;
        for (int64_t r = row; r < last_row && !coupled;) {
          const Group& rows = computer.groups[group[r]];
          const int64_t part = std::min(last_row, rows.first + rows.size);
          coupled = blocks.any(r, part, group[r], g, column, to);
          r = part;
        }
        if (!coupled) continue;
        Piece piece{nullptr, nullptr, static_cast<int32_t>(row), static_cast<int32_t>(column),
                    static_cast<int32_t>(to)};
        size += single ? (to - column) * panel_rows
                       : PairWriter(piece, rows_of(piece), products_).size((to + 1) / 2 - column / 2);
        pieces_.push_back(piece);
      }
    }
  }
  if (single)
    weights_.resize(size, 0.0f);
  else
    pairs_.resize(size, 0u);
  float* weights = weights_.data();
  uint32_t* pairs = pairs_.data();
  std::vector<float> line(piece_columns);
  for (Piece& piece : pieces_) {
    const auto column_group = static_cast<size_t>(group[piece.first]);
    const int64_t last_row = std::min(piece.row + panel_rows, n);
    if (single) {
      piece.weights = weights;
      for (int64_t row = piece.row; row < last_row; ++row)
        blocks.copy_row(row, group[row], column_group, piece.first, piece.last, weights + (row - piece.row),
                        panel_rows);
      weights += (piece.last - piece.first) * panel_rows;
      continue;
    }
    piece.pairs = pairs;
    const PairWriter writer(piece, rows_of(piece), products_);
    for (int64_t row = piece.row; row < last_row; ++row) {
      blocks.copy_row(row, group[row], column_group, piece.first, piece.last, line.data(), 1);
      for (int64_t column = piece.first; column < piece.last; ++column)
        writer.add(pairs, row - piece.row, column, line[column - piece.first]);
    }
    // Whole pairs: one that reaches beyond the piece has a zero there.
    piece.first = piece.first / 2 * 2;
    piece.last = (piece.last + 1) / 2 * 2;
    pairs += writer.size((piece.last - piece.first) / 2);
  }
}

void PackedCouplings::pack_triangle(const Computer& computer, const CouplingSet& set) {
  const DenseBlocks blocks(computer, set);
  if (blocks.empty()) return;
  const int64_t n = computer.units();
  // Groups with the part of [first, first + kStripRows) that is theirs.
  struct Part {
    size_t group;
    int64_t first, last;
  };
  const auto parts_of_strip = [&](int64_t first) {
    std::vector<Part> parts;
    for (size_t g = 0; g < computer.groups.size(); ++g) {
      const Group& group = computer.groups[g];
      const int64_t from = std::max(first, group.first), to = std::min(first + kStripRows, group.first + group.size);
      if (from < to) parts.push_back({g, from, to});
    }
    return parts;
  };
  const auto couples = [&](const std::vector<Part>& rows, const std::vector<Part>& columns) {
    return std::ranges::any_of(rows, [&](const Part& row) {
      return std::ranges::any_of(columns, [&](const Part& column) {
        return blocks.any(row.first, row.last, row.group, column.group, column.first, column.last);
      });
    });
  };
  for (int64_t row = 0; row < n; row += kStripRows) {
    for (int64_t column = 0; column <= row; column += kStripRows) {
      if (!couples(parts_of_strip(row), parts_of_strip(column))) continue;
      pieces_.push_back({nullptr, nullptr, static_cast<int32_t>(row), static_cast<int32_t>(column),
                         static_cast<int32_t>(column + kStripRows)});
    }
  }
  pairs_.resize(pieces_.size() * kStripRows * kStripRows / 2, 0u);
  std::vector<float> line(kStripRows);
  for (size_t p = 0; p < pieces_.size(); ++p) {
    Piece& piece = pieces_[p];
    uint32_t* pairs = pairs_.data() + p * kStripRows * kStripRows / 2;
    piece.pairs = pairs;
    const PairWriter writer(piece, kStripRows, Products::pairs);
    for (const Part& rows : parts_of_strip(piece.row)) {
      for (const Part& columns : parts_of_strip(piece.first)) {
        for (int64_t row = rows.first; row < rows.last; ++row) {
          blocks.copy_row(row, rows.group, columns.group, columns.first, columns.last, line.data(), 1);
          for (int64_t column = columns.first; column < columns.last; ++column)
            writer.add(pairs, row - piece.row, column, line[column - columns.first]);
        }
      }
    }
  }
}

void PackedCouplings::pack_rows(const Computer& computer, const CouplingSet& set) {
  const int64_t n = computer.units();
  std::vector<int64_t> start(n + 1, 0);
  for_each_sparse(computer, set, [&](int64_t i, int64_t, double) { ++start[i + 1]; });
  for (int64_t i = 0; i < n; ++i) start[i + 1] += start[i];
  if (start[n] == 0) return;
  std::vector<std::pair<int32_t, float>> entries(start[n]);
  std::vector<int64_t> next(start.begin(), start.end() - 1);
  for_each_sparse(computer, set, [&](int64_t i, int64_t j, double J) {
    entries[next[i]++] = {static_cast<int32_t>(j), static_cast<float>(J)};
  });
  for (int64_t i = 0; i < n; ++i) std::sort(entries.begin() + start[i], entries.begin() + start[i + 1]);
  column_.resize(entries.size());
  weight_.resize(entries.size());
  for (size_t e = 0; e < entries.size(); ++e) std::tie(column_[e], weight_[e]) = entries[e];
  row_start_ = std::move(start);
  multiply_adds_ += row_start_[n];
}

// From rows to slices; the rows are given up.
void PackedCouplings::pack_slices(int64_t units) {
  // A gathered slot takes about as long as this many that are read in one piece.
  constexpr size_t kGatherCost = 4;
  const int64_t padded = padded_units(units, Layout::narrow);
  const auto degree = [&](int64_t row) { return row < units ? row_start_[row + 1] - row_start_[row] : 0; };
  struct Shape {
    std::vector<int32_t> distances;  // of all rows, ascending
    int64_t width = 0;               // slots
    bool stencil = false;
  };
  const auto shape_of = [&](int64_t first) {
    Shape shape;
    for (int64_t row = first; row < std::min(first + kLanes, units); ++row) {
      shape.width = std::max(shape.width, degree(row));
      for (int64_t e = row_start_[row]; e < row_start_[row + 1]; ++e)
        shape.distances.push_back(column_[e] - static_cast<int32_t>(row));
    }
    std::vector<int32_t>& all = shape.distances;
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    // A row without a neighbour at some distance has a zero there, times the state of whatever unit it is.
    shape.stencil = all.size() <= kGatherCost * static_cast<size_t>(shape.width) &&
                    (all.empty() || (first + all.front() >= 0 && first + kLanes + all.back() <= padded));
    if (shape.stencil) shape.width = static_cast<int64_t>(all.size());
    return shape;
  };
  int64_t weights = 0, columns = 0;
  for (int64_t first = 0; first < padded; first += kLanes) {
    const Shape shape = shape_of(first);
    weights += shape.width * kLanes;
    columns += round_up(shape.stencil ? shape.width : shape.width * kLanes, kLanes);
  }
  slice_weights_.resize(weights, 0.0f);
  slice_columns_.resize(columns, 0);
  float* weight = slice_weights_.data();
  int32_t* column = slice_columns_.data();
  for (int64_t first = 0; first < padded; first += kLanes) {
    const Shape shape = shape_of(first);
    slices_.push_back({weight, column, static_cast<int32_t>(shape.width), shape.stencil});
    if (shape.stencil) std::copy(shape.distances.begin(), shape.distances.end(), column);
    for (int64_t row = first; row < std::min(first + kLanes, units); ++row) {
      const int64_t lane = row - first;
      size_t slot = 0;
      for (int64_t e = row_start_[row]; e < row_start_[row + 1]; ++e, ++slot) {
        while (shape.stencil && shape.distances[slot] != column_[e] - row) ++slot;
        weight[slot * kLanes + lane] = weight_[e];
        if (!shape.stencil) column[slot * kLanes + lane] = column_[e];
      }
    }
    // One like the slice before it is that slice: a uniform lattice is read without end from the first cache.
    if (slices_.size() > 1 && same_stencil(slices_[slices_.size() - 2], slices_.back())) {
      std::fill_n(weight, shape.width * kLanes, 0.0f);
      slices_.back() = slices_[slices_.size() - 2];
      continue;
    }
    weight += shape.width * kLanes;
    column += round_up(shape.stencil ? shape.width : shape.width * kLanes, kLanes);
  }
  row_start_ = {};
  column_ = {};
  weight_ = {};
}

PackedUnits::PackedUnits(const Computer& computer, const SegmentTimeline& timeline, double dt) {
  const int64_t n = computer.units();
  int group = 0;
  for (int64_t first = 0; first < n; first += kStripRows) {
    UnitStrip strip{};
    for (int64_t i = first; i < std::min(first + kStripRows, n); ++i) {
      while (i >= computer.groups[group].first + computer.groups[group].size) ++group;
      const bool clamped = timeline.clamped[group];
      const int64_t k = i - first;
      strip.J2[k] = static_cast<float>(quadratic(computer, timeline.set, i));
      strip.J3[k] = static_cast<float>(computer.J3[i]);
      strip.J4[k] = static_cast<float>(computer.J4[i]);
      strip.bias[k] = timeline.set ? static_cast<float>(timeline.set->bias[i]) : 0.0f;
      strip.mobility_dt[k] = clamped ? 0.0f : static_cast<float>(computer.mobility[i] * dt);
      const double warmth = computer.warmth.empty() ? 1 : computer.warmth[i];
      strip.noise_scale[k] = clamped ? 0.0f : static_cast<float>(noise_amplitude(computer.mobility[i], warmth, dt));
      strip.group[k] = group;
    }
    if (kept_.empty() || std::memcmp(&kept_.back(), &strip, sizeof strip) != 0) kept_.push_back(strip);
    strips_.push_back(&kept_.back());
  }
}

}  // namespace swell::cpu
