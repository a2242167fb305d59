#include "swell/learn/calibration.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"

namespace swell {

namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int64_t kMostFeatures = 5000;  // whose covariances, 25 million, are inverted
// Square of a step in units of the spread of what it changes; twice the relative entropy that it makes. Steps are cut
// to it, so that a stiffness at most halves, and are short below a hundredth of it beyond what noise alone makes.
constexpr double kLongest = 0.25, kShort = 0.0025;

// Values of the features in a sample.
class Evaluation {
 public:
  Evaluation(std::span<const Feature> features, int64_t units) : features_(features), units_(units) {}

  void one(const double* x, double* values) const {
    for (size_t k = 0; k < features_.size(); ++k) {
      const Feature& f = features_[k];
      values[k] = f.scale * x[f.i] * (f.j < 0 ? 1 : x[f.j]);
    }
  }
  int64_t units() const { return units_; }
  int64_t count() const { return static_cast<int64_t>(features_.size()); }

 private:
  std::span<const Feature> features_;
  int64_t units_;
};

struct Measured {
  VectorXd mean;
  MatrixXd covariance;  // of the features in one sample
  int64_t samples = 0;
};

Measured measure(const Evaluation& features, std::span<const double> samples, const char* of) {
  const int64_t units = features.units(), p = features.count();
  if (samples.size() % static_cast<size_t>(units) != 0)
    throw InputError(fmt::format("{}: {} numbers do not make samples of {} units", of, samples.size(), units));
  Measured measured;
  measured.samples = static_cast<int64_t>(samples.size()) / units;
  if (measured.samples < 2) throw InputError(fmt::format("{}: {} samples; 2 are needed", of, measured.samples));
  if (!std::ranges::all_of(samples, [](double x) { return std::isfinite(x); }))
    throw InputError(fmt::format("{}: not all samples are finite", of));
  // In blocks, so that memory stays small; about the first sample's values, so that large means cost no digits.
  constexpr int64_t kBlock = 512;
  VectorXd shift(p);
  features.one(samples.data(), shift.data());
  VectorXd sum = VectorXd::Zero(p);
  MatrixXd square = MatrixXd::Zero(p, p), block(p, kBlock);
  for (int64_t first = 0; first < measured.samples; first += kBlock) {
    const int64_t now = std::min(kBlock, measured.samples - first);
    for (int64_t s = 0; s < now; ++s) {
      features.one(samples.data() + (first + s) * units, block.col(s).data());
      block.col(s) -= shift;
    }
    sum += block.leftCols(now).rowwise().sum();
    square.selfadjointView<Eigen::Lower>().rankUpdate(block.leftCols(now));
  }
  const auto n = static_cast<double>(measured.samples);
  measured.mean = shift + sum / n;
  square.selfadjointView<Eigen::Lower>().rankUpdate(sum, -1 / n);
  measured.covariance = square.selfadjointView<Eigen::Lower>();
  measured.covariance /= n - 1;
  return measured;
}

// Factors of C in the scale of its diagonal, so that features of different sizes count alike.
class Metric {
 public:
  Metric(const MatrixXd& C, std::span<const Feature> features) {
    scale_ = C.diagonal().cwiseSqrt();
    for (int64_t k = 0; k < C.rows(); ++k) {
      if (!(scale_[k] > 0))
        throw ToleranceMissed(fmt::format("{} does not fluctuate: it cannot be calibrated", name(features[k])));
    }
    const VectorXd inverse = scale_.cwiseInverse();
    factors_.compute(inverse.asDiagonal() * C * inverse.asDiagonal());
    if (factors_.info() != Eigen::Success || factors_.rcond() < 1e-12)
      throw ToleranceMissed(
          "some of the parameters change the device in the same way, so that its samples do not tell them apart");
  }
  VectorXd solve(const VectorXd& v) const {
    return scale_.cwiseInverse().cwiseProduct(factors_.solve(v.cwiseQuotient(scale_)));
  }
  MatrixXd inverse() const {
    const VectorXd scale = scale_.cwiseInverse();
    return scale.asDiagonal() * factors_.solve(MatrixXd::Identity(scale.size(), scale.size())) * scale.asDiagonal();
  }

 private:
  static std::string name(const Feature& f) {
    if (f.j < 0) return fmt::format("the bias of unit {}", f.i);
    return f.i == f.j ? fmt::format("the stiffness of unit {}", f.i)
                      : fmt::format("the coupling of units {} and {}", f.i, f.j);
  }
  VectorXd scale_;
  Eigen::LLT<MatrixXd> factors_;
};

Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>> view(const Matrix& m) {
  return {m.values.data(), m.rows, m.columns};
}

Matrix to_matrix(const MatrixXd& from) {
  Matrix result(from.rows(), from.cols());
  for (int64_t i = 0; i < from.rows(); ++i)
    for (int64_t k = 0; k < from.cols(); ++k) result(i, k) = from(i, k);
  return result;
}

void check(std::span<const Feature> features, int64_t units, const FeatureMoments& target,
           std::span<const double> start, const CalibrationOptions& options) {
  const auto p = static_cast<int64_t>(features.size());
  require_calibratable(p, options);
  for (const Feature& f : features) {
    if (f.i < 0 || f.i >= units || f.j < -1 || f.j >= units)
      throw InputError(fmt::format("calibration: units {} and {}; there are {}", f.i, f.j, units));
  }
  if (target.mean.size() != features.size() || start.size() != features.size() ||
      (!target.covariance.values.empty() && (target.covariance.rows != p || target.covariance.columns != p)))
    throw InputError(fmt::format("calibration: {} moments and {} parameters to start from for {} parameters",
                                 target.mean.size(), start.size(), p));
}

}  // namespace

void require_calibratable(int64_t parameters, const CalibrationOptions& options) {
  if (parameters == 0 || parameters > kMostFeatures)
    throw InputError(fmt::format("calibration: {} parameters; allowed: 1 to {}", parameters, kMostFeatures));
  if (!(options.kT > 0) || !std::isfinite(options.kT))
    throw InputError(fmt::format("calibration: kT is {}; above 0 is allowed", options.kT));
  if (options.rounds < 2) throw InputError(fmt::format("calibration: {} rounds; 2 are needed", options.rounds));
  if (options.most_settling < 1)
    throw InputError(fmt::format("calibration: {} rounds to settle; 1 is needed", options.most_settling));
  if (options.samples < 2 * parameters)
    throw InputError(fmt::format("calibration: {} samples a round for {} parameters; {} are needed", options.samples,
                                 parameters, 2 * parameters));
}

namespace {

// Rounds of one calibration.
class Rounds {
 public:
  Rounds(std::span<const Feature> features, int64_t units, const FeatureMoments& target, const SampledDevice& device,
         const CalibrationOptions& options, Calibration& result)
      : features_(features),
        evaluation_(features, units),
        target_(Eigen::Map<const VectorXd>(target.mean.data(), static_cast<int64_t>(target.mean.size()))),
        target_error_(target.covariance.values.empty() ? MatrixXd::Zero(target_.size(), target_.size())
                                                       : MatrixXd(view(target.covariance))),
        device_(device),
        options_(options),
        result_(result) {}

  // Cut steps from `start`, until they are short.
  void settle(std::span<const double> start) {
    theta_ = Eigen::Map<const VectorXd>(start.data(), static_cast<int64_t>(start.size()));
    while (result_.settling < options_.most_settling && !result_.settled) {
      const Measured& measured = ask();
      if (result_.settling == 0) result_.distance_before = distance(measured);
      const Metric metric(measured.covariance, features_);
      const VectorXd step = metric.solve(measured.mean - target_);
      const double length = step.dot(measured.mean - target_);
      const double noise = (metric.inverse() * error_of(measured)).trace();  // length of a step that noise alone makes
      result_.settled = length < kShort + 4 * noise;
      theta_ += options_.kT * std::min(1.0, std::sqrt(kLongest / length)) * step;
      ++result_.settling;
      tell();
    }
  }

  // Estimates at what is best known, each by the covariances of all rounds until then, and a last question.
  void estimate_all() {
    const int64_t p = theta_.size();
    C_ = MatrixXd::Zero(p, p);
    estimates_.resize(p, options_.rounds);
    while (result_.rounds < options_.rounds) {
      const Measured& measured = ask();
      const int round = result_.rounds++;
      C_ += measured.covariance;
      const Metric metric(C_ / (round + 1.0), features_);
      estimates_.col(round) = theta_ + options_.kT * metric.solve(measured.mean - target_);
      theta_ = estimates_.leftCols(round + 1).rowwise().mean();
      tell();
    }
    ask();
  }

  bool has_answers() const { return last_.samples > 0; }

  // What the rounds until now have found.
  void conclude() {
    const int rounds = result_.rounds;
    const bool scattered = rounds > 1;
    VectorXd of_target;  // variance
    if (scattered) {
      const MatrixXd inverse = Metric(C_ / rounds, features_).inverse();
      of_target = (options_.kT * options_.kT * (inverse * target_error_ * inverse)).diagonal();
    }
    std::vector<double> row(static_cast<size_t>(rounds));
    for (int64_t k = 0; k < theta_.size(); ++k) {
      Estimate found{theta_[k], std::nan(""), rounds};
      if (scattered) {
        for (int round = 0; round < rounds; ++round) row[static_cast<size_t>(round)] = estimates_(k, round);
        found = estimate(row);
        found.stderr_of_mean = std::hypot(found.stderr_of_mean, std::sqrt(std::max(0.0, of_target[k])));
      }
      result_.parameters.push_back(found);
    }
    result_.distance_after = distance(last_);
    result_.moments.assign(last_.mean.begin(), last_.mean.end());
    result_.target.assign(target_.begin(), target_.end());
    const MatrixXd error = error_of(last_);
    for (int64_t k = 0; k < theta_.size(); ++k) result_.stderrs.push_back(std::sqrt(error(k, k)));
  }

 private:
  // What the device does at theta.
  const Measured& ask() {
    const std::vector<double> samples = device_({theta_.data(), static_cast<size_t>(theta_.size())}, options_.samples);
    Measured measured = measure(evaluation_, samples, "the device");
    if (measured.samples < options_.samples)
      throw InputError(
          fmt::format("the device gave {} samples where {} were asked for", measured.samples, options_.samples));
    result_.samples += measured.samples;
    last_ = std::move(measured);
    return last_;
  }

  // Covariance of the moments' differences.
  MatrixXd error_of(const Measured& measured) const {
    return measured.covariance / static_cast<double>(measured.samples) + target_error_;
  }
  // chi-square of these differences over their number.
  double distance(const Measured& measured) const {
    const VectorXd off = measured.mean - target_;
    return off.dot(Metric(error_of(measured), features_).solve(off)) / static_cast<double>(off.size());
  }
  void tell() const {
    if (!options_.progress) return;
    const int done = result_.settling + result_.rounds;
    if (!swell::tell(options_.progress,
                     {"", static_cast<double>(done), static_cast<double>(options_.most_settling + options_.rounds),
                      distance(last_)}))
      throw Interrupted(fmt::format("the calibration was interrupted after {} rounds", done));
  }

  std::span<const Feature> features_;
  Evaluation evaluation_;
  VectorXd target_;
  MatrixXd target_error_;
  const SampledDevice& device_;
  const CalibrationOptions& options_;
  Calibration& result_;
  VectorXd theta_;      // best known
  Measured last_;       // the last answer
  MatrixXd C_;          // sum of the covariances of rounds that counted
  MatrixXd estimates_;  // [parameters][rounds]
};

}  // namespace

std::vector<Feature> features_of(const Computer& computer, const CouplingSet& set) {
  require_potential(computer, "a calibration writes the couplings of");
  // Where a block has room: the matrix of a set whose every entry is one.
  CouplingSet ones = set;
  for (CouplingBlock& block : ones.blocks) {
    std::visit([](auto& weights) { std::ranges::fill(weights.values, 1.0); }, block.weights);
  }
  const std::vector<double> room = dense_matrix(computer, ones);
  const int64_t n = computer.units();
  std::vector<Feature> features;
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = i + 1; j < n; ++j) {
      if (room[i * n + j] != 0) features.push_back({static_cast<int32_t>(i), static_cast<int32_t>(j)});
    }
  }
  for (int64_t i = 0; i < n; ++i) {
    if (set.biased[static_cast<size_t>(group_of_unit(computer, i))]) features.push_back({static_cast<int32_t>(i)});
  }
  return features;
}

std::vector<double> read_parameters(const Computer& computer, const CouplingSet& set,
                                    std::span<const Feature> features) {
  const std::vector<double> J = dense_matrix(computer, set);
  std::vector<double> parameters;
  for (const Feature& f : features) parameters.push_back(f.j < 0 ? set.bias[f.i] : J[f.i * computer.units() + f.j]);
  return parameters;
}

void write_parameters(const Computer& computer, std::span<const Feature> features, std::span<const double> parameters,
                      CouplingSet& set) {
  const int64_t n = computer.units();
  std::vector<double> J = dense_matrix(computer, set);
  for (size_t k = 0; k < features.size(); ++k) {
    const Feature& f = features[k];
    if (f.j < 0) {
      set.bias[f.i] = parameters[k];
    } else {
      J[f.i * n + f.j] = J[f.j * n + f.i] = parameters[k];
    }
  }
  assign_from_dense(computer, J, set);
}

std::vector<Feature> features_of_stiffness(int64_t units) {
  std::vector<Feature> features;
  for (int64_t i = 0; i < units; ++i) {
    for (int64_t j = i; j < units; ++j)
      features.push_back({static_cast<int32_t>(i), static_cast<int32_t>(j), i == j ? 0.5 : 1.0});
  }
  return features;
}

std::vector<double> read_stiffness(const Matrix& K) {
  std::vector<double> parameters;
  for (int64_t i = 0; i < K.rows; ++i)
    for (int64_t j = i; j < K.columns; ++j) parameters.push_back(K(i, j));
  return parameters;
}

Matrix stiffness_of(int64_t units, std::span<const double> parameters) {
  Matrix K(units, units);
  size_t k = 0;
  for (int64_t i = 0; i < units; ++i)
    for (int64_t j = i; j < units; ++j, ++k) K(i, j) = K(j, i) = parameters[k];
  return K;
}

FeatureMoments sampled_moments(std::span<const Feature> features, std::span<const double> samples, int64_t units) {
  const Measured measured = measure(Evaluation(features, units), samples, "the target");
  return {{measured.mean.begin(), measured.mean.end()},
          to_matrix(measured.covariance / static_cast<double>(measured.samples))};
}

FeatureMoments exact_moments(const Matrix& K, double kT) {
  const MatrixXd full = view(K);
  const bool symmetric = K.rows == K.columns && K.rows > 0 && full.allFinite() &&
                         (full - full.transpose()).cwiseAbs().maxCoeff() <= 1e-12 * full.cwiseAbs().maxCoeff();
  if (!symmetric) throw InputError("calibration: the matrix is not square, finite and symmetric");
  const Eigen::LLT<MatrixXd> factors(full);
  if (factors.info() != Eigen::Success) throw InputError("calibration: the matrix is not positive definite");
  const MatrixXd covariance = kT * factors.solve(MatrixXd::Identity(K.rows, K.rows));
  FeatureMoments moments;
  for (const Feature& f : features_of_stiffness(K.rows)) moments.mean.push_back(f.scale * covariance(f.i, f.j));
  return moments;
}

Calibration calibrate(std::span<const Feature> features, int64_t units, const FeatureMoments& target,
                      std::span<const double> start, const SampledDevice& device, const CalibrationOptions& options) {
  check(features, units, target, start, options);
  Calibration result;
  Rounds rounds(features, units, target, device, options, result);
  try {
    rounds.settle(start);
    rounds.estimate_all();
  } catch (const Interrupted&) {
    if (!rounds.has_answers()) throw;
    result.interrupted = true;
  }
  rounds.conclude();
  return result;
}

}  // namespace swell
