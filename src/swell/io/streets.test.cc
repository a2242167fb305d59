#include "swell/io/streets.h"

#include <gtest/gtest.h>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"

namespace swell {

TEST(streets, network_is_read_with_duties_rewards_and_names) {
  const Streets streets = parse_streets(as_bytes_of("# town\njunction a 0 0\njunction b 1 2\ndepot b\n"
                                                    "street a b 2.5 duty reward 3 name Long Lane\nstreet b a 4\n"),
                                        "t");
  ASSERT_EQ(streets.streets.size(), 2u);
  EXPECT_EQ(streets.depot, 1);
  EXPECT_TRUE(streets.streets[0].duty);
  EXPECT_EQ(streets.streets[0].reward, 3);
  EXPECT_EQ(streets.streets[0].name, "Long Lane");
  EXPECT_EQ(streets.streets[1].length, 4);
}

TEST(streets, mistakes_are_refused_by_line) {
  const auto refused = [](const std::string& text, const std::string& where, const std::string& what) {
    try {
      parse_streets(as_bytes_of(text), "file");
      ADD_FAILURE() << text;
    } catch (const IoError& error) {
      EXPECT_NE(std::string(error.what()).find(where), std::string::npos) << error.what();
      EXPECT_NE(std::string(error.what()).find(what), std::string::npos) << error.what();
    }
  };
  const std::string two = "junction a 0 0\njunction b 1 2\n";
  refused("", "file", "no street");
  refused(two + "street a c 1\n", "line 3", "no junction \"c\"");
  refused(two + "street a a 1\n", "line 3", "itself");
  refused(two + "street a b -1\n", "line 3", "-1");
  refused(two + "street a b 0\n", "line 3", "positive");
  refused(two + "street a b 1 fast\n", "line 3", "fast");
  refused(two + "street a b 1 reward\n", "line 3", "reward");
  refused(two + "junction a 1 1\n", "line 3", "second time");
  refused(two + "bridge a b 1\n", "line 3", "bridge");
  refused(two + "junction c 1 1\nstreet a b 1\n", "file", "hang together");
  refused("junction a 0\n", "line 1", "junction NAME X Y");
}

}  // namespace swell
