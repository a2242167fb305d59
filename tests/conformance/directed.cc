// Couplings that are not the same in both directions: every engine that takes them against the reference, and the
// reference against the matrix.

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>

#include "physics/machines.h"
#include "swell/base/errors.h"
#include "swell/engine/pbits/colouring.h"
#include "swell/ledger/housekeeping.h"
#include "swell/physics/potential.h"

namespace swell::test {

namespace {

// Dense or sparse blocks within and between groups, each direction with a coupling of its own.
Computer directed_machine(bool sparse) {
  Computer computer = quartic_machine({10, 37, 5}, 1.0);
  computer.kT = 0.5;
  uint64_t drawn = 0;
  for (CouplingBlock& block : computer.sets[0].blocks) {
    const Group &rows = computer.groups[block.row_group], &columns = computer.groups[block.column_group];
    const bool within = block.row_group == block.column_group;
    std::vector<double>& J = std::get<DenseWeights>(block.weights).values;
    block.directed = true;
    for (int64_t r = 0; r < rows.size; ++r) {
      for (int64_t c = 0; c < columns.size; ++c) {
        double& here = J[r * columns.size + c];
        const bool gap = sparse && (r + 2 * c) % 3 == 0;
        here = (within && r == c) || gap ? 0 : here + 0.2 * fixed_normal(31, drawn++);
        if (!within) block.back.push_back(gap ? 0 : here + 0.2 * fixed_normal(32, drawn++));
      }
    }
    if (!sparse) continue;
    SparseWeights rows_of{{0}, {}, {}};
    std::vector<double> back;
    for (int64_t r = 0; r < rows.size; ++r) {
      for (int64_t c = 0; c < columns.size; ++c) {
        const int64_t at = r * columns.size + c;
        if (J[at] == 0 && (within || block.back[at] == 0)) continue;
        rows_of.column.push_back(static_cast<int32_t>(c));
        rows_of.values.push_back(J[at]);
        if (!within) back.push_back(block.back[at]);
      }
      rows_of.row_start.push_back(static_cast<int64_t>(rows_of.column.size()));
    }
    block.weights = rows_of;
    block.back = back;
  }
  validate(computer, "directed");
  return computer;
}

// By hand: unit 1 pushes unit 0 by J_01 = 3, unit 0 pushes unit 2 of another group by 5 and is pushed back by 7.
TEST(directed, each_direction_has_its_own_coupling) {
  Computer computer = machine({2, 1});
  add_set(computer, std::vector<double>(9, 0.0));
  CouplingSet& set = computer.sets[0];
  set.blocks = {{0, 0, DenseWeights{{0, 3, 0, 0}}, true, {}}, {0, 1, DenseWeights{{7, 0}}, true, {5, 0}}};
  validate(computer, "three");
  const std::vector<double> x = {1, 2, 4}, field = coupling_field(computer, &set, x);
  EXPECT_EQ(field, (std::vector<double>{3 * 2 + 7 * 4, 0, 5 * 1}));
  EXPECT_EQ(dense_matrix(computer, set), (std::vector<double>{0, 3, 7, 0, 0, 0, 5, 0, 0}));
  CouplingSet copy = set;
  assign_from_dense(computer, std::vector<double>{0, 1, 2, 3, 0, 4, 5, 6, 0}, copy);
  EXPECT_EQ(dense_matrix(computer, copy), (std::vector<double>{0, 1, 2, 3, 0, 4, 5, 6, 0}));
  EXPECT_FALSE(has_potential(computer));
  EXPECT_THROW(energy(computer, {&set, {}}, x), InputError);
  set.blocks[1].back.pop_back();
  EXPECT_THROW(validate(computer, "three"), InputError);
}

// As tests/conformance/engines.cc, 240 steps: 5e-6 in single precision. In bf16 a term of a force is off by 2^-7, some
// 0.01 in x; a run that read half of J for both directions would be off by the 0.2 / sqrt(2) between them.
TEST(directed, cpu_agrees_with_the_reference_and_keeps_no_books) {
  for (const bool sparse : {false, true}) {
    const Computer computer = directed_machine(sparse);
    const Protocol protocol{"p", {hold(computer, 0.8, 0), hold(computer, 0.4), hold(computer, 1.2, 0)}};
    RunOptions options = run_options(0.01, 2, 5);
    options.engine = EngineKind::reference;
    options.observables.course_every = 20;
    const swell::Run reference = run(computer, protocol, options);
    for (const Precision precision : {Precision::f32, Precision::bf16}) {
      for (const int tile : {1, 2, 16}) {
        options.engine = EngineKind::cpu;
        options.tile = tile;
        options.precision = precision;
        const swell::Run fast = run(computer, protocol, options);
        for (size_t k = 0; k < fast.states.size(); ++k)
          EXPECT_NEAR(fast.states[k], reference.states[k], precision == Precision::f32 ? 5e-6 : 0.03) << k;
        for (const swell::Run* one : {&fast, &reference}) {
          EXPECT_FALSE(one->books_known);
          for (const SegmentBooks& books : one->books) EXPECT_EQ(books.heat + books.work + books.entropy, 0);
          EXPECT_EQ(one->end_energy[0], 0);
          EXPECT_EQ(one->observed[one->sums.course_energy(3)], 0);
          EXPECT_NE(one->observed[one->sums.course_mean(3, 1)], 0);
        }
      }
    }
  }
}

TEST(directed, what_cannot_take_them_says_so) {
  const Computer computer = directed_machine(false);
  const Protocol protocol{"p", {hold(computer, 0.1, 0)}};
  RunOptions options = run_options(0.01, 2, 5);
  options.engine = EngineKind::cuda;
  options.isa = "emulated";
  EXPECT_THROW(run(computer, protocol, options), InputError);
  options = run_options(0.01, 2, 5);
  options.observables.course_every = 5;
  options.observables.by_group = true;
  EXPECT_THROW(run(computer, protocol, options), InputError);
}

// ---- p-bits ----

// Couplings that are whole multiples of 1/8, exact in single precision.
IsingModel directed_pbits(int64_t units) {
  std::vector<IsingEdge> edges;
  for (int64_t i = 0; i < units; ++i) {
    for (int64_t j = 0; j < i; ++j) edges.push_back({i, j, 1.0});
  }
  std::vector<double> h(units);
  for (int64_t i = 0; i < units; ++i) h[i] = 0.125 * static_cast<double>(i % 3) - 0.125;
  IsingModel model = make_ising(units, edges, h);
  model.directed = true;
  for (size_t e = 0; e < model.J.size(); ++e) {
    double eighths = std::round(4 * fixed_normal(41, e));
    model.J[e] = (eighths == 0 ? 1 : eighths) / 8;
  }
  return model;
}

// What sweeps of heat-bath updates do with all 2^n states: the stationary distribution before a sweep, by iterating,
// and from it the mean of -2 m_i I_i / kT over the flips of a sweep. Nothing of the engine is in it but the order.
double exact_rate(const IsingModel& model, double kT) {
  const auto n = model.units;
  const int64_t states = int64_t{1} << n;
  const Colouring order = colour(model);
  std::vector<double> p(states, 1.0 / static_cast<double>(states));
  double rate = 0;
  for (int sweep = 0; sweep < 400; ++sweep) {
    rate = 0;
    for (const int32_t unit : order.unit) {
      if (unit == kNoUnit) continue;
      std::vector<double> next = p;
      for (int64_t s = 0; s < states; ++s) {
        std::vector<int8_t> m(n);
        for (int64_t i = 0; i < n; ++i) m[i] = s >> i & 1 ? 1 : -1;
        const double cost = 2 * m[unit] * local_field(model, m, unit), flips = p[s] / (1 + std::exp(cost / kT));
        rate -= flips * cost / kT;
        next[s] -= flips;
        next[s ^ int64_t{1} << unit] += flips;
      }
      p = next;
    }
  }
  return rate;
}

TEST(directed, pbits_have_the_same_bytes_in_every_layout) {
  const IsingModel model = directed_pbits(23);
  Segment segment{"hold", 300, 0, {}, {}, {}};
  segment.kT = {{{0.0, 1.5}}};
  RunOptions options = run_options(1, 12, 9);
  options.engine = EngineKind::reference;
  const swell::Run reference = run(model, {"p", {segment}}, options);
  options.engine = EngineKind::cpu;
  const swell::Run wide = run(model, {"p", {segment}}, options);
  EXPECT_EQ(wide.spins, reference.spins);
  options.trajectories = 5;
  const swell::Run narrow = run(model, {"p", {segment}}, options);
  for (const swell::Run* one : {&reference, &wide, &narrow}) {
    EXPECT_FALSE(one->books_known);
    EXPECT_EQ(one->end_energy[2], 0);
  }
  for (size_t k = 0; k < narrow.spins.size(); ++k) EXPECT_EQ(narrow.spins[k], reference.spins[k]) << k;
  // Sums of exact costs, over kT in single precision.
  for (int64_t t = 0; t < 5; ++t) {
    EXPECT_NEAR(narrow.book(t, 0).entropy / reference.book(t, 0).entropy, 1, 1e-6);
    EXPECT_NEAR(wide.book(t, 0).entropy / reference.book(t, 0).entropy, 1, 1e-6);
    EXPECT_EQ(narrow.book(t, 0).heat, 0);
  }
}

// 64 replicas of 4000 sweeps: 2 % of the rate by the error that is told. An entropy without its factor 2, of another kT
// or of one direction alone would be seen.
TEST(directed, pbits_make_the_entropy_of_their_markov_chain) {
  const IsingModel model = directed_pbits(5);
  const double exact = exact_rate(model, 0.8);
  EXPECT_GT(exact, 0.05);
  const Estimate rate = housekeeping_rate(model, 0.8, {.time = 5000, .trajectories = 64, .seed = 3});
  EXPECT_LT(rate.stderr_of_mean, 0.03 * exact);
  EXPECT_NEAR(rate.mean, exact, 5 * rate.stderr_of_mean);
  EXPECT_THROW(ising_energy(model, std::vector<int8_t>(5, 1)), InputError);
}

}  // namespace

}  // namespace swell::test
