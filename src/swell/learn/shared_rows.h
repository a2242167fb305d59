#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "swell/base/ranks.h"

namespace swell {

// Rows of numbers that the ranks of a job update apart, each a portion of them (base/ranks.h).
struct RowBlock {
  int64_t at;           // where the first row begins
  int64_t rows, width;  // numbers of a row
  int64_t grain;        // of portions
};

// Puts the rows of all ranks into `numbers` of each: every rank has updated its portion of each block.
void share_rows(Ranks& ranks, std::span<const RowBlock> blocks, std::vector<float>& numbers);

}  // namespace swell
