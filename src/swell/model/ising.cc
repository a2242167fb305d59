#include "swell/model/ising.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "swell/base/errors.h"

namespace swell {

namespace {

void check_edge(int64_t units, const IsingEdge& edge) {
  if (edge.a < 0 || edge.b < 0 || edge.a >= units || edge.b >= units) {
    throw InputError(fmt::format("a coupling names units {} and {}; allowed are 0 to {}", edge.a, edge.b, units - 1));
  }
  if (edge.a == edge.b) throw InputError(fmt::format("unit {} is coupled to itself; two different ones are", edge.a));
  if (!std::isfinite(edge.J)) {
    throw InputError(
        fmt::format("the coupling of units {} and {} is {}; finite numbers are allowed", edge.a, edge.b, edge.J));
  }
}

struct RowEntry {
  int32_t to = 0;
  double J = 0;
};

// Entries of one row in ascending order, those of one neighbour added up and zeros left out.
void append_row(std::span<RowEntry> row, IsingModel& model) {
  const auto before = [](const RowEntry& a, const RowEntry& b) { return a.to < b.to; };
  if (!std::is_sorted(row.begin(), row.end(), before)) std::stable_sort(row.begin(), row.end(), before);
  for (size_t k = 0; k < row.size();) {
    double sum = 0;
    const int32_t to = row[k].to;
    for (; k < row.size() && row[k].to == to; ++k) sum += row[k].J;
    if (sum == 0) continue;
    model.neighbour.push_back(to);
    model.J.push_back(sum);
  }
}

}  // namespace

IsingModel make_ising(int64_t units, std::span<const IsingEdge> edges, std::vector<double> h) {
  if (units < 1 || units > std::numeric_limits<int32_t>::max() / 2) {
    throw InputError(
        fmt::format("{} p-bits were asked for; allowed are 1 to {}", units, std::numeric_limits<int32_t>::max() / 2));
  }
  if (h.empty()) h.assign(units, 0.0);
  if (static_cast<int64_t>(h.size()) != units) {
    throw InputError(fmt::format("{} fields were given for {} p-bits; one each is allowed", h.size(), units));
  }
  for (const double field : h) {
    if (!std::isfinite(field)) throw InputError(fmt::format("a field is {}; finite numbers are allowed", field));
  }
  // [units + 1] where the entries of each unit begin; counted first, so that no row grows.
  std::vector<int64_t> start(units + 1, 0);
  for (const IsingEdge& edge : edges) {
    check_edge(units, edge);
    ++start[edge.a + 1];
    ++start[edge.b + 1];
  }
  std::partial_sum(start.begin(), start.end(), start.begin());
  std::vector<RowEntry> entries(2 * edges.size());
  std::vector<int64_t> next(start.begin(), start.end() - 1);
  for (const IsingEdge& edge : edges) {
    entries[next[edge.a]++] = {static_cast<int32_t>(edge.b), edge.J};
    entries[next[edge.b]++] = {static_cast<int32_t>(edge.a), edge.J};
  }
  IsingModel model;
  model.units = units;
  model.h = std::move(h);
  model.neighbour.reserve(entries.size());
  model.J.reserve(entries.size());
  model.row_start.reserve(units + 1);
  model.row_start.push_back(0);
  for (int64_t i = 0; i < units; ++i) {
    append_row(std::span(entries).subspan(start[i], start[i + 1] - start[i]), model);
    model.row_start.push_back(static_cast<int64_t>(model.neighbour.size()));
  }
  return model;
}

IsingModel square_lattice(int64_t rows, int64_t columns, double J, double h) {
  constexpr int64_t most = int64_t{1} << 15;
  if (rows < 3 || columns < 3 || rows > most || columns > most) {
    throw InputError(
        fmt::format("a lattice of {} x {} was asked for; each extent is from 3 to {}", rows, columns, most));
  }
  std::vector<IsingEdge> edges;
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < columns; ++c) {
      edges.push_back({r * columns + c, r * columns + (c + 1) % columns, J});
      edges.push_back({r * columns + c, (r + 1) % rows * columns + c, J});
    }
  }
  IsingModel model = make_ising(rows * columns, edges, std::vector<double>(rows * columns, h));
  model.rows = rows;
  model.columns = columns;
  return model;
}

double local_field(const IsingModel& model, std::span<const int8_t> spins, int64_t unit) {
  double sum = model.h[unit];
  for (int64_t k = model.row_start[unit]; k < model.row_start[unit + 1]; ++k)
    sum += model.J[k] * spins[model.neighbour[k]];
  return sum;
}

void require_reciprocal(const IsingModel& model, std::string_view what) {
  if (model.directed)
    throw InputError(
        fmt::format("{} an energy, and p-bits whose couplings are not the same in both directions have none", what));
}

double ising_energy(const IsingModel& model, std::span<const int8_t> spins) {
  require_reciprocal(model, "this needs");
  double sum = 0;
  for (int64_t i = 0; i < model.units; ++i) sum += spins[i] * (local_field(model, spins, i) + model.h[i]);
  return -sum / 2;
}

double largest_field(const IsingModel& model, int64_t unit) {
  double sum = std::abs(model.h[unit]);
  for (int64_t k = model.row_start[unit]; k < model.row_start[unit + 1]; ++k) sum += std::abs(model.J[k]);
  return sum;
}

bool has_whole_numbers(const IsingModel& model) {
  const auto whole = [](double value) { return value == std::floor(value) && std::abs(value) < 0x1p53; };
  return std::all_of(model.J.begin(), model.J.end(), whole) && std::all_of(model.h.begin(), model.h.end(), whole);
}

bool has_exact_sums(const IsingModel& model, double constant) {
  // The lowest bit that any of the numbers has.
  int lowest = std::numeric_limits<int>::max();
  double sum = 0;
  const auto add = [&](double value) {
    if (value == 0) return;
    sum += std::abs(value);
    // value = digits 2^exponent, read from the bits of the double: 52 of digits, a one before them unless subnormal.
    const auto bits = std::bit_cast<uint64_t>(value);
    const auto biased = static_cast<int>(bits >> 52 & 0x7ff);
    const uint64_t digits = (bits & 0xfffffffffffff) | (biased == 0 ? 0 : uint64_t{1} << 52);
    lowest = std::min(lowest, std::max(biased, 1) - 1075 + std::countr_zero(digits));
  };
  std::ranges::for_each(model.J, add);
  std::ranges::for_each(model.h, add);
  add(constant);
  // Twice the sum: costs of flips, and the double count of energies.
  return sum == 0 || 4 * sum < std::ldexp(1.0, 53 + lowest);
}

}  // namespace swell
