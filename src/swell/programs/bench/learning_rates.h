#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace swell::bench {

// Training a machine of many stages (learn/stage_training.h) of the size of designs/mnist.toml: sixteen stages, 784
// visible units, 1280 hidden ones in all stages, 100 label units, 32 examples of each stage in an update.
constexpr int64_t kLearningStages = 16, kLearningRows = 32, kLearningVisible = 784, kLearningHidden = 1280;
constexpr int64_t kLearningUnits = kLearningVisible + kLearningHidden;
// Of one product, as an update has it: the fields of the hidden units for all its examples.
constexpr double kProductMultiplyAdds =
    double{kLearningStages * kLearningRows} * double{kLearningVisible} * double{kLearningHidden};
// Of an update: fields, answers, the way back to the hidden units, and both halves of the derivative by the couplings.
constexpr double kLearningMultiplyAdds = 5 * kProductMultiplyAdds;
constexpr double kLearningNormals = double{kLearningStages * kLearningRows} * double{kLearningVisible};

// Products, or updates, per second: one rate for each window of some `seconds` in all. go_on is asked between them;
// false throws Interrupted.
std::vector<double> learning_product_rates(bool bf16, int threads, double seconds, const std::function<bool()>& go_on);
std::vector<double> update_rates(bool bf16, int threads, double seconds, const std::function<bool()>& go_on);

}  // namespace swell::bench
