#include "swell/learn/shared_rows.h"

#include <cstring>

namespace swell {

void share_rows(Ranks& ranks, std::span<const RowBlock> blocks, std::vector<float>& numbers) {
  // Calls each(first number, count) for what a rank has.
  const auto of_rank = [&](int rank, const auto& each) {
    for (const RowBlock& block : blocks) {
      const Portion part = portion(block.rows, block.grain, rank, ranks.size());
      each(block.at + part.first * block.width, static_cast<size_t>(part.count * block.width));
    }
  };
  std::vector<float> mine;
  of_rank(ranks.rank(), [&](int64_t first, size_t count) {
    mine.insert(mine.end(), numbers.begin() + first, numbers.begin() + first + static_cast<int64_t>(count));
  });
  const std::vector<Ranks::Bytes> pieces = ranks.gather(std::as_bytes(std::span<const float>(mine)));
  for (int rank = 0; rank < ranks.size(); ++rank) {
    if (rank == ranks.rank()) continue;
    const std::byte* from = pieces[rank].data();
    of_rank(rank, [&](int64_t first, size_t count) {
      if (count > 0) std::memcpy(numbers.data() + first, from, count * sizeof(float));
      from += count * sizeof(float);
    });
  }
}

}  // namespace swell
