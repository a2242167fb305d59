#include "swell/entropy/estimator_result.h"

#include <algorithm>
#include <cmath>

namespace swell::entropy {

namespace {

struct Names {
  const char *name, *section, *key;
};

constexpr Names kNames[kEstimators] = {
    {"most common value", "6.3.1", "most_common_value"},
    {"collision", "6.3.2", "collision"},
    {"Markov", "6.3.3", "markov"},
    {"compression", "6.3.4", "compression"},
    {"t-tuple", "6.3.5", "t_tuple"},
    {"longest repeated substring", "6.3.6", "lrs"},
    {"most common in window", "6.3.7", "multi_mcw"},
    {"lag", "6.3.8", "lag"},
    {"Markov model with counting", "6.3.9", "multi_mmc"},
    {"LZ78Y", "6.3.10", "lz78y"},
};

}  // namespace

const char* name_of(Estimator estimator) { return kNames[static_cast<int>(estimator)].name; }
const char* section_of(Estimator estimator) { return kNames[static_cast<int>(estimator)].section; }
const char* key_of(Estimator estimator) { return kNames[static_cast<int>(estimator)].key; }

std::optional<double> EstimatorResult::figure(std::string_view name) const {
  for (const Figure& figure : figures) {
    if (name == figure.name) return figure.value;
  }
  return {};
}

double upper_bound(double p_hat, int64_t n) {
  return std::min(1.0, p_hat + kConfidence * std::sqrt(p_hat * (1 - p_hat) / static_cast<double>(n - 1)));
}

double min_entropy_of(double p) { return std::max(0.0, -std::log2(p)); }

}  // namespace swell::entropy
