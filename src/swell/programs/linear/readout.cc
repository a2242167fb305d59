#include "swell/programs/linear/readout.h"

#include <algorithm>

#include "swell/kernels/matrix_product.h"

namespace swell::linear {

namespace {

// Four sums side by side: one would wait for each of its additions.
double dot(const double* a, const double* b, int64_t count) {
  double sums[4] = {};
  int64_t i = 0;
  for (; i + 4 <= count; i += 4) {
    for (int64_t lane = 0; lane < 4; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  }
  for (; i < count; ++i) sums[0] += a[i] * b[i];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

constexpr int64_t kMostWatched = 128;  // times, whose correlations cost nothing beside a run

}  // namespace

Readings::Readings(const SamplingTask& task, int64_t count)
    : task_(task), count_(count), total_(task.observed, 0.0), watched_(2 * count, kMostWatched) {
  const bool square = task.readout == Readout::second_moment || task.readout == Readout::lagged;
  sum_ = Matrix(task.observed, square ? task.observed : 1);
  lost_.assign(task.observed, 0.0);
  if (square) rows_.resize(kRows * task.observed);
  if (task.readout == Readout::lagged) later_.resize(kRows * task.observed);
}

void Readings::read(const double* states) {
  const int64_t m = task_.machines[0].size(), d = task_.observed;
  for (int64_t t = 0; t < count_; ++t) {
    const double* x = states + t * m;
    for (int64_t i = 0; i < d; ++i) {
      total_[i] += x[i];
      squares_ += x[i] * x[i];
    }
    if (task_.keep || task_.sink) {
      for (int64_t i = 0; i < d; ++i) kept_.push_back(task_.units.empty() ? x[i] : x[i] * task_.units[i]);
    }
    if (task_.readout == Readout::mean) {
      // A cold machine's samples are nearly equal, and so would be the roundings of a plain sum.
      for (int64_t i = 0; i < d; ++i) {
        const double add = x[i] - lost_[i], next = sum_.values[i] + add;
        lost_[i] = (next - sum_.values[i]) - add;
        sum_.values[i] = next;
      }
    } else if (task_.readout == Readout::projected) {
      double projection = 0;
      for (int64_t i = 0; i < d; ++i) projection += x[i] * task_.weights[i];
      for (int64_t i = 0; i < d; ++i) sum_.values[i] += x[i] * projection;
    } else {
      std::copy_n(x, d, rows_.data() + filled_ * d);
      if (++filled_ == kRows && task_.readout == Readout::second_moment) flush();
    }
  }
  samples_ += count_;
  if (direction_.empty()) return;
  const std::span<double> row = watched_.next();
  for (size_t k = 0; k < row.size(); k += 2) {
    row[k] = dot(direction_.data(), states + static_cast<int64_t>(k / 2) * m, m);
    row[k + 1] = dot(states + static_cast<int64_t>(k / 2) * m, states + static_cast<int64_t>(k / 2) * m, m);
  }
}

void Readings::read_later(const double* states) {
  const int64_t m = task_.machines[0].size(), d = task_.observed;
  for (int64_t t = 0; t < count_; ++t) std::copy_n(states + t * m, d, later_.data() + (filled_ - count_ + t) * d);
  if (filled_ + count_ > kRows) flush();
}

void Readings::flush() {
  const int64_t d = task_.observed;
  if (task_.readout == Readout::second_moment) {
    add_gram(d, filled_, rows_.data(), d, sum_.values.data(), d, 1);
  } else if (task_.readout == Readout::lagged) {
    add_product_of_columns(d, d, filled_, later_.data(), d, rows_.data(), d, sum_.values.data(), d, 1);
  }
  filled_ = 0;
}

void Readings::clear() {
  std::ranges::fill(sum_.values, 0.0);
  std::ranges::fill(total_, 0.0);
  std::ranges::fill(lost_, 0.0);
  kept_.clear();
  watched_.clear();
  squares_ = 0;
  filled_ = samples_ = 0;
}

void Readings::put_into(Parcel& parcel) const {
  parcel.put_all(total_);
  parcel.put_all(kept_);
  parcel.put(squares_);
  parcel.put(samples_);
  std::vector<double> rows;
  for (int64_t row = 0; row < watched_.rows(); ++row) {
    for (int64_t k = 0; k < watched_.width(); ++k) rows.push_back(watched_.at(row, k));
  }
  parcel.put(watched_.stride());
  parcel.put_all(rows);
}

void Readings::take_from(Parcel& parcel) {
  total_ = parcel.take_all<double>();
  kept_ = parcel.take_all<double>();
  squares_ = parcel.take<double>();
  samples_ = parcel.take<int64_t>();
  const auto stride = parcel.take<int64_t>();
  const auto rows = parcel.take_all<double>();
  watched_.clear();
  // The points in time once more; of those that a longer record gave up, nothing is left.
  for (int64_t point = 0; point < samples_ / count_; ++point) {
    const std::span<double> row = watched_.next();
    const int64_t from = point / stride * watched_.width();
    if (!row.empty() && point % stride == 0 && from < static_cast<int64_t>(rows.size()))
      std::copy_n(rows.begin() + from, watched_.width(), row.begin());
  }
}

Matrix Readings::average() const {
  Matrix result = sum_;
  for (double& value : result.values) value /= static_cast<double>(samples_);
  if (task_.readout != Readout::second_moment) return result;
  for (int64_t i = 0; i < result.rows; ++i) {
    for (int64_t j = 0; j < i; ++j) result(i, j) = result(j, i);
  }
  return result;
}

}  // namespace swell::linear
