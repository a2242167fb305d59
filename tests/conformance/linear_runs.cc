// Linear systems behind run(): the same protocol, books, observables and checkpoints as Langevin units.

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <cstring>

#include "conformance/stops.h"
#include "physics/machines.h"
#include "physics/statistics.h"
#include "swell/base/errors.h"
#include "swell/engine/linear/transition.h"
#include "swell/io/test_folder.h"

namespace swell::test {

namespace {

using linear::make_transition;
using linear::PreparedTransitions;
using linear::Transition;

// A stable drift; mutual couplings or not; noise 2 mobility on the diagonal.
LinearSystem random_system(int64_t m, bool mutual, uint64_t which) {
  LinearSystem system{Matrix(m, m), std::vector<double>(m), Matrix(m, m)};
  const Eigen::MatrixXd A = random_stiffness(static_cast<int>(m), 0.5, 2.0, which);
  for (int64_t i = 0; i < m; ++i) {
    system.c[i] = 0.5 * fixed_normal(which + 1, i);
    const double mobility = 1 + 0.5 * static_cast<double>(i % 3);
    system.noise(i, i) = 2 * mobility;
    for (int64_t j = 0; j < m; ++j) {
      system.drift(i, j) = mobility * A(i, j);
      if (!mutual && i != j) system.drift(i, j) += (i < j ? 0.3 : -0.3) * std::abs(fixed_normal(which + 2, i + j));
    }
  }
  return system;
}

Eigen::MatrixXd eigen(const Matrix& a) {
  return Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(a.values.data(),
                                                                                                  a.rows, a.columns);
}

// M S + S M^T = N by its Kronecker form.
Eigen::MatrixXd lyapunov(const Eigen::MatrixXd& M, const Eigen::MatrixXd& N) {
  const auto m = M.rows();
  const Eigen::MatrixXd one = Eigen::MatrixXd::Identity(m, m);
  Eigen::MatrixXd K(m * m, m * m);
  for (int i = 0; i < m; ++i) {
    for (int j = 0; j < m; ++j) K.block(i * m, j * m, m, m) = one(i, j) * M + M(i, j) * one;
  }
  const Eigen::VectorXd n = Eigen::Map<const Eigen::VectorXd>(N.data(), m * m);
  const Eigen::VectorXd s = K.partialPivLu().solve(n);
  return Eigen::Map<const Eigen::MatrixXd>(s.data(), m, m);
}

Segment hold_for(double duration, double kT, int couplings = 0) {
  Segment segment;
  segment.name = "hold";
  segment.duration = duration;
  segment.couplings = couplings;
  segment.kT = {{{0.0, kT}}};
  return segment;
}

RunOptions linear_options(double dt, int64_t trajectories, uint64_t seed) {
  RunOptions options = run_options(dt, trajectories, seed);
  options.integrator = Integrator::exact;
  options.threads = 2;
  return options;
}

// Two systems, a drive that rises, a temperature that falls, and a group that is clamped.
struct LinearScene {
  std::vector<LinearSystem> systems = {random_system(6, true, 21), random_system(6, true, 31)};
  std::vector<Group> groups = {{"a", {4}, 0, 4}, {"b", {2}, 4, 2}};
  Patterns patterns{2, {1, -1, 0.5, 0.2, 0.3, -0.7, -1, 0.4, 1, 0, 1, 0.6}};
  Protocol protocol;
  LinearScene() {
    Segment first = hold_for(1, 1, 0), second = hold_for(2, 1, 1), third = hold_for(1, 1, 1);
    for (Segment* segment : {&first, &second, &third}) {
      segment->drive.resize(2);
      segment->clamped = {0, 0};
    }
    second.drive[0] = {{{0.0, 0.0}, {1.0, 0.8}}};
    second.kT = {{{0.0, 1.0}, {1.0, 0.4}}};
    third.drive = {{{{0.0, 0.8}}}, {}};
    third.clamped = {0, 1};
    protocol = {"scene", {first, second, third}};
  }
  System system() const { return System(std::span<const LinearSystem>(systems), groups); }
};

}  // namespace

// Second moments of independent trajectories solve the Lyapunov equation, in steps longer than the system's own times;
// the mean solves M x = c. 21 figures of 20,000: 6 sigmas; an error of 10 % in any would show.
TEST(linear_runs, relax_to_the_solution_of_the_lyapunov_equation) {
  for (const bool mutual : {true, false}) {
    const LinearSystem system = random_system(5, mutual, 41);
    constexpr double kT = 0.6;
    const swell::Run run = swell::run(system, {"hold", {hold_for(30, kT)}}, linear_options(3, 20000, 42));
    EXPECT_EQ(run.books_known, mutual);
    const Eigen::MatrixXd S = lyapunov(eigen(system.drift), kT * eigen(system.noise));
    const Eigen::VectorXd c = Eigen::Map<const Eigen::VectorXd>(system.c.data(), 5);
    const Eigen::VectorXd mean = eigen(system.drift).partialPivLu().solve(c);
    for (int64_t i = 0; i < 5; ++i) {
      std::vector<double> x;
      for (int64_t t = 0; t < run.trajectories; ++t) x.push_back(run.state(t)[i]);
      expect_equal(estimate(x), mean(i));
      for (int64_t j = 0; j <= i; ++j) {
        std::vector<double> products;
        for (int64_t t = 0; t < run.trajectories; ++t)
          products.push_back((run.state(t)[i] - mean(i)) * (run.state(t)[j] - mean(j)));
        expect_equal(estimate(products), S(i, j));
        if (i == j) expect_power(estimate(products), S(i, i), 0.1);
      }
    }
  }
}

// The same machine as Langevin units of the reference engine, in the same draws: states, energies and books.
TEST(linear_runs, of_mutual_couplings_are_the_runs_of_the_reference_engine) {
  constexpr int64_t m = 6;
  const Eigen::MatrixXd A = random_stiffness(m, 0.5, 2.0, 51);
  const Computer computer = harmonic_machine(A, 0.7);
  LinearSystem system{Matrix(m, m), std::vector<double>(m, 0.0), Matrix(m, m)};
  for (int64_t i = 0; i < m; ++i) {
    system.noise(i, i) = 2;
    for (int64_t j = 0; j < m; ++j) system.drift(i, j) = A(i, j);
  }
  const Patterns patterns{2, {1, 0, 0.5, -1, 0.2, 0.3, -1, 1, 0.1, 0.4, 0, 0.9}};
  const Protocol protocol{"both", {hold(computer, 1, 0), ramp(computer, 0.5, 0, 1.5, 0)}};
  for (const Integrator integrator : {Integrator::euler_maruyama, Integrator::leimkuhler_matthews}) {
    RunOptions options = run_options(0.05, 19, 52);
    options.engine = EngineKind::reference;
    options.integrator = integrator;
    options.patterns = &patterns;
    options.observables = {4, 2, 0, m, 7};
    options.snapshots = {3, 3, 0, m, 19};
    const swell::Run plain = swell::run(computer, protocol, options);
    options.engine = EngineKind::cpu;
    options.threads = 2;
    const swell::Run run = swell::run(system, protocol, options);
    ASSERT_EQ(run.states.size(), plain.states.size());
    for (size_t k = 0; k < plain.states.size(); ++k) EXPECT_NEAR(run.states[k], plain.states[k], 1e-12);
    for (int64_t t = 0; t < 19; ++t) {
      EXPECT_NEAR(run.start_energy[t], plain.start_energy[t], 1e-12);
      EXPECT_NEAR(run.end_energy[t], plain.end_energy[t], 1e-11);
      for (int64_t s = 0; s < 2; ++s) {
        EXPECT_NEAR(run.book(t, s).work, plain.book(t, s).work, 1e-11);
        EXPECT_NEAR(run.book(t, s).heat, plain.book(t, s).heat, 1e-11);
        EXPECT_NEAR(run.book(t, s).entropy, plain.book(t, s).entropy, 1e-11);
      }
    }
    EXPECT_EQ(run.course_steps, plain.course_steps);
    ASSERT_EQ(run.observed.size(), plain.observed.size());
    for (size_t k = 2; k < plain.observed.size(); ++k) {
      // Energies of moments are of the state before the step there, after it here.
      if (static_cast<int64_t>(k) % run.sums.size() < 2) continue;
      EXPECT_NEAR(run.observed[k], plain.observed[k], 1e-10);
    }
    ASSERT_EQ(run.snapshots.size(), plain.snapshots.size());
    for (size_t k = 0; k < plain.snapshots.size(); ++k) EXPECT_NEAR(run.snapshots[k], plain.snapshots[k], 1e-6);
  }
}

TEST(linear_runs, obey_the_first_law_under_drives_clamps_and_changes_of_couplings) {
  const LinearScene scene;
  RunOptions options = linear_options(0.1, 9, 61);
  options.patterns = &scene.patterns;
  const swell::Run run = swell::run(scene.system(), scene.protocol, options);
  ASSERT_TRUE(run.books_known);
  for (int64_t t = 0; t < run.trajectories; ++t) {
    double work = 0, heat = 0;
    for (int64_t s = 0; s < run.segments; ++s) {
      work += run.book(t, s).work;
      heat += run.book(t, s).heat;
    }
    EXPECT_NEAR(run.end_energy[t] - run.start_energy[t], work - heat, 1e-12);
    EXPECT_NE(run.book(t, 1).work, 0);
    EXPECT_NEAR(run.book(t, 0).entropy, run.book(t, 0).heat, 1e-12);
    for (int64_t i = 4; i < 6; ++i) EXPECT_EQ(run.state(t)[i], scene.patterns.values[t % 2 * 6 + i]);
  }
}

// A drive f in force moves the mean by M^-1 f, at any step; a clamped quantity holds, and the others have the mean
// that its value asks for.
TEST(linear_runs, drives_and_clamps_move_the_mean_as_they_should) {
  const LinearSystem system = random_system(4, false, 71);
  const std::vector<Group> groups = {{"free", {3}, 0, 3}, {"held", {1}, 3, 1}};
  const Patterns patterns{1, {0.5, -1, 2, 0.8}};
  for (const bool clamped : {false, true}) {
    Segment segment = hold_for(40, 1e-12);
    segment.drive = {{{{0.0, 1.5}}}, {}};
    segment.clamped = {0, static_cast<char>(clamped)};
    RunOptions options = linear_options(2.5, 1, 72);
    options.patterns = &patterns;
    const swell::Run run = swell::run(System(std::span(&system, 1), groups), {"drive", {segment}}, options);
    Eigen::MatrixXd M = eigen(system.drift);
    Eigen::VectorXd f(4);
    for (int i = 0; i < 4; ++i) f(i) = system.c[i] + (i < 3 ? 1.5 * patterns.values[i] : 0);
    if (clamped) {
      M.row(3).setZero();
      M(3, 3) = 1;
      f(3) = 0.8;
    }
    const Eigen::VectorXd mean = M.partialPivLu().solve(f);
    for (int i = 0; i < 4; ++i) EXPECT_NEAR(run.state(0)[i], mean(i), 1e-5) << clamped;
  }
}

// The potential of a system with constants is lowest where its force is nought, M x = c, and even about it.
TEST(linear_runs, have_their_least_energy_where_their_force_is_nought) {
  const LinearSystem system = random_system(3, true, 73);
  const std::vector<Group> groups = {{"all", {3}, 0, 3}};
  const Eigen::VectorXd rest =
      eigen(system.drift).partialPivLu().solve(Eigen::Map<const Eigen::VectorXd>(system.c.data(), 3));
  const double off[] = {0.3, -0.5, 0.2};
  std::vector<double> start;
  for (const double way : {0.0, 1.0, -1.0}) {
    for (int i = 0; i < 3; ++i) start.push_back(static_cast<float>(rest(i) + way * off[i]));
  }
  RunOptions options = linear_options(0.1, 3, 74);
  options.start = start;
  const swell::Run run = swell::run(System(std::span(&system, 1), groups), {"hold", {hold_for(0.1, 1)}}, options);
  EXPECT_NEAR(run.start_energy[1], run.start_energy[2], 1e-5);
  EXPECT_GT(run.start_energy[1], run.start_energy[0] + 0.05);
}

// A mass on a spring in a bath: no noise on the position. Equipartition <v^2> = kT / m, <x^2> = kT / k.
TEST(linear_runs, hold_for_underdamped_systems) {
  constexpr double mass = 2, spring = 3, friction = 0.4, kT = 0.9;
  LinearSystem system{Matrix(2, 2), {0, 0}, Matrix(2, 2)};
  system.drift.values = {0, -1, spring / mass, friction / mass};
  system.noise(1, 1) = 2 * friction / (mass * mass);
  const swell::Run run = swell::run(system, {"hold", {hold_for(100, kT)}}, linear_options(2, 20000, 81));
  EXPECT_FALSE(run.books_known);
  std::vector<double> positions, speeds;
  for (int64_t t = 0; t < run.trajectories; ++t) {
    positions.push_back(run.state(t)[0] * run.state(t)[0]);
    speeds.push_back(run.state(t)[1] * run.state(t)[1]);
  }
  expect_equal(estimate(positions), kT / spring);
  expect_equal(estimate(speeds), kT / mass);
  expect_power(estimate(speeds), kT / mass, 0.1);
}

// The same mass, pulled by a constant force at kT = 0 and let go: the heat is what friction takes, the integral of
// friction v^2, and the work is that of the force. Stiffness k and mass, in E0.
TEST(linear_runs, count_the_heat_of_momenta_by_the_energy_that_is_stored) {
  constexpr double mass = 2, spring = 3, friction = 0.4, pull = 0.7, dt = 1e-3;
  LinearSystem system{Matrix(2, 2), {0, 0}, Matrix(2, 2), Matrix(2, 2)};
  system.drift.values = {0, -1, spring / mass, friction / mass};
  system.noise(1, 1) = 2 * friction / (mass * mass);
  system.stiffness.values = {spring, 0, 0, mass};
  const Patterns force{1, {0, pull / mass}};
  Segment pulled = hold_for(3, 0), free = hold_for(2, 0);
  pulled.drive = {{{{0.0, 1.0}}}};
  free.drive.resize(1);
  RunOptions options = linear_options(dt, 1, 83);
  options.patterns = &force;
  const std::vector<double> start = {0.5, -0.2};
  options.start = start;
  options.snapshots = {1, 0, 0, 2, 1};
  const swell::Run run = swell::run(system, {"pull", {pulled, free}}, options);
  ASSERT_TRUE(run.books_known);
  double taken[2] = {0, 0};
  for (int64_t k = 0; k < 5000; ++k) {
    const double v = static_cast<double>(run.snapshots[2 * k + 1]);
    taken[k < 3000 ? 0 : 1] += friction * v * v * dt;
  }
  EXPECT_NEAR(run.start_energy[0], spring * 0.25 / 2 + mass * 0.04 / 2 - pull * 0.5, 1e-12);
  for (const int64_t s : {0, 1}) EXPECT_NEAR(run.book(0, s).heat, taken[s], 1e-3 * taken[s] + 1e-4) << s;
  const double x = static_cast<double>(run.snapshots[2 * 3000]);
  EXPECT_NEAR(run.book(0, 1).work, pull * x, 1e-5);  // letting go: -f x goes
}

// Jarzynski's equality for a mass whose spring is stiffened from k to 2 k: <e^{-W / kT}> = 1 / sqrt(2).
TEST(linear_runs, of_momenta_obey_jarzynskis_equality) {
  constexpr double friction = 0.6, kT = 0.8;
  std::vector<LinearSystem> sets;
  for (const double spring : {1.0, 1.25, 1.6, 2.0}) {
    LinearSystem one{Matrix(2, 2), {0, 0}, Matrix(2, 2), Matrix(2, 2)};
    one.drift.values = {0, -1, spring, friction};
    one.noise(1, 1) = 2 * friction;
    one.stiffness.values = {spring, 0, 0, 1};
    sets.push_back(one);
  }
  Protocol protocol{"stiffen", {hold_for(20, kT, 0)}};
  for (const int set : {1, 2, 3}) protocol.segments.push_back(hold_for(0.5, kT, set));
  const swell::Run run =
      swell::run(System(std::span<const LinearSystem>(sets)), protocol, linear_options(0.5, 20000, 84));
  ASSERT_TRUE(run.books_known);
  std::vector<double> weights, heat;
  for (int64_t t = 0; t < run.trajectories; ++t) {
    double work = 0, given = 0;
    for (int64_t s = 1; s < run.segments; ++s) {
      work += run.book(t, s).work;
      given += run.book(t, s).heat;
    }
    weights.push_back(std::exp(-work / kT));
    heat.push_back(given);
  }
  expect_equal(estimate(weights), 1 / std::sqrt(2.0));
  expect_power(estimate(weights), 1 / std::sqrt(2.0), 0.05);
  EXPECT_GT(estimate(heat).mean, 0);
}

// Where noise leaves nothing out the stiffness is D^-1 M, and saying it changes no figure but by rounding.
TEST(linear_runs, have_the_same_books_with_their_stiffness_said) {
  LinearScene scene;
  RunOptions options = linear_options(0.1, 9, 61);
  options.patterns = &scene.patterns;
  const swell::Run plain = swell::run(scene.system(), scene.protocol, options);
  for (LinearSystem& system : scene.systems) {
    system.stiffness = Matrix(6, 6);
    for (int64_t i = 0; i < 6; ++i) {
      for (int64_t j = 0; j < 6; ++j) system.stiffness(i, j) = system.drift(i, j) / (system.noise(i, i) / 2);
    }
  }
  const swell::Run said = swell::run(scene.system(), scene.protocol, options);
  EXPECT_EQ(said.states, plain.states);
  for (int64_t t = 0; t < plain.trajectories; ++t) {
    for (int64_t s = 0; s < plain.segments; ++s) {
      EXPECT_NEAR(said.book(t, s).work, plain.book(t, s).work, 1e-11);
      EXPECT_NEAR(said.book(t, s).heat, plain.book(t, s).heat, 1e-11);
    }
  }
}

TEST(linear_runs, refuse_a_stiffness_that_is_none_of_theirs) {
  LinearSystem system{Matrix(2, 2), {0, 0}, Matrix(2, 2), Matrix(2, 2)};
  system.drift.values = {0, -1, 3, 0.4};
  system.noise(1, 1) = 0.8;
  const auto refusal = [&](Matrix stiffness) -> std::string {
    system.stiffness = std::move(stiffness);
    try {
      swell::run(system, {"hold", {hold_for(1, 1)}}, linear_options(0.1, 1, 1));
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  const auto of = [](std::vector<double> values) {
    Matrix matrix(2, static_cast<int64_t>(values.size()) / 2);
    matrix.values = std::move(values);
    return matrix;
  };
  EXPECT_EQ(refusal(of({3, 0, 0, 1})), "");
  EXPECT_NE(refusal(of({2.9, 0, 0, 1})).find("not that of an equilibrium"), std::string::npos);
  EXPECT_NE(refusal(of({6, 0, 0, 2})).find("not that of an equilibrium"), std::string::npos);
  EXPECT_NE(refusal(of({3, 0.1, 0, 1})).find("the stiffness is not symmetric"), std::string::npos);
  EXPECT_NE(refusal(of({3, 0, 0, NAN})).find("entry 3 of the stiffness"), std::string::npos);
  EXPECT_NE(refusal(of({3, 0, 0, 1, 0, 0})).find("a stiffness of 2 x 3 for 2 quantities"), std::string::npos);
}

TEST(linear_runs, go_on_from_a_checkpoint_and_from_an_earlier_run_with_the_same_bytes) {
  const LinearScene scene;
  for (const Integrator integrator : {Integrator::exact, Integrator::leimkuhler_matthews, Integrator::euler_maruyama}) {
    RunOptions options = linear_options(0.02, 37, 91);
    options.integrator = integrator;
    options.patterns = &scene.patterns;
    options.observables = {7, 0, 0, 6, 20};
    const swell::Run plain = swell::run(scene.system(), scene.protocol, options);
    const TestFolder folder;
    options.checkpoint.path = folder / "run.checkpoint";
    options.checkpoint.every_s = 0;
    const auto [resumed, stops] = run_with_stops(scene.system(), scene.protocol, options);
    ASSERT_TRUE(resumed);
    EXPECT_GE(stops, 2);
    EXPECT_EQ(resumed->states, plain.states);
    EXPECT_EQ(resumed->observed, plain.observed);
    EXPECT_EQ(0, std::memcmp(resumed->books.data(), plain.books.data(), plain.books.size() * sizeof(SegmentBooks)));
  }
  const LinearSystem& system = scene.systems[0];
  RunOptions options = linear_options(0.1, 3, 92);
  const swell::Run whole = swell::run(system, {"hold", {hold_for(4, 1)}}, options);
  const swell::Run first = swell::run(system, {"hold", {hold_for(1.5, 1)}}, options);
  options.start = first.states;
  options.first_step = 15;
  EXPECT_EQ(swell::run(system, {"hold", {hold_for(2.5, 1)}}, options).states, whole.states);
}

// Steps of two lengths in turn are runs of the one and the other, each going on from the last: the same states, and the
// snapshots that are handed over are the states after each turn.
TEST(linear_runs, take_steps_of_several_lengths_in_turn) {
  const LinearSystem system = random_system(5, false, 101);
  constexpr int64_t kRounds = 6;
  RunOptions options = linear_options(0.3, 37, 102);
  std::vector<std::vector<double>> after;
  RunOptions one = options;
  for (int64_t turn = 0; turn < 2 * kRounds; ++turn) {
    one.dt = turn % 2 == 0 ? 0.3 : 0.07;
    one.first_step = turn / 2 * 5 + (turn % 2 == 0 ? 0 : 3);
    const int steps = turn % 2 == 0 ? 3 : 2;
    after.push_back(swell::run(system, {"one", {hold_for(steps * one.dt, 1)}}, one).states);
    one.start = after.back();
  }
  options.turns = {{0.3, 3}, {0.07, 2}};
  options.tile = 10;
  options.snapshots = {5, 3, 0, 5, 37};
  options.snapshots.lag = 2;
  std::vector<std::vector<double>> seen(2 * kRounds, std::vector<double>(37 * 5));
  options.snapshots.take = [&](const StatesAt& states) {
    ASSERT_LE(states.count, 10);
    ASSERT_EQ(static_cast<int64_t>(states.x.size()), states.count * 5);
    const int64_t turn = states.step / 5 * 2 + (states.later ? -1 : 0);
    ASSERT_EQ(states.step % 5, states.later ? 0 : 3);
    std::ranges::copy(states.x, seen[turn].begin() + states.first * 5);
  };
  const swell::Run run = swell::run(system, {"turns", {hold_for(kRounds * (3 * 0.3 + 2 * 0.07), 1)}}, options);
  EXPECT_EQ(run.states, after.back());
  for (int64_t turn = 0; turn < 2 * kRounds; ++turn) EXPECT_EQ(seen[turn], after[turn]) << turn;
  EXPECT_TRUE(run.snapshots.empty());
  EXPECT_DOUBLE_EQ(run.snapshot_times[1], 2 * 3 * 0.3 + 2 * 0.07);
  EXPECT_EQ(run.draws, 37 * 5 * kRounds * 5);
  EXPECT_EQ(run.multiply_adds, 2 * 37 * 5 * 5 * kRounds * 5);
}

// Transitions that were made beforehand and books that are left out change no state.
TEST(linear_runs, take_transitions_made_beforehand_and_leave_out_books) {
  const LinearSystem system = random_system(6, true, 103);
  RunOptions options = linear_options(0.4, 20, 104);
  const Protocol protocol{"hold", {hold_for(4, 1)}};
  const swell::Run plain = swell::run(system, protocol, options);
  const Transition step = make_transition(system, Integrator::exact, 0.4, 1);
  PreparedTransitions prepared;
  prepared.steps = {&step};
  options.books = false;
  const swell::Run run = swell::run(System(system, &prepared), protocol, options);
  EXPECT_EQ(run.states, plain.states);
  EXPECT_TRUE(plain.books_known);
  EXPECT_FALSE(run.books_known);
  EXPECT_EQ(run.book(0, 0).heat, 0);
  EXPECT_EQ(run.end_energy[0], 0);
  // What is handed in is what runs: another machine's transitions give another state.
  Transition still = step;
  std::ranges::fill(still.F_transposed.values, 0.0);
  prepared.steps = {&still};
  EXPECT_NE(swell::run(System(system, &prepared), protocol, options).states, plain.states);
  // Of another length or integrator they do not fit, and are made.
  options.dt = 0.2;
  EXPECT_EQ(swell::run(System(system, &prepared), protocol, options).states,
            swell::run(system, protocol, options).states);
}

// Of p-bits too, in their own order; a run that is to be resumed, or Langevin units, go by files.
TEST(linear_runs, and_pbits_hand_over_their_snapshots) {
  const IsingModel model = make_ising(4, std::vector<IsingEdge>{{0, 1, 1.0}, {1, 2, -1.0}, {2, 3, 0.5}});
  RunOptions options = run_options(1, 3, 105);
  options.snapshots = {2, 0, 0, 4, 3};
  const Protocol protocol{"hold", {hold_for(6, 1)}};
  const swell::Run kept = swell::run(model, protocol, options);
  std::vector<float> seen(kept.snapshots.size());
  options.snapshots.take = [&](const StatesAt& states) {
    ASSERT_EQ(states.count, 1);
    for (int64_t u = 0; u < 4; ++u)
      seen[(states.step / 2 * 3 + states.first) * 4 + u] = static_cast<float>(states.x[u]);
  };
  EXPECT_EQ(swell::run(model, protocol, options).draws, 6 * 4 * 3);
  EXPECT_EQ(seen, kept.snapshots);
}

TEST(linear_runs, say_what_they_refuse) {
  LinearSystem system = random_system(3, true, 95);
  const Protocol protocol{"hold", {hold_for(1, 1)}};
  Protocol none = protocol;
  none.segments[0].couplings = kNoCouplings;
  EXPECT_THROW(swell::run(system, none, linear_options(0.1, 1, 1)), InputError);
  LinearSystem crooked = system;
  crooked.noise(0, 1) = 0.1;
  EXPECT_THROW(swell::run(crooked, protocol, linear_options(0.1, 1, 1)), InputError);
  LinearSystem growing = system;
  for (double& value : growing.drift.values) value = -1000 * value;
  RunOptions options = linear_options(0.1, 1, 1);
  options.integrator = Integrator::euler_maruyama;
  EXPECT_THROW(swell::run(growing, {"hold", {hold_for(100, 1)}}, options), Diverged);
  const Computer computer = machine({3});
  EXPECT_THROW(swell::run(computer, {"hold", {hold(computer, 1)}}, linear_options(0.1, 1, 1)), InputError);
  const auto refusal = [](const System& asked, const RunOptions& how, double duration) -> std::string {
    try {
      swell::run(asked, {"hold", {hold_for(duration, 1)}}, how);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  RunOptions turns = linear_options(0.1, 1, 1);
  turns.turns = {{0.1, 2}, {0.3, 1}};
  EXPECT_EQ(refusal(system, turns, 1), "");
  EXPECT_NE(refusal(system, turns, 4 * 0.5 / 3).find("whole rounds of 3 steps"), std::string::npos);
  turns.turns[1].dt = 0;
  EXPECT_NE(refusal(system, turns, 1).find("a turn of 1 steps of dt = 0"), std::string::npos);
  turns.turns = {{0.1, 2}};
  turns.integrator = Integrator::euler_maruyama;
  EXPECT_NE(refusal(make_ising(3, {}), turns, 1).find("linear systems only"), std::string::npos);
  RunOptions handed = linear_options(0.1, 1, 1);
  handed.snapshots = {5, 0, 0, 3, 1};
  handed.snapshots.lag = 2;
  EXPECT_NE(refusal(system, handed, 1).find("a second snapshot 2 steps"), std::string::npos);
  handed.snapshots.take = [](const StatesAt&) {};
  EXPECT_EQ(refusal(system, handed, 1), "");
  handed.snapshots.units = 2;
  EXPECT_NE(refusal(system, handed, 1).find("all units"), std::string::npos);
}

// Langevin units go on from an earlier run as well: the noise of step n does not depend on where the run began.
TEST(linear_runs, and_langevin_runs_continue_an_earlier_run) {
  const Computer computer = quartic_machine({20}, 0.4);
  for (const EngineKind engine : {EngineKind::cpu, EngineKind::reference}) {
    for (const Integrator integrator : {Integrator::euler_maruyama, Integrator::leimkuhler_matthews}) {
      RunOptions options = run_options(0.01, 5, 96);
      options.engine = engine;
      options.integrator = integrator;
      const swell::Run whole = swell::run(computer, {"hold", {hold(computer, 0.5, 0)}}, options);
      const swell::Run first = swell::run(computer, {"hold", {hold(computer, 0.2, 0)}}, options);
      options.start = first.states;
      options.first_step = 20;
      EXPECT_EQ(swell::run(computer, {"hold", {hold(computer, 0.3, 0)}}, options).states, whole.states);
    }
  }
}

}  // namespace swell::test
