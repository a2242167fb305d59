#include "swell/report/chips.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "swell/base/errors.h"
#include "swell/hardware/imperfections.h"

namespace swell {
namespace {

ChipErrors tried(int64_t chips, const std::function<std::optional<double>(int64_t)>& error_of,
                 const std::function<bool()>& go_on = {}) {
  ChipErrors result{"error", "spec", {}, 0, 0, {}};
  try_chips(
      result, chips, go_on, [] { return 0.25; }, error_of);
  return result;
}

}  // namespace

// Chips that settle nowhere, whichever way that is found, are counted, and the others stand.
TEST(chips, chips_that_settle_nowhere_are_counted_and_the_others_stand) {
  const ChipErrors result = tried(8, [](int64_t k) -> std::optional<double> {
    if (k == 1) throw hardware::NoMinimum("no minimum");
    if (k == 3) throw Diverged(0, 1, 2, 0.1);
    if (k == 4) return {};
    return static_cast<double>(k);
  });
  EXPECT_EQ(result.error, (std::vector<double>{0, 2, 5, 6, 7}));
  EXPECT_EQ(result.failed, 3);
  EXPECT_EQ(result.perfect, 0.25);
  EXPECT_EQ(to_json(result)["chips"], 8);
  EXPECT_NE(sentence(result).find("3 more settle nowhere"), std::string::npos) << sentence(result);
}

TEST(chips, a_batch_in_which_none_works_says_so) {
  const ChipErrors result = tried(3, [](int64_t) { return std::nullopt; });
  EXPECT_EQ(result.failed, 3);
  EXPECT_NE(sentence(result).find("none of 3 chips"), std::string::npos) << sentence(result);
  EXPECT_TRUE(to_json(result)["median"].is_null());
  EXPECT_FALSE(section(result).empty());
}

// What is wrong with the input is no failure of a chip, and neither is what happens to the machine as designed.
TEST(chips, errors_that_are_no_chips_are_thrown) {
  EXPECT_THROW(tried(3, [](int64_t) -> std::optional<double> { throw InputError("wrong"); }), InputError);
  ChipErrors result{"error", "spec", {}, 0, 0, {}};
  EXPECT_THROW(try_chips(
                   result, 2, {}, []() -> double { throw Diverged(0, 1, 2, 0.1); }, [](int64_t) { return 1.0; }),
               Diverged);
}

TEST(chips, an_interruption_keeps_the_chips_before) {
  const ChipErrors result = tried(8, [](int64_t k) -> std::optional<double> {
    if (k == 2) throw Interrupted("stop");
    return 1.0;
  });
  EXPECT_EQ(result.error.size(), 2u);
  EXPECT_EQ(result.failed, 0);
  int asked = 0;
  EXPECT_EQ(tried(
                8, [](int64_t) { return 1.0; }, [&] { return ++asked < 4; })
                .error.size(),
            3u);
}

}  // namespace swell
