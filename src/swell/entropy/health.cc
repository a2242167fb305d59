#include "swell/entropy/health.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "swell/base/errors.h"
#include "swell/entropy/distributions.h"

namespace swell::entropy {

namespace {

void check(double min_entropy, double alpha) {
  if (!(min_entropy > 0 && min_entropy <= 8)) {
    throw InputError(
        fmt::format("health tests: min-entropy {} bits per symbol; allowed: above 0, at most 8", min_entropy));
  }
  if (!(alpha > 0 && alpha < 1)) {
    throw InputError(fmt::format("health tests: alpha {}; allowed: above 0, below 1", alpha));
  }
}

void check(const HealthSettings& settings) {
  if (settings.bits_per_symbol < 1 || settings.bits_per_symbol > 8) {
    throw InputError(fmt::format("health tests: {} bits per symbol; allowed: 1 to 8", settings.bits_per_symbol));
  }
  check(settings.min_entropy, settings.alpha);
  if (settings.min_entropy > settings.bits_per_symbol) {
    throw InputError(
        fmt::format("health tests: min-entropy {} bits per symbol; allowed: at most {}, the bits of a symbol",
                    settings.min_entropy, settings.bits_per_symbol));
  }
}

// Sixteen samples side by side.
constexpr size_t kLanes = 16;
typedef uint8_t Lanes __attribute__((vector_size(kLanes)));
typedef uint16_t Pairs __attribute__((vector_size(kLanes)));
typedef uint64_t Halves __attribute__((vector_size(kLanes)));

Lanes lanes_at(const uint8_t* samples) {
  Lanes lanes;
  std::memcpy(&lanes, samples, kLanes);
  return lanes;
}
bool any(Lanes lanes) {
  const auto halves = reinterpret_cast<Halves>(lanes);
  return (halves[0] | halves[1]) != 0;
}

int64_t count_equal(std::span<const uint8_t> samples, uint8_t symbol) {
  constexpr size_t kMost = 255;  // that a lane counts to
  const Lanes wanted = symbol - Lanes{};
  int64_t equal = 0;
  size_t i = 0;
  while (i + kLanes <= samples.size()) {
    Lanes counts{};
    const size_t end = i + kLanes * std::min(kMost, (samples.size() - i) / kLanes);
    for (; i < end; i += kLanes) counts -= reinterpret_cast<Lanes>(lanes_at(samples.data() + i) == wanted);
    for (size_t lane = 0; lane < kLanes; ++lane) equal += counts[lane];
  }
  for (; i < samples.size(); ++i) equal += samples[i] == symbol;
  return equal;
}

// The longest run of equal samples within [first, last), one sample after the other.
int64_t longest_run(const uint8_t* first, const uint8_t* last) {
  int64_t longest = 0;
  while (first < last) {
    const uint8_t* next = std::find_if(first, last, [&](uint8_t sample) { return sample != *first; });
    longest = std::max<int64_t>(longest, next - first);
    first = next;
  }
  return longest;
}

// Whether look() finds something at any of these samples, of which it takes kLanes and `beyond` more at a time. True
// where there are too few to be looked at together.
template <int kParts, class Look>
bool found_in(const uint8_t* begin, const uint8_t* end, int64_t beyond, const Look& look) {
  constexpr int64_t kPiece = kParts * kLanes;
  if (end - begin < kPiece + beyond) return true;
  const uint8_t* const last = end - kPiece - beyond;  // the last piece, which may overlap the one before
  for (const uint8_t* at = begin;; at = std::min(at + kPiece, last)) {
    Lanes found{};
    for (int64_t part = 0; part < kPiece; part += kLanes) found |= look(at + part);
    if (any(found)) return true;
    if (at == last) return false;
  }
}

// Whether one of these samples is equal to so many that follow it.
template <int kNeighbours>
bool may_repeat(const uint8_t* begin, const uint8_t* end) {
  return found_in<4>(begin, end, kNeighbours, [](const uint8_t* at) {
    const Lanes here = lanes_at(at);
    auto same = here == lanes_at(at + 1);
    for (int k = 2; k <= kNeighbours; ++k) same &= here == lanes_at(at + k);
    return reinterpret_cast<Lanes>(same);
  });
}

// Whether four equal samples may stand in a row: three neighbours in a row that are equal to what follows them hold two
// that begin at an even place. False alarms are rare, one for 65,536 pairs of eight random bits.
bool may_have_four(const uint8_t* begin, const uint8_t* end) {
  return found_in<8>(begin, end, 1, [](const uint8_t* at) {
    const auto same = lanes_at(at) == lanes_at(at + 1);
    return reinterpret_cast<Lanes>(reinterpret_cast<Pairs>(same) == Pairs{} - 1);
  });
}

// Whether a run of at least `cutoff` equal samples lies within these.
bool has_run(std::span<const uint8_t> samples, int64_t cutoff) {
  const uint8_t* const begin = samples.data();
  const uint8_t* const end = begin + samples.size();
  if (end - begin < cutoff) return false;
  constexpr int64_t kWord = 8;
  if (cutoff >= 2 * kWord - 1) {
    // Such a run holds a whole word of a row of words, which then does not change when it is turned by a byte.
    for (const uint8_t* at = begin; end - at >= kWord; at += kWord) {
      uint64_t word;
      std::memcpy(&word, at, kWord);
      if (std::rotl(word, 8) != word) continue;
      const uint8_t *first = at, *last = at + kWord;
      while (first > begin && first[-1] == *at) --first;
      while (last < end && *last == *at) ++last;
      if (last - first >= cutoff) return true;
      at = last - (last - at) % kWord - kWord;  // on with the word in which the run ends
    }
    return false;
  }
  if (cutoff >= 4 && !may_have_four(begin, end)) return false;
  const int64_t neighbours = std::min<int64_t>(cutoff - 1, 4);
  const bool may = neighbours == 4   ? may_repeat<4>(begin, end)
                   : neighbours == 3 ? may_repeat<3>(begin, end)
                   : neighbours == 2 ? may_repeat<2>(begin, end)
                                     : may_repeat<1>(begin, end);
  return may && longest_run(begin, end) >= cutoff;
}

// Samples of one window.
struct Counts {
  int64_t equal = 0;        // to the window's symbol
  bool repetition = false;  // a run, begun before or here, reaches the cutoff
  int64_t run = 0;          // at the end
};

// After `run` samples equal to `last`; there is at least one sample.
Counts count(std::span<const uint8_t> samples, uint8_t window_symbol, uint8_t last, int64_t run, int64_t cutoff) {
  const auto differs = [](uint8_t symbol) { return [symbol](uint8_t sample) { return sample != symbol; }; };
  Counts counts;
  counts.equal = count_equal(samples, window_symbol);
  const int64_t head = std::find_if(samples.begin(), samples.end(), differs(last)) - samples.begin();
  const int64_t tail = std::find_if(samples.rbegin(), samples.rend(), differs(samples.back())) - samples.rbegin();
  counts.repetition = run + head >= cutoff || has_run(samples, cutoff);
  counts.run = head == static_cast<int64_t>(samples.size()) ? run + head : tail;
  return counts;
}

}  // namespace

int64_t repetition_cutoff(double min_entropy, double alpha) {
  check(min_entropy, alpha);
  // A quotient that is whole but for its rounding stays that whole number.
  const double quotient = -std::log2(alpha) / min_entropy;
  if (!(quotient < 0x1p62)) {
    throw InputError(
        fmt::format("health tests: min-entropy {} bits per symbol is too small to be tested", min_entropy));
  }
  return 1 + static_cast<int64_t>(std::ceil(quotient * (1 - 1e-14)));
}

int64_t proportion_cutoff(int64_t window, double min_entropy, double alpha) {
  check(min_entropy, alpha);
  return 1 + critical_binomial(window, std::exp2(-min_entropy), alpha);
}

const char* name_of(HealthTest test) {
  return test == HealthTest::repetition ? "repetition count" : "adaptive proportion";
}

std::string HealthFailure::sentence() const {
  const char* when = start_up ? ", during start-up" : "";
  if (test == HealthTest::repetition) {
    return fmt::format(
        "repetition count test failed at sample {}{}: symbol {} came {} times in a row; allowed: at most {}", position,
        when, symbol, count, cutoff - 1);
  }
  return fmt::format(
      "adaptive proportion test failed at sample {}{}: symbol {} came {} times in the window of {} samples from sample "
      "{}; "
      "allowed: at most {}",
      position, when, symbol, count, window, start, cutoff - 1);
}

HealthTests::HealthTests(const HealthSettings& settings, const HealthState& state)
    : settings_(settings), state_(state) {
  check(settings);
  window_ = settings.bits_per_symbol == 1 ? kBinaryWindow : kSymbolWindow;
  repetition_cutoff_ = entropy::repetition_cutoff(settings.min_entropy, settings.alpha);
  proportion_cutoff_ = entropy::proportion_cutoff(window_, settings.min_entropy, settings.alpha);
  const bool fits = state.samples >= 0 && state.window_filled == state.samples % window_ && state.run >= 0 &&
                    state.run <= state.samples && (state.run > 0) == (state.samples > 0) && state.window_count >= 0 &&
                    state.window_count <= state.window_filled &&
                    (state.window_count > 0) == (state.window_filled > 0) &&
                    state.last >> settings.bits_per_symbol == 0 && state.window_symbol >> settings.bits_per_symbol == 0;
  if (!fits) {
    throw InputError(fmt::format("health tests: the state to carry on, after {} samples, is not one of {}-bit symbols",
                                 state.samples, settings.bits_per_symbol));
  }
}

std::optional<HealthFailure> HealthTests::take(std::span<const uint8_t> samples) {
  uint8_t seen = 0;
  if (settings_.bits_per_symbol < 8)
    for (const uint8_t sample : samples) seen |= sample;
  if (seen >> settings_.bits_per_symbol) {
    const auto bad = std::find_if(samples.begin(), samples.end(),
                                  [&](uint8_t sample) { return sample >> settings_.bits_per_symbol; });
    throw InputError(fmt::format("health tests: sample {} is {}; allowed: 0 to {}, symbols of {} bits",
                                 state_.samples + (bad - samples.begin()), *bad, (1 << settings_.bits_per_symbol) - 1,
                                 settings_.bits_per_symbol));
  }
  std::optional<HealthFailure> found;
  while (!samples.empty()) {
    const size_t part = std::min(samples.size(), static_cast<size_t>(window_ - state_.window_filled));
    take_within_window(samples.first(part), found);
    samples = samples.subspan(part);
  }
  return found;
}

void HealthTests::take_within_window(std::span<const uint8_t> samples, std::optional<HealthFailure>& found) {
  if (state_.window_filled == 0) {
    state_.window_symbol = samples[0];
    state_.window_count = 0;
  }
  const Counts counts = count(samples, state_.window_symbol, state_.last, state_.run, repetition_cutoff_);
  const int64_t after = state_.window_count + counts.equal;
  const bool proportion = state_.window_count < proportion_cutoff_ && after >= proportion_cutoff_;
  if (proportion || counts.repetition) {  // rare: look for the samples
    uint8_t last = state_.last;
    int64_t run = state_.run, equal = state_.window_count;
    for (size_t i = 0; i < samples.size(); ++i) {
      const int64_t position = state_.samples + static_cast<int64_t>(i);
      run = samples[i] == last ? run + 1 : 1;
      last = samples[i];
      if (run == repetition_cutoff_) {
        note({HealthTest::repetition, position, position - run + 1, last, run, repetition_cutoff_, 0}, found);
      }
      if (samples[i] == state_.window_symbol && ++equal == proportion_cutoff_) {
        note({HealthTest::proportion, position, state_.samples - state_.window_filled, state_.window_symbol, equal,
              proportion_cutoff_, window_},
             found);
      }
    }
  }
  state_.run = counts.run;
  state_.last = samples.back();
  state_.samples += static_cast<int64_t>(samples.size());
  state_.window_filled = (state_.window_filled + static_cast<int64_t>(samples.size())) % window_;
  state_.window_count = state_.window_filled == 0 ? 0 : after;
  if (state_.window_filled == 0) state_.window_symbol = 0;
}

void HealthTests::note(const HealthFailure& failure, std::optional<HealthFailure>& found) {
  HealthFailure noted = failure;
  noted.start_up = failure.position < kStartUpSamples;
  ++(failure.test == HealthTest::repetition ? state_.repetition_failures : state_.proportion_failures);
  state_.start_up_failures += noted.start_up;
  if (!state_.first) state_.first = noted;
  if (!found) found = noted;
}

double expected_repetition_failures(std::span<const double> p, int64_t samples, int64_t cutoff) {
  if (samples < cutoff) return 0;
  double expected = 0;  // a run reaches the cutoff where C equal samples follow a different one, or the start
  for (const double chance : p) {
    expected +=
        std::pow(chance, static_cast<double>(cutoff)) * (1 + static_cast<double>(samples - cutoff) * (1 - chance));
  }
  return expected;
}

double proportion_failure_chance(std::span<const double> p, int64_t window, int64_t cutoff) {
  double chance = 0;  // the first sample chooses the symbol, the others may repeat it
  for (const double each : p) chance += each * binomial_upper_tail(window - 1, each, cutoff - 1);
  return chance;
}

}  // namespace swell::entropy
