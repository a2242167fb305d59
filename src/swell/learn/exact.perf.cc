// The stages of exact training on the published machine, on one thread: Fokker-Planck tables in cells stepped per
// second, moments in images per second, and the solution for three and for many images.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "swell/embedded.h"
#include "swell/learn/fokker_planck.h"
#include "swell/learn/moments.h"
#include "swell/learn/path_least_squares.h"
#include "swell/model/design.h"
#include "swell/random/normal.h"
#include "swell/random/streams.h"

namespace swell {

namespace {

Design published() {
  const auto bytes = embedded::whitelam2026_design();
  return parse_design({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, "whitelam2026 (built in)");
}

// Random images of 256 grey levels, each pixel of its own, hidden units driven by the first pixels.
Patterns random_patterns(int64_t rows) {
  Patterns patterns{rows, std::vector<double>(rows * 1296)};
  for (int64_t row = 0; row < rows; ++row) {
    for (uint64_t i = 0; i < 1296; ++i) {
      const double level = 128 + 50 * draw_normal({2026, stream::kTesting}, row, 0, i % 784);
      patterns.values[row * 1296 + i] = 2 * std::clamp(std::round(level), 0.0, 255.0) / 255 - 1;
    }
  }
  return patterns;
}

void fokker_planck(benchmark::State& state) {
  const Design design = published();
  const FokkerPlanckOptions options;
  for (auto _ : state)
    benchmark::DoNotOptimize(solve_fokker_planck({1, 0, 1, 1}, learned_protocol(design, "noising"), 0, -1, 1, options));
  const double steps = 5000.0 * options.patterns * options.cells;
  state.counters["cell_steps/s"] =
      benchmark::Counter(steps * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(fokker_planck)->Unit(benchmark::kMillisecond);

void moments(benchmark::State& state) {
  const Design design = published();
  const Patterns patterns = random_patterns(state.range(0));
  MomentReport report;
  double sums_s = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        exact_moments(design.computer, learned_protocol(design, "noising"), patterns, {}, &report));
    sums_s += report.sums_s;
  }
  const auto runs = static_cast<double>(state.iterations());
  state.counters["images/s"] = static_cast<double>(state.range(0)) * runs / sums_s;
  state.counters["FLOP/s"] = 2 * report.multiply_adds * runs / sums_s;
}
BENCHMARK(moments)->Arg(1024)->Unit(benchmark::kMillisecond);

void solve(benchmark::State& state) {
  Design design = published();
  const Moments sums =
      exact_moments(design.computer, learned_protocol(design, "noising"), random_patterns(state.range(0)), {});
  LeastSquaresResult result;
  for (auto _ : state) result = fit_couplings(design.computer, sums, {}, design.computer.sets[0]);
  state.counters["iterations"] = result.iterations;
}
BENCHMARK(solve)->Arg(3)->Arg(1024)->Unit(benchmark::kMillisecond);

}  // namespace

}  // namespace swell
