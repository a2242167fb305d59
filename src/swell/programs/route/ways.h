#pragma once

#include <cstdint>
#include <vector>

#include "swell/programs/route/round.h"

namespace swell::route {

// Shortest ways between chosen junctions of a network, one-way streets and each way's own length respected.
class Ways {
 public:
  // With more than kMost junctions the table would take gigabytes. `go_on` is asked now and then; false leaves it
  // unfinished.
  static constexpr int64_t kMost = 8000;
  template <class GoOn>
  Ways(const StreetNetwork& network, const std::vector<int64_t>& junctions, GoOn go_on) : Ways(network, junctions) {
    for (size_t k = 0; k < junctions.size() && go_on(); ++k, ++finished_) grow(k);
  }
  bool finished() const { return finished_ == junctions_.size(); }

  // Of two chosen junctions.
  double length(int64_t a, int64_t b) const { return length_[number_[a] * junctions_.size() + number_[b]]; }
  // Appends the steps from a to b, found anew.
  void append(int64_t a, int64_t b, std::vector<Step>& steps) const;

 private:
  Ways(const StreetNetwork& network, const std::vector<int64_t>& junctions);
  void grow(size_t k);
  // Fills far_ and by_; ends once `until` is settled.
  void search(int64_t from, int64_t until, std::vector<double>& far, std::vector<Step>& by) const;

  const StreetNetwork& network_;
  const std::vector<int64_t> junctions_;
  std::vector<int64_t> number_;  // [junction]
  std::vector<std::vector<Step>> at_;
  std::vector<double> length_;
  size_t finished_ = 0;
};

}  // namespace swell::route
