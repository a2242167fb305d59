#pragma once

#include <cstdint>
#include <vector>

#include "swell/base/parcel.h"
#include "swell/ledger/chains.h"
#include "swell/programs/linear/sampler.h"

namespace swell::linear {

// What has been read from the replicas of one group.
class Readings {
 public:
  Readings(const SamplingTask& task, int64_t count);

  // states: [replicas of the group][size]
  void read(const double* states);
  // The states a lag after the last read.
  void read_later(const double* states);
  // Adds what still waits in blocks; before average().
  void flush();
  void clear();

  // From now on, of each replica as it is read: its part along `direction`, [size], and |z|^2.
  void watch(const std::vector<double>& direction) { direction_ = direction; }
  const EvenRecord& watched() const { return watched_; }  // [times][replicas of the group][2]

  Matrix average() const;
  const std::vector<double>& totals() const { return total_; }
  double squares() const { return squares_; }
  int64_t samples() const { return samples_; }
  std::vector<double>& kept() { return kept_; }

  // What the other ranks need of a group that one of them reads, but for its average.
  void put_into(Parcel& parcel) const;
  void take_from(Parcel& parcel);

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
  std::vector<double> direction_;
  EvenRecord watched_;
};

// Samples that are multiplied together.
constexpr int64_t kRows = 64;

}  // namespace swell::linear
