#include "swell/entropy/conditioner.h"

#include <algorithm>
#include <cmath>

#include "swell/io/checksum.h"

namespace swell::entropy {

int64_t raw_bytes_of_output(double min_entropy_per_byte) {
  return static_cast<int64_t>(std::ceil((8 * kConditionedBytes + kSpareBits) / min_entropy_per_byte));
}

void Conditioner::take(std::span<const std::byte> raw, std::vector<std::byte>& out) {
  while (!raw.empty()) {
    const auto part = raw.first(std::min(raw.size(), static_cast<size_t>(block_) - waiting_.size()));
    waiting_.insert(waiting_.end(), part.begin(), part.end());
    raw = raw.subspan(part.size());
    if (static_cast<int64_t>(waiting_.size()) < block_) return;
    Sha256 sum;
    sum.update(waiting_);
    const auto digest = sum.digest();
    out.insert(out.end(), digest.begin(), digest.end());
    waiting_.clear();
  }
}

}  // namespace swell::entropy
