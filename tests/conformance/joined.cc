// A protocol run in two parts: the second goes on from the first, and the books of both are those of the whole.

#include <gtest/gtest.h>

#include "conformance/scenes.h"
#include "swell/base/errors.h"
#include "swell/ledger/first_law.h"

namespace swell::test {

namespace {

// The first `cut` segments, then the others from where they end; `allowed`: of an energy.
void expect_joined(const System& system, const Protocol& protocol, const RunOptions& options, size_t cut,
                   double allowed) {
  RunOptions how = options;
  how.observables.course_every = 50;
  const swell::Run whole = run(system, protocol, how);
  const auto at = protocol.segments.begin() + static_cast<int64_t>(cut);
  const swell::Run before = run(system, {"before", {protocol.segments.begin(), at}}, options);
  how.first_step = before.steps;
  how.came_from = &*(at - 1);
  if (before.spins.empty()) {
    how.start = before.states;
  } else {
    how.start_spins = before.spins;
  }
  const swell::Run after = run(system, {"after", {at, protocol.segments.end()}}, how);
  EXPECT_LT(first_law(after).share, 1e-9);
  double most = 0;
  for (int64_t t = 0; t < whole.trajectories; ++t) {
    EXPECT_NEAR(after.start_energy[t], before.end_energy[t], allowed);
    double work = 0;
    for (int64_t s = 0; s < after.segments; ++s) {
      const SegmentBooks &one = whole.book(t, static_cast<int64_t>(cut) + s), &other = after.book(t, s);
      EXPECT_NEAR(other.work, one.work, allowed);
      EXPECT_NEAR(other.heat, one.heat, allowed);
      EXPECT_NEAR(other.entropy, one.entropy, allowed * 100);
      work += other.work;
    }
    most = std::max(most, std::abs(after.book(t, 0).work));
    const double* const sums = after.observed.data() + t * after.sums.size();
    EXPECT_NEAR(sums[after.sums.work(after.sums.points - 1)], work, 1e-12 + 1e-12 * std::abs(work));
  }
  EXPECT_GT(most, 100 * allowed);  // the join takes work
  how.came_from = nullptr;
  const swell::Run alone = run(system, {"after", {at, protocol.segments.end()}}, how);
  EXPECT_EQ(alone.states, after.states);
  EXPECT_EQ(alone.spins, after.spins);
  EXPECT_NE(alone.book(0, 0).work, after.book(0, 0).work);
}

}  // namespace

TEST(joined, langevin_units_book_the_change_between_two_runs) {
  const Scene scene({9, 6});
  for (const size_t cut : {size_t{1}, size_t{2}, size_t{3}}) {
    expect_joined(scene.computer, scene.protocol, scene.with(EngineKind::reference), cut, 1e-11);
    expect_joined(scene.computer, scene.protocol, scene.with(EngineKind::cpu), cut, 2e-5);
  }
}

TEST(joined, linear_systems_book_it) {
  std::vector<LinearSystem> sets;
  for (const double coupling : {0.3, -0.5}) {
    LinearSystem one{Matrix(3, 3), {0.1, -0.2, 0.3}, Matrix(3, 3)};
    for (int64_t i = 0; i < 3; ++i) {
      one.noise(i, i) = 2;
      for (int64_t j = 0; j < 3; ++j) one.drift(i, j) = i == j ? 2 : coupling;
    }
    sets.push_back(one);
  }
  const System system(sets);
  Protocol protocol{"two", {}};
  for (const int set : {0, 1}) {
    Segment segment;
    segment.name = "held";
    segment.duration = 1;
    segment.couplings = set;
    segment.clamped = {0};
    segment.kT = {{{0.0, 1.0}, {1.0, 0.5}}};
    segment.drive = {{{{0.0, 1.0}, {1.0, set == 0 ? 2.0 : -1.0}}}};
    protocol.segments.push_back(segment);
  }
  const Patterns patterns{1, {1, -1, 0.5}};
  RunOptions options;
  options.integrator = Integrator::exact;
  options.dt = 0.01;
  options.noise = {3, stream::kLinear};
  options.trajectories = 7;
  options.patterns = &patterns;
  expect_joined(system, protocol, options, 1, 1e-12);
}

TEST(joined, p_bits_book_it) {
  std::vector<IsingModel> sets;
  for (const double J : {1.0, -0.7}) {
    const std::vector<IsingEdge> edges = {{0, 1, J}, {1, 2, -J}, {2, 3, 0.5 * J}};
    sets.push_back(make_ising(4, edges, {0.1, 0.2, -0.3, 0.4}));
  }
  const System system(sets);
  Protocol protocol{"two", {}};
  for (const int set : {0, 1, kNoCouplings}) {
    Segment segment;
    segment.name = "swept";
    segment.duration = 60;
    segment.couplings = set;
    segment.clamped = {0};
    segment.kT = {{{0.0, 2.0}}};
    segment.drive = {{{{0.0, 0.5}, {1.0, 1.5}}}};
    protocol.segments.push_back(segment);
  }
  const Patterns patterns{2, {1, -1, 0.5, 0, 0, 1, 1, -2}};
  RunOptions options;
  options.noise = {4, stream::kPbits};
  options.trajectories = 5;
  options.patterns = &patterns;
  for (const size_t cut : {size_t{1}, size_t{2}}) expect_joined(system, protocol, options, cut, 1e-12);
}

TEST(joined, without_states_of_the_earlier_run_it_is_refused) {
  const Scene scene({4});
  RunOptions options = scene.with(EngineKind::cpu);
  options.came_from = &scene.protocol.segments[0];
  EXPECT_THROW(run(scene.computer, scene.protocol, options), InputError);
  const std::vector<double> start(4 * options.trajectories, 0.0);
  options.start = start;
  EXPECT_NO_THROW(run(scene.computer, scene.protocol, options));
  options.patterns = nullptr;  // what the earlier run was driven with
  EXPECT_THROW(run(scene.computer, {"held", {hold(scene.computer, 0.2, 0)}}, options), InputError);
}

}  // namespace swell::test
