// What a device does right and how fast, as one JSON document: scripts/gpu_check.sh builds and runs this on a computer
// that has a device. It needs no more of the library than the engines.
//   device_check FILE

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "swell/base/threads.h"
#include "swell/engine/cuda/device.h"
#include "swell/engine/cuda/memory.h"
#include "swell/engine/pbits/pbits.h"
#include "swell/engine/run.h"
#include "swell/programs/bench/machines.h"
#include "swell/random/streams.h"

namespace {

using namespace swell;
using Json = nlohmann::ordered_json;

constexpr double kDt = 1e-3;

RunOptions options_for(EngineKind engine, int64_t trajectories, Precision precision = Precision::f32) {
  RunOptions options;
  options.engine = engine;
  options.precision = precision;
  options.dt = kDt;
  options.noise = {7, stream::kTesting};
  options.trajectories = trajectories;
  options.threads = hardware_threads();
  return options;
}

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Protocols: couplings held; and a drive and a temperature that change in every step.
Protocol ramp(const bench::Workload& machine, int64_t steps) {
  Protocol protocol = bench::hold(machine, steps, kDt);
  protocol.segments[0].drive = {{{{0.0, 0.0}, {1.0, 2.0}}}};
  protocol.segments[0].kT = {{{0.0, 0.5}, {1.0, 1.5}}};
  return protocol;
}

// ---- Right ----

Json same_draws() {
  const cuda::DeviceCalls& device = *cuda::device();
  const int64_t units = 1296, trajectories = 512;
  cuda::Array<float> noise(device, units * trajectories);
  cuda::Step step{};
  step.units = units;
  step.quads = units / cuda::kQuad;
  step.trajectories = trajectories;
  step.trajectory_stride = units;
  step.unit_stride = 1;
  step.noise = noise.data();
  step.key = {12345678901, 3};
  step.first_trajectory = (uint64_t{1} << 32) - 100;
  step.draw = (uint64_t{1} << 32) + 17;
  device.first_noise(step);
  const std::vector<float> drawn = noise.get(noise.size());
  int64_t different = 0;
  for (int64_t t = 0; t < trajectories; ++t) {
    for (int64_t i = 0; i < units; ++i) {
      const float wanted =
          draw_normal(step.key, step.first_trajectory + static_cast<uint64_t>(t), step.draw, static_cast<uint64_t>(i));
      different += std::memcmp(&drawn[t * units + i], &wanted, sizeof wanted) != 0;
    }
  }
  return {{"draws", units * trajectories}, {"different", different}, {"passed", different == 0}};
}

struct Difference {
  int64_t states = 0;  // of other bytes
  double largest_state = 0, largest_heat = 0, largest_work = 0, first_law = 0;
};
Difference compare(const Run& one, const Run& other) {
  Difference found;
  for (size_t k = 0; k < one.states.size(); ++k) {
    found.states += one.states[k] != other.states[k];
    found.largest_state = std::max(found.largest_state, std::abs(one.states[k] - other.states[k]));
  }
  for (int64_t t = 0; t < one.trajectories; ++t) {
    const SegmentBooks &a = one.book(t, 0), &b = other.book(t, 0);
    found.largest_heat = std::max(found.largest_heat, std::abs(a.heat - b.heat));
    found.largest_work = std::max(found.largest_work, std::abs(a.work - b.work));
    found.first_law = std::max(found.first_law, std::abs(one.end_energy[t] - one.start_energy[t] - a.work + a.heat));
  }
  return found;
}

// States to the byte, and books to 1e-5 per unit, those of the cpu engine and the reference.
Json conformance(bench::Kind kind, int64_t units, int64_t trajectories, int64_t steps, Integrator integrator) {
  const bench::Workload machine = bench::make_workload(kind, units);
  Patterns patterns{3, {}};
  for (int64_t k = 0; k < 3 * machine.computer.units(); ++k)
    patterns.values.push_back(draw_normal({7, stream::kTesting}, 5, 0, static_cast<uint64_t>(k)));
  const Protocol protocol = ramp(machine, steps);
  const auto run_on = [&](EngineKind engine, int64_t count, int tile) {
    RunOptions options = options_for(engine, count);
    options.patterns = &patterns;
    options.integrator = integrator;
    options.tile = tile;
    return run(machine.computer, protocol, options);
  };
  const Run device = run_on(EngineKind::cuda, trajectories, 0);
  const Difference cpu = compare(device, run_on(EngineKind::cpu, trajectories, 0));
  const Difference reference = compare(run_on(EngineKind::cuda, 2, 0), run_on(EngineKind::reference, 2, 0));
  const Difference batches =
      compare(device, run_on(EngineKind::cuda, trajectories, static_cast<int>(trajectories / 3)));
  const double allowed = 1e-5 * static_cast<double>(machine.computer.units());
  const bool passed = cpu.states == 0 && cpu.largest_heat < allowed && cpu.largest_work < allowed &&
                      cpu.first_law < 1e-9 * static_cast<double>(machine.computer.units()) &&
                      reference.largest_state < 5e-6 && reference.largest_heat < allowed && batches.states == 0 &&
                      batches.largest_heat == 0;
  return {{"machine", fmt::format("{}/{}",
                                  kind == bench::Kind::dense     ? "dense"
                                  : kind == bench::Kind::lattice ? "lattice"
                                                                 : "graph",
                                  units)},
          {"integrator", name_of(integrator)},
          {"trajectories", trajectories},
          {"steps", steps},
          {"states_unlike_cpu", cpu.states},
          {"heat_off_cpu", cpu.largest_heat},
          {"work_off_cpu", cpu.largest_work},
          {"first_law_off", cpu.first_law},
          {"state_off_reference", reference.largest_state},
          {"heat_off_reference", reference.largest_heat},
          {"batches_alike", batches.states == 0 && batches.largest_heat == 0},
          {"passed", passed}};
}

// Rounded products: one step without noise off those of f32 by at most the rounding of J and x; any batch alike, and
// steps taken together or one by one.
Json rounded(Precision precision, double bound, int64_t units, int64_t trajectories, Integrator integrator) {
  const bench::Workload machine = bench::make_workload(bench::Kind::dense, units);
  Protocol still = bench::hold(machine, 1, 1.0);
  still.segments[0].kT = {{{0.0, 0.0}}};
  std::vector<double> start;
  for (int64_t k = 0; k < trajectories * units; ++k)
    start.push_back(draw_normal({7, stream::kTesting}, 6, 0, static_cast<uint64_t>(k)));
  const auto step_in = [&](EngineKind engine, Precision how) {
    RunOptions options = options_for(engine, trajectories, how);
    options.dt = 1;
    options.start = start;
    return run(machine.computer, still, options);
  };
  const Run exact = step_in(EngineKind::cpu, Precision::f32), off = step_in(EngineKind::cuda, precision);
  const auto& J = std::get<DenseWeights>(machine.computer.sets[0].blocks[0].weights).values;
  double worst = 0, squares = 0, sizes = 0;
  for (int64_t t = 0; t < trajectories; ++t) {
    for (int64_t i = 0; i < units; ++i) {
      double size = 0;
      for (int64_t j = 0; j < units; ++j) size += std::abs(J[i * units + j] * start[t * units + j]);
      const double error = std::abs(off.state(t)[i] - exact.state(t)[i]);
      worst = std::max(worst, (error - 2e-5) / (size * bound));
      squares += error * error;
      for (int64_t j = 0; j < units; ++j) sizes += std::pow(J[i * units + j] * start[t * units + j], 2);
    }
  }
  RunOptions options = options_for(EngineKind::cuda, trajectories, precision);
  options.integrator = integrator;
  const Protocol hold = bench::hold(machine, 300, kDt);
  const Run whole = run(machine.computer, hold, options);
  options.first_trajectory = trajectories - 5;
  options.trajectories = 5;
  const Run part = run(machine.computer, hold, options);
  options.snapshots = {.every = 1, .units = 1, .trajectories = 5};  // each step is taken by itself
  const Run looked_at = run(machine.computer, hold, options);
  bool alike = looked_at.states == part.states;
  for (int64_t t = 0; t < 5; ++t)
    alike = alike && std::ranges::equal(part.state(t), whole.state(trajectories - 5 + t)) &&
            part.book(t, 0).heat == whole.book(trajectories - 5 + t, 0).heat;
  return {{"precision", name_of(precision)},
          {"integrator", name_of(integrator)},
          {"units", units},
          {"trajectories", trajectories},
          {"worst_over_bound", worst},
          {"rms_error_of_a_force", std::sqrt(squares / sizes)},
          {"batches_alike", alike},
          {"passed", worst < 1 && alike}};
}

// ---- Fast ----

// Trajectory-steps per second once under way: a long run less a short one.
Json rate(const bench::Workload& machine, int64_t batch, Precision precision, bool ramped, double peak, double seconds,
          Integrator integrator = Integrator::euler_maruyama) {
  Patterns patterns{1, std::vector<double>(machine.computer.units(), 0.5)};
  RunOptions options = options_for(EngineKind::cuda, batch, precision);
  options.integrator = integrator;
  if (ramped) options.patterns = &patterns;
  const auto time = [&](int64_t steps) {
    const Protocol protocol = ramped ? ramp(machine, steps) : bench::hold(machine, steps, kDt);
    return seconds_of([&] { run(machine.computer, protocol, options); });
  };
  time(20);
  const double guess = std::max(1e-6, (time(220) - time(20)) / 200);
  const auto steps = std::clamp<int64_t>(static_cast<int64_t>(seconds / guess), 100, 100000);
  const double base = time(20);
  std::vector<double> rates;
  for (int k = 0; k < 3; ++k)
    rates.push_back(static_cast<double>(batch * steps) / std::max(1e-9, time(20 + steps) - base));
  std::ranges::sort(rates);
  const double flops = 2.0 * static_cast<double>(machine.multiply_adds) * rates[1];
  const char* kinds[] = {"uncoupled", "dense", "lattice", "graph"};
  return {{"name", fmt::format("{}/{}/{}/batch{}{}{}", kinds[static_cast<int>(machine.kind)], machine.computer.units(),
                               name_of(precision), batch, ramped ? "/ramped" : "",
                               integrator == Integrator::leimkuhler_matthews ? "/averaged" : "")},
          {"trajectory_steps_per_s", rates[1]},
          {"unit_steps_per_s", rates[1] * static_cast<double>(machine.computer.units())},
          {"step_us", 1e6 * static_cast<double>(batch) / rates[1]},
          {"rates", rates},
          {"tflops", 1e-12 * flops},
          {"share_of_peak", peak > 0 ? flops / peak : 0}};
}

// The published machine's course: 2500 steps without couplings, 2500 with them, a thousand trajectories.
Json images(const bench::Workload& machine, Precision precision) {
  Protocol protocol = bench::hold(machine, 2500, kDt);
  protocol.segments.insert(protocol.segments.begin(), protocol.segments[0]);
  protocol.segments[0].couplings = kNoCouplings;
  RunOptions options = options_for(EngineKind::cuda, 1000, precision);
  std::vector<double> seconds;
  for (int k = 0; k < 3; ++k) seconds.push_back(seconds_of([&] { run(machine.computer, protocol, options); }));
  std::ranges::sort(seconds);
  return {
      {"precision", name_of(precision)}, {"images", 1000}, {"steps", 5000}, {"seconds", seconds[1]}, {"all", seconds}};
}

// p-bits in bits on the device against two threads of the processor: the same spins, and updates per second.
Json pbits(const char* name, const IsingModel& model, int64_t replicas) {
  const Pbits machine(model);
  PbitOptions options;
  options.replicas = replicas;
  options.coding = Coding::bits;
  options.noise = {3, stream::kPbits};
  options.start = {};
  const auto sample = [&](EngineKind engine, int threads, int64_t sweeps) {
    options.engine = engine;
    options.threads = threads;
    options.beta.assign(sweeps, 0.44);
    return machine.sample(options);
  };
  const int all = hardware_threads();
  const PbitRun cpu = sample(EngineKind::cpu, all, 5), device = sample(EngineKind::cuda, all, 5);
  const bool same = cpu.spins == device.spins && cpu.flips == device.flips;
  options.start = cpu.spins;
  options.start_energy = cpu.energy;
  const auto rate = [&](EngineKind engine, int threads, int64_t few, int64_t many) {
    sample(engine, threads, few);
    const double base = seconds_of([&] { sample(engine, threads, few); });
    const double more = seconds_of([&] { sample(engine, threads, few + many); });
    return static_cast<double>(model.units * replicas * many) / std::max(1e-9, more - base);
  };
  const double two = rate(EngineKind::cpu, 2, 1, 30), fast = rate(EngineKind::cuda, all, 10, 20000);
  return {{"machine", name},
          {"replicas", replicas},
          {"passed", same},
          {"updates_per_s", fast},
          {"two_threads_updates_per_s", two},
          {"times_two_threads", fast / two}};
}

// Each unit is joined to eight others at random.
IsingModel random_graph(int64_t units) {
  std::vector<IsingEdge> edges;
  for (int64_t k = 0; k < 8 * units; ++k) {
    const Words4 words = noise_words({7, stream::kTesting}, static_cast<uint32_t>(k), 0, 0, 0);
    const int64_t a = k / 8, other = words.a % (units - 1), b = other >= a ? other + 1 : other;
    edges.push_back({a, b, words.b % 2 == 0 ? 1.0 : -1.0});
  }
  return make_ising(units, edges);
}

Json measure() {
  Json json;
  json["device"] = cuda::device_name();
  json["draws"] = same_draws();
  for (const Integrator integrator : {Integrator::euler_maruyama, Integrator::leimkuhler_matthews}) {
    json["conformance"].push_back(conformance(bench::Kind::dense, 1296, 300, 60, integrator));
    json["conformance"].push_back(conformance(bench::Kind::dense, 101, 40, 300, integrator));
    json["conformance"].push_back(conformance(bench::Kind::lattice, 10000, 40, 60, integrator));
    json["conformance"].push_back(conformance(bench::Kind::graph, 10000, 7, 60, integrator));
  }
  for (const Integrator integrator : {Integrator::euler_maruyama, Integrator::leimkuhler_matthews}) {
    json["rounded"].push_back(rounded(Precision::tf32, 0x1p-10, 1296, 30, integrator));
    json["rounded"].push_back(rounded(Precision::bf16, 0x1p-7, 1296, 30, integrator));
    json["rounded"].push_back(rounded(Precision::bf16, 0x1p-7, 432, 4000, integrator));
    json["rounded"].push_back(rounded(Precision::bf16, 0x1p-7, 101, 40, integrator));
  }
  const double f32 = cuda::peak_flops(cuda::Element::f32), tf32 = cuda::peak_flops(cuda::Element::tf32),
               bf16 = cuda::peak_flops(cuda::Element::bf16);
  json["peaks"] = {{"f32_tflops", 1e-12 * f32}, {"tf32_tflops", 1e-12 * tf32}, {"bf16_tflops", 1e-12 * bf16}};
  using bench::Kind;
  const bench::Workload dense = bench::make_workload(Kind::dense, 1296);
  json["rates"].push_back(rate(dense, 4096, Precision::bf16, false, bf16, 0.3));
  json["rates"].push_back(rate(dense, 4096, Precision::tf32, false, tf32, 0.3));
  json["rates"].push_back(rate(dense, 4096, Precision::f32, false, f32, 0.3));
  json["rates"].push_back(rate(dense, 4096, Precision::bf16, false, bf16, 0.3, Integrator::leimkuhler_matthews));
  json["rates"].push_back(rate(dense, 4224, Precision::bf16, false, bf16, 0.3));
  json["rates"].push_back(rate(dense, 1024, Precision::bf16, false, bf16, 0.2));
  json["rates"].push_back(rate(dense, 16384, Precision::bf16, false, bf16, 0.3));
  json["rates"].push_back(rate(bench::make_workload(Kind::dense, 2688), 1920, Precision::bf16, false, bf16, 0.3));
  json["rates"].push_back(rate(dense, 4096, Precision::bf16, true, bf16, 0.2));
  json["rates"].push_back(rate(dense, 4096, Precision::f32, true, f32, 0.2));
  json["rates"].push_back(rate(bench::make_workload(Kind::uncoupled, 1296), 4096, Precision::f32, false, 0, 0.2));
  json["rates"].push_back(rate(bench::make_workload(Kind::lattice, 10000), 1024, Precision::f32, false, 0, 0.2));
  json["rates"].push_back(rate(bench::make_workload(Kind::graph, 10000), 1024, Precision::f32, false, 0, 0.2));
  json["rates"].push_back(rate(bench::make_workload(Kind::lattice, 1000000), 64, Precision::f32, false, 0, 0.2));
  for (const Precision precision : {Precision::f32, Precision::tf32, Precision::bf16})
    json["images"].push_back(images(dense, precision));
  json["pbits"].push_back(pbits("lattice/256x256", square_lattice(256, 256, 1), 1024));
  json["pbits"].push_back(pbits("graph/4096", random_graph(4096), 8192));
  return json;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    fmt::print(stderr, "usage: device_check FILE\n");
    return 2;
  }
  if (!cuda::device()) {
    fmt::print(stderr, "device_check: no device: {}\n", cuda::why_no_device());
    return 1;
  }
  try {
    const std::string text = measure().dump(2);
    std::ofstream(arguments[1]) << text << "\n";
    fmt::print("{}\n", text);
  } catch (const std::exception& error) {
    fmt::print(stderr, "device_check: {}\n", error.what());
    return 1;
  }
  return 0;
}
