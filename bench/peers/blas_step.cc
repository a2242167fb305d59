// One trajectory of N units coupled all to all, its coupling field by the BLAS matrix-vector product in single
// precision, single-threaded: the peer of `swell bench --only dense/N/batch1/threads1`. The step has neither noise nor
// books, which favours it. Needs OpenBLAS (Debian: libopenblas-dev).
//
//   blas_step [--units N] [--seconds S]     default 1296 and 1; one JSON object on stdout

#include <cblas.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

constexpr float kDt = 1e-3f;
constexpr int kWindows = 9;

struct Machine {
  int units;
  std::vector<float> couplings, x, field;

  explicit Machine(int n) : units(n), couplings(static_cast<size_t>(n) * n), x(n, 0.5f), field(n, 0.0f) {
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < i; ++j) {
        const float J = 0.5f * std::sin(static_cast<float>(i * 7 + j * 13)) / std::sqrt(static_cast<float>(n));
        couplings[static_cast<size_t>(i) * n + j] = couplings[static_cast<size_t>(j) * n + i] = J;
      }
    }
  }
  void step() {
    cblas_sgemv(CblasRowMajor, CblasNoTrans, units, units, 1.0f, couplings.data(), units, x.data(), 1, 0.0f,
                field.data(), 1);
    for (int i = 0; i < units; ++i) x[i] -= kDt * (x[i] + 2.0f * x[i] * x[i] * x[i] + field[i]);
  }
};

double seconds_of(Machine& machine, int steps) {
  const auto start = std::chrono::steady_clock::now();
  for (int k = 0; k < steps; ++k) machine.step();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

int main(int argc, char** argv) {
  int units = 1296;
  double seconds = 1;
  for (int k = 1; k + 1 < argc; k += 2) {
    if (std::strcmp(argv[k], "--units") == 0) units = std::atoi(argv[k + 1]);
    if (std::strcmp(argv[k], "--seconds") == 0) seconds = std::atof(argv[k + 1]);
  }
  if (argc % 2 == 0 || units < 1 || units > 40000 || !(seconds > 0)) {
    std::fprintf(stderr, "usage: blas_step [--units N] [--seconds S]     1 <= N <= 40000, S > 0\n");
    return 2;
  }
  openblas_set_num_threads(1);
  Machine machine(units);
  seconds_of(machine, 3);
  const double step_s = seconds_of(machine, 3) / 3;
  const int steps = std::max(1, static_cast<int>(seconds / kWindows / step_s));
  std::vector<double> rates(kWindows);
  for (double& rate : rates) rate = steps / seconds_of(machine, steps);
  std::sort(rates.begin(), rates.end());
  double checksum = 0;
  for (const float x : machine.x) checksum += static_cast<double>(x);
  std::printf(
      "{\"peer\": \"OpenBLAS sgemv\", \"cases\": [{\"units\": %d, \"batch\": 1, \"threads\": 1, "
      "\"unit\": \"trajectory-steps/s\", \"median\": %.6g, \"best\": %.6g}], \"checksum\": %.6g}\n",
      units, rates[kWindows / 2], rates.back(), checksum);
  return std::isfinite(checksum) ? 0 : 1;
}
