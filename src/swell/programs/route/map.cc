#include "swell/programs/route/map.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "swell/programs/route/drawing.h"

namespace swell::route {

namespace {

// Labels beside their points, each at the first of four corners where it covers none of those before.
class Labels {
 public:
  std::string place(double x, double y, const std::string& text) {
    const double width = kLetter * static_cast<double>(text.size());
    const std::pair<double, double> corners[] = {
        {x + 5, y - 5}, {x - 5 - width, y - 5}, {x + 5, y + 14}, {x - 5 - width, y + 14}};
    const auto* at = std::ranges::find_if(corners, [&](const auto& corner) {
      return std::ranges::none_of(placed_, [&](const Box& other) {
        return corner.first < other.x + other.width && other.x < corner.first + width &&
               std::abs(corner.second - other.y) < kSize;
      });
    });
    if (at == std::end(corners)) at = corners;
    placed_.push_back({at->first, at->second, width});
    return text_at(at->first, at->second, kSize, "#555", text, "start");
  }

 private:
  struct Box {
    double x, y, width;
  };
  static constexpr double kSize = 11, kLetter = 7;
  std::vector<Box> placed_;
};

}  // namespace

std::string draw_tour(const Tsplib& problem, const Tour& tour) {
  if (problem.draw_x.empty()) return {};
  Frame frame;
  const auto &across = problem.draw_x, &up = problem.draw_y;
  const double fine = problem.cities > 500 ? 0.4 : 1;  // so that many cities can be told apart
  for (int64_t c = 0; c < problem.cities; ++c) frame.take(across[c], up[c]);
  std::string body;
  Labels labels;
  for (size_t k = 0; k < tour.order.size(); ++k) {
    const int64_t a = tour.order[k], b = tour.order[(k + 1) % tour.order.size()];
    body += line(frame.x(across[a]), frame.y(up[a]), frame.x(across[b]), frame.y(up[b]), "#2a5ad2", 2 * fine);
  }
  for (int64_t c = 0; c < problem.cities; ++c) {
    body += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\" fill=\"#222\"/>\n", frame.x(across[c]),
                        frame.y(up[c]), 3.5 * fine);
    if (problem.cities <= 60)
      body += labels.place(frame.x(across[c]), frame.y(up[c]), fmt::format("{}", c + problem.first_city));
  }
  return picture(
      frame,
      fmt::format("{}: tour of {} cities, length {}", problem.name, problem.cities, length_text(problem, tour.length)),
      body);
}

}  // namespace swell::route
