#pragma once

#include <cstdint>

#include "swell/base/memory.h"

namespace swell {

// Products for learning, of single precision numbers or of numbers rounded to bf16, with single precision sums. A side
// of a product is laid out once and multiplied as often as wanted, by any number of threads at once. Each entry is one
// sum in one order. In f32 the bits are the same everywhere; in bf16 they are on all processors without a tile unit.
enum class Side { left, right };

class Operand {
 public:
  // width: rows of the left side, columns of the right one. depth: numbers that are summed over.
  Operand(Side side, bool bf16, int64_t width, int64_t depth);

  // Fills rows (columns) [first, first + count) from from[count][stride], numbers side by side.
  void fill_width(int64_t first, int64_t count, const float* from, int64_t stride);
  // Fills numbers [first, first + count) of rows (columns) [first_width, first_width + width) from from[count][stride],
  // rows (columns) side by side; without a width of all. `first` is a multiple of kDepthStep, first_width of
  // kWidthStep.
  void fill_depth(int64_t first, int64_t count, const float* from, int64_t stride);
  void fill_depth(int64_t first, int64_t count, const float* from, int64_t stride, int64_t first_width, int64_t width);
  static constexpr int64_t kDepthStep = 32;
  static constexpr int64_t kWidthStep = 16;

  int64_t width() const { return width_; }
  int64_t depth() const { return depth_; }

 private:
  friend void multiply(const Operand&, const Operand&, const struct ProductPart&, float*, int64_t);
  Side side_;
  bool bf16_;
  int64_t width_, depth_, depth_blocks_;
  AlignedVector<float> numbers_;   // f32: left [width][depth], right [depth][width]
  AlignedVector<uint32_t> tiles_;  // bf16: [blocks of width][blocks of depth][16][16]
};

// Which part of a product: rows of the left side, columns of the right one, and the numbers that are summed over, which
// begin at left_depth and right_depth. Rows and columns begin at multiples of kWidthStep, depths at those of
// kDepthStep.
struct ProductPart {
  int64_t first_row, rows, first_column, columns, left_depth, right_depth, depth;
};

// c[rows][ldc] = that part of left times right. ldc and the room for rows are rounded up to kWidthStep.
void multiply(const Operand& left, const Operand& right, const ProductPart& part, float* c, int64_t ldc);
// Rows [first, first + rows) of the left side times the whole right one.
void multiply(const Operand& left, int64_t first, int64_t rows, const Operand& right, float* c, int64_t ldc);

constexpr int64_t padded_width(int64_t width) {
  return (width + Operand::kWidthStep - 1) / Operand::kWidthStep * Operand::kWidthStep;
}

}  // namespace swell
