#pragma once

#include <memory>
#include <vector>

namespace swell::route {

// least <= sum of values x columns <= most
struct LinearRow {
  std::vector<int> columns;
  std::vector<double> values;
  double least = 0, most = 1e30;
};

// The least sum of cost x within bounds 0 and upper and under rows that are added as they are found to be broken: a
// linear program, solved by CLP's dual simplex method from where it stood.
class LinearProgram {
 public:
  LinearProgram(std::vector<double> cost, const std::vector<double>& upper);
  ~LinearProgram();

  void add(const LinearRow& row);
  void set_bounds(int column, double low, double high);
  double low(int column) const { return low_[column]; }
  double high(int column) const { return high_[column]; }

  // False where no point keeps all rows, or after that many seconds.
  bool solve(double seconds);
  bool infeasible() const { return infeasible_; }  // the last solve found that no point keeps all rows
  const std::vector<double>& x() const { return x_; }
  // Below the sum at every point that keeps the rows: from the dual values and the bounds alone, so that it holds
  // whatever the solver's tolerances (A. Neumaier, O. Shcherbina, Math. Program. 99, 283 (2004)).
  double bound() const { return bound_; }

 private:
  struct Solver;
  void measure_bound();

  const std::vector<double> cost_;
  std::vector<double> low_, high_, x_;
  std::vector<LinearRow> rows_;
  double bound_ = -1e300;
  bool infeasible_ = false;
  std::unique_ptr<Solver> solver_;
};

}  // namespace swell::route
