#include "swell/entropy/iid.h"

#include <fmt/format.h>

#include <algorithm>

#include "swell/base/errors.h"
#include "swell/entropy/assess.h"
#include "swell/entropy/counting_estimators.h"
#include "swell/entropy/repeats.h"

namespace swell::entropy {

IidEntropy iid_entropy(std::span<const uint8_t> samples, int bits_per_symbol, int64_t most_bits) {
  check_symbols(samples, bits_per_symbol, "IID assessment");
  if (samples.size() < 2)
    throw InputError(fmt::format("IID assessment: {} samples; allowed: 2 and more", samples.size()));
  const Symbols symbols = dense(samples);
  IidEntropy entropy;
  entropy.literal = most_common_value(symbols);
  entropy.H_original = std::min<double>(bits_per_symbol, *entropy.literal.min_entropy);
  entropy.H_assessed = entropy.H_original;
  if (symbols.alphabet > 2) {
    entropy.bitstring = most_common_value({bits_of(samples, bits_per_symbol, most_bits), 2});
    entropy.H_bitstring = *entropy.bitstring->min_entropy;
    entropy.H_assessed = std::min(entropy.H_original, bits_per_symbol * *entropy.H_bitstring);
  }
  return entropy;
}

IidAssessment assess_iid(std::span<const uint8_t> samples, int bits_per_symbol, const IidOptions& options) {
  check_symbols(samples, bits_per_symbol, "IID assessment");
  IidAssessment assessment;
  const Symbols symbols = dense(samples);
  assessment.samples = symbols.size();
  assessment.bits_per_symbol = bits_per_symbol;
  assessment.distinct = symbols.alphabet;
  assessment.independence = independence_test(symbols);
  assessment.goodness_of_fit = goodness_of_fit_test(symbols);
  assessment.repeats = repeat_test(symbols, repeats_of(symbols.span()).longest);
  const bool failed =
      !assessment.independence.passed || !assessment.goodness_of_fit.passed || !assessment.repeats.passed;
  assessment.permutations = permutation_tests(
      samples, {options.seed, options.shuffles, options.all, failed, options.threads, options.progress});
  for (const PermutationResult& result : assessment.permutations) {
    if (!result.passed && !result.open)
      assessment.failed.push_back(fmt::format("permutations: {}", name_of(result.statistic)));
  }
  if (!assessment.independence.passed) assessment.failed.push_back("chi-square: independence");
  if (!assessment.goodness_of_fit.passed) assessment.failed.push_back("chi-square: goodness of fit");
  if (!assessment.repeats.passed) assessment.failed.push_back("longest repeated substring");
  assessment.iid = assessment.failed.empty();

  assessment.entropy = iid_entropy(samples, bits_per_symbol, options.most_bits);
  if (assessment.samples < kEnoughSamples) {
    assessment.warnings.push_back(
        fmt::format("{} samples; SP 800-90B asks for at least {}", assessment.samples, kEnoughSamples));
  }
  if (symbols.alphabet == 1) assessment.warnings.push_back("every sample is the same: there is no entropy");
  for (const ChiSquareTest* test : {&assessment.independence, &assessment.goodness_of_fit}) {
    if (!test->note.empty()) assessment.warnings.push_back(test->note);
  }
  return assessment;
}

}  // namespace swell::entropy
