#include "swell/engine/cuda/couplings.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "swell/kernels/kernel.h"
#include "swell/physics/langevin.h"

namespace swell::cuda {

namespace {

template <class Weights>
bool has(const CouplingSet& set) {
  return std::ranges::any_of(set.blocks,
                             [](const CouplingBlock& block) { return std::holds_alternative<Weights>(block.weights); });
}

// A coupling as the products take it.
void put_number(char* matrix, const Dense& product, int64_t row, int64_t column, double J) {
  const auto value = static_cast<float>(J);
  if (product.element == Element::f32) {
    std::memcpy(matrix + (row * product.row + column) * 4, &value, sizeof value);
    return;
  }
  char* const to = matrix + operand_at(product.element, kRowsOfCouplings, product.blocks, coupling_row(row), column);
  const uint32_t bits = product.element == Element::bf16 ? cpu::bf16_bits(value) : tf32_bits(value);
  std::memcpy(to, &bits, bytes_of(product.element));  // the low bytes come first
}

}  // namespace

bool has_dense(const CouplingSet& set) { return has<DenseWeights>(set); }
bool has_sparse(const CouplingSet& set) { return has<SparseWeights>(set); }

int64_t operand_bytes(Element element, int64_t rows, int64_t units) {
  return rows * operand_blocks(element, padded_units(units, element)) * kBlockBytes;
}

Couplings::Couplings(const DeviceCalls& device, const Computer& computer, const CouplingSet& set, Element element) {
  product_.element = element;
  product_.row = padded_units(computer.units(), element);
  product_.blocks = operand_blocks(element, product_.row);
  product_.units = computer.units();
  if (has_dense(set)) pack_dense(device, computer, set);
  if (has_sparse(set)) pack_sparse(device, computer, set);
}

void Couplings::pack_dense(const DeviceCalls& device, const Computer& computer, const CouplingSet& set) {
  const int64_t rows = product_.row;
  std::vector<char> matrix(operand_bytes(product_.element, rows, computer.units()), 0);
  for (const CouplingBlock& block : set.blocks) {
    const auto* dense = std::get_if<DenseWeights>(&block.weights);
    if (!dense) continue;
    const Group &r = computer.groups[block.row_group], &c = computer.groups[block.column_group];
    const bool mirrored = block.row_group != block.column_group;
    for (int64_t i = 0; i < r.size; ++i) {
      for (int64_t j = 0; j < c.size; ++j) {
        const double J = dense->values[i * c.size + j];
        put_number(matrix.data(), product_, r.first + i, c.first + j, J);
        if (mirrored) put_number(matrix.data(), product_, c.first + j, r.first + i, J);
      }
    }
  }
  J_ = Array<char>(device, std::span<const char>(matrix));
  product_.J = J_.data();
}

void Couplings::pack_sparse(const DeviceCalls& device, const Computer& computer, const CouplingSet& set) {
  const int64_t n = computer.units();
  std::vector<std::vector<std::pair<int32_t, float>>> rows(n);
  for (const CouplingBlock& block : set.blocks) {
    const auto* sparse = std::get_if<SparseWeights>(&block.weights);
    if (!sparse) continue;
    const Group &r = computer.groups[block.row_group], &c = computer.groups[block.column_group];
    for (int64_t i = 0; i < r.size; ++i) {
      for (int64_t e = sparse->row_start[i]; e < sparse->row_start[i + 1]; ++e) {
        const auto row = static_cast<int32_t>(r.first + i), column = static_cast<int32_t>(c.first + sparse->column[e]);
        const auto J = static_cast<float>(sparse->values[e]);
        rows[row].emplace_back(column, J);
        if (block.row_group != block.column_group) rows[column].emplace_back(row, J);
      }
    }
  }
  std::vector<int64_t> start(1, 0);
  std::vector<int32_t> columns;
  std::vector<float> weights;
  for (auto& row : rows) {
    std::ranges::sort(row, {}, &std::pair<int32_t, float>::first);
    for (const auto& [column, J] : row) {
      columns.push_back(column);
      weights.push_back(J);
    }
    start.push_back(static_cast<int64_t>(columns.size()));
  }
  row_start_ = Array<int64_t>(device, std::span<const int64_t>(start));
  column_ = Array<int32_t>(device, std::span<const int32_t>(columns));
  weight_ = Array<float>(device, std::span<const float>(weights));
}

UnitConstants::UnitConstants(const DeviceCalls& device, const Computer& computer, const SegmentTimeline& timeline,
                             double dt, int64_t padded) {
  const auto make = [&](auto value) {
    std::vector<decltype(value(0))> values(padded, 0);
    for (int64_t i = 0; i < computer.units(); ++i) values[i] = value(i);
    return Array<decltype(value(0))>(device, std::span<const decltype(value(0))>(values));
  };
  std::vector<int32_t> group;
  for (const Group& each : computer.groups)
    group.insert(group.end(), each.size, static_cast<int32_t>(&each - computer.groups.data()));
  const auto held = [&](int64_t i) { return timeline.clamped[group[i]] != 0; };
  J2_ = make([&](int64_t i) { return static_cast<float>(quadratic(computer, timeline.set, i)); });
  J3_ = make([&](int64_t i) { return static_cast<float>(computer.J3[i]); });
  J4_ = make([&](int64_t i) { return static_cast<float>(computer.J4[i]); });
  bias_ = make([&](int64_t i) { return timeline.set ? static_cast<float>(timeline.set->bias[i]) : 0.0f; });
  mobility_dt_ = make([&](int64_t i) { return held(i) ? 0.0f : static_cast<float>(computer.mobility[i] * dt); });
  noise_scale_ = make(
      [&](int64_t i) { return held(i) ? 0.0f : static_cast<float>(noise_amplitude(computer.mobility[i], 1, dt)); });
  group_ = make([&](int64_t i) { return group[i]; });
}

}  // namespace swell::cuda
