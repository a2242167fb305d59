#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace swell {

// What a machine learns from or is tested on, one row each: images to make; questions with their classes or values.
struct DataSet {
  std::vector<int64_t> shape;  // of one row, for example 28 x 28
  std::vector<double>
      values;               // [rows][width] as the machine is given them: pixels to make in [-1, 1], questions scaled
  std::vector<int> labels;  // [rows] classes, or empty
  std::vector<double> targets;  // [rows][outputs] the values to answer, or empty
  double norm = 0;              // to which every row was scaled, 0 where it was not
  std::string source;           // where they came from, for reports

  int64_t width() const;  // numbers in one row
  int64_t rows() const { return width() == 0 ? 0 : static_cast<int64_t>(values.size()) / width(); }
  const double* row(int64_t number) const { return values.data() + number * width(); }
};

// The first rows of a set, at most so many.
DataSet first_rows(const DataSet& set, int64_t most);

}  // namespace swell
