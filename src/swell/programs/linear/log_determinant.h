#pragma once

#include "swell/programs/linear/primitives.h"

namespace swell::linear {

// ln det a = ln det D + 2 beta dF, where dF is the free energy of going from the diagonal D of a to a itself, on the
// way A(s) = D + s (a - D). Three estimates of dF, each with its error:
//   Jarzynski, <e^{-beta W}> = e^{-beta dF} over driven runs from s = 0 (C. Jarzynski, Phys. Rev. Lett. 78, 2690,
//   1997); Bennett's acceptance ratio between neighbouring stages at equilibrium (C. Bennett, J. Comput. Phys. 22, 245,
//   1976); thermodynamic integration, int <dV/ds> ds over the same stages, by the trapezium rule with its correction
//   from the measured slopes, d<dV/ds>/ds = -beta var(dV/ds).
// Stages are set as the run goes, so that the work of a switch scatters by kT/4. A driven run adds up the work of all
// of them: it goes in smaller switches, so many that its whole work scatters by about 0.7 kT; where that takes too
// long, or is not reached, Jarzynski's average hangs on few runs and is withdrawn.
struct LogDeterminant {
  struct Method {
    std::string name;
    double value = 0, standard_error = 0;
    std::string withdrawn;  // why its error cannot be trusted; empty where it can
  };
  std::vector<Method> methods;             // Bennett first: the answer
  std::vector<double> stages;              // s of each, from 0 to 1
  std::vector<double> slope, slope_error;  // beta <dV/ds> at the stages
  std::vector<double> work_kT;             // of each driven run
  double heat_kT = 0, heat_kT_error = 0;   // to the bath, of one driven run
  double diagonal = 0;                     // ln det D
  int64_t samples = 0, replicas = 0, readouts = 0, writes = 0;
  int64_t multiply_adds = 0, draws = 0;  // of the simulation, all stages and driven runs
  double relaxation_time = 0;            // of the slowest mode, at the stage where it is slowest
  double fastest_time = 0, machine_time = 0, wall_s = 0;
  double relative_error = 0;  // standard error over the larger of |value| and 1
  double rounding = 0;        // share of the standard errors that rounded couplings account for
  double spread = 1;          // as of Answer
  bool met = true, interrupted = false;
  Diagnostics diagnostics;  // the worst of all stages
  std::string integrator;
  std::optional<Spu> spu;
  double time_unit_s = 0;
};

// Symmetric positive definite a. Euler-Maruyama is refused: its equilibrium is not that of V, and the identities fail.
LogDeterminant log_determinant(const Matrix& a, const Settings& settings);

// Bennett's acceptance ratio for equal numbers of forward work (at equilibrium before the switch) and backward work
// (after it, of the switch undone, -dV): the free energy difference in kT.
double bennett(std::span<const double> forward, std::span<const double> backward);
// -ln <e^{-w}>.
double jarzynski(std::span<const double> work);

}  // namespace swell::linear
