#include "swell/report/page.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "swell/report/json_page.h"
#include "swell/report/lettering.h"
#include "swell/report/machine.h"

namespace swell {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(page, is_one_file_for_screens_of_any_width_light_dark_and_paper) {
  const std::string page = html_page("a < b", answer("heat", "3 kT") + figure(Image{1, 1, 1, {7}}, "a point"));
  for (const char* part : {"<title>Swell: a &lt; b</title>", "width=device-width", "prefers-color-scheme:dark",
                           "@media print", "max-width:40rem", ".axes text{font-size:17px}", "data:image/png;base64,"})
    EXPECT_TRUE(has(page, part)) << part;
  for (const char* part : {"src=\"http", "href=\"http", "<script", "<link"}) EXPECT_FALSE(has(page, part)) << part;
}

TEST(page, estimates_without_an_error_say_so) {
  EXPECT_EQ(with_error({10, 0.5, 4}, 2), "20 &plusmn; 1");
  EXPECT_EQ(with_error({10, 0, 1}), "10 (one value, no error)");
  EXPECT_EQ(with_error({}), "no values");
}

TEST(page, of_json_has_the_answer_first_and_every_figure) {
  const auto json = nlohmann::ordered_json::parse(
      R"({"command": "ising", "inputs": {"file": "<x>.txt", "units": 9},
      "result": {"value": 42.5, "optimum": 43, "searches": [{"seed": 1, "value": 40}, {"seed": 2, "value": 42.5}]},
      "ledger": {"heat": {"value": 1.5, "stderr": 0.25, "count": 9, "unit": "kT"},
                 "one": {"value": 2.0, "stderr": null, "count": 1, "unit": "1"}},
      "curve": [5, 4, 3, 2.5, 2, 1.5, 1.2, 1.1, 1, 0.9, 0.8, 0.7, 0.6, 0.5],
      "diagnostics": [{"check": "x", "message": "the two disagree"}]})");
  const std::string page = json_page(json);
  EXPECT_TRUE(has(page, "best value found</div><div class=\"value\">42.5</div>"));
  EXPECT_LT(page.find("class=\"answer\""), page.find("<table"));
  EXPECT_LT(page.find("<td>42.5</td>"), page.find("&lt;x&gt;.txt"));
  for (const char* part : {"optimum: 43", "&lt;x&gt;.txt", "1.5 &plusmn; 0.25", "2 (no error)", "the two disagree",
                           "<polyline", "<td>40</td>"})
    EXPECT_TRUE(has(page, part)) << part;
  EXPECT_FALSE(has(page, "<x>"));
  EXPECT_TRUE(has(json_page(nlohmann::ordered_json::object()), "</html>"));
}

TEST(page, a_machine_is_drawn_with_its_groups_couplings_and_protocol) {
  const Design design = parse_design(R"(name = "pair"
kT = 0.5
dt = 0.1
[[group]]
name = "left"
shape = [3]
J2 = 1.0
pattern = "ones"
[[group]]
name = "right"
shape = [2, 2]
J2 = -1.0
J4 = 1.0
[[coupling]]
between = ["left", "right"]
[[protocol.p]]
name = "push & hold"
duration = 2.0
couplings = "learned"
drive = { left = [[0.0, 0.0], [1.0, 3.0]] }
)",
                                     "pair");
  const std::string machine = machine_drawing(design);
  for (const char* part :
       {">left<", ">right<", "3 units", "2 \u00d7 2 = 4 units", "12 dense", "\u2212x\u00b2 + x\u2074"})
    EXPECT_TRUE(has(machine, part)) << part;
  const std::string protocol = protocol_drawing(design, design.protocols[0]);
  for (const char* part : {"push &amp; hold", "couplings 'learned'", "drive 0 to 3 on left", "kT = 0.5", "2/mu"})
    EXPECT_TRUE(has(protocol, part)) << part;
}

// The digit one is a stem of seven points with a foot of three and a flag of one.
TEST(page, letters_are_drawn_inside_the_picture_only) {
  Image image{8, 10, 1, std::vector<uint8_t>(80, 0)};
  write_line(image, 1, 1, "1", 255);
  EXPECT_EQ(std::count(image.pixels.begin(), image.pixels.end(), 255), 7 + 2 + 1);
  const Image before = image;
  write_line(image, 100, 100, "abc", 255);
  write_line(image, -50, -50, "abc", 255);
  EXPECT_EQ(image.pixels, before.pixels);
}

}  // namespace
}  // namespace swell
