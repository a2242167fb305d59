#include "swell/engine/patterns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "swell/base/errors.h"
#include "swell/random/normal.h"
#include "swell/random/streams.h"

namespace swell {

namespace {

constexpr int64_t kRounds = 128;     // through the styles of a class
constexpr int64_t kMostRows = 4096;  // of patterns: bounds their memory

bool all_zero(const Patterns& patterns, int64_t units, const Group& group) {
  for (int64_t row = 0; row < patterns.rows; ++row) {
    const auto first = patterns.values.begin() + row * units + group.first;
    if (std::any_of(first, first + group.size, [](double value) { return value != 0; })) return false;
  }
  return true;
}

}  // namespace

Patterns fixed_patterns(const Design& design, std::span<const int> labels, Seed seed) {
  const auto fixed = [](PatternMap map) {
    return map == PatternMap::ones || map == PatternMap::zeros || map == PatternMap::label;
  };
  if (std::ranges::none_of(design.patterns, fixed)) return {};
  const int label = label_group(design);
  const int64_t n = design.computer.units(), classes = label < 0 ? 1 : count_classes(design);
  const int64_t styles = label < 0 ? 1 : design.computer.groups[label].size / classes;
  const int64_t turn = labels.empty() ? classes : static_cast<int64_t>(labels.size());
  const int64_t rounds = styles > 1 ? std::clamp<int64_t>(kMostRows / turn, 1, kRounds) : 1;
  Patterns patterns;
  patterns.rows = turn * rounds;
  patterns.values.assign(patterns.rows * n, 0.0);
  for (int64_t row = 0; row < patterns.rows; ++row) {
    for (size_t g = 0; g < design.patterns.size(); ++g) {
      const Group& group = design.computer.groups[g];
      const auto first = patterns.values.begin() + row * n + group.first;
      if (design.patterns[g] == PatternMap::ones) std::fill_n(first, group.size, 1.0);
      if (design.patterns[g] != PatternMap::label) continue;
      const int64_t asked = labels.empty() ? row % classes : labels[row % turn];
      if (asked < 0 || asked >= classes)
        throw InputError(fmt::format("class {} is not one of design '{}', whose group '{}' has the classes 0 to {}",
                                     asked, design.name, group.name, classes - 1));
      int64_t style = 0;
      if (styles > 1) {
        // Multiples of the golden ratio fill 0 to 1 evenly, however many there are.
        const Words4 words = noise_words({seed, stream::kStyle}, 0, 0, static_cast<uint32_t>(row % turn), 0);
        const double place =
            static_cast<double>(words.a) * 0x1p-32 + static_cast<double>(row / turn) * (std::numbers::phi - 1);
        style = design.stages ? design.stages->style_at(asked, place - std::floor(place)) : 0;
      }
      first[asked * styles + style] = 1;
    }
  }
  return patterns;
}

int asked_class(const Design& design, const Patterns& patterns, int64_t row) {
  const Group& label = design.computer.groups[label_group(design)];
  const auto first = patterns.values.begin() + row * design.computer.units() + label.first;
  const int64_t unit = std::max_element(first, first + label.size) - first;
  return static_cast<int>(unit * count_classes(design) / label.size);
}

void require_patterns(const Design& design, const Protocol& protocol, const Patterns& patterns) {
  const Computer& computer = design.computer;
  for (size_t s = 0; s < protocol.segments.size(); ++s) {
    const Segment& segment = protocol.segments[s];
    for (size_t g = 0; g < computer.groups.size(); ++g) {
      const bool driven = !segment.drive[g].is_zero(), clamped = segment.clamped[g] != 0;
      const std::string& group = computer.groups[g].name;
      const bool held_at_zero = clamped && design.patterns[g] == PatternMap::zeros;
      if ((!driven && !clamped) || held_at_zero || !all_zero(patterns, computer.units(), computer.groups[g])) continue;
      const std::string key = fmt::format("design '{}': protocol.{}[{}] ('{}'), key '{}'", design.name, protocol.name,
                                          s, segment.name, driven ? "drive." + group : "clamp");
      if (design.patterns[g] == PatternMap::none) {
        throw InputError(
            fmt::format("{} {} the group '{}', which has no pattern; pattern = \"ones\", {}\"data\", \"repeat\" or "
                        "\"projection\" is needed in its [[group]]",
                        key, driven ? "drives" : "clamps", group, driven ? "" : "\"zeros\", "));
      }
      if (design.patterns[g] == PatternMap::zeros)
        throw InputError(
            fmt::format("{} drives the group '{}', whose pattern \"zeros\" gives no force; pattern = "
                        "\"ones\" drives all of its units alike",
                        key, group));
      throw InputError(
          fmt::format("{} {} the group '{}' by a pattern that follows images, and there are none; give "
                      "images, or choose pattern = \"ones\"",
                      key, driven ? "drives" : "clamps", group));
    }
  }
}

}  // namespace swell
