#include "swell/io/street_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"
#include "swell/io/text_lines.h"

namespace swell {

namespace {

constexpr std::array<std::string_view, 5> kMarks = {"oneway", "back", "duty", "reward", "name"};

bool is_mark(std::string_view word) { return std::find(kMarks.begin(), kMarks.end(), word) != kMarks.end(); }

class Reader {
 public:
  Reader(std::string_view text, std::string_view name) : lines_(text, name) {}

  StreetNetwork read() {
    while (lines_.next()) {
      const std::string_view kind = lines_.words()[0];
      if (kind.starts_with('#')) continue;
      if (kind == "junction") {
        junction();
      } else if (kind == "street") {
        street();
      } else if (kind == "depot") {
        depot();
      } else if (kind == "end") {
        end();
      } else if (kind == "van" || kind == "vans" || kind == "vehicle" || kind == "vehicles") {
        lines_.fail("several vans are not supported; a round is one walk from one depot");
      } else {
        lines_.fail(
            fmt::format("a line begins with {}; allowed are junction, street, depot, end and #", printable(kind)));
      }
    }
    if (network_.streets.empty()) lines_.fail_at_end("there is no street");
    return std::move(network_);
  }

 private:
  void junction() {
    if (lines_.words().size() != 4) lines_.fail("a junction is 'junction NAME X Y'");
    const std::string name(lines_.words()[1]);
    if (!numbers_.emplace(name, static_cast<int64_t>(network_.junctions.size())).second)
      lines_.fail(fmt::format("junction {} stands here for the second time", printable(name)));
    network_.junctions.push_back({name, {lines_.real(lines_.words()[2], "x"), lines_.real(lines_.words()[3], "y")}});
  }

  int64_t number_of(std::string_view name) {
    const auto found = numbers_.find(std::string(name));
    if (found == numbers_.end()) lines_.fail(fmt::format("there is no junction {} above", printable(name)));
    return found->second;
  }

  void depot() {
    if (lines_.words().size() != 2) lines_.fail("a depot is 'depot NAME'; several depots are not supported");
    if (network_.depot) lines_.fail("a second depot; several depots are not supported, a round is one walk from one");
    network_.depot = number_of(lines_.words()[1]);
  }

  void end() {
    if (lines_.words().size() != 2) lines_.fail("an end is 'end NAME' or 'end anywhere'");
    if (network_.end || network_.ends_anywhere) lines_.fail("a second end; a round has one");
    if (lines_.words()[1] == "anywhere" && !numbers_.contains("anywhere")) {
      network_.ends_anywhere = true;
    } else {
      network_.end = number_of(lines_.words()[1]);
    }
  }

  double amount(std::string_view word, std::string_view what) {
    const double value = lines_.real(word, what);
    if (value < 0 || value > 1e12) lines_.fail(fmt::format("{} is {}; allowed are 0 to 1e12", what, printable(word)));
    return value;
  }

  // The name that begins at word k: "in quotes", or up to the next mark. Leaves k at the name's last word.
  std::string name_from(size_t& k) {
    const auto& words = lines_.words();
    std::string name(words[k]);
    if (!name.starts_with('"')) {
      while (k + 1 < words.size() && !is_mark(words[k + 1])) name += fmt::format(" {}", words[++k]);
      return name;
    }
    while ((name.size() < 2 || !name.ends_with('"')) && k + 1 < words.size()) name += fmt::format(" {}", words[++k]);
    if (name.size() < 2 || !name.ends_with('"')) lines_.fail("the name begins with a quote and does not end with one");
    return name.substr(1, name.size() - 2);
  }

  void street() {
    const auto& words = lines_.words();
    if (words.size() < 4)
      lines_.fail("a street is 'street A B LENGTH [oneway] [back LENGTH] [duty] [reward R] [name ...]'");
    StreetNetwork::Street street;
    street.a = number_of(words[1]);
    street.b = number_of(words[2]);
    street.length = street.back = amount(words[3], "the length");
    std::vector<std::string_view> seen;
    for (size_t k = 4; k < words.size(); ++k) {
      const std::string_view word = words[k];
      if (!is_mark(word))
        lines_.fail(fmt::format("{} after a street; allowed are oneway, back LENGTH, duty, reward R and name WORDS",
                                printable(word)));
      if (std::find(seen.begin(), seen.end(), word) != seen.end())
        lines_.fail(fmt::format("{} stands twice; a name that holds the word is put in \"quotes\"", word));
      seen.push_back(word);
      const bool bare = word == "oneway" || word == "duty";
      if (!bare && k + 1 == words.size()) lines_.fail(fmt::format("{} is the last word; what it is must follow", word));
      if (word == "oneway") {
        street.back = INFINITY;
      } else if (word == "duty") {
        street.duty = true;
      } else if (word == "back") {
        street.back = amount(words[++k], "the length back");
      } else if (word == "reward") {
        street.reward = amount(words[++k], "the reward");
      } else {
        street.name = name_from(++k);
      }
    }
    if (std::find(seen.begin(), seen.end(), "oneway") != seen.end() &&
        std::find(seen.begin(), seen.end(), "back") != seen.end())
      lines_.fail("a street that is oneway has no length back");
    network_.streets.push_back(std::move(street));
  }

  TextLines lines_;
  StreetNetwork network_;
  std::map<std::string, int64_t, std::less<>> numbers_;
};

}  // namespace

StreetNetwork parse_street_lines(std::span<const std::byte> bytes, std::string_view name) {
  return Reader(as_text(bytes), name).read();
}

}  // namespace swell
