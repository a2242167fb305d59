// Double-precision products on one thread, in FLOP/s; `swell bench` measures the ceiling.

#include <benchmark/benchmark.h>

#include <vector>

#include "swell/kernels/matrix_product.h"

namespace swell {

namespace {

void count(benchmark::State& state, double flops) {
  state.counters["FLOP/s"] =
      benchmark::Counter(flops * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

void product(benchmark::State& state) {
  const int64_t n = state.range(0);
  const std::vector<double> a(n * n, 0.5), b(n * n, 0.25);
  std::vector<double> c(n * n, 0.0);
  for (auto _ : state) add_product(n, n, n, a.data(), n, b.data(), n, c.data(), n, 1);
  count(state, 2.0 * static_cast<double>(n * n * n));
}
BENCHMARK(product)->Arg(460)->Arg(718)->Arg(1296)->Unit(benchmark::kMillisecond);

// The entries on and above the diagonal; those below in tiles that it cuts are extra work.
void gram(benchmark::State& state) {
  const int64_t n = state.range(0), k = 1280;
  const std::vector<double> a(n * k, 0.5);
  std::vector<double> c(n * n, 0.0);
  for (auto _ : state) add_gram(n, k, a.data(), n, c.data(), n, 1);
  count(state, static_cast<double>(n * (n + 1) * k));
}
BENCHMARK(gram)->Arg(718)->Arg(1296)->Unit(benchmark::kMillisecond);

}  // namespace

}  // namespace swell
