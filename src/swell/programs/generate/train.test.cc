#include "swell/programs/generate/train.h"

#include <gtest/gtest.h>

#include <string>

#include "swell/model/design.h"

namespace swell::generate {

namespace {

Design few_stages() {
  return parse_design(R"(name = "few"
kT = 1.0
dt = 4e-3
[[group]]
name = "visible"
shape = [2, 2]
J2 = 0.5
pattern = "data"
[[group]]
name = "hidden"
shape = [8]
J4 = 1.0
mobility = 5.0
[stages]
count = 3
amplitude = 12.0
noise = [4.0, 0.1]
)",
                      "few");
}

}  // namespace

// Training may take hours, its check minutes: an interrupt of the check must not cost the training.
TEST(train, a_machine_whose_check_is_interrupted_is_kept) {
  DataSet images{{2, 2}, {1, -1, 1, -1, -1, 1, -1, 1}, {}, {}, 0, "stripes"};
  TrainOptions options;
  options.method = Method::score;
  options.updates = 20;
  TrainReport whole, stopped;
  const Trained checked = train(few_stages(), images, options, whole);
  ASSERT_EQ(whole.gate.ratio.size(), 3);
  EXPECT_FALSE(whole.interrupted);
  options.progress = [](const std::string& what, double, double, double) { return what != "checking stages"; };
  const Trained kept = train(few_stages(), images, options, stopped);
  EXPECT_TRUE(stopped.interrupted);
  EXPECT_TRUE(stopped.gate.ratio.empty());
  EXPECT_FALSE(kept.training.contains("gate"));
  EXPECT_EQ(kept.training["updates"], 20);
  EXPECT_EQ(kept.design.stages->W, checked.design.stages->W);
}

}  // namespace swell::generate
