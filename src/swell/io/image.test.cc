#include "swell/io/image.h"

#include <gtest/gtest.h>

#include "swell/base/errors.h"

namespace swell {
namespace {

TEST(image, extents_channels_and_pixels_must_agree) {
  EXPECT_NO_THROW(check_image({2, 1, 3, std::vector<uint8_t>(6)}));
  EXPECT_THROW(check_image({2, 1, 3, std::vector<uint8_t>(5)}), InputError);
  EXPECT_THROW(check_image({2, 1, 2, std::vector<uint8_t>(4)}), InputError);
  EXPECT_THROW(check_image({0, 1, 1, {}}), InputError);
  EXPECT_THROW(check_image({-1, -1, 1, {0}}), InputError);
  EXPECT_THROW(check_image({65536, 1, 1, std::vector<uint8_t>(65536)}), InputError);
}

}  // namespace
}  // namespace swell
