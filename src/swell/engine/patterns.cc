#include "swell/engine/patterns.h"

#include <fmt/format.h>

#include <algorithm>

#include "swell/base/errors.h"

namespace swell {

namespace {

bool all_zero(const Patterns& patterns, int64_t units, const Group& group) {
  for (int64_t row = 0; row < patterns.rows; ++row) {
    const auto first = patterns.values.begin() + row * units + group.first;
    if (std::any_of(first, first + group.size, [](double value) { return value != 0; })) return false;
  }
  return true;
}

}  // namespace

Patterns fixed_patterns(const Design& design, std::span<const int> labels) {
  const auto fixed = [](PatternMap map) {
    return map == PatternMap::ones || map == PatternMap::zeros || map == PatternMap::label;
  };
  if (std::ranges::none_of(design.patterns, fixed)) return {};
  const int label = label_group(design);
  const int64_t n = design.computer.units(), classes = label < 0 ? 1 : design.computer.groups[label].size;
  Patterns patterns;
  patterns.rows = labels.empty() ? classes : static_cast<int64_t>(labels.size());
  patterns.values.assign(patterns.rows * n, 0.0);
  for (int64_t row = 0; row < patterns.rows; ++row) {
    for (size_t g = 0; g < design.patterns.size(); ++g) {
      const Group& group = design.computer.groups[g];
      const auto first = patterns.values.begin() + row * n + group.first;
      if (design.patterns[g] == PatternMap::ones) std::fill_n(first, group.size, 1.0);
      if (design.patterns[g] != PatternMap::label) continue;
      const int64_t asked = labels.empty() ? row % group.size : labels[row];
      if (asked < 0 || asked >= group.size)
        throw InputError(fmt::format("class {} is not one of design '{}', whose group '{}' has the classes 0 to {}",
                                     asked, design.name, group.name, group.size - 1));
      first[asked] = 1;
    }
  }
  return patterns;
}

void require_patterns(const Design& design, const Protocol& protocol, const Patterns& patterns) {
  const Computer& computer = design.computer;
  for (size_t s = 0; s < protocol.segments.size(); ++s) {
    const Segment& segment = protocol.segments[s];
    for (size_t g = 0; g < computer.groups.size(); ++g) {
      const bool driven = !segment.drive[g].is_zero(), clamped = segment.clamped[g] != 0;
      const std::string& group = computer.groups[g].name;
      if ((!driven && !clamped) || design.patterns[g] == PatternMap::zeros ||
          !all_zero(patterns, computer.units(), computer.groups[g]))
        continue;
      const std::string key = fmt::format("design '{}': protocol.{}[{}] ('{}'), key '{}'", design.name, protocol.name,
                                          s, segment.name, driven ? "drive." + group : "clamp");
      if (design.patterns[g] == PatternMap::none) {
        throw InputError(
            fmt::format("{} {} the group '{}', which has no pattern; pattern = \"ones\", {}\"data\", \"repeat\" or "
                        "\"projection\" is needed in its [[group]]",
                        key, driven ? "drives" : "clamps", group, driven ? "" : "\"zeros\", "));
      }
      throw InputError(
          fmt::format("{} {} the group '{}' by a pattern that follows images, and there are none; give them with "
                      "--data IMAGES[:LABELS], or choose pattern = \"ones\"",
                      key, driven ? "drives" : "clamps", group));
    }
  }
}

}  // namespace swell
