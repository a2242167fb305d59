#include "swell/programs/route/map.h"

#include <fmt/format.h>

#include "swell/programs/route/drawing.h"

namespace swell::route {

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

}  // namespace swell::route
