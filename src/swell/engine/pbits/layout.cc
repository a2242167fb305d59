#include "swell/engine/pbits/layout.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace swell {

namespace {

// The number that all couplings and fields are whole multiples of (the smallest of them), or 0.
double common_scale(const IsingModel& model) {
  double scale = std::numeric_limits<double>::infinity();
  const auto each = [&](const auto& use) {
    for (const double J : model.J) use(J);
    for (const double h : model.h) use(h);
  };
  each([&](double value) {
    if (value != 0) scale = std::min(scale, std::abs(value));
  });
  if (!std::isfinite(scale)) return 0;
  bool whole = true;
  each([&](double value) {
    whole = whole && std::abs(value) <= 128 * scale && std::round(value / scale) * scale == value;
  });
  return whole ? scale : 0;
}

}  // namespace

uint64_t bit_threshold(FlipRule update, double beta, double scale, int64_t aligned) {
  return flip_threshold_bits(update, beta * (2 * scale * static_cast<double>(aligned)));
}

Pbits::Layout::Layout(const IsingModel& given) : model(given), colouring(colour(given)) {
  double largest = 0;
  for (int64_t i = 0; i < model.units; ++i) largest = std::max(largest, largest_field(model, i));
  exact = has_whole_numbers(model) && largest < 0x1p24;
  lay_out_reals();
  if (model.directed) return;
  scale = common_scale(model);
  if (scale > 0 && largest / scale <= pbits::kMostBonds) lay_out_bits();
}

bool Pbits::Layout::is_even_lattice() const {
  return model.rows > 2 && model.rows % 2 == 0 && model.columns % 2 == 0 && !model.J.empty();
}

void Pbits::Layout::lay_out_reals() {
  const int64_t slots = colouring.slots();
  h.assign(slots, 0.0f);
  bonds.reserve(model.neighbour.size());
  row_start.reserve(slots + 1);
  row_start.push_back(0);
  for (int64_t slot = 0; slot < slots; ++slot) {
    const int32_t unit = colouring.unit[slot];
    if (unit != kNoUnit) {
      h[slot] = static_cast<float>(model.h[unit]);
      for (int64_t k = model.row_start[unit]; k < model.row_start[unit + 1]; ++k) {
        bonds.push_back({static_cast<int32_t>(colouring.slot_of[model.neighbour[k]]), static_cast<float>(model.J[k])});
      }
    }
    row_start.push_back(static_cast<int64_t>(bonds.size()));
  }
  if (!model.directed) return;
  // Rows have the same neighbours in both directions: those of a slot's neighbour hold the slot itself.
  told = bonds;
  for (int64_t slot = 0; slot < slots; ++slot) {
    for (int64_t k = row_start[slot]; k < row_start[slot + 1]; ++k) {
      const int32_t other = bonds[k].slot;
      told[k].J = std::find_if(bonds.begin() + row_start[other], bonds.begin() + row_start[other + 1],
                               [&](const pbits::Bond& bond) { return bond.slot == slot; })
                      ->J;
    }
  }
}

void Pbits::Layout::lay_out_bits() {
  const int64_t slots = colouring.slots();
  const auto ones = static_cast<uint32_t>(slots);
  std::vector<size_t> start;
  bond_rows.resize(slots);
  const auto add = [&](uint32_t to, double value) {
    const auto times = static_cast<int64_t>(std::abs(value / scale));
    bond_ends.insert(bond_ends.end(), times, to * 2 + (value > 0 ? 1 : 0));
  };
  for (int64_t slot = 0; slot < slots; ++slot) {
    start.push_back(bond_ends.size());
    const int32_t unit = colouring.unit[slot];
    if (unit == kNoUnit) continue;
    for (int64_t k = model.row_start[unit]; k < model.row_start[unit + 1]; ++k)
      add(static_cast<uint32_t>(colouring.slot_of[model.neighbour[k]]), model.J[k]);
    add(ones, model.h[unit]);
    bond_rows[slot].bonds = static_cast<int32_t>(bond_ends.size() - start.back());
    most_bonds = std::max(most_bonds, bond_rows[slot].bonds);
    // A negative bond of a unit to itself is never satisfied.
    while ((bond_ends.size() - start.back()) % 4 != 0) bond_ends.push_back(static_cast<uint32_t>(slot) * 2);
    bond_rows[slot].padded = static_cast<int32_t>(bond_ends.size() - start.back());
  }
  for (int64_t slot = 0; slot < slots; ++slot) bond_rows[slot].ends = bond_ends.data() + start[slot];
  bit_plan = {colours(), bond_rows.data(), most_bonds, 0, 0, 0, false, slots};
  const double field = model.h.front() / scale;
  if (is_even_lattice() && std::abs(field) <= 3 && std::abs(model.J.front()) == scale) {
    bit_plan.lattice_rows = model.rows;
    bit_plan.lattice_columns = model.columns;
    bit_plan.lattice_field = static_cast<int32_t>(field);
    bit_plan.lattice_attracts = model.J.front() > 0;
  }
}

pbits::Colours Pbits::Layout::colours() const {
  return {colouring.first.data(), colouring.count.data(), colouring.colours()};
}

pbits::RealPlan Pbits::Layout::real_plan(FlipRule update) const {
  const int64_t rows = is_even_lattice() ? model.rows : 0, columns = rows > 0 ? model.columns : 0;
  return {colours(),
          colouring.slots(),
          row_start.data(),
          bonds.data(),
          model.directed ? told.data() : bonds.data(),
          h.data(),
          update,
          rows,
          columns,
          rows > 0 ? static_cast<float>(model.J.front()) : 0.0f};
}

}  // namespace swell
