// The published generative machine (Whitelam, PRL 136, 037101, 2026; arXiv 2506.15121) as plain loops: one trajectory,
// one unit at a time over neighbour lists, in double precision. The baseline that the library is measured against;
// it shares no code with it.
//
//   published_loops [--steps N]     N steps of each kind (default 300); medians as one JSON object on stdout

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <utility>
#include <vector>

namespace {

constexpr int kVisible = 784;
constexpr int kHidden = 512;
constexpr int kUnits = kVisible + kHidden;
constexpr double kJ2 = 1.0;
constexpr double kJ4 = 1.0;
constexpr double kT = 0.1;
constexpr double kMu = 1.0;
constexpr double kDt = 1e-3;
constexpr double kCouplingScale = 0.05;  // of the order that training reaches

// The published run: each update prepares, then learns along the noising; each image makes noise, then generates.
constexpr double kStepsPerRun = 2500;
constexpr double kUpdates = 100;
constexpr double kImages = 100;

struct Machine {
  std::vector<std::pair<int, int>> couplings;                   // visible-hidden and hidden-hidden, each pair once
  std::vector<std::vector<std::pair<int, double>>> neighbours;  // of each unit: the other unit, J
  std::vector<double> bias = std::vector<double>(kUnits, 0.0);  // trained on hidden units
  std::vector<double> coupling_gradient;                        // of ln P~, parallel to couplings
  std::vector<double> bias_gradient = std::vector<double>(kUnits, 0.0);
  std::vector<double> x = std::vector<double>(kUnits, 0.0);   // state
  std::vector<double> dx = std::vector<double>(kUnits, 0.0);  // the last step
  std::vector<double> residual = std::vector<double>(kUnits, 0.0);
  std::mt19937_64 engine{1};
  std::normal_distribution<double> normal;
};

Machine make_machine() {
  Machine machine;
  machine.neighbours.resize(kUnits);
  for (int i = 0; i < kUnits; ++i) {
    for (int j = std::max(i + 1, kVisible); j < kUnits; ++j) {
      const double J = kCouplingScale * machine.normal(machine.engine);
      machine.couplings.emplace_back(i, j);
      machine.neighbours[i].emplace_back(j, J);
      machine.neighbours[j].emplace_back(i, J);
    }
  }
  machine.coupling_gradient.assign(machine.couplings.size(), 0.0);
  return machine;
}

double uncoupled_gradient(const Machine& machine, int i) {
  const double x = machine.x[i];
  return 2 * kJ2 * x + 4 * kJ4 * x * x * x;
}

// dV/dx_i = 2 J2 x_i + 4 J4 x_i^3 + b_i + sum_j J_ij x_j
double coupled_gradient(const Machine& machine, int i) {
  double gradient = uncoupled_gradient(machine, i) + machine.bias[i];
  for (const auto& [j, J] : machine.neighbours[i]) {
    gradient += J * machine.x[j];
  }
  return gradient;
}

// Euler-Maruyama: all forces at the old state, then all units move.
template <class Gradient>
void step(Machine& machine, Gradient gradient) {
  const double amplitude = std::sqrt(2 * kMu * kT * kDt);
  for (int i = 0; i < kUnits; ++i) {
    machine.dx[i] = -kMu * gradient(machine, i) * kDt + amplitude * machine.normal(machine.engine);
  }
  for (int i = 0; i < kUnits; ++i) {
    machine.x[i] += machine.dx[i];
  }
}

void uncoupled_step(Machine& machine) { step(machine, uncoupled_gradient); }
void generation_step(Machine& machine) { step(machine, coupled_gradient); }

// One noising step x -> x' of the uncoupled units, then the gradient of ln P~(-dx | x') over every parameter:
// r_i = -dx_i + mu dV/dx_i(x') dt,   d/dJ_ij = -(beta/2) (r_i x'_j + r_j x'_i),   d/db_i = -(beta/2) r_i.
void training_step(Machine& machine) {
  uncoupled_step(machine);
  for (int i = 0; i < kUnits; ++i) {
    machine.residual[i] = -machine.dx[i] + kMu * coupled_gradient(machine, i) * kDt;
  }
  const double scale = -1 / (2 * kT);
  for (size_t k = 0; k < machine.couplings.size(); ++k) {
    const auto [i, j] = machine.couplings[k];
    machine.coupling_gradient[k] += scale * (machine.residual[i] * machine.x[j] + machine.residual[j] * machine.x[i]);
  }
  for (int i = kVisible; i < kUnits; ++i) {
    machine.bias_gradient[i] += scale * machine.residual[i];
  }
}

double median_us(Machine& machine, int steps, void (*step_of)(Machine&)) {
  std::vector<double> times(steps);
  for (double& time : times) {
    const auto start = std::chrono::steady_clock::now();
    step_of(machine);
    time = std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
  }
  std::nth_element(times.begin(), times.begin() + steps / 2, times.end());
  return times[steps / 2];
}

}  // namespace

int main(int argc, char** argv) {
  int steps = 300;
  if (argc == 3 && std::strcmp(argv[1], "--steps") == 0) {
    steps = std::atoi(argv[2]);
  }
  if ((argc != 1 && argc != 3) || steps < 1) {
    std::fprintf(stderr, "usage: published_loops [--steps N]     N >= 1\n");
    return 2;
  }

  Machine machine = make_machine();
  const double uncoupled_us = median_us(machine, steps, uncoupled_step);
  const double generation_us = median_us(machine, steps, generation_step);
  const double training_us = median_us(machine, steps, training_step);
  const double total_s =
      1e-6 * kStepsPerRun * (kUpdates * (uncoupled_us + training_us) + kImages * (uncoupled_us + generation_us));

  // The sums keep the compiler from dropping the work, and show that the state stayed finite.
  double checksum = 0;
  for (const double x : machine.x) checksum += x;
  for (const double gradient : machine.coupling_gradient) checksum += gradient;
  for (const double gradient : machine.bias_gradient) checksum += gradient;
  std::printf(
      "{\"steps\": %d, \"generation_step_us\": %.1f, \"uncoupled_step_us\": %.1f, \"training_step_us\": %.1f, "
      "\"published_total_s\": %.1f, \"checksum\": %.6g}\n",
      steps, generation_us, uncoupled_us, training_us, total_s, checksum);
  return std::isfinite(checksum) ? 0 : 1;
}
