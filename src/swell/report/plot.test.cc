#include "swell/report/plot.h"

#include <gtest/gtest.h>

#include <cmath>

#include "swell/base/errors.h"

namespace swell {
namespace {

int count(const std::string& text, const std::string& what) {
  int found = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

TEST(plot, shows_each_point_that_its_axes_can_show) {
  const double nan = std::nan("");
  const Plot plot{
      "n", "error", true, true, {{"a & b", {1, 10, 0, 100, 1000}, {1, 0.1, 3, nan, 0.01}, {}, Mark::points}}};
  const std::string svg = draw(plot);
  EXPECT_EQ(count(svg, "<circle"), 3 + 1);  // the legend has one too
  EXPECT_EQ(count(svg, "a &amp; b"), 1);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
}

TEST(plot, points_at_equal_ratios_stand_at_equal_distances_on_a_logarithmic_axis) {
  const std::string svg = draw({"", "", true, false, {{"", {1, 10, 100}, {0, 0, 0}, {}, Mark::points}}});
  std::vector<double> at;
  for (size_t found = svg.find("cx=\""); found != std::string::npos; found = svg.find("cx=\"", found + 1))
    at.push_back(std::stod(svg.substr(found + 4)));
  ASSERT_EQ(at.size(), 3u);
  EXPECT_NEAR(at[2] - at[1], at[1] - at[0], 0.11);  // one decimal is written
  EXPECT_GT(at[1], at[0]);
}

TEST(plot, error_bars_stand_for_their_points) {
  const std::string with = draw({"", "", false, false, {{"", {0, 1}, {0, 1}, {0.1, 0.2}, Mark::line}}});
  const std::string without = draw({"", "", false, false, {{"", {0, 1}, {0, 1}, {0, 0}, Mark::line}}});
  EXPECT_EQ(count(with, "stroke=\"#2a78b8\"/>") - count(without, "stroke=\"#2a78b8\"/>"), 2);
}

TEST(plot, nothing_to_show_is_empty_and_lengths_must_agree) {
  EXPECT_EQ(draw({}), "");
  EXPECT_EQ(draw({"", "", false, true, {{"", {1}, {-1}, {}, Mark::line}}}), "");
  EXPECT_THROW(draw({"", "", false, false, {{"", {1, 2}, {1}, {}, Mark::line}}}), InputError);
  EXPECT_THROW(heat_map(std::vector<double>(5), 2, 3), InputError);
}

TEST(plot, constant_series_have_a_frame) {
  const std::string svg = draw({"", "", false, false, {{"", {0, 1}, {5, 5}, {}, Mark::line}}});
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_EQ(svg.find("inf"), std::string::npos);
  EXPECT_EQ(count(svg, "<polyline"), 1);
}

}  // namespace
}  // namespace swell
