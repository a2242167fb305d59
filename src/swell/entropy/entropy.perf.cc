// Samples per second through the health tests, and through all estimators.

#include <benchmark/benchmark.h>

#include "swell/entropy/assess.h"
#include "swell/entropy/health.h"
#include "swell/entropy/test_sources.h"

namespace {

using namespace swell::entropy;

void health(benchmark::State& state) {
  const int bits = static_cast<int>(state.range(0));
  const std::vector<uint8_t> samples = test::uniform(bits, 1 << 20, 1);
  HealthTests tests({bits, static_cast<double>(bits), 0x1p-30});
  for (auto _ : state) benchmark::DoNotOptimize(tests.take(samples));
  state.counters["samples/s"] =
      benchmark::Counter(static_cast<double>(tests.state().samples), benchmark::Counter::kIsRate);
}
BENCHMARK(health)->Arg(1)->Arg(8);

void all_estimators(benchmark::State& state) {
  const int bits = static_cast<int>(state.range(0));
  const std::vector<uint8_t> samples = test::uniform(bits, kEnoughSamples, 1);
  for (auto _ : state) benchmark::DoNotOptimize(assess(samples, bits).H_assessed);
  state.counters["samples/s"] =
      benchmark::Counter(static_cast<double>(samples.size()), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(all_estimators)->Arg(1)->Arg(8)->Unit(benchmark::kMillisecond);

}  // namespace
