#include "swell/hardware/spice/images.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "swell/base/clock.h"
#include "swell/base/errors.h"
#include "swell/hardware/spice/check.h"

namespace swell::spice {

constexpr double kMostSteps = 1e5;  // ngspice looks up each of them in turn

ImagePairs make_images(const Circuit& m, Simulator& simulator, int64_t count, uint64_t seed,
                       const ProgressCallback& progress) {
  if (m.image.rows == 0)
    throw InputError(
        "this machine makes no images: allowed are those whose protocol 'generation' has one stretch without couplings "
        "and "
        "one with them, without drive and clamps");
  if (m.picture != Picture::conductance)
    throw InputError(fmt::format("images start from a state, which the {} picture cannot be given; conductance can",
                                 name_of(m.picture)));
  const auto start = std::chrono::steady_clock::now();
  const double interval = make_plan(m, {.seed = seed, .points = 0, .knots = 1}).path_interval;
  const double all_steps = (m.image.free_time + m.image.coupled_time) / interval;
  if (!(all_steps <= kMostSteps))
    throw InputError(
        fmt::format("an image of this machine takes {:.3g} steps of noise; {:g} are allowed", all_steps, kMostSteps));
  const auto free_steps = static_cast<int64_t>(std::ceil(m.image.free_time / interval));
  const auto steps = static_cast<int64_t>(std::ceil(m.image.coupled_time / interval));
  ImagePairs pairs{count, m.image.rows, m.image.columns, {}, {}, 0, steps, 0};
  for (int64_t n = 0; n < count; ++n) {
    const auto number = static_cast<uint64_t>(3000 + 2 * n);
    const auto noise = random_forces(m, interval, free_steps + 1, seed, number);
    const std::vector<double> from = reference_path(m, noise, interval, {}, false).back();
    const auto eta = random_forces(m, interval, steps + 1, seed, number + 1);
    const auto model = reference_path(m, eta, interval, from);
    simulator.run(path_bench(m, eta, interval, from));
    const auto circuit = knots_of(m, simulator.raw("path.raw"), interval, model.size());
    for (size_t k = 1; k < model.size(); ++k) {
      for (int64_t i = 0; i < m.units(); ++i) {
        const double error = std::abs(circuit[k][i] - model[k][i]);
        if (error > pairs.largest_difference || std::isnan(error)) pairs.largest_difference = error;
      }
    }
    for (int64_t i = 0; i < m.image.rows * m.image.columns; ++i) {
      pairs.model.push_back(static_cast<float>(model.back()[m.image.first + i]));
      pairs.circuit.push_back(static_cast<float>(circuit.back()[m.image.first + i]));
    }
    if (!tell(progress, n + 1, count)) throw Interrupted("interrupted while ngspice ran");
  }
  pairs.wall_s = seconds_since(start);
  return pairs;
}

}  // namespace swell::spice
