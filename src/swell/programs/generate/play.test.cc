#include "swell/programs/generate/play.h"

#include <gtest/gtest.h>

#include "swell/base/errors.h"
#include "swell/io/base64.h"
#include "swell/model/design.h"

namespace swell::generate {

namespace {

Trained pair_of_units() {
  Trained trained{parse_design(R"(name = "pair"
dt = 0.01
kT = 0.1
[[group]]
name = "visible"
shape = [2]
J2 = 1
J4 = 1
pattern = "data"
[[coupling]]
between = ["visible", "visible"]
[[protocol.generation]]
duration = 1
couplings = "learned"
)",
                               "pair"),
                  {},
                  {{"method", "exact"}}};
  std::get<DenseWeights>(trained.design.computer.sets[0].blocks[0].weights).values = {0, 0.5, 0.5, 0};
  return trained;
}

constexpr std::string_view kBegin = R"(<p>A page</p><script type="application/octet-stream" id="machine">)";
constexpr std::string_view kEnd = "</script><p>its end</p>";

}  // namespace

TEST(play, the_page_holds_the_machine_file) {
  const std::string page = page_with_machine(std::string(kBegin) + std::string(kEnd), "page.html", pair_of_units());
  ASSERT_TRUE(page.starts_with(kBegin));
  ASSERT_TRUE(page.ends_with(kEnd));
  const auto bytes =
      decode_base64(std::string_view(page).substr(kBegin.size(), page.size() - kBegin.size() - kEnd.size()));
  ASSERT_TRUE(bytes);
  const Trained read = parse_trained(*bytes, "page");
  EXPECT_EQ(read.design.name, "pair");
  EXPECT_EQ(std::get<DenseWeights>(read.design.computer.sets[0].blocks[0].weights).values,
            (std::vector<double>{0, 0.5, 0.5, 0}));
}

TEST(play, other_pages_are_refused) {
  for (const std::string& page : {std::string(), std::string("<html></html>"), std::string(kBegin),
                                  std::string(kBegin) + "YWJj" + std::string(kEnd)}) {
    try {
      page_with_machine(page, "page.html", pair_of_units());
      FAIL() << page;
    } catch (const InputError& error) {
      EXPECT_STREQ(error.what(),
                   "page.html is not a page with a place for a machine; build/web/swell.html of 'make web' is");
    }
  }
}

}  // namespace swell::generate
