#include "swell/programs/route/linear_program.h"

#include <coin/ClpSimplex.hpp>

namespace swell::route {

struct LinearProgram::Solver {
  ClpSimplex clp;
};

LinearProgram::LinearProgram(std::vector<double> cost, const std::vector<double>& upper)
    : cost_(std::move(cost)), low_(cost_.size(), 0), high_(upper), solver_(std::make_unique<Solver>()) {
  ClpSimplex& clp = solver_->clp;
  clp.setLogLevel(0);
  clp.resize(0, static_cast<int>(cost_.size()));
  for (int k = 0; k < static_cast<int>(cost_.size()); ++k) {
    clp.setObjectiveCoefficient(k, cost_[k]);
    clp.setColumnBounds(k, 0, high_[k]);
  }
}

LinearProgram::~LinearProgram() = default;

void LinearProgram::add(const LinearRow& row) {
  solver_->clp.addRow(static_cast<int>(row.columns.size()), row.columns.data(), row.values.data(), row.least, row.most);
  rows_.push_back(row);
}

void LinearProgram::set_bounds(int column, double low, double high) {
  low_[column] = low;
  high_[column] = high;
  solver_->clp.setColumnBounds(column, low, high);
}

bool LinearProgram::solve(double seconds) {
  if (rows_.empty()) {  // nothing for the solver to do: each column is where it costs least
    x_.assign(cost_.size(), 0);
    bound_ = 0;
    for (size_t k = 0; k < cost_.size(); ++k) {
      x_[k] = cost_[k] < 0 ? high_[k] : low_[k];
      bound_ += cost_[k] * x_[k];
    }
    return true;
  }
  ClpSimplex& clp = solver_->clp;
  clp.setMaximumSeconds(seconds);
  clp.dual();
  infeasible_ = clp.status() == 1;
  if (clp.status() != 0) return false;
  x_.assign(clp.primalColumnSolution(), clp.primalColumnSolution() + cost_.size());
  measure_bound();
  return true;
}

void LinearProgram::measure_bound() {
  const double* dual = solver_->clp.dualRowSolution();
  std::vector<double> rest = cost_;
  bound_ = 0;
  for (size_t r = 0; r < rows_.size(); ++r) {
    const LinearRow& row = rows_[r];
    double y = dual[r];
    // A multiplier of the wrong sign for a row with one side would prove nothing.
    if ((y > 0 && row.least <= -1e30) || (y < 0 && row.most >= 1e30)) y = 0;
    if (y == 0) continue;
    bound_ += y * (y > 0 ? row.least : row.most);
    for (size_t k = 0; k < row.columns.size(); ++k) rest[row.columns[k]] -= y * row.values[k];
  }
  for (size_t k = 0; k < rest.size(); ++k) bound_ += rest[k] * (rest[k] > 0 ? low_[k] : high_[k]);
}

}  // namespace swell::route
