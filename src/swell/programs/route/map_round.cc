#include "swell/programs/route/map_round.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/programs/route/drawing.h"

namespace swell::route {

namespace {

constexpr size_t kMostNumbers = 150, kMostArrows = 1500, kMostNames = 80;
constexpr double kBelow = 96;

// Sizes shrink where the network is large.
struct Style {
  double street, rim, walked, apart, arrow;
};

Style style_of(const StreetNetwork& network) {
  const double k =
      network.streets.size() <= 150 ? 1 : std::max(0.3, std::sqrt(150.0 / static_cast<double>(network.streets.size())));
  return {6 * k, 9 * k, 3 * k, 6 * k, k};
}

class Drawing {
 public:
  Drawing(const RoundTask& task, const Round& round)
      : task_(task), network_(task.network), round_(round), style_(style_of(task.network)) {
    for (const auto& junction : network_.junctions) frame_.take(junction.place.x, junction.place.y);
    for (const auto& street : network_.streets) {
      for (const auto& bend : street.bends) frame_.take(bend.x, bend.y);
    }
  }

  std::string draw(const std::string& title) {
    streets();
    steps();
    junctions();
    legend();
    return picture(frame_, title, body_, kBelow);
  }

 private:
  Path path_of(const StreetNetwork::Street& street) const {
    Path path;
    const auto add = [&](const StreetNetwork::Place& place) {
      path.emplace_back(frame_.x(place.x), frame_.y(place.y));
    };
    add(network_.junctions[street.a].place);
    for (const auto& bend : street.bends) add(bend);
    add(network_.junctions[street.b].place);
    if (street.a == street.b && street.bends.empty()) {  // a loop that nobody drew: a small circle above the junction
      const auto [x, y] = path[0];
      path.clear();
      for (int k = 0; k <= 12; ++k)
        path.emplace_back(x + 9 * std::sin(k * M_PI / 6), y - 9 + 9 * std::cos(k * M_PI / 6));
    }
    return path;
  }

  void streets() {
    for (const auto& street : network_.streets) {
      const Path path = path_of(street);
      if (street.duty) body_ += path_along(path, "#222", style_.rim);
      body_ += path_along(path, "#d8d8d8", style_.street);
    }
  }

  // The path beside itself, to the right of who walks it.
  static Path beside(const Path& path, double shift) {
    Path out = path;
    for (size_t k = 0; k < path.size(); ++k) {
      const auto& before = path[k == 0 ? 0 : k - 1];
      const auto& after = path[std::min(k + 1, path.size() - 1)];
      const double dx = after.first - before.first, dy = after.second - before.second;
      const double length = std::max(1e-9, std::hypot(dx, dy));
      out[k].first -= dy / length * shift;
      out[k].second += dx / length * shift;
    }
    return out;
  }

  struct Mark {
    double x, y, dx, dy;
  };
  // The place at that share of the path's length, and where it leads.
  static Mark along(const Path& path, double share) {
    double length = 0;
    for (size_t k = 1; k < path.size(); ++k)
      length += std::hypot(path[k].first - path[k - 1].first, path[k].second - path[k - 1].second);
    double left = share * length;
    for (size_t k = 1; k < path.size(); ++k) {
      const double dx = path[k].first - path[k - 1].first, dy = path[k].second - path[k - 1].second;
      const double piece = std::hypot(dx, dy);
      if (left <= piece || k + 1 == path.size()) {
        const double part = piece > 0 ? std::min(1.0, left / piece) : 0;
        return {path[k - 1].first + part * dx, path[k - 1].second + part * dy, dx, dy};
      }
      left -= piece;
    }
    return {path[0].first, path[0].second, 1, 0};
  }

  void steps() {
    std::vector<int> times(network_.streets.size(), 0);
    std::string labels;
    const size_t count = round_.steps.size();
    for (size_t k = 0; k < count; ++k) {
      const Step& step = round_.steps[k];
      Path path = path_of(network_.streets[step.street]);
      if (step.back) std::reverse(path.begin(), path.end());
      const int time = times[step.street]++;
      path = beside(path, style_.apart * time);
      const std::string colour = colour_at(count > 1 ? static_cast<double>(k) / static_cast<double>(count - 1) : 0);
      body_ += path_along(path, colour, style_.walked);
      if (count > kMostArrows) continue;
      const Mark mark = along(path, std::min(0.9, 0.55 + 0.2 * time));
      labels += arrow(mark.x, mark.y, mark.dx, mark.dy, colour, style_.arrow);
      if (count > kMostNumbers) continue;
      const double length = std::max(1e-9, std::hypot(mark.dx, mark.dy));
      labels += text_at(mark.x - mark.dy / length * 12, mark.y + mark.dx / length * 12 + 4, 10, "#333",
                        fmt::format("{}", k + 1), "middle");
    }
    body_ += labels;
  }

  void square(double x, double y, const std::string& fill) {
    body_ += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"14\" height=\"14\" fill=\"{}\" stroke=\"#111\" stroke-width=\"2\"/>\n",
        x - 7, y - 7, fill);
  }

  void junctions() {
    const bool named = network_.junctions.size() <= kMostNames;
    for (size_t j = 0; j < network_.junctions.size() && named; ++j) {
      const auto& [name, place] = network_.junctions[j];
      body_ += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"#fff\" stroke=\"#444\"/>\n",
                           frame_.x(place.x), frame_.y(place.y));
      if (name.size() <= 12) body_ += text_at(frame_.x(place.x) + 9, frame_.y(place.y) - 9, 11, "#777", name);
    }
    const auto mark = [&](int64_t j, const std::string& fill) {
      square(frame_.x(network_.junctions[j].place.x), frame_.y(network_.junctions[j].place.y), fill);
    };
    const int64_t last = round_.steps.empty()
                             ? task_.start
                             : end_of(network_.streets[round_.steps.back().street], round_.steps.back().back);
    if (last != task_.start) mark(last, "#fff");
    mark(task_.start, "#111");
  }

  // Of 1, 2 and 5 times a power of ten the longest that takes at most 180 pixels.
  void scale_bar(double x, double y) {
    const double most = 180 / frame_.scale();
    double length = std::pow(10.0, std::floor(std::log10(most)));
    for (const double times : {2.0, 5.0}) {
      if (times * std::pow(10.0, std::floor(std::log10(most))) <= most)
        length = times * std::pow(10.0, std::floor(std::log10(most)));
    }
    if (!(length > 0) || !std::isfinite(length)) return;
    const double pixels = length * frame_.scale();
    body_ += line(x, y, x + pixels, y, "#222", 2) + line(x, y - 5, x, y + 5, "#222", 2) +
             line(x + pixels, y - 5, x + pixels, y + 5, "#222", 2);
    const std::string label = !network_.origin ? fmt::format("{:g}", length)
                              : length >= 1000 ? fmt::format("{:g} km", length / 1000)
                                               : fmt::format("{:g} m", length);
    body_ += text_at(x + pixels + 8, y + 4, 12, "#222", label);
  }

  void legend() {
    const double left = Frame::kMargin / 2, y = frame_.height() + 8, next = 26;
    const auto entry = [&](double x, double at, const std::string& colour, double width, const std::string& text) {
      body_ += line(x, at, x + 26, at, colour, width);
      body_ += text_at(x + 34, at + 4, 12, "#222", text);
    };
    entry(left, y, "#d8d8d8", 6, "not walked");
    for (int k = 0; k < 26; ++k) body_ += line(left + 130 + k, y, left + 131 + k, y, colour_at(k / 25.0), 3);
    body_ += text_at(left + 164, y + 4, 12, "#222", "walked, first to last");
    body_ += line(left + 300, y, left + 326, y, "#222", 9);
    entry(left + 300, y, "#d8d8d8", 6, "duty");
    square(left + 10, y + next, "#111");
    body_ += text_at(left + 34, y + next + 4, 12, "#222", "start");
    square(left + 140, y + next, "#fff");
    body_ += text_at(left + 164, y + next + 4, 12, "#222", "end, where it is elsewhere");
    scale_bar(left, y + 2 * next);
  }

  const RoundTask& task_;
  const StreetNetwork& network_;
  const Round& round_;
  const Style style_;
  Frame frame_;
  std::string body_;
};

}  // namespace

std::string draw_round(const RoundTask& task, const Round& round, const std::string& title) {
  if (!task.network.placed) return {};
  return Drawing(task, round).draw(title);
}

}  // namespace swell::route
