#include "swell/entropy/restart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "swell/base/errors.h"
#include "swell/entropy/distributions.h"
#include "swell/entropy/iid.h"

namespace swell::entropy {

namespace {

// Largest count of one symbol in any row of `columns` samples.
int64_t most_in_a_row(std::span<const uint8_t> samples, int64_t columns) {
  int64_t most = 0;
  for (; !samples.empty(); samples = samples.subspan(static_cast<size_t>(columns))) {
    std::array<int64_t, 256> count{};
    for (const uint8_t s : samples.first(static_cast<size_t>(columns))) most = std::max(most, ++count[s]);
  }
  return most;
}

double entropy_of(std::span<const uint8_t> samples, int bits_per_symbol, const RestartOptions& options,
                  const char* of) {
  if (options.iid) return iid_entropy(samples, bits_per_symbol, options.assess.most_bits).H_assessed;
  AssessOptions assess_options = options.assess;
  assess_options.progress = [&](const Progress& at) {
    return tell(options.assess.progress, {fmt::format("{}: {}", of, at.stage), at.done, at.total});
  };
  return assess(samples, bits_per_symbol, assess_options).H_assessed;
}

void check(std::span<const uint8_t> samples, int bits_per_symbol, const RestartOptions& options) {
  check_symbols(samples, bits_per_symbol, "restart tests");
  if (samples.size() != static_cast<size_t>(kRestarts * kSamplesOfRestart)) {
    throw InputError(fmt::format("restart tests: {} samples; allowed: {}, {} of each of {} restarts", samples.size(),
                                 kRestarts * kSamplesOfRestart, kSamplesOfRestart, kRestarts));
  }
  if (!(options.min_entropy > 0 && options.min_entropy <= bits_per_symbol)) {
    throw InputError(fmt::format("restart tests: initial min-entropy {} bits per symbol; allowed: above 0, at most {}",
                                 options.min_entropy, bits_per_symbol));
  }
}

}  // namespace

RestartAssessment assess_restarts(std::span<const uint8_t> samples, int bits_per_symbol,
                                  const RestartOptions& options) {
  check(samples, bits_per_symbol, options);
  std::vector<uint8_t> columns(samples.size());
  for (int64_t row = 0; row < kRestarts; ++row) {
    for (int64_t column = 0; column < kSamplesOfRestart; ++column) {
      columns[static_cast<size_t>(column * kRestarts + row)] =
          samples[static_cast<size_t>(row * kSamplesOfRestart + column)];
    }
  }
  RestartAssessment assessment;
  assessment.most_in_row = most_in_a_row(samples, kSamplesOfRestart);
  assessment.most_in_column = most_in_a_row(columns, kRestarts);
  const int64_t most = std::max(assessment.most_in_row, assessment.most_in_column);
  assessment.p_value = binomial_upper_tail(kSamplesOfRestart, std::exp2(-options.min_entropy), most);
  assessment.sane = assessment.p_value >= kRestartAlpha;
  if (!assessment.sane) {
    assessment.verdict = fmt::format(
        "a symbol comes {} times of {} in a {}, which has chance {:.1e} at {:.4f} bits per symbol; allowed: {:.1e} and "
        "more",
        most, kSamplesOfRestart, assessment.most_in_row == most ? "restart" : "column", assessment.p_value,
        options.min_entropy, kRestartAlpha);
    return assessment;
  }
  assessment.H_rows = entropy_of(samples, bits_per_symbol, options, "restarts");
  assessment.H_columns = entropy_of(columns, bits_per_symbol, options, "columns");
  const double least = std::min(assessment.H_rows, assessment.H_columns);
  assessment.validated = least >= options.min_entropy / 2;
  if (assessment.validated) assessment.H_assessed = std::min(least, options.min_entropy);
  assessment.verdict = fmt::format(
      "{:.4f} bits per symbol along the restarts and {:.4f} across them, {} half of {:.4f}", assessment.H_rows,
      assessment.H_columns, assessment.validated ? "neither below" : "of which one is below", options.min_entropy);
  return assessment;
}

}  // namespace swell::entropy
