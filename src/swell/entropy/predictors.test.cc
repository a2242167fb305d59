// Each predictor against its steps written down one after another, as SP 800-90B has them, with maps for tables.

#include "swell/entropy/predictors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <unordered_map>

#include "swell/entropy/prediction.h"
#include "swell/entropy/test_sources.h"

namespace swell::entropy {

namespace {

struct Plain {
  int64_t correct = 0, run = 0, longest = 0, predictions = 0;
  std::vector<int64_t> score;
  size_t winner = 0;

  explicit Plain(size_t predictors) : score(predictors) {}
  void take(const std::vector<int>& predicted, int symbol) {
    ++predictions;
    if (predicted[winner] == symbol) {
      ++correct;
      longest = std::max(longest, ++run);
    } else {
      run = 0;
    }
    for (size_t j = 0; j < predicted.size(); ++j) {
      if (predicted[j] == symbol && ++score[j] >= score[winner]) winner = j;
    }
  }
};

void expect_same(const Plain& plain, const EstimatorResult& result) {
  EXPECT_EQ(result.figure("c"), static_cast<double>(plain.correct)) << name_of(result.estimator);
  EXPECT_EQ(result.figure("r"), static_cast<double>(plain.longest + 1)) << name_of(result.estimator);
  EXPECT_EQ(result.figure("n"), static_cast<double>(plain.predictions)) << name_of(result.estimator);
}

Plain plain_mcw(const std::vector<uint8_t>& s) {
  Plain plain(4);
  const size_t windows[4] = {63, 255, 1023, 4095};
  for (size_t i = 63; i < s.size(); ++i) {
    std::vector<int> predicted(4, -1);
    for (size_t j = 0; j < 4; ++j) {
      if (i < windows[j]) continue;
      std::vector<std::pair<int, size_t>> seen(256);  // how often each symbol came, and where last
      for (size_t k = i - windows[j]; k < i; ++k) seen[s[k]] = {seen[s[k]].first + 1, k};
      predicted[j] = static_cast<int>(std::max_element(seen.begin(), seen.end()) - seen.begin());
    }
    plain.take(predicted, s[i]);
  }
  return plain;
}

Plain plain_lag(const std::vector<uint8_t>& s) {
  Plain plain(128);
  for (size_t i = 1; i < s.size(); ++i) {
    std::vector<int> predicted(128, -1);
    for (size_t d = 1; d <= 128 && d <= i; ++d) predicted[d - 1] = s[i - d];
    plain.take(predicted, s[i]);
  }
  return plain;
}

using Table = std::unordered_map<std::string, std::map<int, int64_t>>;

std::pair<int, int64_t> commonest(const Table& table, const std::string& string) {
  std::pair<int, int64_t> best{-1, 0};
  const auto found = table.find(string);
  if (found == table.end()) return best;
  for (const auto& [symbol, count] : found->second) {
    if (count >= best.second) best = {symbol, count};
  }
  return best;
}

Plain plain_mmc(const std::vector<uint8_t>& s) {
  Plain plain(16);
  std::vector<Table> models(16);
  std::vector<int64_t> entries(16);
  const std::string text(s.begin(), s.end());
  for (size_t i = 2; i < s.size(); ++i) {
    std::vector<int> predicted(16, -1);
    for (size_t d = 1; d <= 16; ++d) {
      if (d < i) {
        Table& model = models[d - 1];
        const std::string string = text.substr(i - d - 1, d);
        const int symbol = s[i - 1];
        const auto found = model.find(string);
        if (found != model.end() && found->second.count(symbol)) {
          ++found->second[symbol];
        } else if (entries[d - 1] < 100'000) {
          model[string][symbol] = 1;
          ++entries[d - 1];
        }
      }
      if (d <= i) predicted[d - 1] = commonest(models[d - 1], text.substr(i - d, d)).first;
    }
    plain.take(predicted, s[i]);
  }
  return plain;
}

Plain plain_lz78y(const std::vector<uint8_t>& s) {
  Plain plain(1);
  Table dictionary;
  const std::string text(s.begin(), s.end());
  for (size_t i = 17; i < s.size(); ++i) {
    for (size_t j = 16; j >= 1; --j) {
      const std::string string = text.substr(i - j - 1, j);
      const auto found = dictionary.find(string);
      if (found != dictionary.end()) {
        ++found->second[s[i - 1]];
      } else if (dictionary.size() < 65'536) {
        dictionary[string][s[i - 1]] = 1;
      }
    }
    std::pair<int, int64_t> best{-1, 0};
    for (size_t j = 16; j >= 1; --j) {
      const auto found = commonest(dictionary, text.substr(i - j, j));
      if (found.second > best.second) best = found;
    }
    plain.take({best.first}, s[i]);
  }
  return plain;
}

// Sources on which tables stay empty, fill up and overflow, and winners change.
std::vector<std::vector<uint8_t>> sources() {
  std::vector<uint8_t> changing = test::sticky(0.9, 3000, 600);
  for (const uint8_t s : test::biased(0.3, 3000, 601)) changing.push_back(s);
  std::vector<uint8_t> periodic = test::uniform(8, 3000, 602);
  for (size_t i = 100; i < periodic.size(); ++i) {
    if (i % 5 != 0) periodic[i] = periodic[i - 100];
  }
  std::vector<uint8_t> far(2000);  // ten zeros, then what only the symbol eleven samples ago tells
  for (size_t i = 0; i < far.size(); i += 11) far[i] = static_cast<uint8_t>(1 + i / 11 % 3);
  return {changing, periodic, far, test::uniform(2, 5000, 603), test::uniform(8, 6000, 604)};
}

}  // namespace

TEST(predictors, follow_the_steps_of_the_standard) {
  for (const std::vector<uint8_t>& s : sources()) {
    const Symbols symbols = dense(s);
    expect_same(plain_mcw(symbols.values), multi_mcw(symbols));
    expect_same(plain_lag(symbols.values), lag(symbols));
    expect_same(plain_mmc(symbols.values), multi_mmc(symbols));
    expect_same(plain_lz78y(symbols.values), lz78y(symbols));
  }
}

// Dictionaries of 65,536 strings overflow above already, with the symbols of 8 bits, and here with bits.
TEST(predictors, follow_the_steps_where_a_dictionary_of_bits_overflows) {
  const Symbols bits = dense(test::biased(0.6, 30'000, 606));
  expect_same(plain_lz78y(bits.values), lz78y(bits));
}

TEST(LongPredictors, follow_the_steps_where_models_overflow) {  // 100,000 transitions
  for (const Symbols& symbols : {dense(test::uniform(7, 130'000, 605)), dense(test::uniform(1, 400'000, 606))}) {
    expect_same(plain_mmc(symbols.values), multi_mmc(symbols));
  }
}

TEST(predictors, a_run_is_as_unlikely_as_the_exact_recurrence_says) {
  const std::pair<double, int64_t> cases[] = {{0.1, 1}, {0.1, 3}, {0.5, 3}, {0.5, 20}, {0.9, 20}, {0.9, 100}};
  for (const auto& [p, r] : cases) {
    // P(no run in n) by the length of the run that is under way.
    std::vector<double> state(static_cast<size_t>(r));
    state[0] = 1;
    constexpr int64_t n = 2000;
    for (int64_t i = 0; i < n; ++i) {
      double all = 0;
      for (const double each : state) all += each;
      for (size_t k = state.size() - 1; k > 0; --k) state[k] = p * state[k - 1];
      state[0] = (1 - p) * all;
    }
    double none = 0;
    for (const double each : state) none += each;
    // Feller's formula drops the smaller roots: nothing at this n.
    EXPECT_NEAR(log_chance_of_no_run(p, r, n), std::log(none), 1e-9 * (1 - std::log(none))) << p << " " << r;
  }
}

TEST(predictors, the_local_bound_solves_its_equation) {
  for (const int64_t n : {100, 10'000, 100'000'000}) {
    for (const int64_t r : {1, 2, 10, 50}) {
      const double p = local_bound(r, n);
      EXPECT_NEAR(log_chance_of_no_run(p, r, n), std::log(0.99), 1e-9) << r << " " << n;
    }
  }
  // Nearly all predictions right, in one run: p near 1 is where digits cancel.
  EXPECT_GT(local_bound(900'000, 1'000'000), 0.99999);
  EXPECT_LT(local_bound(900'000, 1'000'000), 1);
  // No prediction right: 0.99 = (1 - p)^n.
  EXPECT_NEAR(local_bound(1, 1'000'000), -std::expm1(std::log(0.99) / 1e6), 1e-12);
}

TEST(predictors, no_correct_prediction_still_leaves_a_bound) {
  EXPECT_NEAR(global_bound(0, 1000), 1 - std::pow(0.01, 1e-3), 1e-15);
  PredictionCount count;
  for (int i = 0; i < 1000; ++i) count.add(false);
  EXPECT_NEAR(*predictor_result(Estimator::lag, count, 256).min_entropy, -std::log2(1 - std::pow(0.01, 1e-3)), 1e-12);
  EXPECT_EQ(*predictor_result(Estimator::lag, count, 2).min_entropy, 1);  // a guess is right half of the time
}

TEST(predictors, a_source_that_turns_bad_is_found_by_its_run) {
  // Fair bits, of which 200 in a row are the same: hardly more correct predictions, but a run no fair source has.
  std::vector<uint8_t> s = test::uniform(1, 100'000, 607);
  std::fill(s.begin() + 50'000, s.begin() + 50'200, uint8_t{1});
  const EstimatorResult result = multi_mcw({s, 2});
  EXPECT_LT(*result.figure("p_global_upper"), 0.52);
  EXPECT_GT(*result.figure("p_local"), 0.9);
  EXPECT_EQ(*result.min_entropy, -std::log2(*result.figure("p_local")));
}

}  // namespace swell::entropy
