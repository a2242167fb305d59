#include "swell/programs/linear/report.h"

#include <gtest/gtest.h>

namespace swell::linear {

// Student's law with 31 degrees of freedom: 3 standard errors by chance once in 190, 5 once in 47000; one in 10^4 is
// where chance ends.
TEST(linear_report, an_answer_off_beyond_chance_is_told) {
  Answer answer;
  answer.average.error = 0.1;
  Comparison comparison;
  comparison.method = "Cholesky";
  comparison.error = 0.3;
  EXPECT_EQ(disagreement(answer, comparison), "");
  comparison.error = 0.5;
  const std::string said = disagreement(answer, comparison);
  EXPECT_NE(said.find("off from that by Cholesky by 5.0 of its standard errors"), std::string::npos) << said;
  answer.average.error = 0;  // nothing is stated
  EXPECT_EQ(disagreement(answer, comparison), "");
}

TEST(linear_report, methods_of_a_determinant_are_held_against_each_other) {
  LogDeterminant answer;
  answer.methods = {
      {"Bennett", 1.0, 0.1, ""}, {"Jarzynski", 9.0, 0.1, "hangs on few runs"}, {"integration", 1.2, 0.1, ""}};
  EXPECT_EQ(disagreement(answer, nullptr), "");
  Reference known{Matrix(1, 1), 0};
  known.value(0, 0) = 1.1;
  EXPECT_EQ(disagreement(answer, &known), "");
  known.value(0, 0) = 1.8;
  const std::string said = disagreement(answer, &known);
  EXPECT_NE(said.find("Cholesky"), std::string::npos) << said;
  answer.methods[1].withdrawn = "";
  EXPECT_NE(disagreement(answer, nullptr).find("Bennett and by Jarzynski"), std::string::npos);
}

}  // namespace swell::linear
