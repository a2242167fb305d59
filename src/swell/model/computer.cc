#include "swell/model/computer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"

namespace swell {

namespace {

// Calls visit(i, j, value) for each stored entry of a block, i and j numbers of units in the whole computer.
template <class Visit>
void for_each_entry(const Computer& computer, const CouplingBlock& block, Visit&& visit) {
  const Group& rows = computer.groups[block.row_group];
  const Group& columns = computer.groups[block.column_group];
  if (const auto* dense = std::get_if<DenseWeights>(&block.weights)) {
    for (int64_t r = 0; r < rows.size; ++r) {
      for (int64_t c = 0; c < columns.size; ++c) {
        visit(rows.first + r, columns.first + c, dense->values[r * columns.size + c]);
      }
    }
  } else {
    const auto& sparse = std::get<SparseWeights>(block.weights);
    for (int64_t r = 0; r < rows.size; ++r) {
      for (int64_t e = sparse.row_start[r]; e < sparse.row_start[r + 1]; ++e) {
        visit(rows.first + r, columns.first + sparse.column[e], sparse.values[e]);
      }
    }
  }
}

void require_length(size_t got, int64_t wanted, std::string_view what, std::string_view where) {
  if (static_cast<int64_t>(got) != wanted) {
    throw InputError(fmt::format("{}: {} has {} values; {} are needed", where, what, got, wanted));
  }
}

void validate_block_sizes(const Computer& computer, const CouplingBlock& block, const std::string& where) {
  const int64_t rows = computer.groups[block.row_group].size;
  const int64_t columns = computer.groups[block.column_group].size;
  if (const auto* dense = std::get_if<DenseWeights>(&block.weights)) {
    require_length(dense->values.size(), rows * columns, "the coupling matrix", where);
    return;
  }
  const auto& sparse = std::get<SparseWeights>(block.weights);
  require_length(sparse.row_start.size(), rows + 1, "row_start", where);
  require_length(sparse.values.size(), static_cast<int64_t>(sparse.column.size()), "values", where);
  int64_t last = 0;
  for (const int64_t start : sparse.row_start) {
    if (start < last || start > static_cast<int64_t>(sparse.column.size())) {
      throw InputError(
          fmt::format("{}: row_start {} is not allowed; ascending up to {} is", where, start, sparse.column.size()));
    }
    last = start;
  }
  for (const int32_t column : sparse.column) {
    if (column < 0 || column >= columns) {
      throw InputError(fmt::format("{}: column {} is not allowed; 0 to {} is", where, column, columns - 1));
    }
  }
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t e = sparse.row_start[r] + 1; e < sparse.row_start[r + 1]; ++e) {
      if (sparse.column[e] > sparse.column[e - 1]) continue;
      throw InputError(fmt::format("{}: row {} has column {} after column {}; ascending columns are needed", where, r,
                                   sparse.column[e], sparse.column[e - 1]));
    }
  }
}

// The coupling of a row and a column of a block; zero where a sparse block has no entry.
double entry(const CouplingBlock& block, int64_t row, int64_t column, int64_t columns) {
  if (const auto* dense = std::get_if<DenseWeights>(&block.weights)) return dense->values[row * columns + column];
  const auto& sparse = std::get<SparseWeights>(block.weights);
  const auto first = sparse.column.begin() + sparse.row_start[row],
             last = sparse.column.begin() + sparse.row_start[row + 1];
  const auto found = std::lower_bound(first, last, column);
  return found != last && *found == column ? sparse.values[found - sparse.column.begin()] : 0.0;
}

void validate_block(const Computer& computer, const CouplingBlock& block, const std::string& where) {
  validate_block_sizes(computer, block, where);
  for_each_entry(computer, block, [&](int64_t i, int64_t j, double value) {
    if (!std::isfinite(value)) {
      throw InputError(
          fmt::format("{}: the coupling of units {} and {} is {}; a finite number is needed", where, i, j, value));
    }
    if (i == j && value != 0) {
      throw InputError(
          fmt::format("{}: the coupling of unit {} to itself is {}; the diagonal must be 0", where, i, value));
    }
  });
  if (!(block.saturation >= 0) || !std::isfinite(block.saturation))
    throw InputError(
        fmt::format("{}: couplings saturate at {}; 0 for none or more is needed", where, block.saturation));
  const bool within = block.row_group == block.column_group;
  if (block.directed || !block.back.empty()) {
    const size_t values = std::visit([](const auto& weights) { return weights.values.size(); }, block.weights);
    const size_t wanted = block.directed && !within ? values : 0;
    require_length(block.back.size(), static_cast<int64_t>(wanted), "the way back of directed couplings", where);
    for (const double value : block.back) {
      if (!std::isfinite(value))
        throw InputError(fmt::format("{}: a coupling back is {}; a finite number is needed", where, value));
    }
  }
  if (!within || block.directed) return;
  const Group& group = computer.groups[block.row_group];
  for_each_entry(computer, block, [&](int64_t i, int64_t j, double value) {
    const int64_t r = i - group.first, c = j - group.first;
    const double mirrored = entry(block, c, r, group.size);
    if (mirrored != value) {
      throw InputError(
          fmt::format("{}: the coupling is not symmetric: units ({}, {}) have {} but ({}, {}) have {}; "
                      "both must be equal",
                      where, r, c, value, c, r, mirrored));
    }
  });
}

// Under a set, or under none.
void validate_on_site(const Computer& computer, const CouplingSet* set, std::string_view where) {
  for (int64_t i = 0; i < computer.units(); ++i) {
    const std::string& name = computer.groups[group_of_unit(computer, i)].name;
    const double J2 = quadratic(computer, set, i);
    for (const double value : {J2, computer.J3[i], computer.J4[i]}) {
      if (!std::isfinite(value)) {
        throw InputError(
            fmt::format("{}: group '{}' has an on-site coefficient {}; a finite number is needed", where, name, value));
      }
    }
    const bool confined = computer.J4[i] > 0 || (computer.J4[i] == 0 && computer.J3[i] == 0 && J2 > 0);
    if (!confined) {
      throw InputError(
          fmt::format("{}: group '{}' with J2 = {}, J3 = {}, J4 = {} is not confined; J4 > 0 is needed, or J2 > 0 "
                      "with J3 = J4 = 0",
                      where, name, J2, computer.J3[i], computer.J4[i]));
    }
  }
}

void validate_units(const Computer& computer, std::string_view where) {
  validate_on_site(computer, nullptr, where);
  for (int64_t i = 0; i < computer.units(); ++i) {
    const std::string& name = computer.groups[group_of_unit(computer, i)].name;
    if (!(computer.mobility[i] > 0) || !std::isfinite(computer.mobility[i])) {
      throw InputError(fmt::format("{}: group '{}' has mobility {}; a positive number is needed", where, name,
                                   computer.mobility[i]));
    }
  }
}

}  // namespace

namespace {

template <class Is>
bool any_block(const Computer& computer, const Is& is) {
  return std::ranges::any_of(computer.sets,
                             [&](const CouplingSet& set) { return std::ranges::any_of(set.blocks, is); });
}

}  // namespace

bool saturates(const Computer& computer) {
  return any_block(computer, [](const CouplingBlock& block) { return block.saturation > 0; });
}

bool has_potential(const Computer& computer) {
  return computer.memory.delay == 0 && !saturates(computer) &&
         !any_block(computer, [](const CouplingBlock& block) { return block.directed; });
}

void require_potential(const Computer& computer, std::string_view what) {
  if (!has_potential(computer))
    throw InputError(
        fmt::format("{} a potential; couplings that differ in direction, saturate or lag have none", what));
}

int find_group(const Computer& computer, std::string_view name) {
  for (size_t g = 0; g < computer.groups.size(); ++g) {
    if (computer.groups[g].name == name) return static_cast<int>(g);
  }
  return -1;
}

int find_set(const Computer& computer, std::string_view name) {
  for (size_t s = 0; s < computer.sets.size(); ++s) {
    if (computer.sets[s].name == name) return static_cast<int>(s);
  }
  return -1;
}

int group_of_unit(const Computer& computer, int64_t unit) {
  int g = 0;
  while (g + 1 < static_cast<int>(computer.groups.size()) && computer.groups[g + 1].first <= unit) ++g;
  return g;
}

int64_t count_parameters(const Computer& computer, const CouplingSet& set) {
  int64_t count = 0;
  for (const CouplingBlock& block : set.blocks) {
    const int64_t rows = computer.groups[block.row_group].size;
    const int64_t columns = computer.groups[block.column_group].size;
    const bool within = block.row_group == block.column_group;
    if (const auto* sparse = std::get_if<SparseWeights>(&block.weights)) {
      count += static_cast<int64_t>(sparse->values.size() + block.back.size()) / (within && !block.directed ? 2 : 1);
    } else {
      count += (block.directed ? 2 : 1) * (within ? rows * (rows - 1) / 2 : rows * columns);
    }
  }
  for (size_t g = 0; g < set.biased.size(); ++g) {
    if (set.biased[g]) count += computer.groups[g].size;
  }
  return count;
}

int64_t count_parameters(const Computer& computer) {
  int64_t parameters = 0;
  for (const CouplingSet& set : computer.sets) parameters += count_parameters(computer, set);
  return parameters;
}

std::vector<double> dense_matrix(const Computer& computer, const CouplingSet& set) {
  const int64_t n = computer.units();
  std::vector<double> matrix(n * n, 0.0);
  for (const CouplingBlock& block : set.blocks) {
    size_t k = 0;
    for_each_entry(computer, block, [&](int64_t i, int64_t j, double value) {
      matrix[i * n + j] = value;
      if (!block.directed) matrix[j * n + i] = value;
      if (!block.back.empty()) matrix[j * n + i] = block.back[k++];
    });
  }
  return matrix;
}

void assign_from_dense(const Computer& computer, std::span<const double> matrix, CouplingSet& set) {
  const int64_t n = computer.units();
  for (CouplingBlock& block : set.blocks) {
    std::vector<double> values;
    size_t k = 0;
    for_each_entry(computer, block, [&](int64_t i, int64_t j, double) {
      values.push_back(matrix[i * n + j]);
      if (!block.back.empty()) block.back[k++] = matrix[j * n + i];
    });
    std::visit([&](auto& weights) { weights.values = std::move(values); }, block.weights);
  }
}

namespace {

void validate_chip(const Computer& computer, std::string_view where) {
  const ChipMemory& memory = computer.memory;
  if (!computer.warmth.empty()) require_length(computer.warmth.size(), computer.units(), "warmth", where);
  for (const double factor : computer.warmth) {
    if (!(factor >= 0) || !std::isfinite(factor))
      throw InputError(fmt::format("{}: a unit's factor of kT is {}; 0 or more is needed", where, factor));
  }
  for (const auto& [value, what] : {std::pair(memory.correlation_time, "correlation time of the noise"),
                                    {memory.delay, "delay of the couplings"},
                                    {memory.flicker_corner, "corner of 1/f noise"}}) {
    if (!(value >= 0) || !std::isfinite(value))
      throw InputError(fmt::format("{}: the {} is {}; 0 or more is needed", where, what, value));
  }
  if (memory.flicker_decades < 0 || memory.flicker_decades > 8)
    throw InputError(fmt::format("{}: {} decades of 1/f noise; 0 to 8 are allowed", where, memory.flicker_decades));
  if (!(memory.kT_drift > -1) || !std::isfinite(memory.kT_drift))
    throw InputError(fmt::format("{}: kT drifts by {}; more than -1 is needed", where, memory.kT_drift));
}

}  // namespace

void validate(const Computer& computer, std::string_view where) {
  const int64_t n = computer.units();
  if (n == 0) throw InputError(fmt::format("{}: the computer has no units; at least one group is needed", where));
  require_length(computer.J3.size(), n, "J3", where);
  require_length(computer.J4.size(), n, "J4", where);
  require_length(computer.mobility.size(), n, "mobility", where);
  validate_units(computer, where);
  validate_chip(computer, where);
  if (!(computer.kT >= 0) || !std::isfinite(computer.kT)) {
    throw InputError(
        fmt::format("{}: kT = {} is not allowed; a finite number of E0, zero or more, is", where, computer.kT));
  }
  for (const CouplingSet& set : computer.sets) {
    const std::string place = fmt::format("{}: couplings '{}'", where, set.name);
    require_length(set.bias.size(), n, "bias", place);
    require_length(set.biased.size(), static_cast<int64_t>(computer.groups.size()), "biased", place);
    for (int64_t i = 0; i < n; ++i) {
      if (!std::isfinite(set.bias[i])) {
        throw InputError(
            fmt::format("{}: the bias of unit {} is {}; a finite number is needed", place, i, set.bias[i]));
      }
    }
    if (!set.J2.empty()) {
      require_length(set.J2.size(), n, "J2", place);
      validate_on_site(computer, &set, place);
    }
    for (const CouplingBlock& block : set.blocks) {
      validate_block(computer, block,
                     fmt::format("{} between '{}' and '{}'", place, computer.groups[block.row_group].name,
                                 computer.groups[block.column_group].name));
    }
  }
}

}  // namespace swell
