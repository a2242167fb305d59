#pragma once

#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace swell::route {

// From a problem's coordinates to a picture's, y upwards.
struct Frame {
  static constexpr double kSize = 900, kMargin = 50;
  double left = INFINITY, right = -INFINITY, bottom = INFINITY, top = -INFINITY;

  void take(double x, double y);
  double scale() const;  // pixels per unit
  double x(double value) const { return kMargin + (value - left) * scale(); }
  double y(double value) const { return kMargin + (top - value) * scale(); }
  double width() const { return 2 * kMargin + (right - left) * scale(); }
  double height() const { return 2 * kMargin + (top - bottom) * scale(); }
};

std::string escaped(const std::string& text);
std::string line(double x0, double y0, double x1, double y1, const std::string& colour, double width);
using Path = std::vector<std::pair<double, double>>;  // in pixels
std::string path_along(const Path& path, const std::string& colour, double width);
std::string text_at(double x, double y, double size, const std::string& colour, const std::string& text,
                    const std::string& anchor = "start");
std::string arrow(double x, double y, double dx, double dy, const std::string& colour, double size = 1);

// Blue, purple, red, for 0 to 1.
std::string colour_at(double share);

// The whole file, as high as the frame and `below` more.
std::string picture(const Frame& frame, const std::string& title, const std::string& body, double below = 10);

}  // namespace swell::route
