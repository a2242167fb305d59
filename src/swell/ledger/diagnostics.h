#pragma once

#include <string>

#include "swell/ledger/bill.h"
#include "swell/ledger/chains.h"
#include "swell/ledger/first_law.h"
#include "swell/ledger/statistics.h"

namespace swell {

// Whether a sampled answer is that of an equilibrium, as far as its own run can tell (docs/diagnostics.md). What an
// answer does not have is absent with its reason.
struct Diagnostics {
  Known<double> r_hat;         // split R-hat (chains.h), the largest of the quantities watched
  std::string r_hat_of;        // which quantity that is
  double r_hat_limit = kMost;  // more is no chance: kMost, or what so few draws give in equilibrium
  int64_t chains = 0, draws = 0;
  Known<double> effective_draws;  // of all chains together, the smallest of the quantities watched

  Known<Estimate> kT;  // achieved, by what the units do (temperature.h), without what Euler's finite step adds to it
  double kT_set = 0;   // to be held against
  const char* kT_unit = "E0";
  int64_t temperatures = 1;  // of so many runs this is the one furthest off
  double kT_of_step = 0;     // what Euler's finite step adds; 0 for other schemes, or where it is not known

  Known<FirstLaw> first_law;

  std::string no_claim;                // why no equilibrium is claimed, so that none is missed; empty where one is
  std::string start;                   // a sentence where the answer knows by itself that it began too early
  std::string chain = "trajectories";  // what the chains are
  std::string advice;                  // what to do where it has not equilibrated

  static constexpr double kMost = 1.1;  // R-hat, A. Gelman et al., Bayesian Data Analysis, 3rd ed., section 11.5

  // Whether an equilibrium is claimed and anything here can tell about it.
  bool tells() const;
  // What was seen, what it means and what to do, where this is no equilibrium; empty otherwise.
  std::string complaint() const;
  // For people, in a line: the complaint, or that all is well; empty where there is nothing to say.
  std::string verdict() const;
};

// None of it, for the same reason.
Diagnostics no_diagnostics(const std::string& why);

// The most that R-hat of such chains may be: kMost, or what chance gives where halves hold few independent draws.
double r_hat_limit(const Chains& chains);

// Adds what was watched of a quantity: the R-hat that is largest beside what it may be, and the fewest effective draws
// are kept. A quantity that does not vary at all tells nothing.
void watch(Diagnostics& diagnostics, const std::string& quantity, const Chains& chains, double limit);

// The worse of both in each figure: of answers that consist of several runs.
void take_worse(Diagnostics& diagnostics, const Diagnostics& other);

}  // namespace swell
