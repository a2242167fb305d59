#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

// What statistical tests share. Seeds are fixed, so a test never flickers; the false-alarm rate is the chance that a
// correct program would have failed at the first choice of the seed.
namespace swell::test {

// Standard errors that a comparison may be off: 2e-9 two-sided for one, below 1e-6 for up to 500 in one test.
constexpr double kSigmas = 6;

struct Estimate {
  double mean = 0;
  double error = 0;  // standard error of the mean
};

// Mean of independent values (one per trajectory, say).
inline Estimate estimate(std::span<const double> values) {
  const double n = static_cast<double>(values.size());
  double sum = 0, squares = 0;
  for (const double v : values) sum += v;
  for (const double v : values) squares += (v - sum / n) * (v - sum / n);
  return {sum / n, std::sqrt(squares / (n * (n - 1)))};
}

// Sums of values that belong together, one call per independent replica.
class Averages {
 public:
  explicit Averages(size_t count) : sum_(count, 0.0), squares_(count, 0.0) {}
  void add(std::span<const double> values) {
    for (size_t k = 0; k < sum_.size(); ++k) {
      sum_[k] += values[k];
      squares_[k] += values[k] * values[k];
    }
    ++replicas_;
  }
  Estimate operator[](size_t k) const {
    const double n = static_cast<double>(replicas_), mean = sum_[k] / n;
    return {mean, std::sqrt((squares_[k] / n - mean * mean) / (n - 1))};
  }

 private:
  std::vector<double> sum_, squares_;
  int64_t replicas_ = 0;
};

// The estimate is the truth within kSigmas standard errors and a stated systematic error.
inline void expect_equal(const Estimate& estimate, double truth, double bias = 0) {
  EXPECT_LE(std::abs(estimate.mean - truth), kSigmas * estimate.error + bias)
      << estimate.mean << " +- " << estimate.error << " against " << truth;
}

// The comparison would notice an error of this relative size: guards against a test that has lost its power.
inline void expect_power(const Estimate& estimate, double truth, double relative) {
  EXPECT_LE(kSigmas * estimate.error, relative * std::abs(truth)) << estimate.mean << " +- " << estimate.error;
}

}  // namespace swell::test
