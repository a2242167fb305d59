#include "swell/report/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "swell/base/errors.h"
#include "swell/io/base64.h"
#include "swell/io/png.h"

namespace swell {

namespace {

constexpr double kWidth = 720, kHeight = 380, kLeft = 76, kRight = 16, kTop = 14, kBottom = 52;
constexpr const char* kColors[] = {"#2a78b8", "#c8553d", "#3d8f5f", "#8a63a8", "#b38a1e",
                                   "#4a9aa8", "#6b7480", "#d0709f", "#7a9a2e", "#9a6b4f"};
constexpr int kLegendRow = 18;
constexpr double kLetter = 8.8;  // mean width of one, of the larger letters that telephones show

const char* color_of(const Plot& plot, size_t k) {
  const int chosen = plot.series[k].color;
  return kColors[(chosen >= 0 ? static_cast<size_t>(chosen) : k) % std::size(kColors)];
}

std::string escape(const std::string& text) {
  std::string result;
  for (const char letter : text) {
    if (letter == '<') {
      result += "&lt;";
    } else if (letter == '&') {
      result += "&amp;";
    } else {
      result += letter;
    }
  }
  return result;
}

// Ticks at 1, 2 or 5 times a power of ten, four to ten of them.
std::vector<double> ticks(double low, double high) {
  const double raw = (high - low) / 9;
  const double power = std::pow(10, std::floor(std::log10(raw)));
  const double step = raw / power > 5 ? 10 * power : raw / power > 2 ? 5 * power : raw / power > 1 ? 2 * power : power;
  std::vector<double> result;
  for (double tick = std::ceil(low / step) * step; tick <= high + 1e-9 * step; tick += step)
    result.push_back(std::abs(tick) < 1e-9 * step ? 0.0 : tick);
  return result;
}

// One axis: a range of values or of their decimal logarithms.
struct Scale {
  bool logarithmic = false;
  double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();

  bool shows(double value) const { return std::isfinite(value) && (!logarithmic || value > 0); }
  double of(double value) const { return logarithmic ? std::log10(value) : value; }
  void include(double value) {
    if (!shows(value)) return;
    low = std::min(low, of(value));
    high = std::max(high, of(value));
  }
  void widen(double share) {
    const double least = logarithmic ? 0.3 : 1e-9 * std::max({1e-30, std::abs(low), std::abs(high)});
    const double room = share * std::max(high - low, least / std::max(share, 1e-3));
    low -= room;
    high += room;
  }
  // Where the ticks stand, and what they say. A short logarithmic axis also has ticks at 2 and 5 times a power.
  std::vector<std::pair<double, std::string>> labels() const {
    std::vector<std::pair<double, std::string>> result;
    if (!logarithmic) {
      for (const double tick : ticks(low, high)) result.emplace_back(tick, fmt::format("{:.6g}", tick));
      return result;
    }
    const int every = std::max(1, static_cast<int>(std::ceil((high - low) / 8)));
    for (int power = static_cast<int>(std::floor(low)); power <= high; ++power) {
      for (const int factor : {1, 2, 5}) {
        const double at = power + std::log10(factor);
        if (at < low || at > high || (factor > 1 && high - low > 2) || (power % every != 0)) continue;
        const double value = factor * std::pow(10, power);
        result.emplace_back(
            at, power >= -3 && power <= 5 ? fmt::format("{:g}", value) : fmt::format("{}e{}", factor, power));
      }
    }
    return result;
  }
};

class Frame {
 public:
  Frame(Scale x, Scale y) : x_(x), y_(y) {}
  double x(double value) const { return kLeft + share(x_, value) * (kWidth - kLeft - kRight); }
  double y(double value) const { return kHeight - kBottom - share(y_, value) * (kHeight - kTop - kBottom); }

  // `below` is drawn under the labels of the axis and is `extra` high.
  std::string draw(const std::string& content, const std::string& x_label, const std::string& y_label,
                   const std::string& below = "", double extra = 0) const {
    const double right = kWidth - kRight, bottom = kHeight - kBottom;
    std::string svg = fmt::format(
        "<svg class=\"plot axes\" xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" "
        "viewBox=\"0 0 {0} {1}\" font-family=\"system-ui,sans-serif\" font-size=\"13\" fill=\"#1c2733\">\n"
        "<rect class=\"ground\" width=\"{0}\" height=\"{1}\" fill=\"#ffffff\"/>\n",
        kWidth, kHeight + extra);
    for (const auto& [at, text] : y_.labels()) {
      const double height = bottom - (at - y_.low) / (y_.high - y_.low) * (bottom - kTop);
      svg += fmt::format("<line class=\"grid\" x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"#e3e8ec\"/>",
                         kLeft, right, height, height);
      svg += fmt::format("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n", kLeft - 7, height + 4, text);
    }
    for (const auto& [at, text] : x_.labels()) {
      const double place = kLeft + (at - x_.low) / (x_.high - x_.low) * (right - kLeft);
      svg +=
          fmt::format("<line class=\"axis\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\" stroke=\"#1c2733\"/>",
                      place, bottom, bottom + 4);
      svg += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n", place, bottom + 19, text);
    }
    svg += content;
    svg += fmt::format("<line class=\"axis\" x1=\"{0}\" x2=\"{1}\" y1=\"{2}\" y2=\"{2}\" stroke=\"#1c2733\"/>", kLeft,
                       right, bottom);
    svg += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>", (kLeft + right) / 2, kHeight - 11,
                       escape(x_label));
    svg += fmt::format("<text transform=\"translate(15 {}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
                       (kTop + bottom) / 2, escape(y_label));
    return svg + below + "</svg>";
  }

 private:
  static double share(const Scale& scale, double value) {
    return (scale.of(value) - scale.low) / (scale.high - scale.low);
  }
  Scale x_, y_;
};

std::string draw_series(const Series& series, const Frame& frame, const Scale& x, const Scale& y, const char* color) {
  std::string svg, points;
  for (size_t k = 0; k < series.x.size(); ++k) {
    if (!x.shows(series.x[k]) || !y.shows(series.y[k])) continue;
    const double at = frame.x(series.x[k]), height = frame.y(series.y[k]);
    points += fmt::format("{:.1f},{:.1f} ", at, height);
    if (series.mark == Mark::points)
      svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.5\" fill=\"{}\"/>", at, height, color);
    if (series.error.empty() || !(series.error[k] > 0) || !std::isfinite(series.error[k])) continue;
    const double top = frame.y(series.y[k] + series.error[k]), low = series.y[k] - series.error[k];
    const double bottom = y.shows(low) ? frame.y(low) : kHeight - kBottom;
    svg += fmt::format("<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1:.1f}\" y2=\"{2:.1f}\" stroke=\"{3}\"/>", at, top,
                       std::min(bottom, kHeight - kBottom), color);
  }
  if (series.mark == Mark::points) return svg;
  return svg + fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.5\"{}/>\n", points,
                           color, series.mark == Mark::dashed ? " stroke-dasharray=\"5 4\"" : "");
}

// Below the axis, in as many columns as the names leave room for.
std::string legend(const Plot& plot, double& height) {
  size_t longest = 0, names = 0;
  for (const Series& series : plot.series) {
    if (series.name.empty()) continue;
    ++names;
    longest = std::max(longest, series.name.size());
  }
  height = 0;
  if (names == 0) return "";
  const double wanted = 46 + kLetter * static_cast<double>(longest), room = kWidth - kLeft - kRight;
  const auto columns = static_cast<size_t>(std::clamp(std::floor(room / wanted), 1.0, static_cast<double>(names)));
  const size_t rows = (names + columns - 1) / columns;
  height = kLegendRow * static_cast<double>(rows) + 8;
  std::string svg;
  size_t number = 0;
  for (size_t k = 0; k < plot.series.size(); ++k) {
    const Series& series = plot.series[k];
    if (series.name.empty()) continue;
    const double left = kLeft + room / static_cast<double>(columns) * static_cast<double>(number / rows);
    const double line = kHeight + 10 + kLegendRow * static_cast<double>(number % rows);
    ++number;
    const char* color = color_of(plot, k);
    if (series.mark == Mark::points) {
      svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.5\" fill=\"{}\"/>", left + 12, line - 4, color);
    } else {
      svg += fmt::format(
          "<line x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\" stroke-width=\"2\"{}/>", left,
          left + 24, line - 4, line - 4, color, series.mark == Mark::dashed ? " stroke-dasharray=\"5 4\"" : "");
    }
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", left + 31, line, escape(series.name));
  }
  return svg;
}

}  // namespace

std::string draw(const Plot& plot) {
  Scale x{plot.log_x}, y{plot.log_y};
  for (const Series& series : plot.series) {
    if (series.y.size() != series.x.size() || (!series.error.empty() && series.error.size() != series.x.size())) {
      throw InputError(fmt::format("series '{}' of a plot: {} x, {} y and {} errors do not belong together",
                                   series.name, series.x.size(), series.y.size(), series.error.size()));
    }
    for (size_t k = 0; k < series.x.size(); ++k) {
      if (!x.shows(series.x[k]) || !y.shows(series.y[k])) continue;
      x.include(series.x[k]);
      y.include(series.y[k]);
      if (series.error.empty() || !std::isfinite(series.error[k])) continue;
      y.include(series.y[k] + series.error[k]);
      if (!plot.log_y) y.include(series.y[k] - series.error[k]);
    }
  }
  if (!(x.low <= x.high)) return "";
  x.widen(0.02);
  y.widen(0.05);
  const Frame frame(x, y);
  std::string content;
  for (size_t k = 0; k < plot.series.size(); ++k)
    content += draw_series(plot.series[k], frame, x, y, color_of(plot, k));
  double height = 0;
  const std::string names = legend(plot, height);
  return frame.draw(content, plot.x_label, plot.y_label, names, height);
}

std::string histogram(std::span<const double> values, const std::string& x_label, const std::string& y_label) {
  if (values.empty()) return "";
  const auto [lowest, highest] = std::minmax_element(values.begin(), values.end());
  const double low = *lowest, high = *highest > low ? *highest : low + 1;
  const int bins = std::clamp(static_cast<int>(std::sqrt(static_cast<double>(values.size()))), 5, 60);
  std::vector<int> counts(bins, 0);
  for (const double value : values) ++counts[std::min(bins - 1, static_cast<int>((value - low) / (high - low) * bins))];
  const Frame frame({false, low, high}, {false, 0, 1.05 * *std::max_element(counts.begin(), counts.end())});
  std::string bars;
  for (int bin = 0; bin < bins; ++bin) {
    const double left = frame.x(low + (high - low) * bin / bins);
    const double right = frame.x(low + (high - low) * (bin + 1) / bins);
    bars += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\"/>", left + 0.5,
                        frame.y(counts[bin]), std::max(0.5, right - left - 1), frame.y(0) - frame.y(counts[bin]),
                        kColors[0]);
  }
  return frame.draw(bars, x_label, y_label);
}

std::string heat_map(std::span<const double> values, int64_t rows, int64_t columns, double limit) {
  if (static_cast<int64_t>(values.size()) != rows * columns || values.empty())
    throw InputError(fmt::format("a heat map of {} x {} needs as many values, not {}", rows, columns, values.size()));
  if (limit <= 0) {
    for (const double value : values) limit = std::max(limit, std::abs(value));
  }
  Image image{static_cast<int>(columns), static_cast<int>(rows), 3, {}};
  for (const double value : values) {
    const double strength = std::clamp(limit > 0 ? value / limit : 0.0, -1.0, 1.0), pale = 1 - std::abs(strength);
    const double red = strength > 0 ? 0.75 + 0.25 * pale : 0.12 + 0.88 * pale;
    const double green = strength > 0 ? 0.15 + 0.85 * pale : 0.4 + 0.6 * pale;
    const double blue = strength > 0 ? 0.1 + 0.9 * pale : 0.72 + 0.28 * pale;
    for (const double channel : {red, green, blue})
      image.pixels.push_back(static_cast<uint8_t>(std::lround(255 * channel)));
  }
  const double side = 420, columns_per_row = static_cast<double>(columns) / static_cast<double>(rows);
  const double width = columns_per_row >= 1 ? side : std::max(24.0, side * columns_per_row);
  const double height = columns_per_row <= 1 ? side : std::max(24.0, side / columns_per_row);
  return fmt::format(
      "<svg class=\"plot axes\" xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1:.0f}\" "
      "viewBox=\"0 0 {0} {1:.0f}\" font-family=\"system-ui,sans-serif\" font-size=\"13\" fill=\"#1c2733\">"
      "<defs><linearGradient id=\"signs\" x1=\"0\" y1=\"1\" x2=\"0\" y2=\"0\"><stop offset=\"0\" "
      "stop-color=\"#1f66b8\"/><stop offset=\"0.5\" stop-color=\"#ffffff\"/><stop offset=\"1\" stop-color=\"#bf261a\"/>"
      "</linearGradient></defs>"
      "<image x=\"26\" y=\"22\" width=\"{2:.0f}\" height=\"{3:.0f}\" preserveAspectRatio=\"none\" "
      "style=\"image-rendering:pixelated\" href=\"data:image/png;base64,{4}\"/>"
      "<rect class=\"axis\" x=\"26\" y=\"22\" width=\"{2:.0f}\" height=\"{3:.0f}\" fill=\"none\" stroke=\"#1c2733\"/>"
      "<text x=\"{5:.0f}\" y=\"15\" text-anchor=\"middle\">column 1 to {6}</text>"
      "<text transform=\"translate(17 {7:.0f}) rotate(-90)\" text-anchor=\"middle\">row 1 to {8}</text>"
      "<rect class=\"axis\" x=\"{9:.0f}\" y=\"22\" width=\"16\" height=\"{10:.0f}\" fill=\"url(#signs)\" "
      "stroke=\"#1c2733\"/>"
      "<text x=\"{11:.0f}\" y=\"32\">{12:.3g}</text><text x=\"{11:.0f}\" y=\"{13:.0f}\">0</text>"
      "<text x=\"{11:.0f}\" y=\"{14:.0f}\">{15:.3g}</text></svg>",
      kWidth, std::max(height, 120.0) + 34, width, height, encode_base64(encode_png(image)), 26 + width / 2, columns,
      22 + height / 2, rows, 56 + width, std::max(height, 120.0), 80 + width, limit, 26 + std::max(height, 120.0) / 2,
      20 + std::max(height, 120.0), -limit);
}

}  // namespace swell
