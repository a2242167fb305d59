#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "swell/ledger/bill.h"
#include "swell/ledger/to_json.h"
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

// What an answer costs as a device: all replicas together, the couplings written for it and all of it read; beside it
// the direct method, where that was run.
Bill price(const Answer& answer, const Settings& settings, const Prices& prices, const Comparison* comparison);
Bill price(const LogDeterminant& answer, const Settings& settings, const Prices& prices, const Reference* reference);

// Up to 65536 entries the answer itself too.
nlohmann::ordered_json to_json(const Answer& answer, const Settings& settings);
nlohmann::ordered_json to_json(const LogDeterminant& answer, const Settings& settings);
nlohmann::ordered_json to_json(const Comparison& comparison);

// One self-contained page. `title` says what was asked for.
std::string report_page(const std::string& title, const Answer& answer, const Settings& settings, const Bill& bill,
                        const Comparison* comparison);
std::string report_page(const std::string& title, const LogDeterminant& answer, const Settings& settings,
                        const Bill& bill, const Reference* reference);

}  // namespace swell::linear
