#pragma once

#include <cstdint>
#include <vector>

#include "swell/programs/linear/sampler.h"

namespace swell::linear {

// What has been read from the replicas of one group.
class Group {
 public:
  Group(const SamplingTask& task, int64_t count);

  // states: [replicas of the group][size]
  void read(const double* states);
  // The states a lag after the last read.
  void read_later(const double* states);
  // Adds what still waits in blocks; before average().
  void flush();
  void clear();

  // Of each replica as it was read, at most kMostKept times evenly apart: its part along `direction`, and |z|^2.
  void watch(const std::vector<double>& direction) { direction_ = direction; }
  int64_t watched_times() const { return static_cast<int64_t>(watched_.size()) / (kWatched * count_); }
  int64_t watched_stride() const { return stride_; }  // reads from one to the next
  double watched(int64_t time, int64_t replica, int64_t which) const {
    return watched_[(time * count_ + replica) * kWatched + which];
  }
  int64_t count() const { return count_; }

  Matrix average() const;
  const std::vector<double>& totals() const { return total_; }
  double squares() const { return squares_; }
  int64_t samples() const { return samples_; }
  std::vector<double>& kept() { return kept_; }

 private:
  const SamplingTask& task_;
  int64_t count_;
  Matrix sum_;
  std::vector<double> lost_;          // of a mean: what rounding took from each sum (Kahan)
  std::vector<double> rows_, later_;  // [kRows][observed]
  std::vector<double> total_;         // [observed]
  std::vector<double> kept_;          // [samples][observed]
  double squares_ = 0;
  int64_t filled_ = 0, samples_ = 0;

  void keep_watch(const double* states);
  static constexpr int64_t kWatched = 2, kMostKept = 128;
  std::vector<double> direction_;  // [size]; empty for nothing watched
  std::vector<double> watched_;    // [times][count][kWatched]
  int64_t stride_ = 1, reads_ = 0;
};

// Samples that are multiplied together.
constexpr int64_t kRows = 64;

}  // namespace swell::linear
