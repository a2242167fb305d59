#include "swell/io/street_lines.h"

#include <gtest/gtest.h>

#include <cmath>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"

namespace swell {

TEST(street_lines, network_is_read_with_duties_rewards_and_names) {
  const StreetNetwork network =
      parse_street_lines(as_bytes_of("# town\njunction a 0 0\njunction b 1 2\ndepot b\nend a\n"
                                     "street a b 2.5 duty reward 3 name Long Lane\nstreet b a 4 oneway\n"
                                     "street a a 0\nstreet a b 3 back 5\n"),
                         "t");
  ASSERT_EQ(network.streets.size(), 4u);
  EXPECT_EQ(network.depot, 1);
  EXPECT_EQ(network.end, 0);
  EXPECT_TRUE(network.streets[0].duty);
  EXPECT_EQ(network.streets[0].reward, 3);
  EXPECT_EQ(network.streets[0].name, "Long Lane");
  EXPECT_EQ(network.streets[0].back, 2.5);
  EXPECT_EQ(network.streets[1].length, 4);
  EXPECT_TRUE(network.streets[1].one_way());
  EXPECT_EQ(network.streets[2].length, 0);
  EXPECT_EQ(network.streets[3].back, 5);
  EXPECT_FALSE(network.symmetric());
}

// A duty behind the name is a duty; in quotes it is part of the name.
TEST(street_lines, names_end_before_the_next_mark) {
  const StreetNetwork network =
      parse_street_lines(as_bytes_of("junction A 0 0\njunction B 1 0\nstreet A B 100 name High Street duty\n"
                                     "street A B 100 name \"Free duty Road\" reward 2\nstreet A B 1 name \"Mews\"\n"),
                         "t");
  EXPECT_EQ(network.streets[0].name, "High Street");
  EXPECT_TRUE(network.streets[0].duty);
  EXPECT_EQ(network.streets[1].name, "Free duty Road");
  EXPECT_FALSE(network.streets[1].duty);
  EXPECT_EQ(network.streets[1].reward, 2);
  EXPECT_EQ(network.streets[2].name, "Mews");
}

TEST(street_lines, mistakes_are_refused_by_line) {
  const auto refused = [](const std::string& text, const std::string& where, const std::string& what) {
    try {
      parse_street_lines(as_bytes_of(text), "file");
      ADD_FAILURE() << text;
    } catch (const IoError& error) {
      EXPECT_NE(std::string(error.what()).find(where), std::string::npos) << error.what();
      EXPECT_NE(std::string(error.what()).find(what), std::string::npos) << error.what();
    }
  };
  const std::string two = "junction a 0 0\njunction b 1 2\n";
  refused("", "file", "no street");
  refused(two + "street a c 1\n", "line 3", "no junction \"c\"");
  refused(two + "street a b -1\n", "line 3", "-1");
  refused(two + "street a b 1 fast\n", "line 3", "fast");
  refused(two + "street a b 1 reward\n", "line 3", "reward");
  refused(two + "street a b 1 reward lots\n", "line 3", "lots");
  refused(two + "street a b 1 duty name Old duty Road\n", "line 3", "quotes");
  refused(two + "street a b 1 name \"Old\n", "line 3", "quote");
  refused(two + "street a b 1 oneway back 2\n", "line 3", "oneway");
  refused(two + "junction a 1 1\n", "line 3", "second time");
  refused(two + "bridge a b 1\n", "line 3", "bridge");
  refused(two + "vans 3\n", "line 3", "several vans");
  refused(two + "depot a\ndepot b\n", "line 4", "several depots");
  refused("junction a 0\n", "line 1", "junction NAME X Y");
}

}  // namespace swell
