#include "swell/programs/route/map.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace swell::route {

namespace {

constexpr double kSize = 900, kMargin = 50;

// From a problem's coordinates to the picture's, y upwards.
struct Frame {
  double left = INFINITY, right = -INFINITY, bottom = INFINITY, top = -INFINITY;

  void take(double x, double y) {
    left = std::min(left, x);
    right = std::max(right, x);
    bottom = std::min(bottom, y);
    top = std::max(top, y);
  }
  double scale() const { return (kSize - 2 * kMargin) / std::max({right - left, top - bottom, 1e-300}); }
  double x(double value) const { return kMargin + (value - left) * scale(); }
  double y(double value) const { return kMargin + (top - value) * scale(); }
  double width() const { return 2 * kMargin + (right - left) * scale(); }
  double height() const { return 2 * kMargin + (top - bottom) * scale(); }
};

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '"') {
      out += "&quot;";
    } else {
      out += c;
    }
  }
  return out;
}

std::string picture(const Frame& frame, const std::string& title, const std::string& body) {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} {1:.0f}\" "
      "font-family=\"sans-serif\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
      "<text x=\"{2}\" y=\"26\" font-size=\"16\" fill=\"#222\">{3}</text>\n{4}</svg>\n",
      frame.width(), frame.height() + 10, kMargin / 2, escaped(title), body);
}

std::string line(double x0, double y0, double x1, double y1, const std::string& colour, double width) {
  return fmt::format(
      "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\" stroke-width=\"{:.1f}\" "
      "stroke-linecap=\"round\"/>\n",
      x0, y0, x1, y1, colour, width);
}

// Blue, purple, red.
std::string colour_at(double share) {
  return fmt::format("#{:02x}{:02x}{:02x}", static_cast<int>(40 + 180 * share), 60,
                     static_cast<int>(210 - 170 * share));
}

std::string arrow(double x, double y, double dx, double dy, const std::string& colour) {
  const double length = std::max(1e-9, std::hypot(dx, dy)), ux = dx / length, uy = dy / length;
  return fmt::format("<polygon points=\"{:.1f},{:.1f} {:.1f},{:.1f} {:.1f},{:.1f}\" fill=\"{}\"/>\n", x + 6 * ux,
                     y + 6 * uy, x - 5 * ux - 4.5 * uy, y - 5 * uy + 4.5 * ux, x - 5 * ux + 4.5 * uy,
                     y - 5 * uy - 4.5 * ux, colour);
}

}  // namespace

std::string draw_tour(const Tsplib& problem, const Tour& tour) {
  if (problem.draw_x.empty()) return {};
  Frame frame;
  const auto &across = problem.draw_x, &up = problem.draw_y;
  const double fine = problem.cities > 500 ? 0.4 : 1;  // so that many cities can be told apart
  for (int64_t c = 0; c < problem.cities; ++c) frame.take(across[c], up[c]);
  std::string body;
  for (size_t k = 0; k < tour.order.size(); ++k) {
    const int64_t a = tour.order[k], b = tour.order[(k + 1) % tour.order.size()];
    body += line(frame.x(across[a]), frame.y(up[a]), frame.x(across[b]), frame.y(up[b]), "#2a5ad2", 2 * fine);
  }
  for (int64_t c = 0; c < problem.cities; ++c) {
    body += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\" fill=\"#222\"/>\n", frame.x(across[c]),
                        frame.y(up[c]), 3.5 * fine);
    if (problem.cities <= 60)
      body += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" font-size=\"11\" fill=\"#555\">{}</text>\n",
                          frame.x(across[c]) + 5, frame.y(up[c]) - 5, c + problem.first_city);
  }
  return picture(
      frame,
      fmt::format("{}: tour of {} cities, length {}", problem.name, problem.cities, length_text(problem, tour.length)),
      body);
}

std::string draw_round(const Streets& streets, const Round& round, const std::string& title) {
  Frame frame;
  for (const auto& junction : streets.junctions) frame.take(junction.x, junction.y);
  const auto px = [&](int64_t j) { return frame.x(streets.junctions[j].x); };
  const auto py = [&](int64_t j) { return frame.y(streets.junctions[j].y); };
  std::string body;
  for (const auto& street : streets.streets) {
    if (street.duty) body += line(px(street.a), py(street.a), px(street.b), py(street.b), "#222", 9);
    body += line(px(street.a), py(street.a), px(street.b), py(street.b), "#d8d8d8", 6);
  }
  const RoundCheck check = check_round(streets, round.streets);
  std::vector<int> times(streets.streets.size(), 0);
  std::string labels;
  const size_t steps = round.streets.size();
  for (size_t k = 0; k < steps; ++k) {
    const int64_t from = check.junctions[k], to = check.junctions[k + 1], s = round.streets[k];
    const double share = steps > 1 ? static_cast<double>(k) / static_cast<double>(steps - 1) : 0;
    // Each time on a line of its own, beside the street's middle, on the right hand of who walks.
    const double dx = px(to) - px(from), dy = py(to) - py(from), length = std::max(1e-9, std::hypot(dx, dy));
    const double shift = 6.0 * times[s], along = 0.55 + 0.2 * times[s];
    ++times[s];
    const double ox = -dy / length * shift, oy = dx / length * shift;
    const std::string colour = colour_at(share);
    body += line(px(from) + ox, py(from) + oy, px(to) + ox, py(to) + oy, colour, 3);
    const double mx = px(from) + along * dx + ox, my = py(from) + along * dy + oy;
    labels += arrow(mx, my, dx, dy, colour);
    labels +=
        fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" font-size=\"10\" fill=\"#333\" text-anchor=\"middle\">{}</text>\n",
                    mx - dy / length * 12, my + dx / length * 12 + 4, k + 1);
  }
  body += labels;
  for (size_t j = 0; j < streets.junctions.size(); ++j) {
    const auto number = static_cast<int64_t>(j);
    if (number == streets.depot) {
      body += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"16\" height=\"16\" fill=\"#111\"/>\n",
                          px(number) - 8, py(number) - 8);
    } else {
      body += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"#fff\" stroke=\"#444\"/>\n", px(number),
                          py(number));
    }
    body += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" font-size=\"11\" fill=\"#777\">{}</text>\n", px(number) + 9,
                        py(number) - 9, escaped(streets.junctions[j].name));
  }
  return picture(frame, title, body);
}

}  // namespace swell::route
