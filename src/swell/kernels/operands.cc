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
  fill_depth(first, count, from, stride, 0, width_);
}

void Operand::fill_depth(int64_t first, int64_t count, const float* from, int64_t stride, int64_t first_width,
                         int64_t width) {
  if (!bf16_) {
    for (int64_t d = 0; d < count; ++d) {
      if (side_ == Side::right) {
        std::copy_n(from + d * stride, width, numbers_.data() + (first + d) * width_ + first_width);
      } else {
        for (int64_t w = 0; w < width; ++w) numbers_[(first_width + w) * depth_ + first + d] = from[d * stride + w];
      }
    }
    return;
  }
  const cpu::Kernels& kernels = cpu::kernels();
  const int64_t blocks = (count + kDepthStep - 1) / kDepthStep;
  AlignedVector<uint32_t> columns(side_ == Side::left ? blocks * kTile : 0);
  for (int64_t w = 0; w < width; w += kWidthStep) {
    const int64_t wide = std::min(kWidthStep, width - w);
    uint32_t* const tiles =
        tiles_.data() + ((first_width + w) / kWidthStep * depth_blocks_ + first / kDepthStep) * kTile;
    if (side_ == Side::right) {
      kernels.pack_columns_bf16(wide, count, from + w, stride, tiles);
    } else {
      kernels.pack_columns_bf16(wide, count, from + w, stride, columns.data());
      kernels.turn_tiles(blocks, columns.data(), tiles);
    }
  }
}

void multiply(const Operand& left, const Operand& right, const ProductPart& part, float* c, int64_t ldc) {
  const cpu::Kernels& kernels = cpu::kernels();
  if (!left.bf16_) {
    std::fill_n(c, part.rows * ldc, 0.0f);
    kernels.multiply_f32(part.rows, part.columns, part.depth,
                         left.numbers_.data() + part.first_row * left.depth_ + part.left_depth, left.depth_, 1,
                         right.numbers_.data() + part.right_depth * right.width_ + part.first_column, right.width_, c,
                         ldc);
    return;
  }
  const int64_t row_blocks = padded_width(part.rows) / Operand::kWidthStep;
  const auto tiles = [](const Operand& side, int64_t width, int64_t depth) {
    return side.tiles_.data() +
           (width / Operand::kWidthStep * side.depth_blocks_ + depth / Operand::kDepthStep) * kTile;
  };
  std::fill_n(c, row_blocks * Operand::kWidthStep * ldc, 0.0f);
  kernels.multiply_bf16(row_blocks, padded_width(part.columns) / Operand::kWidthStep,
                        (part.depth + Operand::kDepthStep - 1) / Operand::kDepthStep,
                        tiles(left, part.first_row, part.left_depth), left.depth_blocks_,
                        tiles(right, part.first_column, part.right_depth), right.depth_blocks_, c, ldc);
}

void multiply(const Operand& left, int64_t first, int64_t rows, const Operand& right, float* c, int64_t ldc) {
  multiply(left, right, {first, rows, 0, right.width(), 0, 0, left.depth()}, c, ldc);
}

}  // namespace swell
