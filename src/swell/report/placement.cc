#include "swell/report/placement.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace swell {
namespace {

constexpr int64_t kMostSide = 96, kMostLines = 20'000, kMostInCircle = 400;

struct Point {
  double x = 0, y = 0;
};

// Of all places that are drawn: on a grid those between the first and last ones in use.
class Layout {
 public:
  Layout(const hardware::Target& target, const hardware::Placement& placement) : target_(target) {
    if (!target.is_grid()) return;
    top_ = target.rows;
    left_ = target.columns;
    for (const int64_t place : placement.place) {
      top_ = std::min(top_, place / target.columns);
      left_ = std::min(left_, place % target.columns);
      bottom_ = std::max(bottom_, place / target.columns);
      right_ = std::max(right_, place % target.columns);
    }
    side_ = std::max(bottom_ - top_, right_ - left_) + 1;
    step_ = 600.0 / static_cast<double>(side_ + 1);
  }
  bool visible() const { return target_.is_grid() ? side_ <= kMostSide : target_.units <= kMostInCircle; }
  bool holds(int64_t place) const {
    if (!target_.is_grid()) return true;
    const int64_t r = place / target_.columns, c = place % target_.columns;
    return r >= top_ && r <= bottom_ && c >= left_ && c <= right_;
  }
  Point at(int64_t place) const {
    if (target_.is_grid())
      return {step_ * static_cast<double>(place % target_.columns - left_ + 1),
              step_ * static_cast<double>(place / target_.columns - top_ + 1)};
    const double angle = 2 * std::numbers::pi * static_cast<double>(place) / static_cast<double>(target_.units);
    return {300 + 270 * std::sin(angle), 300 - 270 * std::cos(angle)};
  }
  double width() const { return target_.is_grid() ? step_ * static_cast<double>(right_ - left_ + 2) : 600; }
  double height() const { return target_.is_grid() ? step_ * static_cast<double>(bottom_ - top_ + 2) : 600; }
  double radius() const {
    return std::clamp(target_.is_grid() ? 0.18 * step_ : 600.0 / static_cast<double>(target_.units), 1.2, 7.0);
  }

 private:
  const hardware::Target& target_;
  int64_t top_ = 0, left_ = 0, bottom_ = 0, right_ = 0, side_ = 0;
  double step_ = 1;
};

}  // namespace

std::string placement_drawing(const hardware::Wanted& machine, const hardware::Target& target,
                              const hardware::Placement& placement) {
  if (placement.place.empty() || static_cast<int64_t>(machine.couplings.size()) > kMostLines) return "";
  const Layout layout(target, placement);
  if (!layout.visible()) return "";
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.1f} {:.1f}\" role=\"img\" aria-label=\"units on a "
      "chip\">\n",
      layout.width(), layout.height());
  // What is left over lies on top.
  for (const bool held : {true, false}) {
    svg += fmt::format("<g stroke=\"{}\" stroke-width=\"{}\" stroke-opacity=\"{}\">\n", held ? "#4b7f9f" : "#c0392b",
                       held ? 1.2 : 1.6, held ? 0.7 : 0.9);
    for (const IsingEdge& edge : machine.couplings) {
      if (target.coupled(placement.place[edge.a], placement.place[edge.b]) != held) continue;
      const Point a = layout.at(placement.place[edge.a]), b = layout.at(placement.place[edge.b]);
      svg += fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n", a.x, a.y, b.x, b.y);
    }
    svg += "</g>\n";
  }
  std::vector<char> used(target.units, 0);
  for (const int64_t place : placement.place) used[place] = 1;
  for (int64_t place = 0; place < target.units; ++place) {
    if (!layout.holds(place)) continue;
    const Point p = layout.at(place);
    svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\" fill=\"{}\"/>\n", p.x, p.y,
                       layout.radius() * (used[place] ? 1 : 0.5), used[place] ? "#1f3a4d" : "#c8c8c8");
  }
  return svg + "</svg>\n";
}

}  // namespace swell
