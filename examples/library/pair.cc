// Two coupled units in a bath: <x y> measured, against its exact value J / (J^2 - 1) kT of V = (x^2 + y^2) / 2 + J x y.
#include <cstdio>
#include <vector>

#include "swell/swell.h"

int main() {
  constexpr double J = -0.5;
  swell::MachineBuilder machine;
  machine.group("x", {1}).group("y", {1}).couplings("pair").couple("x", 0, "y", 0, J);
  const swell::Computer computer = machine.computer();
  const swell::Protocol settle = swell::ProtocolBuilder(computer, "settle").segment("settle", 10, "pair").protocol();
  swell::RunOptions options;
  options.integrator = swell::Integrator::leimkuhler_matthews;
  options.dt = 0.1;
  options.trajectories = 10000;
  const swell::Run run = swell::run(computer, settle, options);
  std::vector<double> products;
  for (int64_t t = 0; t < run.trajectories; ++t) products.push_back(run.state(t)[0] * run.state(t)[1]);
  std::printf("<x y> = %s, exact %.4f\n", swell::to_text(swell::estimate(products)).c_str(), J / (J * J - 1));
}
