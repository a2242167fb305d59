// Double-precision products on one thread, in FLOP/s and as a share of what fused multiply-adds in registers reach.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <vector>

#include "swell/base/cpu.h"
#include "swell/engine/matrix_product.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace swell {

namespace {

constexpr int64_t kRounds = 1 << 22;
constexpr int kChains = 12;  // latency times throughput of any processor so far

#if defined(__x86_64__)
[[gnu::target("avx512f")]] double chains_v4() {
  __m512d sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = _mm512_set1_pd(i);
  const __m512d factor = _mm512_set1_pd(0.5);
  for (int64_t round = 0; round < kRounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < kChains; ++i) sums[i] = _mm512_fmadd_pd(sums[i], factor, factor);
  }
  for (int i = 1; i < kChains; ++i) sums[0] = _mm512_add_pd(sums[0], sums[i]);
  return _mm512_reduce_add_pd(sums[0]);
}

[[gnu::target("avx2,fma")]] double chains_v3() {
  __m256d sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = _mm256_set1_pd(i);
  const __m256d factor = _mm256_set1_pd(0.5);
  for (int64_t round = 0; round < kRounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < kChains; ++i) sums[i] = _mm256_fmadd_pd(sums[i], factor, factor);
  }
  for (int i = 1; i < kChains; ++i) sums[0] = _mm256_add_pd(sums[0], sums[i]);
  return sums[0][0];
}
#endif

// Nothing but multiply-adds: the ceiling. Without such instructions there is none to compare with.
void peak(benchmark::State& state) {
#if defined(__x86_64__)
  if (!cpu_has_v3()) return state.SkipWithError("no fused multiply-adds here");
  for (auto _ : state) benchmark::DoNotOptimize(cpu_has_v4() ? chains_v4() : chains_v3());
  const double flops = 2.0 * kRounds * kChains * (cpu_has_v4() ? 8 : 4);
  state.counters["FLOP/s"] =
      benchmark::Counter(flops * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
#else
  state.SkipWithError("measured on x86-64 only");
#endif
}
BENCHMARK(peak)->Unit(benchmark::kMillisecond);

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
