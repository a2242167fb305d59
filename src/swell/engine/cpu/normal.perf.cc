#include <benchmark/benchmark.h>

#include <array>
#include <string>

#include "swell/engine/cpu/step_kernels.h"
#include "swell/kernels/dispatch.h"

namespace swell {

namespace {

// Tiles of 64 trajectories by 96 units, 24 KiB, which stay in the first cache: normals/s of one core.
void fill_normals(benchmark::State& state, const cpu::StepKernels& kernels) {
  constexpr int64_t kUnits = 96;
  alignas(64) std::array<float, kUnits * cpu::kMaxSlots> draws;
  cpu::Tile tile{};
  tile.padded_units = kUnits;
  tile.slots = cpu::kMaxSlots;
  tile.noise = draws.data();
  tile.key = {20260401, 0};
  uint64_t step = 0;
  for (auto _ : state) {
    kernels.fill_noise(tile, ++step);
    benchmark::DoNotOptimize(draws.data());
    benchmark::ClobberMemory();
  }
  state.counters["normals/s"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * draws.size(), benchmark::Counter::kIsRate);
}

// One line for each instruction set that runs here.
[[maybe_unused]] const bool kRegistered = [] {
  for (const std::string_view isa : cpu::available_isas())
    benchmark::RegisterBenchmark(("fill_normals/" + std::string(isa)).c_str(), fill_normals,
                                 *cpu::step_kernels(isa).wide);
  return true;
}();

}  // namespace

}  // namespace swell
