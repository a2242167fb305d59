#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "swell/ledger/bill.h"
#include "swell/programs/linear/log_determinant.h"
#include "swell/programs/linear/primitives.h"
#include "swell/programs/linear/reference.h"

namespace swell::linear {

// The same answer by ordinary means, made after the one by fluctuations.
struct Comparison {
  std::string method;  // of the direct answer
  Matrix value;
  double wall_s = 0;
  double multiply_adds = 0;        // of the direct method, leading order
  double error = 0;                // |answer - value|, Frobenius
  std::vector<double> look_error;  // the same at each look; NaN where the look kept no value
  std::optional<Iterative> iterative;
};
Comparison compare_solve(const Matrix& a, const Matrix& b, const Answer& answer);
Comparison compare_inverse(const Matrix& a, const Answer& answer);
Comparison compare_lyapunov(const Matrix& a, const Matrix& q, const Answer& answer);
Comparison compare_exponential(const Matrix& a, double time, const Answer& answer);

// What the answer and the same by other means disagree about beyond chance (ledger/statistics.h), in a sentence; empty
// where they agree. Of a norm the deviation of a single entry is the widest, so that the chance is that or less.
std::string disagreement(const Answer& answer, const Comparison& comparison);
// The methods that were not withdrawn among each other, and with Cholesky where that is known.
std::string disagreement(const LogDeterminant& answer, const Reference* known);

// What the device spends on an answer, all of it read and written at these prices.
struct DeviceBill {
  double time_s = 0;          // one device, all replicas one after another
  double side_by_side_s = 0;  // as many devices as replicas
  double heat_joule = 0;      // of the physics: to the bath, or in the resistors of an spu
  double work_joule = 0;      // done on the machine
  bool heat_known = false;    // and work
  double readout_joule = 0, write_joule = 0;
  double energy_joule() const { return heat_joule + readout_joule + write_joule; }
};
DeviceBill device_bill(const Answer& answer, const Settings& settings, const Prices& prices);
DeviceBill device_bill(const LogDeterminant& answer, const Settings& settings, const Prices& prices);

// Up to 65536 entries the answer itself too.
nlohmann::ordered_json to_json(const Answer& answer, const Settings& settings, const Prices& prices,
                               const Comparison* comparison);
nlohmann::ordered_json to_json(const LogDeterminant& answer, const Settings& settings, const Prices& prices,
                               const Reference* reference);

// One self-contained page. `title` says what was asked for.
std::string report_page(const std::string& title, const Answer& answer, const Settings& settings, const Prices& prices,
                        const Comparison* comparison);
std::string report_page(const std::string& title, const LogDeterminant& answer, const Settings& settings,
                        const Prices& prices, const Reference* reference);

}  // namespace swell::linear
