#include "swell/io/streets.h"

#include <fmt/format.h>

#include <map>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"
#include "swell/io/text_lines.h"

namespace swell {

namespace {

class Reader {
 public:
  Reader(std::string_view text, std::string_view name) : lines_(text, name) {}

  Streets read() {
    while (lines_.next()) {
      const std::string_view kind = lines_.words()[0];
      if (kind.starts_with('#')) continue;
      if (kind == "junction") {
        junction();
      } else if (kind == "street") {
        street();
      } else if (kind == "depot") {
        if (lines_.words().size() != 2) lines_.fail("a depot is 'depot NAME'");
        streets_.depot = number_of(lines_.words()[1]);
      } else {
        lines_.fail(fmt::format("a line begins with {}; allowed are junction, street, depot and #", printable(kind)));
      }
    }
    if (streets_.streets.empty()) lines_.fail_at_end("there is no street");
    require_connected();
    return std::move(streets_);
  }

 private:
  void junction() {
    if (lines_.words().size() != 4) lines_.fail("a junction is 'junction NAME X Y'");
    const std::string name(lines_.words()[1]);
    if (!numbers_.emplace(name, static_cast<int64_t>(streets_.junctions.size())).second)
      lines_.fail(fmt::format("junction {} stands here for the second time", printable(name)));
    streets_.junctions.push_back({name, lines_.real(lines_.words()[2], "x"), lines_.real(lines_.words()[3], "y")});
  }

  int64_t number_of(std::string_view name) {
    const auto found = numbers_.find(std::string(name));
    if (found == numbers_.end()) lines_.fail(fmt::format("there is no junction {} above", printable(name)));
    return found->second;
  }

  double amount(std::string_view word, std::string_view what, bool zero) {
    const double value = lines_.real(word, what);
    if (value < 0 || (value == 0 && !zero) || value > 1e12)
      lines_.fail(
          fmt::format("{} is {}; allowed are {} to 1e12", what, printable(word), zero ? "0" : "positive numbers up"));
    return value;
  }

  void street() {
    const auto& words = lines_.words();
    if (words.size() < 4) lines_.fail("a street is 'street A B LENGTH [duty] [reward R] [name ...]'");
    Streets::Street street;
    street.a = number_of(words[1]);
    street.b = number_of(words[2]);
    if (street.a == street.b)
      lines_.fail(fmt::format("a street leads from {} to itself; put a junction on its way", printable(words[1])));
    street.length = amount(words[3], "the length", false);
    for (size_t k = 4; k < words.size(); ++k) {
      if (words[k] == "duty") {
        street.duty = true;
      } else if (words[k] == "reward" && k + 1 < words.size()) {
        street.reward = amount(words[++k], "the reward", true);
      } else if (words[k] == "name" && k + 1 < words.size()) {
        street.name = std::string(words[k + 1]);
        for (size_t w = k + 2; w < words.size(); ++w) street.name += fmt::format(" {}", words[w]);
        break;
      } else {
        lines_.fail(fmt::format("{} after a street; allowed are duty, reward R and name WORDS", printable(words[k])));
      }
    }
    streets_.streets.push_back(std::move(street));
  }

  void require_connected() {
    std::vector<std::vector<int64_t>> next(streets_.junctions.size());
    for (const auto& street : streets_.streets) {
      next[street.a].push_back(street.b);
      next[street.b].push_back(street.a);
    }
    std::vector<char> seen(next.size(), 0);
    std::vector<int64_t> reached = {streets_.depot};
    seen[streets_.depot] = 1;
    for (size_t at = 0; at < reached.size(); ++at) {
      for (const int64_t j : next[reached[at]]) {
        if (seen[j]) continue;
        seen[j] = 1;
        reached.push_back(j);
      }
    }
    for (size_t j = 0; j < seen.size(); ++j) {
      if (!seen[j])
        lines_.fail_at_end(fmt::format("no street leads from {} to {}; the network must hang together",
                                       printable(streets_.junctions[streets_.depot].name),
                                       printable(streets_.junctions[j].name)));
    }
  }

  TextLines lines_;
  Streets streets_;
  std::map<std::string, int64_t> numbers_;
};

}  // namespace

Streets parse_streets(std::span<const std::byte> bytes, std::string_view name) {
  return Reader(as_text(bytes), name).read();
}

}  // namespace swell
