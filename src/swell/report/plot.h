#pragma once

#include <span>
#include <string>
#include <vector>

namespace swell {

// Small plots as SVG, for report pages and the documentation.

enum class Mark { line, dashed, points };

struct Series {
  std::string name;  // in the legend; empty for none
  std::vector<double> x,
      y;  // of one length; points that an axis cannot show (not finite, <= 0 on a log axis) are left out
  std::vector<double> error;  // standard error of each y, drawn as a bar; empty for none
  Mark mark = Mark::line;
  int color = -1;  // number of a colour, for series that belong together; -1 for one of its own
};

struct Plot {
  std::string x_label, y_label;
  bool log_x = false, log_y = false;
  std::vector<Series> series;
};

// One frame with axes, a curve for each series in a colour of its own, and a legend below it where series have names,
// so that it hides nothing. Empty
// where there is no point to show. Throws InputError where lengths disagree.
std::string draw(const Plot& plot);

std::string histogram(std::span<const double> values, const std::string& x_label, const std::string& y_label);

// A matrix as a picture with a colour bar: white at 0, blue below, red above, full colour at +-`limit` (0 for the
// largest magnitude). values: [rows][columns].
std::string heat_map(std::span<const double> values, int64_t rows, int64_t columns, double limit = 0);

}  // namespace swell
