#include "swell/learn/styles.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "swell/base/errors.h"
#include "swell/random/normal.h"
#include "swell/random/streams.h"

namespace swell {

namespace {

constexpr int64_t kWidth = 6, kGroups = 3;

// Images of two classes, each in three groups that lie far apart, of 10, 20 and 30 images in turn.
struct Cloud {
  std::vector<float> pixels;
  std::vector<int> labels, group;
};
Cloud cloud() {
  Cloud result;
  for (int64_t k = 0; k < 120; ++k) {
    const int64_t of_six = k % 6, group = of_six == 0 ? 0 : of_six < 3 ? 1 : 2, label = k / 60;
    result.labels.push_back(static_cast<int>(label));
    result.group.push_back(static_cast<int>(label * kGroups + group));
    for (int64_t i = 0; i < kWidth; ++i)
      result.pixels.push_back(
          (i == group ? 5.0f : 0.0f) + static_cast<float>(label) +
          0.2f * draw_normal({2, stream::kTesting}, static_cast<uint64_t>(k), 0, static_cast<uint64_t>(i)));
  }
  return result;
}

}  // namespace

TEST(styles, groups_that_lie_apart_are_found) {
  const Cloud images = cloud();
  const ImageStyles styles = find_styles(images.pixels, kWidth, images.labels, 2, kGroups, 120, 1);
  std::set<std::pair<int, int>> pairs;
  for (size_t k = 0; k < 120; ++k) {
    EXPECT_EQ(styles.of_image[k] / kGroups, images.labels[k]);
    pairs.emplace(images.group[k], styles.of_image[k]);
  }
  EXPECT_EQ(pairs.size(), 6u);  // one style for each group
  for (int64_t c = 0; c < 2; ++c) {
    std::vector<float> share(styles.share.begin() + c * kGroups, styles.share.begin() + (c + 1) * kGroups);
    std::ranges::sort(share);
    EXPECT_NEAR(share[0], 1.0 / 6, 1e-5);
    EXPECT_NEAR(share[1], 2.0 / 6, 1e-5);
    EXPECT_NEAR(share[2], 3.0 / 6, 1e-5);
  }
  const ImageStyles threads = find_styles(images.pixels, kWidth, images.labels, 2, kGroups, 120, 3);
  EXPECT_EQ(threads.of_image, styles.of_image);
}

// Images that are not learned from have a style and do not change what styles are.
TEST(styles, images_that_are_held_out_belong_to_the_nearest) {
  Cloud images = cloud();
  const ImageStyles of_all = find_styles(images.pixels, kWidth, images.labels, 2, kGroups, 120, 1);
  for (int64_t k = 114; k < 120; ++k) {
    for (int64_t i = 0; i < kWidth; ++i) images.pixels[k * kWidth + i] += 0.7f;  // still nearest to its group
  }
  const ImageStyles styles = find_styles(images.pixels, kWidth, images.labels, 2, kGroups, 114, 1);
  std::set<std::pair<int, int>> pairs;
  for (size_t k = 0; k < 120; ++k) pairs.emplace(of_all.of_image[k], styles.of_image[k]);
  EXPECT_EQ(pairs.size(), 6u);
  float sum = 0;
  for (int64_t s = 0; s < kGroups; ++s) sum += styles.share[kGroups + s];
  EXPECT_NEAR(sum, 1, 1e-5);
}

TEST(styles, a_class_needs_as_many_images_as_styles_or_none) {
  const Cloud images = cloud();
  EXPECT_THROW(find_styles(images.pixels, kWidth, images.labels, 2, 61, 120, 1), InputError);
  EXPECT_THROW(find_styles(images.pixels, kWidth, images.labels, 2, 4, 120, 2, [] { return false; }), Interrupted);
  const ImageStyles absent = find_styles(images.pixels, kWidth, images.labels, 3, 4, 120, 1);
  EXPECT_EQ(absent.share[2 * 4], 0.25f);
  // As many styles as images: each image its own, also where two are the same at first sight.
  std::vector<float> same(4 * kWidth, 1.0f);
  same[0] = 2;
  const ImageStyles each = find_styles(same, kWidth, {}, 1, 4, 4, 1);
  EXPECT_NE(each.of_image[0], each.of_image[1]);
}

}  // namespace swell
