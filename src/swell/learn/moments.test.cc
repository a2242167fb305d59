#include "swell/learn/moments.h"

#include <gtest/gtest.h>

#include <cmath>

#include "physics/machines.h"
#include "physics/statistics.h"
#include "swell/base/errors.h"
#include "swell/learn/fokker_planck.h"
#include "swell/physics/onsite.h"

namespace swell {

namespace {

// Six visible and four hidden units of different potential and unequal mobility, driven on different schedules.
Computer small_machine() {
  Computer computer = test::machine({6, 4});
  computer.kT = 0.2;
  for (int64_t i = 0; i < 10; ++i) {
    const bool hidden = i >= 6;
    computer.J2[i] = hidden ? -0.3 : 1.0;
    computer.J3[i] = hidden ? 0.2 : 0.0;
    computer.J4[i] = hidden ? 0.8 : 1.0;
    computer.mobility[i] = hidden ? 0.6 : 1.0;
  }
  computer.mobility[2] = 1.8;
  return computer;
}

LearnedProtocol noising(const Computer& computer) {
  LearnedProtocol protocol{{"noising", {test::ramp(computer, 0.4, 2.0, 2.0), test::ramp(computer, 0.4, 2.0, 0.0)}},
                           {0, 1}};
  protocol.segments[1].drive[1] = {{{0.0, 1.0}, {0.5, 0.0}}};
  protocol.segments[1].kT = {{{0.0, 0.2}, {1.0, 0.3}}};
  return protocol;
}

// Images that each contain -1 and 1 in either group, so that any portion of them spans the same range of patterns.
Patterns images(int64_t rows) {
  Patterns patterns{rows, {}};
  for (int64_t k = 0; k < rows * 10; ++k) patterns.values.push_back(std::tanh(test::fixed_normal(40, k)));
  for (int64_t row = 0; row < rows; ++row) {
    patterns.values[row * 10] = patterns.values[row * 10 + 6] = -1;
    patterns.values[row * 10 + 1] = patterns.values[row * 10 + 7] = 1;
  }
  return patterns;
}

MomentOptions options(double dt) {
  MomentOptions result;
  result.dt = dt;
  result.fokker_planck_cells = 200;
  result.fokker_planck_patterns = 17;
  return result;
}

// All that a solver reads, in one row: xx, yx without its diagonal, x, y, count.
std::vector<double> flat(const Moments& moments) {
  std::vector<double> all = moments.xx;
  for (size_t k = 0; k < moments.yx.size(); ++k) all.push_back(k % (moments.units + 1) == 0 ? 0.0 : moments.yx[k]);
  all.insert(all.end(), moments.x.begin(), moments.x.end());
  all.insert(all.end(), moments.y.begin(), moments.y.end());
  all.push_back(moments.count);
  return all;
}

void expect_same(const Moments& a, const Moments& b, double tolerance) {
  const auto left = flat(a), right = flat(b);
  ASSERT_EQ(left.size(), right.size());
  for (size_t k = 0; k < left.size(); ++k) ASSERT_NEAR(left[k], right[k], tolerance) << k;
}

// The moments of one simulated trajectory, from its snapshots.
Moments measure(const Computer& computer, const Protocol& protocol, const Run& run, int64_t trajectory, double dt) {
  const int64_t n = computer.units();
  Moments moments(n);
  const auto steps = static_cast<int64_t>(run.snapshot_times.size()) - 1;
  for (int64_t k = 0; k < steps; ++k) {
    const auto before = test::snapshot(run, k, trajectory), after = test::snapshot(run, k + 1, trajectory);
    const double fraction = static_cast<double>(k) / static_cast<double>(steps);
    const double weight = protocol.segments[1].kT(0) / protocol.segments[1].kT(fraction);
    for (int64_t i = 0; i < n; ++i) {
      const double slope = onsite_gradient(after[i], computer.J2[i], computer.J3[i], computer.J4[i]);
      const double y = (after[i] - before[i]) / (computer.mobility[i] * dt) - slope;
      for (int64_t j = 0; j < n; ++j) {
        moments.xx[i * n + j] += weight * after[i] * after[j];
        moments.yx[i * n + j] += weight * y * after[j];
      }
      moments.x[i] += weight * after[i];
      moments.y[i] += weight * y;
    }
    moments.count += weight;
  }
  return moments;
}

}  // namespace

// 221 comparisons at six standard errors: false-alarm rate 5e-7. The engine's step is off by order dt: 4 dt per learned
// step is allowed (of values of order 1). Any wrong factor in a mean or product is tens of per cent.
TEST(moments, are_those_of_simulated_trajectories) {
  const Computer computer = small_machine();
  const LearnedProtocol protocol = noising(computer);
  const Patterns patterns = images(3);
  RunOptions run_options = test::run_options(2e-3, 6000, 82);
  run_options.patterns = &patterns;
  run_options.threads = 2;
  run_options.snapshots = test::all_units(computer, run_options, 1, 200);
  const auto run = swell::run(computer, protocol, run_options);
  const auto exact = flat(exact_moments(computer, protocol, patterns, options(run_options.dt)));
  test::Averages simulated(exact.size());
  for (int64_t t = 0; t < run.trajectories; t += 3) {
    // Three trajectories, one of each image, make one replica of the sums over images.
    Moments sum = measure(computer, protocol, run, t, run_options.dt);
    sum.merge(measure(computer, protocol, run, t + 1, run_options.dt));
    sum.merge(measure(computer, protocol, run, t + 2, run_options.dt));
    simulated.add(flat(sum));
  }
  const double steps = 3 * 200;
  for (size_t k = 0; k + 1 < exact.size(); ++k) {
    test::expect_equal(simulated[k], exact[k], 4 * run_options.dt * steps);
    EXPECT_LT(test::kSigmas * simulated[k].error, 0.09 * steps) << k;  // sees 0.09 of values of order 1
  }
  EXPECT_NEAR(simulated[exact.size() - 1].mean, exact.back(), 1e-9);
}

// The same sums taken step by step over the full tables. What is dropped changes a moment
// by 1e-11 per step, 600 of them, and interpolation adds the rounding of the tables.
TEST(moments, reduced_time_functions_lose_nothing) {
  const Computer computer = small_machine();
  const LearnedProtocol protocol = noising(computer);
  const Patterns patterns = images(3);
  const MomentOptions how = options(2e-3);
  const int64_t n = computer.units();
  Moments slow(n);
  slow.images = 3;
  for (int64_t image = 0; image < 3; ++image) {
    std::vector<OneUnitTable> tables;
    std::vector<std::vector<double>> weights;
    for (int64_t i = 0; i < n; ++i) {
      const OneUnitParameters unit{computer.J2[i], computer.J3[i], computer.J4[i], computer.mobility[i]};
      tables.push_back(solve_fokker_planck(unit, protocol, i < 6 ? 0 : 1, -1, 1, {17, 200, how.dt, 1}));
      weights.push_back(interpolation_weights(tables[i].patterns, patterns.values[image * n + i]));
    }
    const auto at = [&](const std::vector<double>& values, int64_t i, int64_t k) {
      double sum = 0;
      for (size_t c = 0; c < 17; ++c) sum += weights[i][c] * values[k * 17 + c];
      return sum;
    };
    for (int64_t k = 0; k < tables[0].steps; ++k) {
      const double w = tables[0].weight[k];
      std::vector<double> x(n), y(n);
      for (int64_t i = 0; i < n; ++i) {
        x[i] = at(tables[i].mean, i, k);
        y[i] = at(tables[i].target, i, k);
        slow.x[i] += w * x[i];
        slow.y[i] += w * y[i];
      }
      for (int64_t i = 0; i < n; ++i) {
        for (int64_t j = 0; j < n; ++j) {
          slow.xx[i * n + j] += w * (i == j ? at(tables[i].square, i, k) : x[i] * x[j]);
          slow.yx[i * n + j] += w * y[i] * x[j];
        }
      }
      slow.count += w;
    }
  }
  MomentReport accuracy;
  const Moments fast = exact_moments(computer, protocol, patterns, how, &accuracy);
  expect_same(fast, slow, 1e-7);
  EXPECT_LT(accuracy.truncation, 1e-8);
  EXPECT_LT(accuracy.rank, 40);  // of 200 steps: the law is smooth in time
  EXPECT_EQ(fast.images, 3);
}

// Units driven alike are summed once: the same as with all of them told apart by a tiny difference of mobility, which
// moves moments by less than itself (of sums of 3 x 40 terms of order one).
TEST(moments, of_exchangeable_units_are_the_same) {
  Computer alike = small_machine();
  Patterns patterns = images(3);
  for (int64_t row = 0; row < 3; ++row) {
    double* values = patterns.values.data() + row * 10;
    values[5] = values[4];
    values[9] = values[8] = values[7];
  }
  Computer unlike = alike;
  for (int64_t i = 0; i < 10; ++i) unlike.mobility[i] *= 1 + 1e-13 * static_cast<double>(i);
  MomentReport report;
  const Moments few = exact_moments(alike, noising(alike), patterns, options(1e-2), &report);
  EXPECT_EQ(report.kinds, 7);
  EXPECT_EQ(few.kind, (std::vector<int32_t>{0, 1, 2, 3, 4, 4, 5, 6, 6, 6}));
  const Moments many = exact_moments(unlike, noising(unlike), patterns, options(1e-2), &report);
  EXPECT_EQ(report.kinds, 10);
  expect_same(few, many, 1e-9);
}

// Patterns may come from a function, in portions of its own; more than one block of images.
TEST(moments, from_a_source_are_those_from_memory) {
  const Computer computer = small_machine();
  const Patterns all = images(300);
  const PatternSource source{300, [&](int64_t first, int64_t rows, double* out) {
                               std::copy_n(all.values.begin() + first * 10, rows * 10, out);
                             }};
  MomentOptions how = options(1e-2);
  how.threads = 3;
  std::vector<double> done;
  how.progress = [&](const Progress& at) {
    done.push_back(at.done);
    return true;
  };
  const Moments streamed = exact_moments(computer, noising(computer), source, how);
  EXPECT_EQ(flat(streamed), flat(exact_moments(computer, noising(computer), all, options(1e-2))));
  EXPECT_EQ(done, (std::vector<double>{256, 300}));
}

// Images enter as sums, so portions add up: to the rounding of sums of about 1e3 terms of order 1.
TEST(moments, of_two_halves_of_the_images_merge_to_those_of_all) {
  const Computer computer = small_machine();
  const LearnedProtocol protocol = noising(computer);
  const Patterns all = images(70);  // more than one block of images
  const auto part = [&](int64_t first, int64_t rows) {
    const auto begin = all.values.begin() + first * 10;
    return exact_moments(computer, protocol, {rows, {begin, begin + rows * 10}}, options(1e-2));
  };
  Moments merged = part(0, 31);
  merged.merge(part(31, 39));
  const Moments whole = part(0, 70);
  expect_same(merged, whole, 1e-9);
  EXPECT_EQ(merged.images, 70);
  EXPECT_EQ(whole.images, 70);
  EXPECT_EQ(merged.kind, whole.kind);
}

TEST(moments, threads_do_not_change_a_bit) {
  const Computer computer = small_machine();
  MomentOptions how = options(1e-2);
  const Moments one = exact_moments(computer, noising(computer), images(5), how);
  for (const int threads : {2, 7}) {
    how.threads = threads;
    const Moments many = exact_moments(computer, noising(computer), images(5), how);
    EXPECT_EQ(one.xx, many.xx);
    EXPECT_EQ(one.yx, many.yx);
    EXPECT_EQ(one.x, many.x);
    EXPECT_EQ(one.y, many.y);
  }
}

TEST(moments, need_images_and_can_be_interrupted) {
  const Computer computer = small_machine();
  MomentOptions how = options(1e-2);
  EXPECT_THROW(exact_moments(computer, noising(computer), Patterns{}, how), InputError);
  how.progress = [](const Progress& at) { return at.done < at.total; };
  EXPECT_THROW(exact_moments(computer, noising(computer), images(2), how), Interrupted);
}

}  // namespace swell
