#include "swell/base/quantity.h"

#include <gtest/gtest.h>

#include "swell/base/errors.h"

namespace swell {

TEST(quantity, counts_are_read_exactly_in_every_spelling) {
  for (const char* thousand :
       {"1000", "1e3", "1E+3", "1_000", "1k", "1K", "0.001M", "+1000", "10e2", "1000.0", "01000"})
    EXPECT_EQ(plain_count(thousand), "1000") << thousand;
  EXPECT_EQ(plain_count("1.5e3"), "1500");
  EXPECT_EQ(plain_count("2.5M"), "2500000");
  EXPECT_EQ(plain_count("1099511627776"), "1099511627776");
  EXPECT_EQ(plain_count("18446744073709551615"), "18446744073709551615");  // a double has no such number
  EXPECT_EQ(plain_count("9.007199254740993e15"), "9007199254740993");      // nor this one: 2^53 + 1
  EXPECT_EQ(plain_count("-5"), "-5");
  EXPECT_EQ(plain_count("0"), "0");
  EXPECT_EQ(plain_count("0e99"), "0");
  EXPECT_EQ(plain_count("1000e-3"), "1");
}

TEST(quantity, what_is_no_count_is_refused_with_its_reason) {
  for (const char* text : {"", "many", "1.5", "1e-1", "1e", "e3", "1__0", "_1", "1_", "1k5", "1kk", "0x10", "nan",
                           "inf", "1 0", "1,000", "--5", "."})
    EXPECT_THROW(plain_count(text), InputError) << text;
  for (const char* text : {"1e30", "1e99999999999", "100000000000000000000000"}) {
    try {
      plain_count(text);
      FAIL() << text;
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find("too large"), std::string::npos) << error.what();
    }
  }
}

TEST(quantity, times_have_one_syntax) {
  EXPECT_DOUBLE_EQ(seconds_in("10"), 10);
  EXPECT_DOUBLE_EQ(seconds_in("10s"), 10);
  EXPECT_DOUBLE_EQ(seconds_in("250ms"), 0.25);
  EXPECT_DOUBLE_EQ(seconds_in("500ps"), 5e-10);
  EXPECT_DOUBLE_EQ(seconds_in("2m"), 120);
  EXPECT_DOUBLE_EQ(seconds_in("2min"), 120);
  EXPECT_DOUBLE_EQ(seconds_in("1.5h"), 5400);
  EXPECT_DOUBLE_EQ(seconds_in("1h30m"), 5400);
  EXPECT_DOUBLE_EQ(seconds_in("1d"), 86400);
  EXPECT_DOUBLE_EQ(seconds_in("1us"), 1e-6);
  EXPECT_DOUBLE_EQ(seconds_in("1µs"), 1e-6);
  EXPECT_DOUBLE_EQ(seconds_in("3ns"), 3e-9);
  EXPECT_DOUBLE_EQ(seconds_in("1e-6"), 1e-6);
  EXPECT_DOUBLE_EQ(seconds_in("1e3s"), 1000);
  EXPECT_DOUBLE_EQ(seconds_in("0"), 0);
}

TEST(quantity, what_is_no_time_is_refused) {
  for (const char* text :
       {"", "soon", "-1s", "-0", "1x", "s", "10 s", "nan", "inf", "infs", "1h30", "1s2", "1e", "10S"})
    EXPECT_THROW(seconds_in(text), InputError) << text;
}

TEST(quantity, amounts_take_prefixes_and_units) {
  EXPECT_EQ(amount_in("1pF", "F"), 1e-12);
  EXPECT_EQ(amount_in("100 mV", "V"), 0.1);
  EXPECT_EQ(amount_in("2.2e-12", "F"), 2.2e-12);
  EXPECT_EQ(amount_in("1us", "s"), 1e-6);
  EXPECT_EQ(amount_in("4.7k", "ohm"), 4700);
  EXPECT_EQ(amount_in("4.7kohm", "ohm"), 4700);
  EXPECT_EQ(amount_in("300K", "K"), 300);
  EXPECT_EQ(amount_in("20mK", "K"), 0.02);
  EXPECT_EQ(amount_in("3meg", "ohm"), 3e6);
  for (const char* text : {"", "pF", "1xF", "1pp", "1pV", "nan", "inf", "1e999F", "1 p F"})
    EXPECT_THROW(amount_in(text, "F"), InputError) << text;
}

}  // namespace swell
