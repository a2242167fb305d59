#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace swell {

// Whether several records of the same quantity are records of one law, and how many independent values they hold. A
// chain is what one trajectory, or one replica, gave at even times. All as in A. Vehtari, A. Gelman, D. Simpson,
// B. Carpenter, P.-C. Buerkner, Bayesian Analysis 16, 667 (2021).
struct Chains {
  int64_t chains = 0, draws = 0;
  std::vector<double> values;  // [chains][draws]

  std::span<const double> chain(int64_t c) const {
    return {values.data() + c * draws, static_cast<size_t>(draws)};
  }
};

// Each chain as two, its first and its second half (an odd draw in the middle is left out): a chain that drifts then
// disagrees with itself.
Chains split(const Chains& chains);

// The potential scale reduction factor of split chains (A. Gelman et al., Bayesian Data Analysis, 3rd ed., eq. 11.3 and
// 11.4; Vehtari et al. eq. 1 to 4). With N draws in each half, W the mean variance within them and B / N the variance
// of their means,
//   R-hat = sqrt((N - 1)/N + B / (N W)).
// 1 where all halves have one mean; NaN where nothing varies, or halves have fewer than two draws; infinite where only
// the means differ.
double split_r_hat(const Chains& chains);

// What R-hat is to be expected of chains whose halves have `draws` draws of a stationary first-order autoregressive law
// with this correlation from one draw to the next: halves that hold few independent draws have means that differ.
// `limit_in_errors` of the variance of the means of so many halves are allowed for on top.
double expected_r_hat(double correlation, int64_t draws, int64_t halves, double limit_in_errors);

// Independent draws that all chains together are worth, for the mean: chains x draws / tau, with tau the sum of
// autocorrelations over split chains (Vehtari et al. eq. 10 and 11), cut where C. Geyer's initial monotone sequence of
// pair sums ends (Stat. Sci. 7, 473 (1992)), and at most log10(chains x draws) times the draws. NaN as for R-hat.
double effective_draws(const Chains& chains);

}  // namespace swell
