// The cuda engine, on the emulated machine and, where there is one, on the device: against the reference and against
// the cpu engine, whose bytes its states have in f32.

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <string>

#include "conformance/scenes.h"
#include "swell/base/errors.h"
#include "swell/engine/cuda/device.h"
#include "swell/engine/pbits/pbits.h"
#include "swell/model/sparse.h"

namespace swell::test {

namespace {

std::vector<std::string> machines() {
  std::vector<std::string> names = {"emulated"};
  if (cuda::device()) names.emplace_back();
  return names;
}

class cuda_engine : public testing::TestWithParam<std::string> {
 protected:
  RunOptions options(const Scene& scene, Integrator integrator = Integrator::euler_maruyama) const {
    RunOptions result = scene.with(EngineKind::cuda, integrator);
    result.isa = GetParam();
    return result;
  }
};

void expect_same_states(const swell::Run& one, const swell::Run& other) {
  ASSERT_EQ(one.states.size(), other.states.size());
  for (size_t k = 0; k < one.states.size(); ++k) ASSERT_EQ(one.states[k], other.states[k]) << k;
  ASSERT_EQ(one.snapshots.size(), other.snapshots.size());
  for (size_t k = 0; k < one.snapshots.size(); ++k) ASSERT_EQ(one.snapshots[k], other.snapshots[k]) << k;
}

// Books of two runs whose states agree to `error`: energies are sums over units of terms of order one to ten.
void expect_close_books(const swell::Run& one, const swell::Run& other, double error) {
  ASSERT_EQ(one.books.size(), other.books.size());
  for (size_t k = 0; k < one.books.size(); ++k) {
    EXPECT_NEAR(one.books[k].work, other.books[k].work, error) << k;
    EXPECT_NEAR(one.books[k].heat, other.books[k].heat, error) << k;
    EXPECT_NEAR(one.books[k].entropy, other.books[k].entropy, 20 * error) << k;  // kT down to 0.05
  }
  for (int64_t t = 0; t < one.trajectories; ++t) {
    EXPECT_NEAR(one.start_energy[t], other.start_energy[t], error);
    EXPECT_NEAR(one.end_energy[t], other.end_energy[t], error);
  }
}

void expect_same_bytes(const swell::Run& one, int64_t a, const swell::Run& other, int64_t b) {
  EXPECT_EQ(0, std::memcmp(one.state(a).data(), other.state(b).data(), one.units * sizeof(double))) << a;
  EXPECT_EQ(0, std::memcmp(&one.book(a, 0), &other.book(b, 0), one.segments * sizeof(SegmentBooks))) << a;
  EXPECT_EQ(one.start_energy[a], other.start_energy[b]);
  EXPECT_EQ(one.end_energy[a], other.end_energy[b]);
}

Scene torus_scene() {
  Scene scene({460});
  auto edges =
      lattice_edges(std::vector<int64_t>{20, 23}, std::vector<std::vector<int64_t>>{{0, 1}, {1, 0}, {1, 1}}, true, 0.0);
  for (size_t k = 0; k < edges.size(); ++k) edges[k].J = 0.3 * fixed_normal(94, k);
  for (CouplingSet& set : scene.computer.sets) set.blocks = {{0, 0, sparse_from_edges(460, 460, true, edges)}};
  return scene;
}

Scene mixed_scene() {
  Scene scene({40, 33, 21});
  std::vector<Edge> ring;
  for (int64_t i = 0; i < 40; ++i) ring.push_back({i, (i + 1) % 40, 0.2 * fixed_normal(97, i)});
  for (CouplingBlock& block : scene.computer.sets[1].blocks) {
    if (block.row_group == 0 && block.column_group == 0) block.weights = sparse_from_edges(40, 40, true, ring);
  }
  return scene;
}

}  // namespace

// Tolerances of tests/conformance/engines.cc for the reference. The cpu engine does the same arithmetic in the same
// order; its energies are added in another.
TEST_P(cuda_engine, has_the_states_of_the_cpu_engine_and_the_books_of_the_reference) {
  std::vector<Scene> scenes;
  for (const auto& sizes : std::vector<std::vector<int64_t>>{{1}, {3, 2}, {13}, {60, 33, 7}, {1, 200, 99}})
    scenes.emplace_back(sizes);
  scenes.push_back(torus_scene());
  scenes.push_back(mixed_scene());
  for (const Scene& scene : scenes) {
    for (const Integrator integrator : {Integrator::euler_maruyama, Integrator::leimkuhler_matthews}) {
      RunOptions options = this->options(scene, integrator);
      options.trajectories = 7;
      options.snapshots = all_units(scene.computer, options, 30, 0);
      const auto device = run(scene.computer, scene.protocol, options);
      options.isa = "";
      options.engine = EngineKind::cpu;
      const auto cpu = run(scene.computer, scene.protocol, options);
      expect_same_states(device, cpu);
      const double error = 1e-5 * static_cast<double>(device.units);
      expect_close_books(device, cpu, error);
      options.engine = EngineKind::reference;
      const auto reference = run(scene.computer, scene.protocol, options);
      for (size_t k = 0; k < device.states.size(); ++k) ASSERT_NEAR(device.states[k], reference.states[k], 5e-6) << k;
      expect_close_books(device, reference, error);
    }
  }
}

// Beside states to the byte, what makes the order of trajectories and of units in memory differ: many trajectories of a
// machine without dense couplings.
TEST_P(cuda_engine, trajectories_have_the_same_bytes_in_any_batch) {
  for (const Scene& scene : {Scene({20, 11, 6}), torus_scene(), mixed_scene()}) {
    for (const Precision precision : {Precision::f32, Precision::tf32, Precision::bf16}) {
      if (precision != Precision::f32 && scene.computer.groups.size() > 1 && scene.computer.units() == 94) continue;
      RunOptions options = this->options(scene, Integrator::leimkuhler_matthews);
      options.precision = precision;
      options.trajectories = 40;
      const auto whole = run(scene.computer, scene.protocol, options);
      options.tile = 7;  // batches of seven
      const auto cut = run(scene.computer, scene.protocol, options);
      for (int64_t t = 0; t < 40; ++t) expect_same_bytes(cut, t, whole, t);
      options.tile = 0;
      options.first_trajectory = 33;
      options.trajectories = 3;
      const auto part = run(scene.computer, scene.protocol, options);
      for (int64_t t = 0; t < 3; ++t) expect_same_bytes(part, t, whole, 33 + t);
    }
  }
}

// The change of V is work minus heat, segment by segment, to the rounding of sums in double.
TEST_P(cuda_engine, heat_closes_first_law_to_rounding) {
  const Scene scene({60, 33, 7});
  for (const Precision precision : {Precision::f32, Precision::tf32, Precision::bf16}) {
    RunOptions options = this->options(scene);
    options.precision = precision;
    const auto result = run(scene.computer, scene.protocol, options);
    for (int64_t t = 0; t < result.trajectories; ++t) {
      double change = 0, size = 0;
      for (int64_t s = 0; s < result.segments; ++s) {
        change += result.book(t, s).work - result.book(t, s).heat;
        size += std::abs(result.book(t, s).work) + std::abs(result.book(t, s).heat);
      }
      EXPECT_NEAR(result.end_energy[t] - result.start_energy[t], change, 1e-12 * (size + 100)) << t;
    }
  }
}

// One driven step without noise: forces off by the rounding of J and x, a sum of 94 terms or so of order 0.1 each.
TEST_P(cuda_engine, rounded_products_are_off_by_their_rounding) {
  const Scene scene({60, 34});
  Segment still = hold(scene.computer, 1, 1);
  still.kT = {{{0.0, 0.0}}};
  still.drive = {{{{0.0, 1.5}}}, {{{0.0, -0.7}}}};
  Patterns patterns{2, {}};
  for (int64_t k = 0; k < 2 * 94; ++k) patterns.values.push_back(fixed_normal(112, k));
  std::vector<double> start;
  for (int64_t k = 0; k < 5 * 94; ++k) start.push_back(static_cast<double>(static_cast<float>(fixed_normal(110, k))));
  RunOptions options = run_options(1, 5, 111);
  options.start = start;
  options.patterns = &patterns;
  const auto exact = run(scene.computer, {"step", {still}}, options);
  options.engine = EngineKind::cuda;
  options.isa = GetParam();
  const std::vector<double> J = dense_matrix(scene.computer, scene.computer.sets[1]);
  for (const auto& [precision, bound] : {std::pair{Precision::tf32, 0x1p-10}, std::pair{Precision::bf16, 0x1p-7}}) {
    options.precision = precision;
    const auto rounded = run(scene.computer, {"step", {still}}, options);
    double largest = 0;
    for (int64_t t = 0; t < 5; ++t) {
      for (int64_t i = 0; i < 94; ++i) {
        double sizes = 0;
        for (int64_t j = 0; j < 94; ++j) sizes += std::abs(J[i * 94 + j] * start[t * 94 + j]);
        const double error = std::abs(rounded.state(t)[i] - exact.state(t)[i]) / scene.computer.mobility[i];
        ASSERT_LE(error, bound * sizes + 2e-5) << t << " " << i;
        largest = std::max(largest, error / sizes);
      }
    }
    EXPECT_GT(largest, bound / 64);  // the precision asked for, and no finer one
  }
}

// Steps that are alike are handed to the machine together; looking at every one of them changes nothing.
TEST_P(cuda_engine, steps_taken_together_are_those_taken_one_by_one) {
  Scene scene({40, 33, 21});
  for (Segment& segment : scene.protocol.segments) {
    segment.kT = {{{0.0, 0.7}}};
    for (auto& drive : segment.drive) drive = {{{0.0, 0.0}}};
  }
  // Not those between which the temperature changes.
  scene.protocol.segments.back().kT = {{{0.0, 0.7}, {0.5, 0.7}, {1.0, 0.2}}};
  for (const Integrator integrator : {Integrator::euler_maruyama, Integrator::leimkuhler_matthews}) {
    for (const Precision precision : {Precision::f32, Precision::tf32, Precision::bf16}) {
      RunOptions options = this->options(scene, integrator);
      options.precision = precision;
      options.patterns = nullptr;
      options.snapshots = {};
      const swell::Run together = run(scene.computer, scene.protocol, options);
      options.snapshots.every = 1;
      options.snapshots.units = scene.computer.units();
      options.snapshots.trajectories = options.trajectories;
      const swell::Run one_by_one = run(scene.computer, scene.protocol, options);
      ASSERT_GT(together.steps, 10);
      for (int64_t t = 0; t < options.trajectories; ++t) expect_same_bytes(together, t, one_by_one, t);
    }
  }
}

TEST_P(cuda_engine, observables_and_the_course_are_those_of_the_cpu_engine) {
  const Scene scene({9, 6});
  RunOptions options = this->options(scene);
  const auto plain = run(scene.computer, scene.protocol, options);
  options.observables = {20, 10, 2, 5, 17};
  const auto device = run(scene.computer, scene.protocol, options);
  for (int64_t t = 0; t < plain.trajectories; ++t) expect_same_bytes(device, t, plain, t);
  options.isa = "";
  options.engine = EngineKind::cpu;
  const auto cpu = run(scene.computer, scene.protocol, options);
  ASSERT_EQ(device.observed.size(), cpu.observed.size());
  EXPECT_EQ(device.course_steps, cpu.course_steps);
  for (size_t k = 0; k < cpu.observed.size(); ++k)
    EXPECT_NEAR(device.observed[k], cpu.observed[k], 2e-4 * std::max(1.0, std::abs(cpu.observed[k]))) << k;
}

TEST_P(cuda_engine, divergence_names_trajectory_step_and_unit_as_the_cpu_engine_does) {
  Computer computer = quartic_machine({8, 1, 5}, 0.0);
  computer.mobility[8] = 5;
  const Protocol protocol{"unstable", {hold(computer, 1.0), hold(computer, 1.0)}};
  std::vector<double> start(9 * computer.units(), 0.0);
  start[4 * computer.units() + 8] = 8;  // 12 J4 x^2 mu dt > 2
  RunOptions options = run_options(1e-2, 9, 95);
  options.first_trajectory = 1000;
  options.start = start;
  std::vector<Diverged> said;
  for (const EngineKind engine : {EngineKind::cpu, EngineKind::cuda}) {
    options.engine = engine;
    options.isa = engine == EngineKind::cuda ? GetParam() : "";
    try {
      run(computer, protocol, options);
      ADD_FAILURE() << "the run did not diverge";
    } catch (const Diverged& error) {
      said.push_back(error);
    }
  }
  ASSERT_EQ(said.size(), 2u);
  EXPECT_EQ(said[1].trajectory, 1004);
  EXPECT_EQ(said[0].trajectory, said[1].trajectory);
  EXPECT_EQ(said[0].step, said[1].step);
  EXPECT_EQ(said[0].unit, said[1].unit);
}

TEST_P(cuda_engine, a_stopped_run_says_so_or_keeps_its_part) {
  const Scene scene({9, 6});
  RunOptions options = this->options(scene);
  options.progress = [](const Progress&) { return false; };
  EXPECT_THROW(run(scene.computer, scene.protocol, options), Interrupted);
  options.progress = [](const Progress& at) { return at.done < 100; };
  options.kept = Kept::part;
  const auto part = run(scene.computer, scene.protocol, options);
  EXPECT_TRUE(part.interrupted);
  EXPECT_EQ(part.trajectories, 5);
  EXPECT_LT(part.steps, 240);
  for (int64_t t = 0; t < 5; ++t) {
    double change = 0;
    for (int64_t s = 0; s < part.segments; ++s) change += part.book(t, s).work - part.book(t, s).heat;
    EXPECT_NEAR(part.end_energy[t] - part.start_energy[t], change, 1e-9);
  }
}

TEST_P(cuda_engine, refuses_what_it_cannot_do) {
  const Scene scene({9, 6});
  const auto refusal = [&](const Scene& of, auto spoil) {
    RunOptions options = this->options(of);
    spoil(options);
    try {
      run(of.computer, of.protocol, options);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string("nothing was refused");
  };
  EXPECT_NE(refusal(scene, [](auto& o) { o.precision = Precision::bf16x3; }).find("bf16x3 is of the cpu engine"),
            std::string::npos);
  EXPECT_NE(refusal(scene, [](auto& o) { o.checkpoint.path = "x"; }).find("keeps no checkpoint"), std::string::npos);
  EXPECT_NE(refusal(scene, [](auto& o) { o.isa = "v9"; }).find("no instruction set 'v9'"), std::string::npos);
  EXPECT_NE(refusal(mixed_scene(), [](auto& o) { o.precision = Precision::bf16; }).find("are multiplied in f32"),
            std::string::npos);
  if (cuda::device()) return;
  EXPECT_NE(refusal(scene, [](auto& o) { o.isa = ""; }).find("needs a device"), std::string::npos);
}

// Draws are addressed and couplings whole: every spin and every count of flips is that of the cpu engine, in one tile
// and in several, on lattices and graphs, at one temperature and at many.
TEST_P(cuda_engine, p_bits_in_bits_are_those_of_the_cpu_engine) {
  std::vector<IsingEdge> edges;
  for (int64_t k = 0; k < 6 * 150; ++k)
    edges.push_back({k / 6, (k / 6 + 1 + (k * k + 7 * k) % 149) % 150, fixed_normal(120, k) > 0 ? 1.0 : -2.0});
  for (const IsingModel& model : {square_lattice(12, 18, 1, -1), square_lattice(7, 5, -1), make_ising(150, edges)}) {
    const Pbits pbits(model);
    ASSERT_TRUE(pbits.fits_bits());
    for (const int64_t replicas : {70, 1100}) {
      PbitOptions options;
      options.replicas = replicas;
      options.noise = {5, stream::kPbits};
      options.first_replica = 1024;
      options.beta = {0.0, 0.2, 0.3, 0.3, 0.44, 1.0, 30.0};
      options.looks = {3, 6};
      std::vector<double> seen[2];
      const auto sample = [&](EngineKind engine, const std::string& isa, std::vector<double>& energies) {
        energies.assign(2 * replicas, 0.0);
        options.engine = engine;
        options.isa = isa;
        options.look = [&](const PbitLook& look) { energies[look.replica * 2 + look.sweep / 6] = look.energy; };
        return pbits.sample(options);
      };
      const PbitRun cpu = sample(EngineKind::cpu, "", seen[0]), device = sample(EngineKind::cuda, GetParam(), seen[1]);
      EXPECT_EQ(cpu.spins, device.spins);
      EXPECT_EQ(cpu.flips, device.flips);
      EXPECT_EQ(cpu.energy, device.energy);
      EXPECT_EQ(seen[0], seen[1]);
    }
  }
}

// Short runs stay on the processor, whatever the computer has.
TEST(automatic_engine, short_runs_take_the_cpu_engine) {
  const Scene scene({9, 6});
  const auto automatic = run(scene.computer, scene.protocol, scene.with(EngineKind::automatic));
  const auto cpu = run(scene.computer, scene.protocol, scene.with(EngineKind::cpu));
  for (int64_t t = 0; t < cpu.trajectories; ++t) expect_same_bytes(automatic, t, cpu, t);
}

INSTANTIATE_TEST_SUITE_P(on, cuda_engine, testing::ValuesIn(machines()),
                         [](const auto& info) { return info.param.empty() ? "device" : info.param; });

}  // namespace swell::test
