#include "swell/entropy/predictors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "swell/entropy/context_counts.h"
#include "swell/entropy/prediction.h"

namespace swell::entropy {

namespace {

constexpr int kOrders = 16;  // of Markov models, and lengths of dictionary strings
constexpr int64_t kModelTransitions = 100'000, kDictionaryStrings = 65'536;
constexpr int kNothing = -1;  // no prediction

EstimatorResult too_few(Estimator estimator, const Symbols& symbols, int64_t skipped) {
  return {estimator,
          {},
          fmt::format("{} samples; the {} estimate takes at least {}", symbols.size(), name_of(estimator), skipped + 2),
          {}};
}

// Which of several predictors was right most often, the latest of equals; the first before any was.
template <int kCount>
class Scoreboard {
 public:
  int winner() const { return winner_; }
  void right(int predictor) {
    if (++score_[static_cast<size_t>(predictor)] >= score_[static_cast<size_t>(winner_)]) winner_ = predictor;
  }

 private:
  std::array<int64_t, kCount> score_{};
  int winner_ = 0;
};

// The commonest symbol of a window that slides.
class Window {
 public:
  Window(std::span<const uint8_t> s, int64_t length, int alphabet) : s_(s), length_(length), alphabet_(alphabet) {
    for (int64_t i = 0; i < std::min(length, static_cast<int64_t>(s.size())); ++i) add(i);
  }
  int64_t length() const { return length_; }
  uint8_t commonest() const { return commonest_; }
  // From the samples up to `i`, exclusive, to those up to i + 1.
  void slide(int64_t i) {
    const uint8_t gone = s_[static_cast<size_t>(i - length_)];
    --count_[gone];
    if (gone == commonest_) {
      for (int symbol = 0; symbol < alphabet_; ++symbol) {
        const size_t a = static_cast<size_t>(symbol), b = commonest_;
        if (count_[a] > count_[b] || (count_[a] == count_[b] && last_[a] > last_[b]))
          commonest_ = static_cast<uint8_t>(symbol);
      }
    }
    add(i);
  }

 private:
  void add(int64_t i) {
    const uint8_t symbol = s_[static_cast<size_t>(i)];
    last_[symbol] = i;
    if (++count_[symbol] >= count_[commonest_]) commonest_ = symbol;
  }

  std::span<const uint8_t> s_;
  int64_t length_;
  int alphabet_;
  std::array<int32_t, 256> count_{};
  std::array<int64_t, 256> last_{};  // where each symbol came last
  uint8_t commonest_ = 0;
};

template <class Counts>
PredictionCount count_multi_mmc(std::span<const uint8_t> s, int alphabet) {
  std::vector<Counts> models;
  for (int d = 1; d <= kOrders; ++d) models.emplace_back(d, alphabet);
  std::array<int64_t, kOrders> transitions{};
  PredictionCount count;
  Scoreboard<kOrders> scores;
  History history;
  history.push(s[0]);
  for (int64_t i = 1; i < static_cast<int64_t>(s.size()); ++i) {
    // Models that have seen a whole string by now predict; the first sample only gives them one.
    const int ready = static_cast<int>(std::min<int64_t>(kOrders, i));
    const uint8_t next = s[static_cast<size_t>(i)];
    std::array<int, kOrders> predicted;
    for (int d = 0; d < ready; ++d)
      predicted[static_cast<size_t>(d)] = models[static_cast<size_t>(d)].look(history).symbol;
    if (i >= 2) count.add(predicted[static_cast<size_t>(scores.winner())] == next);
    for (int d = 0; d < ready; ++d) {
      const size_t at = static_cast<size_t>(d);
      if (predicted[at] == next) scores.right(d);
      transitions[at] += models[at].follow(next, transitions[at] < kModelTransitions);
    }
    history.push(next);
  }
  return count;
}

template <class Counts>
PredictionCount count_lz78y(std::span<const uint8_t> s, int alphabet) {
  std::vector<Counts> lengths;
  for (int d = 1; d <= kOrders; ++d) lengths.emplace_back(d, alphabet);
  int64_t strings = 0;
  PredictionCount count;
  History history;
  for (int i = 0; i < kOrders; ++i) history.push(s[static_cast<size_t>(i)]);
  for (int64_t i = kOrders; i < static_cast<int64_t>(s.size()); ++i) {
    const uint8_t next = s[static_cast<size_t>(i)];
    Prediction best{kNothing, 0};
    for (int d = kOrders - 1; d >= 0; --d) {
      const Prediction prediction = lengths[static_cast<size_t>(d)].look(history);
      if (prediction.count > best.count) best = prediction;
    }
    if (i > kOrders) count.add(best.symbol == next);
    for (int d = kOrders - 1; d >= 0; --d) {
      strings += lengths[static_cast<size_t>(d)].follow_string(next, strings < kDictionaryStrings);
    }
    history.push(next);
  }
  return count;
}

}  // namespace

EstimatorResult multi_mcw(const Symbols& symbols) {
  constexpr int64_t kLengths[] = {63, 255, 1023, 4095};
  if (symbols.size() < kLengths[0] + 2) return too_few(Estimator::multi_mcw, symbols, kLengths[0]);
  const std::span<const uint8_t> s = symbols.span();
  std::vector<Window> windows;
  for (const int64_t length : kLengths) windows.emplace_back(s, length, symbols.alphabet);
  PredictionCount count;
  Scoreboard<4> scores;
  for (int64_t i = kLengths[0]; i < symbols.size(); ++i) {
    const uint8_t next = s[static_cast<size_t>(i)];
    count.add(windows[static_cast<size_t>(scores.winner())].commonest() == next);
    for (size_t w = 0; w < windows.size() && windows[w].length() <= i; ++w) {
      if (windows[w].commonest() == next) scores.right(static_cast<int>(w));
      windows[w].slide(i);
    }
  }
  return predictor_result(Estimator::multi_mcw, count, symbols.alphabet);
}

EstimatorResult lag(const Symbols& symbols) {
  constexpr int kLags = 128;
  if (symbols.size() < 3) return too_few(Estimator::lag, symbols, 1);
  const std::span<const uint8_t> s = symbols.span();
  // Backwards, so that the last 128 symbols stand in the order of their lags.
  const std::vector<uint8_t> backwards(s.rbegin(), s.rend());
  std::array<int32_t, kLags> score{};
  int winner = 0;
  PredictionCount count;
  for (int64_t i = 1; i < symbols.size(); ++i) {
    const uint8_t next = s[static_cast<size_t>(i)];
    const uint8_t* past = backwards.data() + (symbols.size() - i);
    const int lags = static_cast<int>(std::min<int64_t>(kLags, i));
    count.add(past[winner] == next);
    // The scoreboard of 6.3.8 takes the lags in turn, and the winner is the last one whose new score is at least the
    // winner's: of those that are right now, the last of the highest score, if that is as high as the old winner's.
    const int32_t before = score[static_cast<size_t>(winner)];
    int32_t highest = 0;
    if (lags == kLags) {
      for (int d = 0; d < kLags; ++d) {
        const int32_t right = past[d] == next;
        score[static_cast<size_t>(d)] += right;
        highest = std::max(highest, score[static_cast<size_t>(d)] & -right);
      }
    } else {
      for (int d = 0; d < lags; ++d) {
        const int32_t right = past[d] == next;
        score[static_cast<size_t>(d)] += right;
        highest = std::max(highest, score[static_cast<size_t>(d)] & -right);
      }
    }
    if (highest > 0 && highest >= before) {
      int d = lags - 1;
      while (past[d] != next || score[static_cast<size_t>(d)] != highest) --d;
      winner = d;
    }
  }
  return predictor_result(Estimator::lag, count, symbols.alphabet);
}

EstimatorResult multi_mmc(const Symbols& symbols) {
  if (symbols.size() < 4) return too_few(Estimator::multi_mmc, symbols, 2);
  const PredictionCount count = symbols.alphabet <= 2 ? count_multi_mmc<BitCounts>(symbols.span(), symbols.alphabet)
                                                      : count_multi_mmc<SymbolCounts>(symbols.span(), symbols.alphabet);
  return predictor_result(Estimator::multi_mmc, count, symbols.alphabet);
}

EstimatorResult lz78y(const Symbols& symbols) {
  if (symbols.size() < kOrders + 3) return too_few(Estimator::lz78y, symbols, kOrders + 1);
  const PredictionCount count = symbols.alphabet <= 2 ? count_lz78y<BitCounts>(symbols.span(), symbols.alphabet)
                                                      : count_lz78y<SymbolCounts>(symbols.span(), symbols.alphabet);
  return predictor_result(Estimator::lz78y, count, symbols.alphabet);
}

}  // namespace swell::entropy
