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
  // Fills numbers [first, first + count) of every row (column) from from[count][stride], rows (columns) side by side.
  // `first` is a multiple of kDepthStep.
  void fill_depth(int64_t first, int64_t count, const float* from, int64_t stride);
  static constexpr int64_t kDepthStep = 32;
  static constexpr int64_t kWidthStep = 16;

  int64_t width() const { return width_; }
  int64_t depth() const { return depth_; }

 private:
  friend void multiply(const Operand&, int64_t, int64_t, const Operand&, float*, int64_t);
  Side side_;
  bool bf16_;
  int64_t width_, depth_, depth_blocks_;
  AlignedVector<float> numbers_;   // f32: left [width][depth], right [depth][width]
  AlignedVector<uint32_t> tiles_;  // bf16: [blocks of width][blocks of depth][16][16]
};

// c[rows][ldc] = rows [first, first + rows) of the left side times the right one. `first` is a multiple of kWidthStep;
// ldc and the room for rows are rounded up to it.
void multiply(const Operand& left, int64_t first, int64_t rows, const Operand& right, float* c, int64_t ldc);

constexpr int64_t padded_width(int64_t width) {
  return (width + Operand::kWidthStep - 1) / Operand::kWidthStep * Operand::kWidthStep;
}

}  // namespace swell
