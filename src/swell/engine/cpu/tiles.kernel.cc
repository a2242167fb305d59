// The dense couplings of a wide tile by a tile unit: blocks of J of sixteen rows and sixteen pairs of columns times
// sixteen pairs of units of a lane block. Sums run over columns in ascending order in the unit's own way, so bf16 and
// bf16x3 give other bits here than elsewhere, the same ones for every tile of trajectories.

#include "swell/base/inline.h"
#include "swell/engine/cpu/kernel.h"
#include "swell/kernels/tile_unit.h"

namespace swell::cpu::SWELL_KERNEL_NAMESPACE {

void add_tile_pairs(Tile& tile, const StepPlan& plan);
void add_tile_split(Tile& tile, const StepPlan& plan);

namespace {

constexpr int64_t kBlockWords = kTileRows * kTileWords;

// Registers 0 to 3 hold sums, [row block][lane block]; 4 and 5 blocks of J; 6 and 7 states.
template <int Rows, int Blocks>
struct Panel {
  TileUnit& unit;

  SWELL_INLINE void load_sums(const float* field, int64_t stride) {
    unit.load<0>(field);
    if constexpr (Blocks > 1) unit.load<1>(field + stride);
    if constexpr (Rows > 1) unit.load<2>(field + kBlockWords);
    if constexpr (Rows > 1 && Blocks > 1) unit.load<3>(field + stride + kBlockWords);
  }
  SWELL_INLINE void store_sums(float* field, int64_t stride) {
    unit.store<0>(field);
    if constexpr (Blocks > 1) unit.store<1>(field + stride);
    if constexpr (Rows > 1) unit.store<2>(field + kBlockWords);
    if constexpr (Rows > 1 && Blocks > 1) unit.store<3>(field + stride + kBlockWords);
  }
  SWELL_INLINE void load_weights(const uint32_t* w, int64_t stride) {
    unit.load<4>(w);
    if constexpr (Rows > 1) unit.load<5>(w + stride);
  }
  SWELL_INLINE void load_states(const uint32_t* x, int64_t stride) {
    unit.load<6>(x);
    if constexpr (Blocks > 1) unit.load<7>(x + stride);
  }
  SWELL_INLINE void multiply_add() {
    unit.multiply_add<0, 4, 6>();
    if constexpr (Blocks > 1) unit.multiply_add<1, 4, 7>();
    if constexpr (Rows > 1) unit.multiply_add<2, 5, 6>();
    if constexpr (Rows > 1 && Blocks > 1) unit.multiply_add<3, 5, 7>();
  }
};

// Split: Jh xl, Jh xh, Jl xh, each block after the other.
template <bool split, int Rows, int Blocks>
void add_piece(TileUnit& unit, const Piece& piece, const Tile& tile, int first_block) {
  constexpr int kParts = split ? 2 : 1;
  const int64_t stride = tile.padded_units * kLanes;
  float* const field = tile.next + first_block * stride + piece.row * kLanes;
  Panel<Rows, Blocks> panel{unit};
  panel.load_sums(field, stride);
  const uint32_t* w = piece.pairs;
  const int64_t states = first_block * tile.pair_stride;
  // The last block may reach beyond the piece: J is zero there.
  for (int64_t pair = piece.first / 2; pair < piece.last / 2; pair += kTileWords) {
    const uint32_t* const x = tile.pairs + states + pair * kLanes;
    panel.load_weights(w, kParts * kBlockWords);
    if constexpr (split) {
      panel.load_states(tile.rests + states + pair * kLanes, tile.pair_stride);
      panel.multiply_add();
    }
    panel.load_states(x, tile.pair_stride);
    panel.multiply_add();
    if constexpr (split) {
      panel.load_weights(w + kBlockWords, kParts * kBlockWords);
      panel.multiply_add();
    }
    w += Rows * kParts * kBlockWords;
  }
  panel.store_sums(field, stride);
}

template <bool split, int Rows>
void add_piece_to_all(TileUnit& unit, const Piece& piece, const Tile& tile) {
  const int blocks = tile.slots / kLanes;
  int b = 0;
  for (; b + 2 <= blocks; b += 2) add_piece<split, Rows, 2>(unit, piece, tile, b);
  if (b < blocks) add_piece<split, Rows, 1>(unit, piece, tile, b);
}

template <bool split>
void add_pieces(Tile& tile, const StepPlan& plan) {
  static_assert(kLanes == kTileWords);
  TileUnit unit;
  for (int64_t p = 0; p < plan.piece_count; ++p) {
    const Piece& piece = plan.pieces[p];
    if (piece.row + kTilePanelRows <= tile.padded_units)
      add_piece_to_all<split, 2>(unit, piece, tile);
    else
      add_piece_to_all<split, 1>(unit, piece, tile);
  }
}

}  // namespace

void add_tile_pairs(Tile& tile, const StepPlan& plan) { add_pieces<false>(tile, plan); }
void add_tile_split(Tile& tile, const StepPlan& plan) { add_pieces<true>(tile, plan); }

}  // namespace swell::cpu::SWELL_KERNEL_NAMESPACE
