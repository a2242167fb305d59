#include "swell/programs/rival/rival.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <mutex>

#include "swell/base/clock.h"
#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/kernels/rows.h"
#include "swell/model/protocol.h"
#include "swell/random/streams.h"

namespace swell::rival {

namespace {

constexpr int64_t kImagesAtOnce = 64;

// The label unit of a class at this place among its styles, 0 to 1, in the order of their shares.
int label_at(const DenoisingNetwork& network, int of_class, double place) {
  const int64_t styles = network.form.styles;
  double below = 0;
  for (int64_t s = 0; s + 1 < styles; ++s) {
    below += static_cast<double>(network.style_share[of_class * styles + s]);
    if (place < below) return static_cast<int>(of_class * styles + s);
  }
  return static_cast<int>(of_class * styles + styles - 1);
}

}  // namespace

double NoiseSchedule::rho(int64_t step) const {
  if (steps == 1) return noise_first;
  const double share = static_cast<double>(step) / static_cast<double>(steps - 1);
  return geometric_at(noise_first, noise_last, share);
}

void take_noise_away(const NoiseSchedule& schedule, const Denoise& denoise, std::span<const int> labels, int64_t first,
                     int64_t width, Seed seed, std::vector<float>& y) {
  const NoiseKey key{seed, stream::kGeneration};
  const auto rows = static_cast<int64_t>(labels.size());
  std::vector<NoisyRow> noisy(rows);
  std::vector<float> clean(rows * width), noise(rows * width);
  for (int64_t step = 0; step < schedule.steps; ++step) {
    const double rho = schedule.rho(step);
    for (int64_t r = 0; r < rows; ++r) noisy[r] = {rho, labels[r]};
    denoise(noisy, y.data(), clean.data());
    if (step + 1 == schedule.steps) break;
    const double next = schedule.rho(step + 1), share = next * next / (rho * rho);
    const double added = schedule.fresh * next * std::sqrt(1 - share);
    const auto keep = static_cast<float>(std::sqrt(next * next - added * added) / rho);
    const auto fresh = static_cast<float>(added);
    draw_rows(key, static_cast<uint64_t>(first), rows, static_cast<uint64_t>(step + 1), 0, width, width, noise.data());
    for (int64_t k = 0; k < rows * width; ++k) y[k] = clean[k] + keep * (y[k] - clean[k]) + fresh * noise[k];
  }
  y = std::move(clean);
}

Images generate(const DenoisingNetwork& network, const SampleOptions& options) {
  const NetworkForm& form = network.form;
  for (const int one : options.classes) {
    if (form.labels == 0) throw InputError("the network has no labels, so no class can be asked for");
    if (one < 0 || one >= form.classes)
      throw InputError(fmt::format("class {} is not one of the network's; 0 to {} are", one, form.classes - 1));
  }
  const double noise = options.noise == 0 ? form.noise_first : options.noise;
  if (!(noise > form.noise_last && noise <= form.noise_first))
    throw InputError(fmt::format("noise of {:g} to begin with is not what the network has learned; {:g} to {:g} is",
                                 noise, form.noise_last, form.noise_first));
  const auto start = std::chrono::steady_clock::now();
  const Denoiser denoiser(network);
  const NoiseSchedule schedule{noise, form.noise_last, options.steps, options.fresh};
  const int64_t V = form.visible, n = options.samples;
  Images samples;
  std::vector<int> units(n, 0);
  for (int64_t r = 0; r < n && form.labels > 0; ++r) {
    const int asked = options.classes.empty() ? static_cast<int>(r % form.classes)
                                              : options.classes[r % static_cast<int64_t>(options.classes.size())];
    const Words4 words =
        noise_words({options.seed, stream::kStyle}, 0, 0, static_cast<uint32_t>(r), static_cast<uint32_t>(r >> 32));
    samples.labels.push_back(asked);
    units[r] = label_at(network, asked, (static_cast<double>(words.a) + 0.5) * 0x1p-32);
  }
  samples.values.resize(n * V);
  std::atomic<int64_t> done{0};
  std::atomic<bool> stopped{false};
  std::mutex talking;
  parallel_for((n + kImagesAtOnce - 1) / kImagesAtOnce, options.threads, [&](int64_t task) {
    if (stopped) return;
    const int64_t first = task * kImagesAtOnce, count = std::min(kImagesAtOnce, n - first);
    std::vector<float> y(count * V);
    draw_rows({options.seed, stream::kGeneration}, static_cast<uint64_t>(first), count, 0, 0, V, V, y.data());
    for (int64_t k = 0; k < count * V; ++k)
      y[k] = network.style_mean[units[first + k / V] * V + k % V] + static_cast<float>(noise) * y[k];
    take_noise_away(
        schedule, [&](auto rows, const float* noisy, float* clean) { denoiser.denoise(rows, noisy, clean); },
        {units.data() + first, static_cast<size_t>(count)}, first, V, options.seed, y);
    for (int64_t k = 0; k < count * V; ++k) samples.values[first * V + k] = 2 * (network.mean[k % V] + y[k]) - 1;
    done += count;
    const std::lock_guard lock(talking);
    if (!tell(options.progress, done, n)) stopped = true;
  });
  if (stopped) throw Interrupted("the generation was interrupted; no images were written");
  samples.multiply_adds = options.steps * form.multiply_adds();
  samples.wall_s = seconds_since(start);
  return samples;
}

Bill bill_of(const Images& samples, const SampleOptions& options) {
  Bill bill;
  const std::string why = "a digital machine alone";
  bill.prices = options.prices;
  bill.per = "image";
  bill.results = options.samples;
  bill.heat_kT = bill.preparation_kT = bill.work_kT = bill.flips = Known<Estimate>::none(why);
  bill.time_s = bill.side_by_side_s = bill.readouts = bill.inputs = bill.writes = Known<double>::none(why);
  bill.engine = Known<std::string>::none(why);
  bill.draws = bill.host_flips = Known<double>::none(why);
  bill.multiply_adds = bill.wall_s = Known<double>::none("it is the digital machine itself");
  bill.training_wall_s = Known<double>::unknown("the network was trained elsewhere");
  bill.digital_method = fmt::format("a network that takes noise away in {} steps", options.steps);
  bill.digital_multiply_adds = static_cast<double>(samples.multiply_adds);
  bill.digital_wall_s = samples.wall_s / static_cast<double>(options.samples);
  return bill;
}

}  // namespace swell::rival
