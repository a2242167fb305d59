#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "swell/learn/denoising_network.h"
#include "swell/learn/training.h"
#include "swell/ledger/bill.h"

namespace swell::rival {

// The digital rival of a machine of stages (learn/denoising_network.h): trained on the same images, asked for the same
// classes and styles, begun at the same noisy mean images, and billed for its multiply-adds.

// y[rows][width], noisy images about their mean, and D of them.
using Denoise = std::function<void(std::span<const NoisyRow> rows, const float* y, float* clean)>;

struct NoiseSchedule {
  double noise_first = 0, noise_last = 0;
  int64_t steps = 1;
  double fresh = 1;                // share of new noise
  double rho(int64_t step) const;  // even in the logarithm; of one step the first
};

// Takes noise away in so many steps, from rho to the next rho', with n new noise and D held fixed,
//   y' = D + sqrt(rho'^2 - w^2) / rho (y - D) + w n,  w = fresh rho' sqrt(1 - (rho'/rho)^2)
// (J. Song et al., arXiv:2010.02502, eq. 12 and 16, in units of the image): with fresh = 1 the law of y' given y and
// the image D (J. Ho et al., arXiv:2006.11239, eq. 7), with 0 without any new noise. The last step leaves D. y:
// [labels][width], with noise of noise_first; row r is sample first + r, which names its draws.
void take_noise_away(const NoiseSchedule& schedule, const Denoise& denoise, std::span<const int> labels, int64_t first,
                     int64_t width, Seed seed, std::vector<float>& y);

struct SampleOptions {
  int64_t samples = 100, steps = 32;
  double noise = 0;          // to begin with, at most the network's first; 0 for that one
  double fresh = 1;          // share of new noise
  std::vector<int> classes;  // asked for in turn; empty for all
  Seed seed = 1;
  int threads = 1;
  Prices prices;
  ProgressCallback progress;  // images
};

struct Images {
  std::vector<float> values;  // [samples][visible] pixels in [-1, 1]
  std::vector<int> labels;    // [samples] classes; empty of a network without labels
  int64_t multiply_adds = 0;  // for one image
  double wall_s = 0;
};

// Throws InputError where a class or the noise is not the network's, Interrupted where progress says so.
Images generate(const DenoisingNetwork& network, const SampleOptions& options);

// The bill of one image: a digital machine's alone.
Bill bill_of(const Images& samples, const SampleOptions& options);

}  // namespace swell::rival
