#include "swell/hardware/imperfections.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "swell/base/errors.h"
#include "swell/random/normal.h"
#include "swell/random/streams.h"
#include "swell/random/uniform.h"

namespace swell::hardware {
namespace {

constexpr int64_t kMostQuantities = 4096;  // of a system with memory

// Draws of a chip share the stream of rounding; their tables are far from those of the couplings' rounding.
enum class Table : uint64_t {
  pair = 1 << 20,
  directed,
  stuck,
  self,
  capacitance,
  offset,
  power,
  readout,
  heat,
  time,
  walk,
  warming
};

class Draws {
 public:
  explicit Draws(uint64_t seed) : key_{seed, stream::kRounding} {}
  double normal(Table table, int64_t a, int64_t b = 0) const {
    return static_cast<double>(
        draw_normal(key_, static_cast<uint64_t>(table), static_cast<uint64_t>(a), static_cast<uint64_t>(b)));
  }
  double factor(double spread, Table table, int64_t a, int64_t b = 0) const {
    return spread > 0 ? 1 + spread * normal(table, a, b) : 1;
  }
  bool is_stuck(double share, int64_t a, int64_t b) const {
    return share > 0 && draw_uniform(key_, static_cast<uint64_t>(Table::stuck) + (static_cast<uint64_t>(a) << 24),
                                     static_cast<uint64_t>(b)) < share;
  }
  // What a pair's coupling becomes before it is rounded.
  double coupling(const Imperfections& spec, double J, int64_t i, int64_t j) const {
    const int64_t a = std::min(i, j), b = std::max(i, j);
    return is_stuck(spec.stuck, a, b) ? 0 : J * factor(spec.mismatch, Table::pair, a, b);
  }

 private:
  NoiseKey key_;
};

// With the quantities that memory needs: z, then lagged z, then noise, then slow noise.
//
// 1/f noise is a sum of Ornstein-Uhlenbeck processes, one a decade, tau_k = 10^k / (2 pi f_c): each of variance s^2 has
// the one-sided spectrum 4 s^2 tau / (1 + (2 pi f tau)^2), and their sum is s^2 / (f ln 10) between the first and the
// last, rippled by 5.5 % (an integral over ln tau by steps of a decade). White noise of B B^T = N has the one-sided
// spectrum 2 N, so that s^2 = 2 N f_c ln 10.
LinearSystem widened(const LinearSystem& chip, const Imperfections& spec) {
  const int64_t m = chip.size(), lag = spec.delay > 0 ? m : 0, colour = spec.correlation_time > 0 ? m : 0;
  const int64_t decades = spec.flicker_corner > 0 ? spec.flicker_decades : 0, slow = m + lag + colour;
  const int64_t size = slow + decades * m;
  if (size > kMostQuantities)
    throw InputError(fmt::format("{}: {} quantities with memory of their own make {}; {} are allowed", spec.name, m,
                                 size, kMostQuantities));
  LinearSystem wide{Matrix(size, size), std::vector<double>(size), Matrix(size, size)};
  const double tau = spec.correlation_time;
  for (int64_t i = 0; i < m; ++i) {
    wide.c[i] = chip.c[i];
    for (int64_t j = 0; j < m; ++j) {
      wide.drift(i, lag > 0 && i != j ? m + j : j) = chip.drift(i, j);
      if (colour > 0)
        wide.noise(m + lag + i, m + lag + j) = chip.noise(i, j) / (tau * tau);
      else
        wide.noise(i, j) = chip.noise(i, j);
    }
    if (lag > 0) {
      wide.drift(m + i, i) = -1 / spec.delay;
      wide.drift(m + i, m + i) = 1 / spec.delay;
    }
    if (colour > 0) {
      wide.drift(i, m + lag + i) = -1;
      wide.drift(m + lag + i, m + lag + i) = 1 / tau;
    }
    for (int64_t k = 0; k < decades; ++k) {
      const int64_t own = slow + k * m + i;
      const double rate = 2 * std::numbers::pi * spec.flicker_corner * std::pow(10.0, -k);
      wide.drift(i, own) = -1;
      wide.drift(own, own) = rate;
      wide.noise(own, own) = 2 * rate * 2 * chip.noise(i, i) * spec.flicker_corner * std::numbers::ln10;
    }
  }
  return wide;
}

void refuse(bool asked, const char* what, const char* kind) {
  if (asked) throw InputError(fmt::format("{} is not a fault that {} can have: Langevin computers can", what, kind));
}

// What has no place in a network of p-bits.
void refuse_of_pbits(const Imperfections& spec) {
  const char* const kind = "a network of p-bits";
  const char* const without = "a network of p-bits (it has no kT of its own)";
  refuse(spec.noise_mismatch > 0, "[noise] mismatch (units at temperatures of their own)", kind);
  refuse(spec.correlation_time > 0, "[noise] correlation_time", kind);
  refuse(spec.flicker_corner > 0, "[noise] flicker_corner", kind);
  refuse(spec.delay > 0, "[noise] delay", kind);
  refuse(spec.saturation > 0, "[couplings] saturation", kind);
  refuse(spec.self_mismatch > 0 || spec.capacitance > 0 || spec.parasitic > 0 || spec.leakage > 0,
         "[units] mismatch, capacitance, parasitic or leakage", kind);
  refuse(spec.temperature != 1 || spec.temperature_spread > 0, "[noise] temperature", without);
  refuse(spec.temperature_drift != 0, "[noise] temperature_drift", without);
  refuse(spec.unit_coefficient != 0 || spec.capacitance_coefficient != 0, "[temperature] units or capacitance", kind);
  refuse(spec.noise_coefficient != 0, "[temperature] noise", without);
}

// Each direction of a coupling has a factor of its own; J_ij is the force of unit j on unit i.
void make_directed(Computer& chip, const Imperfections& spec, const Draws& draws) {
  for (CouplingSet& set : chip.sets) {
    for (CouplingBlock& block : set.blocks) {
      const Group &rows = chip.groups[block.row_group], &columns = chip.groups[block.column_group];
      block.directed = true;
      const bool between = block.row_group != block.column_group;
      const auto change = [&](double& J, int64_t r, int64_t c) {
        const int64_t i = rows.first + r, j = columns.first + c;
        if (between) block.back.push_back(J * draws.factor(spec.asymmetry, Table::directed, j, i));
        J *= draws.factor(spec.asymmetry, Table::directed, i, j);
      };
      if (auto* dense = std::get_if<DenseWeights>(&block.weights)) {
        for (int64_t r = 0; r < rows.size; ++r) {
          for (int64_t c = 0; c < columns.size; ++c) change(dense->values[r * columns.size + c], r, c);
        }
        continue;
      }
      auto& sparse = std::get<SparseWeights>(block.weights);
      for (int64_t r = 0; r < rows.size; ++r) {
        for (int64_t e = sparse.row_start[r]; e < sparse.row_start[r + 1]; ++e)
          change(sparse.values[e], r, sparse.column[e]);
      }
    }
  }
}

// What the temperature of a chip makes of a quantity with this coefficient, 1/K.
double warmed(const Imperfections& spec, const Draws& draws, double coefficient) {
  if (coefficient == 0) return 1;
  return 1 + coefficient * (spec.warming + spec.warming_spread * draws.normal(Table::warming, 0));
}

// A mobility below zero is none; such a draw is beyond ten standard deviations at the largest spread allowed.
double capacitance_of(const Imperfections& spec, const Draws& draws, int64_t unit) {
  const double own = draws.factor(spec.capacitance, Table::capacitance, unit) + spec.parasitic;
  return std::max(0.05, own * warmed(spec, draws, spec.capacitance_coefficient));
}

// The factor of kT of a chip, by the same reason above zero.
double heat_of(const Imperfections& spec, const Draws& draws) {
  return spec.temperature * std::max(0.05, draws.factor(spec.temperature_spread, Table::heat, 0)) *
         std::max(0.05, warmed(spec, draws, spec.noise_coefficient));
}

// All couplings of a set, by one factor: levels of a bank keep their distances in relation to the largest.
void scale(CouplingSet& set, double factor) {
  if (factor == 1) return;
  for (CouplingBlock& block : set.blocks) {
    std::visit(
        [&](auto& weights) {
          for (double& J : weights.values) J *= factor;
        },
        block.weights);
    for (double& J : block.back) J *= factor;
  }
}

}  // namespace

void validate(const Imperfections& spec, std::string_view where) {
  const auto within = [&](double value, double least, double most, const char* key) {
    if (!(value >= least && value <= most))
      throw InputError(fmt::format("{}: {} is {:g}, allowed are {:g} to {:g}", where, key, value, least, most));
  };
  within(spec.mismatch, 0, 1, "[couplings] mismatch");
  within(spec.asymmetry, 0, 1, "[couplings] asymmetry");
  within(spec.stuck, 0, 1, "[couplings] stuck");
  within(spec.saturation, 0, 1e6, "[couplings] saturation");
  within(spec.self_mismatch, 0, 1, "[units] mismatch");
  within(spec.capacitance, 0, 0.5, "[units] capacitance");
  within(spec.parasitic, 0, 10, "[units] parasitic");
  within(spec.offset, 0, 1e6, "[units] offset");
  within(spec.leakage, 0, 1e6, "[units] leakage");
  within(spec.noise_mismatch, 0, 0.5, "[noise] mismatch");
  within(spec.correlation_time, 0, 1e6, "[noise] correlation_time");
  within(spec.flicker_corner, 0, 1e6, "[noise] flicker_corner");
  within(spec.flicker_decades, 1, 8, "[noise] flicker_decades");
  within(spec.temperature, 1e-6, 1e6, "[noise] temperature");
  within(spec.temperature_spread, 0, 0.5, "[noise] temperature_spread");
  within(spec.temperature_drift, -0.9, 10, "[noise] temperature_drift");
  within(spec.delay, 0, 1e6, "[noise] delay");
  within(spec.warming, -300, 1000, "[temperature] change (in K)");
  within(spec.warming_spread, 0, 100, "[temperature] spread (in K)");
  for (const auto& [coefficient, key] : {std::pair(spec.coupling_coefficient, "[temperature] couplings (per K)"),
                                         {spec.unit_coefficient, "[temperature] units (per K)"},
                                         {spec.capacitance_coefficient, "[temperature] capacitance (per K)"},
                                         {spec.noise_coefficient, "[temperature] noise (per K)"}})
    within(coefficient, -0.1, 0.1, key);
  within(spec.readout_range, 1e-9, 1e9, "[readout] range");
  within(spec.readout_noise, 0, 1e9, "[readout] noise");
  within(spec.readout_jitter, 0, 0.1, "[readout] jitter");
  for (const auto& [bits, key] : {std::pair(spec.bits, "[couplings] bits"), {spec.readout_bits, "[readout] bits"}}) {
    if (bits != 0) within(bits, 2, 24, key);
  }
}

uint64_t chip_seed(uint64_t seed, int64_t chip) { return seed_of_part(seed, static_cast<uint64_t>(chip) + 1); }

Computer perturb(const Computer& machine, const Imperfections& spec, uint64_t seed) {
  validate(spec, spec.name);
  const Draws draws(seed);
  Computer chip = machine;
  const int64_t n = chip.units();
  const double unit_factor = warmed(spec, draws, spec.unit_coefficient);
  for (int64_t i = 0; i < n; ++i) {
    const double self = draws.factor(spec.self_mismatch, Table::self, i) * unit_factor;
    chip.J2[i] = chip.J2[i] * self + spec.leakage / 2;
    for (CouplingSet& set : chip.sets) {
      if (!set.J2.empty()) set.J2[i] = set.J2[i] * self + spec.leakage / 2;
    }
    chip.J3[i] *= self;
    chip.J4[i] *= self;
    // Injected noise D is the same current: a node of another capacitance moves by 1 / C_i, and would be at kT C / C_i.
    // A computer has one kT, so its noise follows the capacitance, as that of a thermal machine does.
    chip.mobility[i] /= capacitance_of(spec, draws, i);
  }
  chip.kT *= heat_of(spec, draws);
  for (int64_t i = 0; spec.noise_mismatch > 0 && i < n; ++i)
    chip.warmth.push_back(std::max(0.0, draws.factor(spec.noise_mismatch, Table::power, i)));
  chip.memory = {spec.correlation_time, spec.delay, spec.flicker_corner,
                 spec.flicker_corner > 0 ? spec.flicker_decades : 0, spec.temperature_drift};
  for (CouplingSet& set : chip.sets) {
    for (CouplingBlock& block : set.blocks) {
      const Group &rows = chip.groups[block.row_group], &columns = chip.groups[block.column_group];
      const auto changed = [&](double J, int64_t r, int64_t c) {
        return draws.coupling(spec, J, rows.first + r, columns.first + c);
      };
      if (auto* dense = std::get_if<DenseWeights>(&block.weights)) {
        for (int64_t r = 0; r < rows.size; ++r) {
          for (int64_t c = 0; c < columns.size; ++c) {
            double& J = dense->values[r * columns.size + c];
            J = changed(J, r, c);
          }
        }
        continue;
      }
      auto& sparse = std::get<SparseWeights>(block.weights);
      for (int64_t r = 0; r < rows.size; ++r) {
        for (int64_t e = sparse.row_start[r]; e < sparse.row_start[r + 1]; ++e)
          sparse.values[e] = changed(sparse.values[e], r, sparse.column[e]);
      }
    }
    if (spec.offset > 0) {
      set.bias.resize(n);
      for (int64_t i = 0; i < n; ++i) set.bias[i] += spec.offset * draws.normal(Table::offset, i);
      set.biased.assign(chip.groups.size(), 1);
    }
  }
  if (spec.bits > 0) chip = quantise(chip, spec.bits, spec.rounding, seed);
  if (spec.asymmetry > 0) make_directed(chip, spec, draws);
  for (CouplingSet& set : chip.sets) {
    scale(set, warmed(spec, draws, spec.coupling_coefficient));
    for (CouplingBlock& block : set.blocks) block.saturation = spec.saturation;
  }
  validate(machine, "a machine");  // so that what is wrong from here on is the chip's
  try {
    validate(chip, "a chip of this machine (its faults leave it without a minimum)");
  } catch (const InputError& error) {
    throw NoMinimum(error.what());
  }
  return chip;
}

IsingModel perturb(const IsingModel& machine, const Imperfections& spec, uint64_t seed) {
  validate(spec, spec.name);
  refuse_of_pbits(spec);
  const Draws draws(seed);
  std::vector<IsingEdge> edges;
  std::vector<double> values;
  for (int64_t a = 0; a < machine.units; ++a) {
    for (int64_t e = machine.row_start[a]; e < machine.row_start[a + 1]; ++e) {
      if (machine.neighbour[e] < a) continue;
      edges.push_back({a, machine.neighbour[e], draws.coupling(spec, machine.J[e], a, machine.neighbour[e])});
      values.push_back(edges.back().J);
    }
  }
  std::vector<double> h = machine.h;
  h.resize(machine.units);
  for (int64_t i = 0; i < machine.units; ++i) {
    if (spec.offset > 0) h[i] += spec.offset * draws.normal(Table::offset, i);
    values.push_back(h[i]);
  }
  if (spec.bits > 0 && !values.empty()) {
    // One bank of levels for couplings and fields.
    const Matrix all = [&] {
      Matrix row(1, static_cast<int64_t>(values.size()));
      row.values = values;
      return row;
    }();
    const Matrix rounded =
        spec.rounding == Rounding::nearest ? round_to_bits(all, spec.bits) : round_to_bits(all, spec.bits, 0, 1, seed);
    for (size_t e = 0; e < edges.size(); ++e) edges[e].J = rounded.values[e];
    for (int64_t i = 0; i < machine.units; ++i) h[i] = rounded.values[edges.size() + i];
  }
  const double factor = warmed(spec, draws, spec.coupling_coefficient);
  for (IsingEdge& edge : edges) edge.J *= factor;
  IsingModel chip = make_ising(machine.units, edges, std::move(h));
  chip.directed = spec.asymmetry > 0;
  for (int64_t i = 0; i < chip.units; ++i) {
    for (int64_t e = chip.row_start[i]; e < chip.row_start[i + 1]; ++e)
      chip.J[e] *= draws.factor(spec.asymmetry, Table::directed, i, chip.neighbour[e]);
  }
  return chip;
}

LinearSystem perturb(const LinearSystem& machine, const Imperfections& spec, uint64_t seed) {
  validate(spec, spec.name);
  refuse(spec.saturation > 0, "[couplings] saturation", "a linear system (it would be linear no more)");
  refuse(spec.temperature_drift != 0, "[noise] temperature_drift", "a linear system (it is taken at rest)");
  const Draws draws(seed);
  const int64_t m = machine.size();
  LinearSystem chip = machine;
  chip.stiffness = {};  // the energy that a faulty circuit stores is not known
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < m; ++j) {
      double& M = chip.drift(i, j);
      M = i == j ? M * draws.factor(spec.self_mismatch, Table::self, i) : draws.coupling(spec, M, i, j);
    }
  }
  if (spec.bits > 0) {
    chip.drift = spec.rounding == Rounding::nearest ? round_to_bits(chip.drift, spec.bits)
                                                    : round_to_bits(chip.drift, spec.bits, 0, 1, seed);
  }
  std::vector<double> response(m), power(m);
  const double heat = heat_of(spec, draws), coupling_factor = warmed(spec, draws, spec.coupling_coefficient),
               unit_factor = warmed(spec, draws, spec.unit_coefficient);
  for (int64_t i = 0; i < m; ++i) {
    response[i] = 1 / capacitance_of(spec, draws, i);
    power[i] = std::sqrt(std::max(0.0, draws.factor(spec.noise_mismatch, Table::power, i) * heat));
    if (spec.offset > 0) chip.c[i] += spec.offset * draws.normal(Table::offset, i);
  }
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < m; ++j) {
      if (i != j) chip.drift(i, j) *= draws.factor(spec.asymmetry, Table::directed, i, j) * coupling_factor;
      if (i == j) chip.drift(i, j) = chip.drift(i, j) * unit_factor + spec.leakage;
      chip.drift(i, j) *= response[i];
      chip.noise(i, j) *= response[i] * power[i] * response[j] * power[j];
    }
    chip.c[i] *= response[i];
  }
  if (spec.delay == 0 && spec.correlation_time == 0 && spec.flicker_corner == 0) return chip;
  return widened(chip, spec);
}

std::vector<double> diffusion_of(const Computer& chip, int64_t first, int64_t count) {
  std::vector<double> diffusion;
  for (int64_t i = first; i < first + count; ++i) diffusion.push_back(chip.mobility[i] * chip.kT);
  return diffusion;
}

void read_out(std::span<float> values, const Imperfections& spec, uint64_t seed, std::span<const double> diffusion,
              uint64_t first) {
  if (!spec.reads_out()) return;
  const NoiseKey key{seed, stream::kRounding};
  const double step = spec.readout_bits > 0 ? 2 * spec.readout_range / (std::exp2(spec.readout_bits) - 1) : 0;
  for (size_t k = 0; k < values.size(); ++k) {
    double x = static_cast<double>(values[k]);
    const auto normal = [&](Table table) {
      return static_cast<double>(draw_normal(key, static_cast<uint64_t>(table), (first + k) / 4, (first + k) % 4));
    };
    if (spec.readout_jitter > 0) {
      const double late = std::abs(spec.readout_jitter * normal(Table::time));
      x += std::sqrt(2 * diffusion[k % diffusion.size()] * late) * normal(Table::walk);
    }
    if (spec.readout_noise > 0) x += spec.readout_noise * normal(Table::readout);
    // Levels lie at odd multiples of half a step, so that both ends of the range are levels.
    if (step > 0) x = std::clamp((std::floor(x / step) + 0.5) * step, -spec.readout_range, spec.readout_range);
    values[k] = static_cast<float>(x);
  }
}

}  // namespace swell::hardware
