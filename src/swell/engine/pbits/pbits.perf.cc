// p-bit updates per second: lattices and random graphs of degree 16, in each coding.

#include <benchmark/benchmark.h>

#include "swell/engine/pbits/pbits.h"
#include "swell/random/uniform.h"

namespace {

using namespace swell;

// Each unit is joined to eight others at random; couplings of +-1, or real ones.
IsingModel random_graph(int64_t units, bool real) {
  std::vector<IsingEdge> edges;
  const NoiseKey key{7, 0};
  for (int64_t k = 0; k < 8 * units; ++k) {
    const auto other = static_cast<int64_t>(draw_uniform(key, 0, k) * static_cast<double>(units - 1));
    const int64_t a = k / 8, b = other >= a ? other + 1 : other;
    const double u = draw_uniform(key, 1, k) - 0.5;
    edges.push_back({a, b, real ? 2 * u : u > 0 ? 1.0 : -1.0});
  }
  return make_ising(units, edges);
}

void measure(benchmark::State& state, const IsingModel& model, Coding coding, int64_t replicas, double beta,
             int64_t sweeps) {
  const Pbits pbits(model);
  PbitOptions options;
  options.coding = coding;
  options.replicas = replicas;
  options.threads = static_cast<int>(state.range(0));
  options.beta.assign(sweeps, beta);
  PbitRun run = pbits.sample(options);
  int64_t flips = 0;
  for (auto _ : state) {
    options.start = run.spins;
    options.first_sweep += sweeps;
    PbitRun next = pbits.sample(options);
    flips += next.flips[0];
    run = std::move(next);
  }
  const double updates = static_cast<double>(model.units * replicas * sweeps);
  state.counters["updates"] =
      benchmark::Counter(updates * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  state.counters["accepted"] =
      static_cast<double>(flips) / static_cast<double>(state.iterations() * model.units * sweeps);
}

void lattice_bits(benchmark::State& state) {
  const int64_t side = state.range(1);
  measure(state, square_lattice(side, side, 1), Coding::bits, 1024, 0.44,
          std::max<int64_t>(1, (1 << 22) / (side * side)));
}
void lattice_single(benchmark::State& state) {
  const int64_t side = state.range(1);
  measure(state, square_lattice(side, side, 1), Coding::narrow, state.range(0), 0.44,
          std::max<int64_t>(8, (1 << 26) / (side * side)));
}
void degree16_bits(benchmark::State& state) {
  measure(state, random_graph(4096, false), Coding::bits, 1024, 0.25, 100);
}
void degree16_real_wide(benchmark::State& state) {
  measure(state, random_graph(4096, true), Coding::wide, 128, 0.5, 300);
}
void degree16_real_single(benchmark::State& state) {
  measure(state, random_graph(4096, true), Coding::narrow, state.range(0), 0.5, 10000);
}

BENCHMARK(lattice_bits)->ArgsProduct({{1, 2}, {64, 256}})->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(lattice_single)->ArgsProduct({{1, 2}, {64, 256, 1024}})->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(degree16_bits)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(degree16_real_wide)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(degree16_real_single)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
