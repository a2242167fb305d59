#include "swell/programs/generate/train.h"

#include <gtest/gtest.h>

#include <string>

#include "swell/model/design.h"
#include "swell/model/test_stages.h"

namespace swell::generate {

// Training may take hours, its check minutes: an interrupt of the check must not cost the training.
TEST(train, a_machine_whose_check_is_interrupted_is_kept) {
  const Design design = parse_design(test::kStagesDesign, "s.toml");
  DataSet images{{2, 2}, {1, -1, 1, -1, -1, 1, -1, 1}, {}, {}, 0, "stripes"};
  images.labels = {0, 1};
  TrainOptions options;
  options.method = Method::score;
  options.updates = 20;
  TrainReport whole, stopped;
  const Trained checked = train(design, images, options, whole);
  ASSERT_EQ(whole.gate.ratio.size(), 3);
  EXPECT_FALSE(whole.interrupted);
  options.progress = [](const Progress& at) { return at.stage != "checking stages"; };
  const Trained kept = train(design, images, options, stopped);
  EXPECT_TRUE(stopped.interrupted);
  EXPECT_TRUE(stopped.gate.ratio.empty());
  EXPECT_FALSE(kept.training.contains("gate"));
  EXPECT_EQ(kept.training["updates"], 20);
  EXPECT_EQ(kept.design.stages->W, checked.design.stages->W);
}

}  // namespace swell::generate
