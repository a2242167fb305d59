#include "swell/kernels/operands.h"

#include <algorithm>

#include "swell/kernels/dispatch.h"

namespace swell {

namespace {

constexpr int64_t kTile = cpu::kTileRows * cpu::kTileWords;

}  // namespace

Operand::Operand(Side side, bool bf16, int64_t width, int64_t depth)
    : side_(side), bf16_(bf16), width_(width), depth_(depth), depth_blocks_((depth + kDepthStep - 1) / kDepthStep) {
  if (bf16)
    tiles_.resize(padded_width(width) / kWidthStep * depth_blocks_ * kTile, 0u);
  else
    numbers_.resize(width * depth, 0.0f);
}

void Operand::fill_width(int64_t first, int64_t count, const float* from, int64_t stride) {
  if (!bf16_) {
    for (int64_t w = 0; w < count; ++w) {
      if (side_ == Side::left) {
        std::copy_n(from + w * stride, depth_, numbers_.data() + (first + w) * depth_);
      } else {
        for (int64_t d = 0; d < depth_; ++d) numbers_[d * width_ + first + w] = from[w * stride + d];
      }
    }
    return;
  }
  const cpu::Kernels& kernels = cpu::kernels();
  uint32_t* const tiles = tiles_.data() + first / kWidthStep * depth_blocks_ * kTile;
  if (side_ == Side::left) {
    kernels.pack_rows_bf16(count, depth_, from, stride, tiles);
    return;
  }
  AlignedVector<uint32_t> rows(depth_blocks_ * kTile);
  for (int64_t w = 0; w < count; w += kWidthStep) {
    kernels.pack_rows_bf16(std::min(kWidthStep, count - w), depth_, from + w * stride, stride, rows.data());
    kernels.turn_tiles(depth_blocks_, rows.data(), tiles + w / kWidthStep * depth_blocks_ * kTile);
  }
}

void Operand::fill_depth(int64_t first, int64_t count, const float* from, int64_t stride) {
  if (!bf16_) {
    for (int64_t d = 0; d < count; ++d) {
      if (side_ == Side::right) {
        std::copy_n(from + d * stride, width_, numbers_.data() + (first + d) * width_);
      } else {
        for (int64_t w = 0; w < width_; ++w) numbers_[w * depth_ + first + d] = from[d * stride + w];
      }
    }
    return;
  }
  const cpu::Kernels& kernels = cpu::kernels();
  const int64_t blocks = (count + kDepthStep - 1) / kDepthStep;
  AlignedVector<uint32_t> columns(side_ == Side::left ? blocks * kTile : 0);
  for (int64_t w = 0; w < width_; w += kWidthStep) {
    const int64_t wide = std::min(kWidthStep, width_ - w);
    uint32_t* const tiles = tiles_.data() + (w / kWidthStep * depth_blocks_ + first / kDepthStep) * kTile;
    if (side_ == Side::right) {
      kernels.pack_columns_bf16(wide, count, from + w, stride, tiles);
    } else {
      kernels.pack_columns_bf16(wide, count, from + w, stride, columns.data());
      kernels.turn_tiles(blocks, columns.data(), tiles);
    }
  }
}

void multiply(const Operand& left, int64_t first, int64_t rows, const Operand& right, float* c, int64_t ldc) {
  const cpu::Kernels& kernels = cpu::kernels();
  const int64_t columns = right.width_;
  if (!left.bf16_) {
    std::fill_n(c, rows * ldc, 0.0f);
    kernels.multiply_f32(rows, columns, left.depth_, left.numbers_.data() + first * left.depth_, left.depth_, 1,
                         right.numbers_.data(), columns, c, ldc);
    return;
  }
  const int64_t row_blocks = padded_width(rows) / Operand::kWidthStep;
  std::fill_n(c, row_blocks * Operand::kWidthStep * ldc, 0.0f);
  kernels.multiply_bf16(row_blocks, padded_width(columns) / Operand::kWidthStep, left.depth_blocks_,
                        left.tiles_.data() + first / Operand::kWidthStep * left.depth_blocks_ * kTile,
                        left.depth_blocks_, right.tiles_.data(), right.depth_blocks_, c, ldc);
}

}  // namespace swell
