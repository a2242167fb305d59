#include "swell/programs/route/drawing.h"

#include <fmt/format.h>

#include <algorithm>

namespace swell::route {

void Frame::take(double x, double y) {
  left = std::min(left, x);
  right = std::max(right, x);
  bottom = std::min(bottom, y);
  top = std::max(top, y);
}

double Frame::scale() const { return (kSize - 2 * kMargin) / std::max({right - left, top - bottom, 1e-300}); }

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (static_cast<unsigned char>(c) < 32) {
      out += ' ';  // XML has no control characters
    } else {
      out += c;
    }
  }
  return out;
}

std::string picture(const Frame& frame, const std::string& title, const std::string& body, double below) {
  // Narrow networks too leave room for the title.
  const double width = std::max(frame.width(), std::max(420.0, 30 + 8.2 * static_cast<double>(title.size())));
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} {1:.0f}\" "
      "font-family=\"sans-serif\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{2}{3}</svg>\n",
      width, frame.height() + below, text_at(Frame::kMargin / 2, 26, 16, "#222", title), body);
}

std::string line(double x0, double y0, double x1, double y1, const std::string& colour, double width) {
  return fmt::format(
      "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\" stroke-width=\"{:.1f}\" "
      "stroke-linecap=\"round\"/>\n",
      x0, y0, x1, y1, colour, width);
}

std::string path_along(const Path& path, const std::string& colour, double width) {
  std::string points;
  for (const auto& [x, y] : path) points += fmt::format("{}{:.1f},{:.1f}", points.empty() ? "" : " ", x, y);
  return fmt::format(
      "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{:.1f}\" stroke-linecap=\"round\" "
      "stroke-linejoin=\"round\"/>\n",
      points, colour, width);
}

std::string text_at(double x, double y, double size, const std::string& colour, const std::string& text,
                    const std::string& anchor) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" font-size=\"{:.1f}\" fill=\"{}\" text-anchor=\"{}\">{}</text>\n",
                     x, y, size, colour, anchor, escaped(text));
}

std::string colour_at(double share) {
  return fmt::format("#{:02x}{:02x}{:02x}", static_cast<int>(40 + 180 * share), 60,
                     static_cast<int>(210 - 170 * share));
}

std::string arrow(double x, double y, double dx, double dy, const std::string& colour, double size) {
  const double length = std::max(1e-9, std::hypot(dx, dy)), ux = size * dx / length, uy = size * dy / length;
  return fmt::format("<polygon points=\"{:.1f},{:.1f} {:.1f},{:.1f} {:.1f},{:.1f}\" fill=\"{}\"/>\n", x + 6 * ux,
                     y + 6 * uy, x - 5 * ux - 4.5 * uy, y - 5 * uy + 4.5 * ux, x - 5 * ux + 4.5 * uy,
                     y - 5 * uy - 4.5 * ux, colour);
}

}  // namespace swell::route
