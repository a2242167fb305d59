// Devices with a hidden mismatch, simulated. Errors come from 40 rounds: |t| of 39 degrees of freedom exceeds 6.5 with
// a chance of 1e-7, so that the 50 parameters of this file raise a false alarm in 5e-6 of all choices of the seed.

#include "swell/learn/calibration.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <functional>
#include <random>

#include "swell/base/errors.h"
#include "swell/engine/run.h"
#include "swell/model/builder.h"
#include "swell/random/streams.h"

namespace swell {

namespace {

constexpr double kMostErrors = 6.5;

Matrix stiffness(int64_t n) {
  Matrix K(n, n);
  for (int64_t i = 0; i < n; ++i) {
    K(i, i) = 2 + 0.3 * static_cast<double>(i);
    for (int64_t j = 0; j < i; ++j) K(i, j) = K(j, i) = 0.4 * std::cos(static_cast<double>(3 * i + j));
  }
  return K;
}

// A linear device: each number is off by up to 20 % of itself, and a little more.
struct LinearDevice {
  int64_t units;
  double kT;
  std::vector<double> gain, offset;
  std::mt19937_64 generator{5};

  LinearDevice(int64_t n, double temperature) : units(n), kT(temperature) {
    std::uniform_real_distribution<double> uniform(-1, 1);
    for (int64_t k = 0; k < n * (n + 1) / 2; ++k) {
      gain.push_back(1 + 0.2 * uniform(generator));
      offset.push_back(0.05 * uniform(generator));
    }
  }
  std::vector<double> actual(std::span<const double> written) const {
    std::vector<double> result;
    for (size_t k = 0; k < written.size(); ++k) result.push_back(gain[k] * written[k] + offset[k]);
    return result;
  }
  // What has to be written for K to come out.
  std::vector<double> wanted(const Matrix& K) const {
    std::vector<double> result = read_stiffness(K);
    for (size_t k = 0; k < result.size(); ++k) result[k] = (result[k] - offset[k]) / gain[k];
    return result;
  }
  std::vector<double> samples(std::span<const double> written, int64_t count) {
    const Matrix K = stiffness_of(units, actual(written));
    Eigen::MatrixXd full(units, units);
    for (int64_t i = 0; i < units; ++i)
      for (int64_t j = 0; j < units; ++j) full(i, j) = K(i, j);
    const Eigen::LLT<Eigen::MatrixXd> factors(full);
    EXPECT_EQ(factors.info(), Eigen::Success);
    std::normal_distribution<double> normal;
    std::vector<double> all;
    for (int64_t s = 0; s < count; ++s) {
      Eigen::VectorXd z(units);
      for (int64_t i = 0; i < units; ++i) z[i] = std::sqrt(kT) * normal(generator);
      const Eigen::VectorXd x = factors.matrixU().solve(z);
      all.insert(all.end(), x.begin(), x.end());
    }
    return all;
  }
};

CalibrationOptions with(double kT, int64_t samples) {
  CalibrationOptions options;
  options.kT = kT;
  options.samples = samples;
  options.rounds = 40;
  return options;
}

void expect_found(const std::vector<Estimate>& found, const std::vector<double>& truth) {
  ASSERT_EQ(found.size(), truth.size());
  double square = 0;
  for (size_t k = 0; k < truth.size(); ++k) {
    const double errors = (found[k].mean - truth[k]) / found[k].stderr_of_mean;
    EXPECT_LT(std::abs(errors), kMostErrors) << k << ": " << found[k].mean << " for " << truth[k];
    square += errors * errors;
  }
  // Errors are neither too small nor too large: a mean square of 1, within 5.5 standard errors of its scatter.
  const auto p = static_cast<double>(truth.size());
  EXPECT_NEAR(square / p, 1, 5.5 * std::sqrt(2 / p)) << "too far off, or errors too large";
}

}  // namespace

TEST(calibration, a_linear_device_is_told_what_to_write_with_error_bars) {
  const Matrix K = stiffness(6);
  const double kT = 0.7;
  LinearDevice device(6, kT);
  const std::vector<Feature> features = features_of_stiffness(6);
  const Calibration found = calibrate(
      features, 6, exact_moments(K, kT), read_stiffness(K),
      [&](std::span<const double> written, int64_t count) { return device.samples(written, count); }, with(kT, 4000));
  EXPECT_TRUE(found.settled);
  expect_found(found.parameters, device.wanted(K));
  EXPECT_GT(found.distance_before, 10);
  // chi-square of 21 moments over 21: above 3.5 with a chance of 1e-7, and the parameters' errors add a fortieth.
  EXPECT_LT(found.distance_after, 3.6);
  EXPECT_EQ(found.samples, 4000 * (found.settling + 41));
  // The least error that is possible: of a stiffness K_kk alone, d<x^2> / dK known, it is that of C^-1.
  const auto moments = sampled_moments(features, device.samples(device.wanted(K), 200'000), 6);
  Eigen::MatrixXd C(21, 21);
  for (int64_t a = 0; a < 21; ++a)
    for (int64_t b = 0; b < 21; ++b) C(a, b) = 200'000 * moments.covariance(a, b);
  const Eigen::MatrixXd inverse = C.inverse();
  double ratio = 0;
  for (int64_t k = 0; k < 21; ++k) {
    const double gain = device.gain[static_cast<size_t>(k)];
    const double least = kT * std::sqrt(inverse(k, k) / (4000.0 * 40));
    ratio += found.parameters[static_cast<size_t>(k)].stderr_of_mean / least / 21;
    // A written number is one over its gain of the actual one, while the estimate takes it for the same.
    EXPECT_GT(gain, 0.5);
  }
  EXPECT_NEAR(ratio, 1, 0.15);  // 21 errors of 11 % each, and gains of up to 20 %
}

// A device far off: everything written comes out half as large again. Steps are cut, and the way is found all the same.
TEST(calibration, a_device_far_off_is_approached_in_short_steps) {
  const Matrix K = stiffness(3);
  LinearDevice device(3, 1);
  for (double& gain : device.gain) gain = 1.5;
  const Calibration found = calibrate(
      features_of_stiffness(3), 3, exact_moments(K, 1), read_stiffness(K),
      [&](std::span<const double> written, int64_t count) { return device.samples(written, count); }, with(1, 4000));
  EXPECT_TRUE(found.settled);
  EXPECT_GT(found.settling, 2);
  expect_found(found.parameters, device.wanted(K));
}

// One number stands for both directions of a coupling, and multiplies x of the other unit.
TEST(calibration, couplings_without_a_potential_are_refused) {
  MachineBuilder builder;
  builder.group("a", {2}, {.J2 = 1}).couplings("program").couple("a", 0, "a", 1, -0.3);
  Computer computer = builder.computer();
  EXPECT_EQ(features_of(computer, computer.sets[0]).size(), 1u);
  computer.sets[0].blocks[0].saturation = 2;
  EXPECT_THROW(features_of(computer, computer.sets[0]), InputError);
  computer.sets[0].blocks[0].saturation = 0;
  computer.sets[0].blocks[0].directed = true;
  EXPECT_THROW(features_of(computer, computer.sets[0]), InputError);
}

// Units in double wells, coupled, with biases: the device adds to what is written. Its moments are those of a
// simulation, and so are those that are meant, with their errors.
TEST(calibration, a_langevin_machine_is_told_what_to_write_with_error_bars) {
  MachineBuilder builder;
  builder.group("a", {2}, {.J2 = -0.5, .J4 = 0.5}).group("b", {3}, {.J2 = 1, .J4 = 0.2}).kT(0.6);
  builder.couplings("program").couple("a", "b", std::vector<double>{0.5, -0.4, 0.3, -0.2, 0.6, 0.1});
  builder.couple("a", 0, "a", 1, -0.3).bias("b", 0.2);
  Computer computer = builder.computer();
  const Protocol rest = ProtocolBuilder(computer, "rest").segment("rest", 6, "program").protocol();
  CouplingSet& set = computer.sets[0];
  const std::vector<Feature> features = features_of(computer, set);
  ASSERT_EQ(features.size(), 7u + 3);
  const std::vector<double> meant = read_parameters(computer, set, features);
  uint64_t seed = 1;
  const auto simulate = [&](const std::vector<double>& parameters, int64_t count) {
    write_parameters(computer, features, parameters, set);
    EXPECT_EQ(read_parameters(computer, set, features), parameters);
    RunOptions options;
    options.dt = 0.02;
    options.trajectories = count;
    options.noise = {seed++, stream::kTesting};
    return swell::run(computer, rest, options).states;
  };
  const FeatureMoments target = sampled_moments(features, simulate(meant, 40'000), 5);
  const auto hidden = [](size_t k) { return 0.15 * std::sin(static_cast<double>(1 + 5 * k)); };
  const Calibration found = calibrate(
      features, 5, target, meant,
      [&](std::span<const double> written, int64_t count) {
        std::vector<double> actual(written.begin(), written.end());
        for (size_t k = 0; k < actual.size(); ++k) actual[k] += hidden(k);
        return simulate(actual, count);
      },
      with(0.6, 2000));
  std::vector<double> wanted = meant;
  for (size_t k = 0; k < wanted.size(); ++k) wanted[k] -= hidden(k);
  expect_found(found.parameters, wanted);
  EXPECT_GT(found.distance_before, 10);
  EXPECT_LT(found.distance_after, 4.4);  // chi-square of 10 over 10
}

TEST(calibration, what_cannot_be_calibrated_is_said) {
  const Matrix K = stiffness(2);
  const std::vector<Feature> features = features_of_stiffness(2);
  const FeatureMoments target = exact_moments(K, 1);
  const std::vector<double> start = read_stiffness(K);
  const auto stuck = [](std::span<const double>, int64_t count) {
    std::vector<double> x(static_cast<size_t>(2 * count), 1.0);
    for (int64_t s = 0; s < count; ++s) x[static_cast<size_t>(2 * s)] = static_cast<double>(s % 7);
    return x;
  };
  EXPECT_THROW(calibrate(features, 2, target, start, stuck, with(1, 100)), ToleranceMissed);
  const auto few = [](std::span<const double>, int64_t) { return std::vector<double>(20, 1.0); };
  const auto odd = [](std::span<const double>, int64_t) { return std::vector<double>(21, 1.0); };
  const auto broken = [](std::span<const double>, int64_t count) {
    return std::vector<double>(static_cast<size_t>(2 * count), std::nan(""));
  };
  EXPECT_THROW(calibrate(features, 2, target, start, few, with(1, 100)), InputError);
  EXPECT_THROW(calibrate(features, 2, target, start, odd, with(1, 100)), InputError);
  EXPECT_THROW(calibrate(features, 2, target, start, broken, with(1, 100)), InputError);
  EXPECT_THROW(calibrate(features, 2, target, start, stuck, with(1, 5)), InputError);  // 3 parameters
  EXPECT_THROW(calibrate(features, 2, target, start, stuck, with(0, 100)), InputError);
  EXPECT_THROW(calibrate(features, 1, target, start, stuck, with(1, 100)), InputError);
  EXPECT_THROW(exact_moments(stiffness_of(2, std::vector<double>{1, 2, 1}), 1), InputError);
}

namespace {

// A device of three units that is asked for `rounds` rounds that count, ended by `progress` or at a question.
Calibration stopped(int rounds, const std::function<bool(int)>& go_on, int64_t questions = 1000) {
  const Matrix K = stiffness(3);
  LinearDevice device(3, 1);
  CalibrationOptions options = with(1, 400);
  options.rounds = rounds;
  options.progress = [&](const Progress& at) { return go_on(static_cast<int>(at.done)); };
  return calibrate(
      features_of_stiffness(3), 3, exact_moments(K, 1), read_stiffness(K),
      [&](std::span<const double> written, int64_t count) {
        if (questions-- == 0) throw Interrupted("Ctrl-C");
        return device.samples(written, count);
      },
      options);
}

}  // namespace

// The same draws: what an interrupted one gives is what a shorter one gives, to the last bit.
TEST(calibration, interrupted_it_gives_what_so_many_rounds_have_found) {
  const auto on = [](int) { return true; };
  const Calibration five = stopped(5, on);
  EXPECT_FALSE(five.interrupted);
  EXPECT_EQ(five.rounds, 5);
  const int most = five.settling + 5;
  const Calibration by_progress = stopped(40, [&](int done) { return done < most; });
  const Calibration by_device = stopped(40, on, most);
  for (const Calibration* part : {&by_progress, &by_device}) {
    EXPECT_TRUE(part->interrupted && part->settled);
    EXPECT_EQ(part->rounds, 5);
    EXPECT_EQ(part->samples, 400 * most);  // the last question was not put
    EXPECT_EQ(part->distance_before, five.distance_before);
    ASSERT_EQ(part->parameters.size(), five.parameters.size());
    for (size_t k = 0; k < five.parameters.size(); ++k) {
      EXPECT_EQ(part->parameters[k].mean, five.parameters[k].mean);
      EXPECT_EQ(part->parameters[k].stderr_of_mean, five.parameters[k].stderr_of_mean);
    }
  }
  // Until two rounds have counted nothing tells an error.
  for (const int done : {1, five.settling + 1}) {
    const Calibration early = stopped(40, on, done);
    EXPECT_EQ(early.settling + early.rounds, done);
    for (const Estimate& parameter : early.parameters) {
      EXPECT_TRUE(std::isfinite(parameter.mean));
      EXPECT_TRUE(std::isnan(parameter.stderr_of_mean));
    }
    EXPECT_EQ(early.moments.size(), 6U);
  }
  EXPECT_THROW(stopped(40, on, 0), Interrupted);
}

}  // namespace swell
