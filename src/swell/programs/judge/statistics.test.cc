#include "swell/programs/judge/statistics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/programs/judge/judge.h"
#include "swell/random/normal.h"
#include "swell/random/streams.h"

namespace swell::judge {

namespace {

// Normal points with this mean and standard deviation in every direction.
std::vector<float> cloud(int64_t count, int64_t width, double mean, double deviation, uint64_t seed) {
  std::vector<float> values(count * width);
  for (int64_t i = 0; i < count; ++i) {
    for (int64_t k = 0; k < width; ++k) {
      const double z = static_cast<double>(draw_normal({seed, stream::kTesting}, i, 0, k));
      values[i * width + k] = static_cast<float>(mean + deviation * z);
    }
  }
  return values;
}

MeanAndCovariance diagonal(std::vector<double> mean, const std::vector<double>& variances) {
  const size_t n = mean.size();
  MeanAndCovariance moments{std::move(mean), std::vector<double>(n * n, 0.0), 100};
  for (size_t i = 0; i < n; ++i) moments.covariance[i * n + i] = variances[i];
  return moments;
}

}  // namespace

// With covariances that commute, Tr(S1 + S2 - 2 (S1 S2)^1/2) is the sum of squares of differences of deviations.
TEST(statistics_of_judge, frechet_distance_of_normal_laws_has_its_closed_form) {
  const MeanAndCovariance a = diagonal({1, 2, 3}, {4, 9, 1}), b = diagonal({1, 0, 4}, {1, 16, 1});
  EXPECT_NEAR(frechet_distance(a, b), 4 + 1 + 1 + 1, 1e-12);
  EXPECT_NEAR(frechet_distance(b, a), 7, 1e-12);
  // Two that do not commute: S1 = [[2, 1], [1, 2]], S2 = diag(1, 4). For 2 x 2 matrices Tr M^1/2 is
  // (Tr M + 2 det(M)^1/2)^1/2, and S1^1/2 S2 S1^1/2 has the trace and determinant of S1 S2: 10 and 12.
  MeanAndCovariance c = diagonal({0, 0}, {2, 2}), d = diagonal({0, 0}, {1, 4});
  c.covariance[1] = c.covariance[2] = 1;
  EXPECT_NEAR(frechet_distance(c, d), 9 - 2 * std::sqrt(10 + 2 * std::sqrt(12.0)), 1e-12);
  EXPECT_NEAR(frechet_distance(d, c), frechet_distance(c, d), 1e-12);
}

TEST(statistics_of_judge, moments_are_over_one_less_than_the_points_and_weights_repeat_points) {
  const std::vector<float> points{0, 0, 2, 0, 1, 3}, repeated{0, 0, 0, 0, 2, 0, 1, 3}, weights{2, 1, 1};
  const MeanAndCovariance moments = mean_and_covariance({points, 2});
  EXPECT_EQ(moments.mean, (std::vector<double>{1, 1}));
  EXPECT_EQ(moments.covariance, (std::vector<double>{1, 0, 0, 3}));
  const MeanAndCovariance weighted = mean_and_covariance({points, 2}, weights),
                          twice = mean_and_covariance({repeated, 2});
  for (int k = 0; k < 4; ++k) EXPECT_NEAR(weighted.covariance[k], twice.covariance[k], 1e-12);
  EXPECT_EQ(weighted.mean, twice.mean);
}

TEST(statistics_of_judge, frechet_distance_of_a_set_to_itself_is_zero) {
  const std::vector<float> values = cloud(300, 8, 2, 1, 1);
  const MeanAndCovariance moments = mean_and_covariance({values, 8});
  EXPECT_NEAR(frechet_distance(moments, moments), 0, 1e-10);
}

// The bootstrap's error is that of the distance: it is held against the spread of the distance over 60 sets, whose own
// error is 1 / (2 x 59)^1/2 = 9 %. The bootstrap of 100 resamples is good to 7 %; together 12 %, and 5 of that is 60 %.
TEST(statistics_of_judge, bootstrap_error_is_the_spread_over_sets) {
  const MeanAndCovariance data = diagonal({0, 0, 0, 0}, {1, 1, 1, 1});
  std::vector<double> found;
  Estimate one;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    const std::vector<float> values = cloud(400, 4, 0.5, 1.2, seed);
    found.push_back(frechet_distance(mean_and_covariance({values, 4}), data));
    if (seed == 1) one = frechet_distance({values, 4}, data, {.resamples = 100, .seed = 3});
  }
  const double spread = estimate(found).stderr_of_mean * std::sqrt(60.0);
  EXPECT_EQ(one.mean, found[0]);
  EXPECT_NEAR(one.stderr_of_mean / spread, 1, 0.6);
  // 4 (0.5^2 + 0.2^2), and the bias of n = 400 points in p = 4 dimensions of deviation s = 1.2, to first order in 1/n:
  // p s^2 / n from the mean, s p (p + 1) / (4 n) from the covariance.
  const double expected = 1.16 + 4 * 1.44 / 400 + 1.2 * 20 / 1600;
  EXPECT_NEAR(estimate(found).mean, expected, 5 * estimate(found).stderr_of_mean);
}

// Twenty pairs of sets of one law: the mean of the distances is 0 within 5 of its standard errors (chance of a false
// alarm with 19 degrees of freedom 8e-5, seeds fixed), and the bootstrap's error is not below their spread.
TEST(statistics_of_judge, kernel_distance_is_unbiased_for_one_law) {
  std::vector<double> found, errors;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const std::vector<float> a = cloud(200, 8, 1, 1, 2 * seed), b = cloud(150, 8, 1, 1, 2 * seed + 1);
    const Estimate distance = kernel_distance({a, 8}, {b, 8}, {.resamples = 30, .seed = seed});
    found.push_back(distance.mean);
    errors.push_back(distance.stderr_of_mean);
  }
  const Estimate over_pairs = estimate(found);
  EXPECT_LT(std::abs(over_pairs.mean), 5 * over_pairs.stderr_of_mean);
  EXPECT_LT(*std::ranges::min_element(found), 0);
  EXPECT_GT(estimate(errors).mean, 0.5 * over_pairs.stderr_of_mean * std::sqrt(20.0));
}

// For x and y of one dimension with k = (x y + 1)^3, the distance of two laws is a polynomial in their moments:
// sum over p = 1 to 3 of binomial(3, p) (E x^p - E y^p)^2.
TEST(statistics_of_judge, kernel_distance_has_its_closed_form_in_one_dimension) {
  const std::vector<float> a = cloud(4000, 1, 0.5, 1, 1), b = cloud(4000, 1, 0, 1, 2);
  const Estimate distance = kernel_distance({a, 1}, {b, 1}, {.resamples = 50, .seed = 1});
  // E x = m, E x^2 = 1 + m^2, E x^3 = 3 m + m^3 with m = 1/2 and 0.
  const double expected = 3 * 0.25 + 3 * 0.0625 + 1.625 * 1.625;
  EXPECT_NEAR(distance.mean, expected, 5 * distance.stderr_of_mean * std::sqrt(2.0));  // both sets were drawn
  EXPECT_LT(distance.stderr_of_mean, 0.3);
  // And exactly that of the pairs themselves, summed up in double precision.
  const std::vector<float> x{1, 2, 4}, y{0, 3};
  const auto k = [](double u, double v) { return std::pow(u * v + 1, 3); };
  const double of_pairs =
      (k(1, 2) + k(1, 4) + k(2, 4)) / 3 + k(0, 3) - 2 * (k(1, 0) + k(1, 3) + k(2, 0) + k(2, 3) + k(4, 0) + k(4, 3)) / 6;
  EXPECT_NEAR(kernel_distance({x, 1}, {y, 1}, {.resamples = 2}).mean, of_pairs, 1e-4 * std::abs(of_pairs));
}

TEST(statistics_of_judge, precision_and_recall_tell_false_images_from_missing_ones) {
  const std::vector<float> data = cloud(400, 2, 0, 1, 1), far = cloud(400, 2, 100, 1, 2);
  const Coverage apart = coverage({far, 2}, {data, 2}, 3, 2);
  EXPECT_EQ(apart.precision.mean, 0);
  EXPECT_EQ(apart.recall.mean, 0);
  const Coverage same = coverage({data, 2}, {data, 2}, 3, 2);
  EXPECT_EQ(same.precision.mean, 1);
  EXPECT_EQ(same.recall.mean, 1);
  // Data in two places, samples in one of them: all are right and half of the data is missed.
  std::vector<float> both = data, here = cloud(400, 2, 0, 1, 3);
  both.insert(both.end(), far.begin(), far.end());
  const Coverage half = coverage({here, 2}, {both, 2}, 3, 2);
  EXPECT_GT(half.precision.mean, 0.9);
  EXPECT_NEAR(half.recall.mean, 0.5, 0.06);
  // Samples in two places, data in one of them: half are false and nothing is missed.
  const Coverage false_half = coverage({both, 2}, {here, 2}, 3, 2);
  EXPECT_NEAR(false_half.precision.mean, 0.5, 0.06);
  EXPECT_GT(false_half.recall.mean, 0.9);
  // On a line, by hand: radii (first neighbour) of 0, 1, 10 are 1, 1, 9; 2 and 30 are judged, radii 28.
  const std::vector<float> line{0, 1, 10}, judged{2, 30};
  const Coverage by_hand = coverage({judged, 1}, {line, 1}, 1, 1);
  EXPECT_EQ(by_hand.precision.mean, 0.5);
  EXPECT_EQ(by_hand.recall.mean, 1);
  EXPECT_EQ(coverage({judged, 1}, {line, 1}, 2, 1).precision.count, 0);  // too few points for two neighbours
}

TEST(statistics_of_judge, nearest_points_are_those_of_a_plain_search) {
  const std::vector<float> data = cloud(9000, 5, 0, 1, 1);  // more than are compared at once
  std::vector<float> judged = cloud(50, 5, 0, 1, 2);
  std::copy_n(data.begin() + 8500 * 5, 5, judged.begin());
  const Nearest found = nearest({judged, 5}, {data, 5}, false, 2);
  for (int64_t i = 0; i < 50; ++i) {
    std::vector<std::pair<double, int64_t>> all;
    for (int64_t j = 0; j < 9000; ++j) {
      double sum = 0;
      for (int64_t k = 0; k < 5; ++k) sum += std::pow(static_cast<double>(judged[i * 5 + k] - data[j * 5 + k]), 2);
      all.emplace_back(std::sqrt(sum), j);
    }
    std::ranges::sort(all);
    EXPECT_NEAR(found.distance[i], all[0].first, 1e-6);
    EXPECT_NEAR(found.second[i], all[1].first, 1e-6);
    EXPECT_EQ(found.index[i], all[0].second);
  }
  EXPECT_EQ(found.distance[0], 0);
  const Nearest others = nearest(Points{data, 5}.first(40), {data, 5}, true, 2);
  for (int64_t i = 0; i < 40; ++i) EXPECT_NE(others.index[i], i);
}

TEST(statistics_of_judge, figures_do_not_depend_on_threads) {
  const std::vector<float> a = cloud(700, 8, 1, 1, 1), b = cloud(500, 8, 1.1, 1, 2);
  const auto all = [&](int threads) {
    const Bootstrap bootstrap{10, 5, threads};
    const Estimate f = frechet_distance({a, 8}, mean_and_covariance({b, 8}), bootstrap),
                   k = kernel_distance({a, 8}, {b, 8}, bootstrap);
    const Coverage c = coverage({a, 8}, {b, 8}, 3, threads);
    return std::vector{f.mean, f.stderr_of_mean, k.mean, k.stderr_of_mean, c.precision.mean, c.recall.mean};
  };
  EXPECT_EQ(all(1), all(2));
  EXPECT_EQ(all(1), all(5));
}

TEST(statistics_of_judge, chance_of_a_count_is_that_of_a_binomial_law) {
  EXPECT_NEAR(chance_of_count(0, 20, 0.01), 1, 1e-12);
  EXPECT_NEAR(chance_of_count(1, 20, 0.01), 1 - std::pow(0.99, 20), 1e-12);
  EXPECT_NEAR(chance_of_count(20, 20, 0.5), std::pow(0.5, 20), 1e-15);
}

TEST(statistics_of_judge, one_image_has_no_spread) {
  const std::vector<float> one{1, 2};
  EXPECT_THROW(mean_and_covariance({one, 2}), InputError);
  EXPECT_THROW(kernel_distance({one, 2}, {one, 2}, {}), InputError);
}

}  // namespace swell::judge
