#include "swell/entropy/conditioner.h"

#include <algorithm>
#include <cmath>

namespace swell::entropy {

int64_t raw_bytes_of_output(double min_entropy_per_byte) {
  return static_cast<int64_t>(std::ceil((8 * kConditionedBytes + kSpareBits) / min_entropy_per_byte));
}

void Conditioner::add(std::span<const std::byte> block, std::vector<std::byte>& out) {
  sum_.update(block);
  const auto digest = sum_.digest();
  out.insert(out.end(), digest.begin(), digest.end());
}

void Conditioner::take(std::span<const std::byte> raw, std::vector<std::byte>& out) {
  const auto block = static_cast<size_t>(block_);
  if (!waiting_.empty()) {
    const auto part = raw.first(std::min(raw.size(), block - waiting_.size()));
    waiting_.insert(waiting_.end(), part.begin(), part.end());
    raw = raw.subspan(part.size());
    if (waiting_.size() < block) return;
    add(waiting_, out);
    waiting_.clear();
  }
  for (; raw.size() >= block; raw = raw.subspan(block)) add(raw.first(block), out);
  waiting_.assign(raw.begin(), raw.end());
}

}  // namespace swell::entropy
