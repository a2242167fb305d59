// Couplings that saturate: the cpu engine in both layouts against the reference, and its bytes.

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "physics/machines.h"
#include "swell/base/errors.h"
#include "swell/kernels/dispatch.h"
#include "swell/model/sparse.h"

namespace swell::test {

namespace {

// Three groups, all coupled, or on a ring with second neighbours; every block saturates at X.
Computer saturating_machine(bool sparse, double X) {
  Computer computer = quartic_machine({10, 37, 5}, 1.5);
  computer.kT = 0.5;
  for (CouplingBlock& block : computer.sets[0].blocks) {
    block.saturation = X;
    if (!sparse) continue;
    const Group &rows = computer.groups[block.row_group], &columns = computer.groups[block.column_group];
    const std::vector<double> J = std::get<DenseWeights>(block.weights).values;
    SparseWeights kept{{0}, {}, {}};
    for (int64_t r = 0; r < rows.size; ++r) {
      for (int64_t c = 0; c < columns.size; ++c) {
        if ((r + c) % 3 == 0 || J[r * columns.size + c] == 0) continue;
        kept.column.push_back(static_cast<int32_t>(c));
        kept.values.push_back(J[r * columns.size + c]);
      }
      kept.row_start.push_back(static_cast<int64_t>(kept.column.size()));
    }
    block.weights = kept;
  }
  validate(computer, "saturating");
  return computer;
}

double farthest(const swell::Run& a, const swell::Run& b) {
  double most = 0;
  for (size_t k = 0; k < a.states.size(); ++k) most = std::max(most, std::abs(a.states[k] - b.states[k]));
  return most;
}

}  // namespace

// 240 steps. In single precision as couplings that differ in direction (directed.cc), 5e-6, and as much again for the
// tangent; in bf16 a term of a force is off by 2^-7. Couplings that did not saturate would be off by 0.1 and more.
TEST(saturating, cpu_agrees_with_the_reference) {
  for (const bool sparse : {false, true}) {
    for (const double X : {0.4, 2.0}) {
      Computer computer = saturating_machine(sparse, X);
      const Protocol protocol{"p", {hold(computer, 0.8, 0), hold(computer, 0.4), hold(computer, 1.2, 0)}};
      RunOptions options = run_options(0.01, 18, 5);
      options.engine = EngineKind::reference;
      const swell::Run reference = run(computer, protocol, options);
      options.engine = EngineKind::cpu;
      for (const Precision precision : {Precision::f32, Precision::bf16x3, Precision::bf16}) {
        options.precision = precision;
        for (const int tile : {1, 2, 16}) {
          options.tile = tile;
          const swell::Run fast = run(computer, protocol, options);
          EXPECT_LT(farthest(fast, reference), precision == Precision::f32      ? 1e-5
                                               : precision == Precision::bf16x3 ? 1e-4
                                                                                : 0.03)
              << sparse << " " << X << " " << tile;
          EXPECT_FALSE(fast.books_known);
          EXPECT_EQ(fast.end_energy[0], 0);
        }
      }
      for (CouplingBlock& block : computer.sets[0].blocks) block.saturation = 0;
      options.precision = Precision::f32;
      EXPECT_GT(farthest(run(computer, protocol, options), reference), X < 1 ? 0.1 : 0.01);
    }
  }
}

// Lagging couplings read the tangent of what lags, units behind the machine's own.
TEST(saturating, couplings_that_lag_as_well_agree_with_the_reference) {
  Computer computer = saturating_machine(false, 0.7);
  computer.memory.delay = 0.05;
  computer.memory.correlation_time = 0.03;
  const Protocol protocol{"p", {hold(computer, 1, 0)}};
  RunOptions options = run_options(0.01, 18, 5);
  options.engine = EngineKind::reference;
  const swell::Run reference = run(computer, protocol, options);
  options.engine = EngineKind::cpu;
  EXPECT_LT(farthest(run(computer, protocol, options), reference), 1e-5);
}

TEST(saturating, bytes_are_the_same_for_any_tile_and_instruction_set) {
  for (const bool sparse : {false, true}) {
    const Computer computer = saturating_machine(sparse, 0.6);
    const Protocol protocol{"p", {hold(computer, 0.5, 0)}};
    RunOptions options = run_options(0.01, 20, 5);
    const swell::Run plain = run(computer, protocol, options);
    for (const std::string_view isa : cpu::available_isas()) {
      for (const int tile : {1, 3, 16, 64}) {
        options.isa = isa;
        options.tile = tile;
        options.threads = tile % 2 + 1;
        const swell::Run again = run(computer, protocol, options);
        EXPECT_EQ(0, std::memcmp(again.states.data(), plain.states.data(), plain.states.size() * sizeof(double)))
            << isa << " " << tile;
      }
    }
  }
}

// Couplings of one group that saturate elsewhere have one reader too many for a copy of the states.
TEST(saturating, unlike_couplings_of_a_unit_are_for_the_reference) {
  Computer computer = saturating_machine(false, 0.6);
  computer.sets[0].blocks[0].saturation = 2;
  const Protocol protocol{"p", {hold(computer, 0.1, 0)}};
  RunOptions options = run_options(0.01, 2, 5);
  EXPECT_THROW(run(computer, protocol, options), InputError);
  options.engine = EngineKind::reference;
  EXPECT_NO_THROW(run(computer, protocol, options));
}

}  // namespace swell::test
