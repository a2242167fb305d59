#include "swell/report/machine.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

#include "swell/report/page.h"

namespace swell {

namespace {

constexpr double kWidth = 720, kBoxWidth = 138, kBoxHeight = 62;
constexpr size_t kMostGroups = 12, kInARow = 4;
constexpr const char* kBarColors[] = {"#2a78b8", "#c8553d", "#3d8f5f", "#8a63a8", "#b38a1e", "#4a9aa8"};

struct Place {
  double x, y;  // of the middle of a box
};

// One row where that fits, a circle otherwise.
std::vector<Place> places(size_t groups, double& height) {
  std::vector<Place> result;
  if (groups <= kInARow) {
    height = 190;
    for (size_t g = 0; g < groups; ++g)
      result.push_back({kWidth * (static_cast<double>(g) + 0.5) / static_cast<double>(groups), 105});
    return result;
  }
  height = groups > 8 ? 560 : 440;
  for (size_t g = 0; g < groups; ++g) {
    const double angle =
        2 * std::numbers::pi * static_cast<double>(g) / static_cast<double>(groups) - std::numbers::pi / 2;
    result.push_back({kWidth / 2 + (kWidth / 2 - kBoxWidth / 2 - 12) * std::cos(angle),
                      height / 2 + 10 + (height / 2 - 75) * std::sin(angle)});
  }
  return result;
}

std::string text(double x, double y, const std::string& words, const char* style = "") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\" {}>{}</text>\n", x, y, style,
                     escaped(words));
}

std::string potential(const Computer& computer, int64_t unit) {
  std::string terms;
  for (const auto& [name, value] : {std::pair("x\u00b2", computer.J2[unit]), std::pair("x\u00b3", computer.J3[unit]),
                                    std::pair("x\u2074", computer.J4[unit])}) {
    if (value == 0) continue;
    terms += terms.empty() ? (value < 0 ? "\u2212" : "") : (value < 0 ? " \u2212 " : " + ");
    if (std::abs(value) != 1) terms += fmt::format("{:.3g} ", std::abs(value));
    terms += name;
  }
  return terms;
}

std::string wire(const Place& a, const Place& b, bool apart, const std::string& label) {
  const double lift = apart ? 70 : 0, middle_x = (a.x + b.x) / 2, middle_y = (a.y + b.y) / 2 - lift;
  return fmt::format(
             "<path class=\"wire\" d=\"M{:.1f} {:.1f}Q{:.1f} {:.1f} {:.1f} {:.1f}\" fill=\"none\" stroke=\"#56616d\" "
             "stroke-width=\"2\"/>\n",
             a.x, a.y, middle_x, middle_y - lift, b.x, b.y) +
         text(middle_x, middle_y - (apart ? 3 : 6), label, "class=\"soft\" font-size=\"11\" fill=\"#56616d\"");
}

std::string loop(const Place& at, const std::string& label) {
  const double top = at.y - kBoxHeight / 2;
  return fmt::format(
             "<path class=\"wire\" d=\"M{:.1f} {:.1f}C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}\" fill=\"none\" "
             "stroke=\"#56616d\" stroke-width=\"2\"/>\n",
             at.x - 28, top, at.x - 34, top - 36, at.x + 34, top - 36, at.x + 28, top) +
         text(at.x, top - 33, label, "class=\"soft\" font-size=\"11\" fill=\"#56616d\"");
}

std::string couplings_label(const Computer& computer, const CouplingBlock& block) {
  if (const auto* sparse = std::get_if<SparseWeights>(&block.weights)) {
    const auto entries = static_cast<int64_t>(sparse->values.size());
    return fmt::format("{} sparse", block.row_group == block.column_group ? entries / 2 : entries);
  }
  const int64_t rows = computer.groups[block.row_group].size, columns = computer.groups[block.column_group].size;
  return fmt::format("{} dense", block.row_group == block.column_group ? rows * (rows - 1) / 2 : rows * columns);
}

std::string svg_of(double height, const std::string& content) {
  return fmt::format(
      "<svg class=\"plot\" xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1:.0f}\" viewBox=\"0 0 {0} "
      "{1:.0f}\" font-family=\"system-ui,sans-serif\" font-size=\"13\" fill=\"#1c2733\">\n{2}</svg>",
      kWidth, height, content);
}

// What a segment does, in a line of its own.
std::string doings(const Design& design, const Segment& segment) {
  std::vector<std::string> words;
  words.push_back(segment.couplings == kNoCouplings
                      ? "no couplings"
                      : fmt::format("couplings '{}'", design.computer.sets[segment.couplings].name));
  for (size_t g = 0; g < segment.drive.size(); ++g) {
    const std::string& name = design.computer.groups[g].name;
    if (segment.clamped[g]) words.push_back("clamped " + name);
    if (segment.drive[g].is_zero()) continue;
    const auto& knots = segment.drive[g].knots;
    words.push_back(knots.size() == 1
                        ? fmt::format("drive {:g} on {}", knots[0].value, name)
                        : fmt::format("drive {:g} to {:g} on {}", knots.front().value, knots.back().value, name));
  }
  const Schedule kT = temperature(segment, design.computer);
  words.push_back(kT.knots.size() == 1 ? fmt::format("kT = {:g}", kT.knots[0].value)
                                       : fmt::format("kT {:g} to {:g}", kT.knots.front().value, kT.knots.back().value));
  return fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace

std::string machine_drawing(const Design& design) {
  const Computer& computer = design.computer;
  const size_t drawn = std::min(computer.groups.size(), kMostGroups);
  double height = 0;
  const std::vector<Place> at = places(drawn, height);
  std::string wires, boxes;
  std::set<std::pair<int, int>> done;  // a pair of groups once, whatever the sets
  for (const CouplingSet& set : computer.sets) {
    for (const CouplingBlock& block : set.blocks) {
      const auto [a, b] = std::minmax(block.row_group, block.column_group);
      if (static_cast<size_t>(b) >= drawn || !done.insert({a, b}).second) continue;
      const std::string label = couplings_label(computer, block);
      wires += a == b ? loop(at[a], label) : wire(at[a], at[b], drawn <= kInARow && b - a > 1, label);
    }
  }
  for (size_t g = 0; g < drawn; ++g) {
    const Group& group = computer.groups[g];
    boxes += fmt::format(
        "<rect class=\"box\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{}\" height=\"{}\" rx=\"7\" fill=\"#f3f6f8\" "
        "stroke=\"#1c2733\"/>\n",
        at[g].x - kBoxWidth / 2, at[g].y - kBoxHeight / 2, kBoxWidth, kBoxHeight);
    std::string name = group.name;
    if (name.size() > 18) name = name.substr(0, 17) + "\u2026";
    boxes += text(at[g].x, at[g].y - 12, name, "font-weight=\"600\"");
    boxes += text(at[g].x, at[g].y + 5,
                  group.shape.size() > 1 ? fmt::format("{} = {} units", fmt::join(group.shape, " \u00d7 "), group.size)
                                         : fmt::format("{} unit{}", group.size, group.size == 1 ? "" : "s"),
                  "font-size=\"12\"");
    boxes += text(at[g].x, at[g].y + 21, potential(computer, group.first),
                  "class=\"soft\" font-size=\"11\" fill=\"#56616d\"");
  }
  if (drawn < computer.groups.size())
    boxes += text(kWidth / 2, height - 8, fmt::format("and {} groups more", computer.groups.size() - drawn));
  return svg_of(height, wires + boxes);
}

std::string protocol_drawing(const Design& design, const Protocol& protocol) {
  double total = 0;
  for (const Segment& segment : protocol.segments) total += segment.duration;
  constexpr double kLeft = 10, kTop = 12, kBar = 26, kLine = 20;
  double at = kLeft, passed = 0;
  const double height = kTop + kBar + 30 + kLine * static_cast<double>(protocol.segments.size());
  std::string svg;
  for (size_t s = 0; s < protocol.segments.size(); ++s) {
    const Segment& segment = protocol.segments[s];
    const char* color = kBarColors[s % std::size(kBarColors)];
    const double width = (kWidth - 2 * kLeft) * segment.duration / total;
    svg += fmt::format("<rect x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\" fill=\"{}\" fill-opacity=\"{}\"/>\n",
                       at, kTop, std::max(1.0, width - 1), kBar, color,
                       segment.couplings == kNoCouplings ? "0.45" : "0.9");
    const double row = kTop + kBar + 34 + kLine * static_cast<double>(s);
    svg += fmt::format("<rect x=\"{}\" y=\"{:.1f}\" width=\"11\" height=\"11\" fill=\"{}\"/>", kLeft, row - 10, color);
    svg += fmt::format("<text x=\"{}\" y=\"{:.1f}\"><tspan font-weight=\"600\">{}</tspan>, {:g} to {:g}: {}</text>\n",
                       kLeft + 18, row, escaped(segment.name), passed, passed + segment.duration,
                       escaped(doings(design, segment)));
    at += width;
    passed += segment.duration;
  }
  svg += fmt::format("<text x=\"{}\" y=\"{}\">0</text>", kLeft, kTop + kBar + 14);
  svg += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{:g}/mu</text>\n", kWidth - kLeft, kTop + kBar + 14,
                     total);
  return svg_of(height, svg);
}

}  // namespace swell
