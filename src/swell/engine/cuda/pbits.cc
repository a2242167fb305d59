#include "swell/engine/cuda/pbits.h"

#include "swell/engine/cuda/find_device.h"

namespace swell::cuda {

BitTiles::BitTiles(std::string_view isa, const BitBonds& model, NoiseKey key, uint32_t first_lane,
                   std::span<const uint32_t> x)
    : device_(find_device(isa)),
      first_(model.first, model.first + model.colours),
      count_(model.units, model.units + model.colours),
      x_(device_, x) {
  std::vector<uint32_t> ends;
  std::vector<int64_t> start;
  std::vector<int32_t> padded, bonds;
  for (int64_t slot = 0; slot < model.slots; ++slot) {
    const pbits::BondRow& row = model.rows[slot];
    start.push_back(static_cast<int64_t>(ends.size()));
    ends.insert(ends.end(), row.ends, row.ends + row.padded);
    padded.push_back(row.padded);
    bonds.push_back(row.bonds);
  }
  ends_ = Array<uint32_t>(device_, std::span<const uint32_t>(ends));
  start_ = Array<int64_t>(device_, std::span<const int64_t>(start));
  padded_ = Array<int32_t>(device_, std::span<const int32_t>(padded));
  bonds_ = Array<int32_t>(device_, std::span<const int32_t>(bonds));
  table_ = Array<pbits::AcceptanceTable>(device_, 1);
  sweep_.slots = model.slots;
  sweep_.tiles = static_cast<int64_t>(x.size()) / ((model.slots + 1) * kTileWords);
  flips_ = Array<int64_t>(device_, sweep_.tiles * pbits::kBitReplicas);
  sweep_.x = x_.data();
  sweep_.ends = ends_.data();
  sweep_.start = start_.data();
  sweep_.padded = padded_.data();
  sweep_.bonds = bonds_.data();
  sweep_.most_bonds = model.most_bonds;
  sweep_.table = table_.data();
  sweep_.key = key;
  sweep_.first_lane = first_lane;
  sweep_.flips = flips_.data();
}

void BitTiles::set_table(const pbits::AcceptanceTable& table) { table_.put({&table, 1}); }

void BitTiles::sweep(int64_t number) {
  sweep_.sweep = static_cast<uint64_t>(number);
  for (size_t c = 0; c < first_.size(); ++c) {
    sweep_.first = first_[c];
    sweep_.count = count_[c];
    device_.sweep_bits(sweep_);
  }
}

}  // namespace swell::cuda
