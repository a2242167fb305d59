// Products of bf16 matrices with single precision sums, for learning (kernels/operands.h), built once per instruction
// set. With a tile unit each block of sixteen rows and columns is summed in the unit's own order; on all other
// instruction sets the bits are the same.

#include "swell/base/inline.h"
#include "swell/kernels/kernel.h"
#include "swell/kernels/lanes.h"
#include "swell/kernels/tile_unit.h"

namespace swell::cpu::SWELL_KERNEL_NAMESPACE {

void pack_rows_bf16(int64_t rows, int64_t depth, const float* from, int64_t stride, uint32_t* tiles);
void pack_columns_bf16(int64_t columns, int64_t depth, const float* from, int64_t stride, uint32_t* tiles);
void turn_tiles(int64_t tiles, const uint32_t* from, uint32_t* to);
void multiply_bf16(int64_t row_blocks, int64_t column_blocks, int64_t depth_blocks, const uint32_t* a,
                   int64_t a_depth_blocks, const uint32_t* b, int64_t b_depth_blocks, float* c, int64_t ldc);

namespace {

constexpr int64_t kWords = kTileRows * kTileWords;  // of a tile
constexpr int64_t kDepthAtOnce = 12;                // tiles: two columns of them stay in the first cache

}  // namespace

// from[rows][depth] to [blocks of 16 rows][blocks of 16 pairs][16 rows][16 pairs], zeros beyond the ends.
void pack_rows_bf16(int64_t rows, int64_t depth, const float* from, int64_t stride, uint32_t* tiles) {
  constexpr int64_t kNumbers = 2 * kTileWords;
  const int64_t blocks = (depth + kNumbers - 1) / kNumbers;
  for (int64_t row0 = 0; row0 < rows; row0 += kTileRows) {
    for (int64_t block = 0; block < blocks; ++block, tiles += kWords) {
      auto* out = reinterpret_cast<uint16_t*>(tiles);
      for (int64_t r = 0; r < kTileRows; ++r, out += kNumbers) {
        const float* in = from + (row0 + r) * stride + block * kNumbers;
        const int64_t left = depth - block * kNumbers;
        if (row0 + r < rows && left >= kNumbers) {
#pragma omp simd
          for (int64_t k = 0; k < kNumbers; ++k) out[k] = static_cast<uint16_t>(bf16_bits(in[k]));
        } else {
          for (int64_t k = 0; k < kNumbers; ++k)
            out[k] = row0 + r < rows && k < left ? static_cast<uint16_t>(bf16_bits(in[k])) : uint16_t{0};
        }
      }
    }
  }
}

// from[depth][columns] to [blocks of 16 columns][blocks of 16 pairs][16 pairs][16 columns].
void pack_columns_bf16(int64_t columns, int64_t depth, const float* from, int64_t stride, uint32_t* tiles) {
  const int64_t pairs = (depth + 1) / 2, blocks = (pairs + kTileWords - 1) / kTileWords;
  for (int64_t column0 = 0; column0 < columns; column0 += kTileRows) {
    const int64_t width = columns - column0 < kTileRows ? columns - column0 : kTileRows;
    for (int64_t pair = 0; pair < blocks * kTileWords; ++pair, tiles += kTileRows) {
      const float* even = from + 2 * pair * stride + column0;
      const float* odd = even + stride;
      if (width == kTileRows && 2 * pair + 1 < depth) {
#pragma omp simd
        for (int64_t j = 0; j < kTileRows; ++j) tiles[j] = bf16_bits(even[j]) | bf16_bits(odd[j]) << 16;
      } else {
        for (int64_t j = 0; j < kTileRows; ++j) {
          const uint32_t low = j < width && 2 * pair < depth ? bf16_bits(even[j]) : 0u;
          const uint32_t high = j < width && 2 * pair + 1 < depth ? bf16_bits(odd[j]) : 0u;
          tiles[j] = low | high << 16;
        }
      }
    }
  }
}

// Each tile with rows and words exchanged: rows of the left side become columns of the right side, and back.
void turn_tiles(int64_t tiles, const uint32_t* from, uint32_t* to) {
  for (int64_t t = 0; t < tiles; ++t, from += kWords, to += kWords) {
    for (int64_t i = 0; i < kTileRows; ++i) {
#pragma omp simd
      for (int64_t j = 0; j < kTileWords; ++j) to[i * kTileWords + j] = from[j * kTileWords + i];
    }
  }
}

namespace {

#if defined(__AMX_BF16__)

// c[2 x 2 blocks] += the products of `depth` tiles.
template <int Rows, int Columns>
SWELL_INLINE void add_block(TileUnit& unit, int64_t depth, const uint32_t* a, int64_t a_stride, const uint32_t* b,
                            int64_t b_stride, float* c, int64_t ldc) {
  alignas(64) float sums[4][kWords];
  for (int i = 0; i < Rows; ++i) {
    for (int j = 0; j < Columns; ++j) {
      for (int64_t r = 0; r < kTileRows; ++r)
        __builtin_memcpy(sums[2 * i + j] + r * kTileWords, c + (i * kTileRows + r) * ldc + j * kTileWords, 64);
    }
  }
  unit.load<0>(sums[0]);
  if constexpr (Columns > 1) unit.load<1>(sums[1]);
  if constexpr (Rows > 1) unit.load<2>(sums[2]);
  if constexpr (Rows > 1 && Columns > 1) unit.load<3>(sums[3]);
  for (int64_t k = 0; k < depth; ++k, a += kWords, b += kWords) {
    unit.load<4>(a);
    unit.load<6>(b);
    unit.multiply_add<0, 4, 6>();
    if constexpr (Columns > 1) {
      unit.load<7>(b + b_stride);
      unit.multiply_add<1, 4, 7>();
    }
    if constexpr (Rows > 1) {
      unit.load<5>(a + a_stride);
      unit.multiply_add<2, 5, 6>();
    }
    if constexpr (Rows > 1 && Columns > 1) unit.multiply_add<3, 5, 7>();
  }
  unit.store<0>(sums[0]);
  if constexpr (Columns > 1) unit.store<1>(sums[1]);
  if constexpr (Rows > 1) unit.store<2>(sums[2]);
  if constexpr (Rows > 1 && Columns > 1) unit.store<3>(sums[3]);
  for (int i = 0; i < Rows; ++i) {
    for (int j = 0; j < Columns; ++j) {
      for (int64_t r = 0; r < kTileRows; ++r)
        __builtin_memcpy(c + (i * kTileRows + r) * ldc + j * kTileWords, sums[2 * i + j] + r * kTileWords, 64);
    }
  }
}
constexpr int kRowBlocks = 2;
using Unit = TileUnit;

#else

// Eight rows of sums in registers, sixteen columns wide.
struct Unit {};
template <int Rows, int Columns>
SWELL_INLINE void add_block(Unit&, int64_t depth, const uint32_t* a, int64_t, const uint32_t* b, int64_t b_stride,
                            float* c, int64_t ldc) {
  constexpr int kAtOnce = 8;
  static_assert(Rows == 1);
  for (int j = 0; j < Columns; ++j) {
    for (int row = 0; row < kTileRows; row += kAtOnce) {
      alignas(64) float line[kLanes];
      Lanes sums[kAtOnce];
#pragma GCC unroll 8
      for (int r = 0; r < kAtOnce; ++r) {
        __builtin_memcpy(line, c + (row + r) * ldc + j * kLanes, sizeof line);
        sums[r] = load(line);
      }
      const uint32_t* left = a + row * kTileWords;
      const uint32_t* right = b + j * b_stride;
      for (int64_t k = 0; k < depth; ++k, left += kWords) {
        for (int pair = 0; pair < kTileWords; ++pair, right += kLanes) {
          const Pairs columns = load_pairs(right);
#pragma GCC unroll 8
          for (int r = 0; r < kAtOnce; ++r)
            sums[r] = multiply_add(all_pairs(left[r * kTileWords + pair]), columns, sums[r]);
        }
      }
#pragma GCC unroll 8
      for (int r = 0; r < kAtOnce; ++r) {
        store(line, sums[r]);
        __builtin_memcpy(c + (row + r) * ldc + j * kLanes, line, sizeof line);
      }
    }
  }
}
constexpr int kRowBlocks = 1;

#endif

}  // namespace

// c[16 row_blocks][16 column_blocks] += a b, of packed sides whose blocks are so many tiles deep in all.
void multiply_bf16(int64_t row_blocks, int64_t column_blocks, int64_t depth_blocks, const uint32_t* a,
                   int64_t a_depth_blocks, const uint32_t* b, int64_t b_depth_blocks, float* c, int64_t ldc) {
  Unit unit;
  const int64_t a_stride = a_depth_blocks * kWords, b_stride = b_depth_blocks * kWords;
  for (int64_t k0 = 0; k0 < depth_blocks; k0 += kDepthAtOnce) {
    const int64_t depth = depth_blocks - k0 < kDepthAtOnce ? depth_blocks - k0 : kDepthAtOnce;
    for (int64_t j = 0; j < column_blocks; j += 2) {
      const bool two = j + 1 < column_blocks;
      const uint32_t* right = b + j * b_stride + k0 * kWords;
      float* const out = c + j * kTileWords;
      int64_t i = 0;
      for (; i + kRowBlocks <= row_blocks; i += kRowBlocks) {
        const uint32_t* left = a + i * a_stride + k0 * kWords;
        if (two)
          add_block<kRowBlocks, 2>(unit, depth, left, a_stride, right, b_stride, out + i * kTileRows * ldc, ldc);
        else
          add_block<kRowBlocks, 1>(unit, depth, left, a_stride, right, b_stride, out + i * kTileRows * ldc, ldc);
      }
      for (; i < row_blocks; ++i) {
        const uint32_t* left = a + i * a_stride + k0 * kWords;
        if (two)
          add_block<1, 2>(unit, depth, left, a_stride, right, b_stride, out + i * kTileRows * ldc, ldc);
        else
          add_block<1, 1>(unit, depth, left, a_stride, right, b_stride, out + i * kTileRows * ldc, ldc);
      }
    }
  }
}

}  // namespace swell::cpu::SWELL_KERNEL_NAMESPACE
