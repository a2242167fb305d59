// The course of a run in time: the books at its points are those of a run that ends there, keeping it changes nothing,
// and closed forms hold along it.

#include <gtest/gtest.h>

#include <cmath>

#include "conformance/scenes.h"
#include "swell/engine/timeline.h"
#include "swell/programs/simulate/report.h"

namespace swell::test {

TEST(course, points_stand_at_multiples_and_at_the_ends_of_segments) {
  EXPECT_EQ(course_steps({10, 7}, 4), (std::vector<int64_t>{0, 4, 8, 10, 12, 16, 17}));
  EXPECT_EQ(course_steps({10, 5}, 5), (std::vector<int64_t>{0, 5, 10, 15}));
  EXPECT_EQ(course_steps({3}, 100), (std::vector<int64_t>{0, 3}));
  EXPECT_TRUE(course_steps({3}, 0).empty());
  EXPECT_EQ(next_point({0, 4, 8}, 4), 8);
  EXPECT_EQ(next_point({0, 4, 8}, 8), INT64_MAX);
  EXPECT_EQ(point_at({0, 4, 8}, 4), 1);
  EXPECT_EQ(point_at({0, 4, 8}, 5), -1);
}

TEST(course, keeping_it_changes_no_bit_of_the_run) {
  const Scene scene({20, 11, 6});
  for (const Integrator integrator : {Integrator::euler_maruyama, Integrator::leimkuhler_matthews}) {
    RunOptions options = scene.with(EngineKind::cpu, integrator);
    for (const int tile : {1, 16}) {
      options.tile = tile;
      options.observables.course_every = 0;
      const auto without = run(scene.computer, scene.protocol, options);
      options.observables.course_every = 7;
      const auto with = run(scene.computer, scene.protocol, options);
      EXPECT_EQ(with.states, without.states);
      EXPECT_EQ(with.end_energy, without.end_energy);
      for (size_t k = 0; k < with.books.size(); ++k) {
        EXPECT_EQ(with.books[k].work, without.books[k].work) << k;
        EXPECT_EQ(with.books[k].heat, without.books[k].heat) << k;
        EXPECT_EQ(with.books[k].entropy, without.books[k].entropy) << k;
      }
    }
  }
}

// At every point, change of V = work - heat to rounding; at the end of a segment the books are the sums of those of the
// segments; group means are those of the states (a snapshot).
TEST(course, books_close_at_every_point_and_means_are_of_the_states) {
  const Scene scene({20, 11, 6});
  RunOptions options = scene.with(EngineKind::cpu);
  options.observables.course_every = 9;
  options.snapshots = all_units(scene.computer, options, 9, 9);
  for (const int tile : {1, 5, 16}) {
    options.tile = tile;
    const auto result = run(scene.computer, scene.protocol, options);
    const ObservedSums& where = result.sums;
    ASSERT_EQ(where.points, static_cast<int64_t>(result.course_steps.size()));
    for (int64_t t = 0; t < result.trajectories; ++t) {
      const double* sums = result.observed.data() + t * where.size();
      for (int64_t p = 0; p < where.points; ++p) {
        EXPECT_NEAR(sums[where.course_energy(p)] - result.start_energy[t], sums[where.work(p)] - sums[where.heat(p)],
                    1e-9);
        const int64_t step = result.course_steps[p];
        if (step == 0 || step % 9 != 0) continue;
        const auto x = snapshot(result, step / 9 - 1, t);
        double mean = 0, square = 0;
        for (int64_t i = 20; i < 31; ++i) {
          mean += x[i] / 11;
          square += x[i] * x[i] / 11;
        }
        EXPECT_NEAR(sums[where.course_mean(p, 1)], mean, 1e-12);
        EXPECT_NEAR(sums[where.course_mean(p, 1) + 1], square, 1e-12);
      }
      double work = 0, heat = 0, entropy = 0;
      for (int64_t s = 0; s < result.segments; ++s) {
        work += result.book(t, s).work;
        heat += result.book(t, s).heat;
        entropy += result.book(t, s).entropy;
      }
      // The same terms, added up in another order.
      EXPECT_NEAR(sums[where.work(where.points - 1)], work, 1e-12 * (1 + std::abs(work)));
      EXPECT_NEAR(sums[where.heat(where.points - 1)], heat, 1e-12 * (1 + std::abs(heat)));
      EXPECT_NEAR(sums[where.entropy(where.points - 1)], entropy, 1e-12 * (1 + std::abs(entropy)));
      EXPECT_EQ(sums[where.course_energy(where.points - 1)], result.end_energy[t]);
    }
  }
}

// Tolerances as in engines.cc.
TEST(course, engines_agree_and_threads_change_nothing) {
  const Scene scene({20, 11, 6});
  RunOptions options = scene.with(EngineKind::reference);
  options.observables.course_every = 13;
  const auto reference = run(scene.computer, scene.protocol, options);
  options.engine = EngineKind::cpu;
  const auto fast = run(scene.computer, scene.protocol, options);
  ASSERT_EQ(fast.course_steps, reference.course_steps);
  ASSERT_EQ(fast.observed.size(), reference.observed.size());
  const ObservedSums& where = fast.sums;
  for (int64_t t = 0; t < fast.trajectories; ++t) {
    const double *a = fast.observed.data() + t * where.size(), *b = reference.observed.data() + t * where.size();
    for (int64_t p = 0; p < where.points; ++p) {
      for (const int64_t at : {where.work(p), where.heat(p), where.course_energy(p)}) EXPECT_NEAR(a[at], b[at], 4e-4);
      EXPECT_NEAR(a[where.entropy(p)], b[where.entropy(p)], 20 * 4e-4);
      for (int64_t g = 0; g < 3; ++g) EXPECT_NEAR(a[where.course_mean(p, g)], b[where.course_mean(p, g)], 5e-6);
    }
  }
  options.threads = 1;
  EXPECT_EQ(run(scene.computer, scene.protocol, options).observed, fast.observed);
}

// A trap of stiffness a = 2 pulled by f = 2t from x = 0, kT = 0.1, in steps of dt: with r = 1 - a dt the mean obeys
// m' = r m + f dt and the variance v' = r^2 v + 2 kT dt exactly; work is -sum (f' - f) m, and heat = work - change of
// <V> = work - (v + m^2 - f m). 4000 trajectories of 8 units: within 5.5 standard errors at each of 21 points and 4
// figures (false-alarm rate below 1e-5 by the normal law); a point shifted by one step is off by more at the end.
TEST(course, a_pulled_trap_has_its_closed_form_at_every_point) {
  const Design design = parse_design(R"(name = "trap"
kT = 0.1
dt = 0.01
[[group]]
name = "ring"
shape = [8]
J2 = 1.0
pattern = "ones"
[[protocol.drive]]
duration = 1.0
drive = { ring = [[0.0, 0.0], [1.0, 2.0]] }
)",
                                     "trap");
  const Patterns patterns{1, std::vector<double>(8, 1.0)};
  simulate::Options options;
  options.protocol = "drive";
  options.trajectories = 4000;
  options.points = 20;
  options.threads = 2;
  const simulate::Outcome outcome = simulate::simulate(design, patterns, options, testing::TempDir());
  ASSERT_EQ(outcome.course.points.size(), 21u);
  double m = 0, v = 0, work = 0, f = 0;
  int64_t step = 0;
  for (const simulate::CoursePoint& point : outcome.course.points) {
    for (; step < point.step; ++step) {
      const double next = 2 * 0.01 * static_cast<double>(step);  // the control of a step is that of its beginning
      work -= (next - f) * m;
      f = next;
      m = 0.98 * m + 0.01 * f;
      v = 0.98 * 0.98 * v + 2 * 0.1 * 0.01;
    }
    const auto near = [&](const Estimate& found, double exact, const char* what) {
      EXPECT_NEAR(found.mean, exact, 5.5 * found.stderr_of_mean + 1e-6) << what << " at " << point.time;
    };
    near(point.mean[0], m, "mean");
    near(point.variance[0], v, "variance");
    near(point.work, 8 * work, "work");
    near(point.heat, 8 * (work - (v + m * m - f * m)), "heat");
  }
  EXPECT_NEAR(outcome.bill.heat_kT->mean, outcome.totals.heat.mean / 0.1, 1e-9);
  EXPECT_NEAR(outcome.bill.energy_joule()->mean, 300 * kBoltzmann / 0.1 * outcome.totals.heat.mean, 1e-30);
  const std::string csv = simulate::course_csv(outcome.course);
  EXPECT_EQ(csv.substr(0, csv.find('\n')),
            "time,step,segment,work,work_stderr,heat,heat_stderr,heat_kT,heat_kT_stderr,entropy,entropy_stderr,energy,"
            "energy_stderr,mean_ring,mean_ring_stderr,variance_ring,variance_ring_stderr");
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 22);
}

}  // namespace swell::test
