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

  std::span<const double> chain(int64_t c) const { return {values.data() + c * draws, static_cast<size_t>(draws)}; }
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

// The most that R-hat is, but for chance, of chains whose halves have `draws` draws of a stationary first-order
// autoregressive law with this correlation from one draw to the next: halves that hold few independent draws have means
// that differ. `errors`: how many standard errors of a variance over so many chains chance may add; 0 for what is to be
// expected.
double expected_r_hat(double correlation, int64_t draws, int64_t chains, double errors);

// Correlation of one draw with the next, about the means of the chains' halves, as that of a first-order autoregressive
// law, however short the halves (chains.cc); 1 where they drift. Changes slow over a half are taken for its mean.
double correlation_of_draws(const Chains& chains);

// Independent draws that all chains together are worth, for the mean: chains x draws / tau, with tau the sum of
// autocorrelations over split chains (Vehtari et al. eq. 10 and 11), cut where C. Geyer's initial monotone sequence of
// pair sums ends (Stat. Sci. 7, 473 (1992)), and at most log10(chains x draws) times the draws. NaN as for R-hat.
double effective_draws(const Chains& chains);

// Rows of numbers from times evenly apart, of a record whose length nobody knows beforehand: every time at first; where
// all places are taken, every second row is given up, and from then on every second time.
class EvenRecord {
 public:
  EvenRecord(int64_t width, int64_t most) : width_(width), most_(most) {}  // most: rows, even

  // The row of this time, to be filled; empty where it is not kept.
  std::span<double> next();
  void clear();

  int64_t rows() const { return static_cast<int64_t>(values_.size()) / width_; }
  int64_t width() const { return width_; }
  int64_t stride() const { return stride_; }  // times from one row to the next
  double at(int64_t row, int64_t column) const { return values_[row * width_ + column]; }

 private:
  int64_t width_, most_, stride_ = 1, times_ = 0;
  std::vector<double> values_;  // [rows][width]
};

}  // namespace swell
