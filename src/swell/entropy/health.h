#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace swell::entropy {

// Continuous health tests of a noise source, NIST SP 800-90B (January 2018), section 4.4, and the start-up test of
// section 4.3. A sample is a symbol of 1 to 8 bits in a byte of its own.

// Cutoffs of the two tests: a test fails where its count reaches the cutoff.
//   repetition C = 1 + ceil(-log2(alpha) / H)                                         (4.4.1)
//   proportion C = 1 + critbinom(W, 2^-H, 1 - alpha), W = 1024 for bits, else 512     (4.4.2)
// H is the claimed min-entropy, bits per symbol, in (0, 8]; alpha in (0, 1) the chance of a false alarm, of a run or of
// a window. Throw InputError. At small H the second can exceed the window: that test then never fails.
int64_t repetition_cutoff(double min_entropy, double alpha);
int64_t proportion_cutoff(int64_t window, double min_entropy, double alpha);

constexpr int64_t kBinaryWindow = 1024, kSymbolWindow = 512;  // samples, section 4.4.2
constexpr int64_t kStartUpSamples = 1024;                     // section 4.3

struct HealthSettings {
  int bits_per_symbol = 1;  // 1 to 8
  double min_entropy = 1;   // claimed, bits per symbol: above 0, at most bits_per_symbol
  double alpha = 0x1p-20;   // allowed false alarms; SP 800-90B recommends 2^-20 to 2^-40
};

enum class HealthTest { repetition, proportion };
// "repetition count", "adaptive proportion"
const char* name_of(HealthTest test);

// What failed, when and by how much. Positions count samples from 0, the first of the stream.
struct HealthFailure {
  HealthTest test = HealthTest::repetition;
  int64_t position = 0;  // of the sample that made the count reach the cutoff
  int64_t start = 0;     // where the run, or the window, began
  uint8_t symbol = 0;    // the one that was counted
  int64_t count = 0;     // equals the cutoff
  int64_t cutoff = 0;
  int64_t window = 0;     // samples of the window; 0 for the repetition count test
  bool start_up = false;  // within the first kStartUpSamples samples

  bool operator==(const HealthFailure&) const = default;
  // One sentence for people.
  std::string sentence() const;
};

// All that the tests remember between two samples: plain numbers, to be kept and carried on.
struct HealthState {
  int64_t samples = 0;        // taken so far
  int64_t run = 0;            // samples equal to the last one, up to and with it
  int64_t window_filled = 0;  // samples in the window so far, below W
  int64_t window_count = 0;   // of them equal to the first
  uint8_t last = 0, window_symbol = 0;
  int64_t repetition_failures = 0;  // runs that reached the cutoff
  int64_t proportion_failures = 0;  // windows that reached the cutoff
  int64_t start_up_failures = 0;    // of both, within the first kStartUpSamples samples
  std::optional<HealthFailure> first;

  bool operator==(const HealthState&) const = default;
};

// Both tests on a stream that comes in pieces of any size: state and verdicts do not depend on how it is cut. A run,
// or a window, fails once, at the sample where its count reaches the cutoff; the tests then go on, as 4.4 has it, and
// it is the caller who decides whether the source goes on.
class HealthTests {
 public:
  // Throws InputError where a setting is out of range.
  explicit HealthTests(const HealthSettings& settings) : HealthTests(settings, {}) {}
  // Carries on from `state`, of a test of the same settings. Throws InputError where it cannot be of these.
  HealthTests(const HealthSettings& settings, const HealthState& state);

  // Takes all of `samples`, and tells of the first failure among them (of two at one sample, that of the repetition
  // count test). Throws InputError where a sample has more bits than a symbol; the state is then as before the call.
  std::optional<HealthFailure> take(std::span<const uint8_t> samples);

  const HealthSettings& settings() const { return settings_; }
  const HealthState& state() const { return state_; }
  int64_t repetition_cutoff() const { return repetition_cutoff_; }
  int64_t proportion_cutoff() const { return proportion_cutoff_; }
  int64_t window() const { return window_; }
  bool proportion_can_fail() const { return proportion_cutoff_ <= window_; }

  // The start-up test: over when kStartUpSamples samples were taken, passed when none of them failed.
  bool start_up_over() const { return state_.samples >= kStartUpSamples; }
  bool start_up_passed() const { return start_up_over() && state_.start_up_failures == 0; }
  bool passed() const { return !state_.first; }

 private:
  void take_within_window(std::span<const uint8_t> samples, std::optional<HealthFailure>& found);
  void note(const HealthFailure& failure, std::optional<HealthFailure>& found);

  HealthSettings settings_;
  HealthState state_;
  int64_t window_, repetition_cutoff_, proportion_cutoff_;
};

// What theory says of an ideal source that gives symbol i with probability p[i], each sample independent of the others:
// the mean number of runs that reach `cutoff` in `samples` samples, and the chance that a window fails.
double expected_repetition_failures(std::span<const double> p, int64_t samples, int64_t cutoff);
double proportion_failure_chance(std::span<const double> p, int64_t window, int64_t cutoff);

}  // namespace swell::entropy
