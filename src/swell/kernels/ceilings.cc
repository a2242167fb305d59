#include "swell/kernels/ceilings.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <numeric>
#include <random>

#include "swell/base/clock.h"
#include "swell/base/memory.h"
#include "swell/base/threads.h"
#include "swell/kernels/dispatch.h"

namespace swell {

namespace {

using Clock = std::chrono::steady_clock;

constexpr double kPieceSeconds = 1e-3;

// The best rate of work(thread, repetitions), which does `amount` per repetition.
double best_rate(int threads, double seconds, double amount, const std::function<void(int, int64_t)>& work) {
  std::vector<double> best(threads, 0.0);
  parallel_for(threads, threads, [&](int64_t thread) {
    const auto start = Clock::now();
    int64_t repetitions = 1;
    do {
      const auto piece = Clock::now();
      work(static_cast<int>(thread), repetitions);
      const double took = seconds_since(piece);
      if (took > 0) best[thread] = std::max(best[thread], amount * static_cast<double>(repetitions) / took);
      if (took < kPieceSeconds) repetitions *= 2;
    } while (seconds_since(start) < seconds || best[thread] == 0);
  });
  double total = 0;
  for (const double rate : best) total += rate;
  return total;
}

// Keeps the kernels' answers, so that no compiler can leave their work out.
template <class T>
void keep(T value) {
  static std::atomic<T> last;
  last.store(value, std::memory_order_relaxed);
}

}  // namespace

double measure_multiply_adds_f32(int threads, double seconds, std::string_view isa) {
  const cpu::CeilingKernels& kernels = *cpu::kernels(isa).ceilings;
  constexpr int64_t kRounds = 256;
  return best_rate(threads, seconds, static_cast<double>(kRounds * kernels.f32_per_round),
                   [&](int, int64_t repetitions) { keep(kernels.multiply_adds_f32(repetitions * kRounds)); });
}

double measure_multiply_adds_f64(int threads, double seconds, std::string_view isa) {
  const cpu::CeilingKernels& kernels = *cpu::kernels(isa).ceilings;
  constexpr int64_t kRounds = 256;
  return best_rate(threads, seconds, static_cast<double>(kRounds * kernels.f64_per_round),
                   [&](int, int64_t repetitions) { keep(kernels.multiply_adds_f64(repetitions * kRounds)); });
}

double measure_multiply_adds_bf16(int threads, double seconds, std::string_view isa) {
  const cpu::CeilingKernels& kernels = *cpu::kernels(isa).ceilings;
  constexpr int64_t kRounds = 256;
  return best_rate(threads, seconds, static_cast<double>(kRounds * kernels.bf16_per_round),
                   [&](int, int64_t repetitions) { keep(kernels.multiply_adds_bf16(repetitions * kRounds)); });
}

double measure_normals(int threads, double seconds, std::string_view isa) {
  const cpu::CeilingKernels& kernels = *cpu::kernels(isa).ceilings;
  constexpr int64_t kRounds = 16;  // the normals stay in the first cache
  constexpr int64_t kCount = kRounds * cpu::kNormalsPerRound;
  std::vector<AlignedVector<float>> noise(threads, AlignedVector<float>(kCount, 0.0f));
  return best_rate(threads, seconds, kCount, [&](int thread, int64_t repetitions) {
    for (int64_t step = 0; step < repetitions; ++step)
      kernels.normals({}, static_cast<uint64_t>(step), kRounds, noise[thread].data());
    keep(noise[thread].front());
  });
}

double measure_reads(int64_t bytes, int threads, double seconds, std::string_view isa) {
  const cpu::CeilingKernels& kernels = *cpu::kernels(isa).ceilings;
  constexpr int64_t kWordBytes = sizeof(uint32_t);
  const int64_t blocks = std::max<int64_t>(threads, bytes / (cpu::kReadWords * kWordBytes));
  const AlignedVector<uint32_t> words(blocks * cpu::kReadWords, 1u);
  const double read_bytes = static_cast<double>(blocks * cpu::kReadWords * kWordBytes);
  return best_rate(threads, seconds, read_bytes, [&](int thread, int64_t repetitions) {
    // Each thread begins elsewhere, so that none reads what another has just brought near.
    const int64_t from = blocks * thread / threads * cpu::kReadWords;
    for (int64_t k = 0; k < repetitions; ++k) {
      keep(kernels.read(words.data() + from, blocks * cpu::kReadWords - from));
      keep(kernels.read(words.data(), from));
    }
  });
}

double measure_scattered_reads(int64_t bytes, int threads, double seconds, std::string_view isa) {
  const cpu::CeilingKernels& kernels = *cpu::kernels(isa).ceilings;
  constexpr int64_t kLineBytes = cpu::kLineWords * static_cast<int64_t>(sizeof(uint32_t));
  const int64_t lines = std::max<int64_t>(threads, bytes / kLineBytes);
  const AlignedVector<uint32_t> words(lines * cpu::kLineWords, 1u);
  std::vector<uint32_t> order(lines);
  std::iota(order.begin(), order.end(), 0u);
  std::shuffle(order.begin(), order.end(), std::minstd_rand(1));
  return best_rate(threads, seconds, static_cast<double>(lines), [&](int thread, int64_t repetitions) {
    const int64_t from = lines * thread / threads;
    for (int64_t k = 0; k < repetitions; ++k) {
      keep(kernels.read_lines(words.data(), order.data() + from, lines - from));
      keep(kernels.read_lines(words.data(), order.data(), from));
    }
  });
}

std::vector<std::string> instruction_sets() {
  std::vector<std::string> names;
  for (const std::string_view name : cpu::available_isas()) names.emplace_back(name);
  return names;
}

}  // namespace swell
