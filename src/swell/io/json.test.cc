#include "swell/io/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "swell/base/errors.h"
#include "swell/io/test_folder.h"

namespace swell::test {
namespace {

using nlohmann::ordered_json;

TEST(json, keys_keep_their_order_and_doubles_every_digit) {
  const TestFolder folder;
  const ordered_json json = {{"z", 0.1}, {"a", {1, 2}}};
  write_json(folder / "r.json", json);
  EXPECT_EQ(text_of(folder / "r.json"), "{\n  \"z\": 0.1,\n  \"a\": [1, 2]\n}\n");
  const double third = 1.0 / 3;
  EXPECT_EQ(ordered_json::parse(to_text(third)).get<double>(), third);
}

TEST(json, lists_of_numbers_stand_on_one_line_and_everything_else_is_indented) {
  const ordered_json json =
      ordered_json::parse(R"({"a": [], "b": {}, "c": [[1, 2], [3]], "d": [{"x": null}], "e\"": "q"})");
  const std::string text = to_text(json);
  EXPECT_EQ(text,
            "{\n  \"a\": [],\n  \"b\": {},\n  \"c\": [\n    [1, 2],\n    [3]\n  ],\n  \"d\": [\n    {\n      \"x\": "
            "null\n    }\n  ],\n  \"e\\\"\": \"q\"\n}\n");
  EXPECT_EQ(ordered_json::parse(text), json);
}

TEST(json, a_non_finite_number_is_named_by_its_key_and_nothing_is_written) {
  const TestFolder folder;
  ordered_json json = {{"results", {{"energy", {1.0, 2.0}}}}};
  json["results"]["energy"][1] = std::nan("");
  EXPECT_TRUE(contains(error_of([&] { write_json(folder / "r.json", json); }), "results.energy[1] is nan"));
  EXPECT_TRUE(folder.names().empty());
  EXPECT_TRUE(contains(error_of([] { to_text(-std::numeric_limits<double>::infinity()); }), "the value is -inf"));
}

TEST(json, text_that_is_not_utf_8_does_not_stop_a_report) {
  EXPECT_EQ(to_text(ordered_json("a\xff")), "\"a\xef\xbf\xbd\"\n");
}

TEST(json, values_are_shown_as_they_stand_and_cut) {
  EXPECT_EQ(shown(ordered_json(256)), "256");
  EXPECT_EQ(shown(ordered_json("a\x1b[31m")), "\"a\\u001b[31m\"");
  EXPECT_EQ(shown(ordered_json::array({1, true})), "[1,true]");
  EXPECT_EQ(shown(ordered_json(std::string(100, 'x'))), "\"" + std::string(59, 'x') + "...");
  EXPECT_EQ(shown(nlohmann::json("\xc3\xab")), "\"\\u00eb\"");
}

TEST(json, standard_output_is_left_to_the_caller) { EXPECT_THROW(write_json("-", 1), InputError); }

TEST(json, an_unwritable_path_is_named) {
  EXPECT_TRUE(contains(error_of([] { write_json("/proc/none/r.json", 1); }), "/proc/none/r.json"));
}

}  // namespace
}  // namespace swell::test
