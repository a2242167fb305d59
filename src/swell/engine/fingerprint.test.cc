#include "swell/engine/fingerprint.h"

#include <gtest/gtest.h>

#include "swell/base/errors.h"
#include "swell/io/test_folder.h"
#include "swell/model/ising.h"

namespace swell::test {
namespace {

const std::vector<IsingEdge> kEdges{{0, 1, 1}, {1, 2, -1}};
const IsingModel kModel = make_ising(3, kEdges, {});
const Protocol kHold{"hold", {{"hold", 5, 0, {}, {{{0.0, 1.0}}}, {}}}};

// What a checkpoint says of a run of p-bits at these temperatures.
std::map<std::string, std::string> said(std::span<const double> kT) {
  RunOptions options;
  options.trajectories = 3;
  options.kT_of_trajectory = kT;
  std::map<std::string, std::string> metadata{{"format", "1"}};
  for (const auto& [what, value] : fingerprint(kModel, kHold, options)) metadata[what] = value;
  return metadata;
}

bool same(const std::map<std::string, std::string>& metadata, std::span<const double> kT) {
  RunOptions options;
  options.trajectories = 3;
  options.kT_of_trajectory = kT;
  try {
    require_same_run(metadata, "format", "1", fingerprint(kModel, kHold, options), "file");
    return true;
  } catch (const InputError& error) {
    EXPECT_TRUE(contains(error.what(), "its choice of temperatures is ")) << error.what();
    return false;
  }
}

TEST(fingerprint, tells_temperatures_of_trajectories_apart) {
  const std::vector<double> ladder{0.5, 1.0, 2.0}, other{0.5, 1.0, 2.5}, swapped{1.0, 0.5, 2.0};
  EXPECT_TRUE(same(said(ladder), ladder));
  EXPECT_TRUE(same(said({}), {}));
  for (const auto& kT : {other, swapped}) {
    EXPECT_FALSE(same(said(ladder), kT));
    EXPECT_FALSE(same(said(kT), ladder));
  }
  EXPECT_FALSE(same(said({}), ladder));
  EXPECT_FALSE(same(said(ladder), {}));
}

// Written before the temperatures were said.
TEST(fingerprint, of_older_checkpoints_is_of_runs_at_the_protocols_temperature) {
  auto old = said({});
  EXPECT_EQ(old.erase("choice of temperatures"), 1u);
  EXPECT_TRUE(same(old, {}));
  EXPECT_FALSE(same(old, std::vector<double>{0.5, 1.0, 2.0}));
}

// Smaller versions of the work may have the same numbers.
TEST(fingerprint, tells_the_extent_of_the_work_apart) {
  RunOptions whole, smaller;
  smaller.checkpoint.extent = "a smaller version of it (--quick)";
  const auto of = [](const RunOptions& options) { return fingerprint(kModel, kHold, options); };
  const auto refusal = [&](const RunOptions& made, const RunOptions& now, bool old) {
    std::map<std::string, std::string> metadata{{"format", "1"}};
    for (const auto& [what, value] : of(made)) metadata[what] = value;
    EXPECT_EQ(old ? metadata.erase("extent") : 1u, 1u);
    try {
      require_same_run(metadata, "format", "1", of(now), "file");
      return std::string();
    } catch (const InputError& error) {
      return std::string(error.what());
    }
  };
  for (const bool old : {false, true}) {
    EXPECT_EQ(refusal(whole, whole, old), "");
    EXPECT_TRUE(contains(refusal(whole, smaller, old),
                         "its extent is the whole work, that of this run is a smaller version of it (--quick)"));
  }
  EXPECT_EQ(refusal(smaller, smaller, false), "");
  EXPECT_TRUE(contains(refusal(smaller, whole, false), "that of this run is the whole work"));
}

}  // namespace
}  // namespace swell::test
