#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace swell::entropy {

// The ten estimators of min-entropy of NIST SP 800-90B (January 2018), section 6.3, in the order of that section.
enum class Estimator {
  most_common_value,  // 6.3.1
  collision,          // 6.3.2, bits only
  markov,             // 6.3.3, bits only
  compression,        // 6.3.4, bits only
  t_tuple,            // 6.3.5
  lrs,                // 6.3.6, longest repeated substring
  multi_mcw,          // 6.3.7, most common in window
  lag,                // 6.3.8
  multi_mmc,          // 6.3.9, Markov model with counting
  lz78y,              // 6.3.10
};
constexpr int kEstimators = 10;

// "most common value", ... and "6.3.1", ...
const char* name_of(Estimator estimator);
const char* section_of(Estimator estimator);
// For keys of files: "most_common_value", ...
const char* key_of(Estimator estimator);

// An intermediate figure by its name: that of the section, in words of a key ("p_hat", "p_u", "x_bar", "sigma_hat").
// Counts are whole numbers, exact below 2^53.
struct Figure {
  const char* name = "";
  double value = 0;
};

struct EstimatorResult {
  Estimator estimator = Estimator::most_common_value;
  std::optional<double> min_entropy;  // bits per symbol of what it was given; nothing where it cannot be applied
  std::string why_not;                // the reason, a sentence; empty where there is a result
  std::vector<Figure> figures;        // empty where there is no result

  // The figure of that name, if there is one.
  std::optional<double> figure(std::string_view name) const;
};

// 99.5 percent quantile of the standard normal, that of every upper bound of section 6.3 (Z of 99 percent, two-sided).
constexpr double kConfidence = 2.5758293035489008;

// Upper end of the confidence interval of a probability seen as p_hat in n samples, n > 1: at most 1.
double upper_bound(double p_hat, int64_t n);
// -log2(p), never -0.
double min_entropy_of(double p);

}  // namespace swell::entropy
