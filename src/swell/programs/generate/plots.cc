#include "swell/programs/generate/plots.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace swell::generate {

namespace {

constexpr double kWidth = 420, kHeight = 260, kLeft = 64, kRight = 12, kTop = 12, kBottom = 44;

// Ticks at 1, 2 or 5 times a power of ten, about five of them.
std::vector<double> ticks(double low, double high) {
  const double raw = (high - low) / 5;
  const double power = std::pow(10, std::floor(std::log10(raw)));
  const double step = raw / power > 5 ? 10 * power : raw / power > 2 ? 5 * power : raw / power > 1 ? 2 * power : power;
  std::vector<double> result;
  for (double tick = std::ceil(low / step) * step; tick <= high + 1e-9 * step; tick += step)
    result.push_back(std::abs(tick) < 1e-9 * step ? 0.0 : tick);
  return result;
}

// A frame with axes; maps data to picture points.
class Axes {
 public:
  Axes(double x_low, double x_high, double y_low, double y_high)
      : x_low_(x_low), x_high_(x_high), y_low_(y_low), y_high_(y_high) {}
  double x(double value) const { return kLeft + (value - x_low_) / (x_high_ - x_low_) * (kWidth - kLeft - kRight); }
  double y(double value) const {
    return kHeight - kBottom - (value - y_low_) / (y_high_ - y_low_) * (kHeight - kTop - kBottom);
  }

  std::string draw(const std::string& content, const std::string& x_label, const std::string& y_label,
                   bool powers) const {
    std::string svg = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
        "font-family=\"system-ui,sans-serif\" "
        "font-size=\"11\" fill=\"#1c2733\">\n",
        kWidth, kHeight);
    for (const double tick : ticks(y_low_, y_high_)) {
      if (powers && tick != std::round(tick)) continue;
      svg += fmt::format("<line x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"#e3e8ec\"/>", kLeft,
                         kWidth - kRight, y(tick), y(tick));
      const std::string label = powers ? fmt::format("1e{:g}", tick) : fmt::format("{:.6g}", tick);
      svg += fmt::format("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n", kLeft - 6, y(tick) + 4, label);
    }
    for (const double tick : ticks(x_low_, x_high_)) {
      svg += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{:.6g}</text>\n", x(tick),
                         kHeight - kBottom + 16, tick);
    }
    svg += content;
    svg += fmt::format("<line x1=\"{0}\" x2=\"{1}\" y1=\"{2}\" y2=\"{2}\" stroke=\"#1c2733\"/>", kLeft, kWidth - kRight,
                       kHeight - kBottom);
    svg += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>", (kLeft + kWidth - kRight) / 2,
                       kHeight - 8, x_label);
    svg += fmt::format("<text transform=\"translate(14 {}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
                       (kTop + kHeight - kBottom) / 2, y_label);
    return svg + "</svg>";
  }

 private:
  double x_low_, x_high_, y_low_, y_high_;
};

}  // namespace

std::string histogram(std::span<const double> values, const std::string& x_label, const std::string& y_label) {
  if (values.empty()) return "";
  const auto [lowest, highest] = std::minmax_element(values.begin(), values.end());
  const double low = *lowest, high = *highest > low ? *highest : low + 1;
  const int bins = std::clamp(static_cast<int>(std::sqrt(static_cast<double>(values.size()))), 5, 60);
  std::vector<int> counts(bins, 0);
  for (const double value : values) ++counts[std::min(bins - 1, static_cast<int>((value - low) / (high - low) * bins))];
  const Axes axes(low, high, 0, 1.05 * *std::max_element(counts.begin(), counts.end()));
  std::string bars;
  for (int bin = 0; bin < bins; ++bin) {
    const double left = axes.x(low + (high - low) * bin / bins), right = axes.x(low + (high - low) * (bin + 1) / bins);
    bars +=
        fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"#2a78b8\"/>", left + 0.5,
                    axes.y(counts[bin]), std::max(0.5, right - left - 1), axes.y(0) - axes.y(counts[bin]));
  }
  return axes.draw(bars, x_label, y_label, false);
}

std::string curve(std::span<const double> values, const std::string& x_label, const std::string& y_label,
                  bool logarithmic) {
  if (values.size() < 2) return "";
  std::vector<double> y(values.begin(), values.end());
  if (logarithmic) {
    for (double& value : y) value = std::log10(std::max(value, 1e-300));
  }
  const auto [lowest, highest] = std::minmax_element(y.begin(), y.end());
  const double spread = std::max(*highest - *lowest, 1e-9 * std::max(1.0, std::abs(*highest)));
  const double low = logarithmic ? std::floor(*lowest) : *lowest - 0.05 * spread, high = *highest + 0.05 * spread;
  const Axes axes(0, static_cast<double>(y.size() - 1), low, high);
  std::string points;
  for (size_t k = 0; k < y.size(); ++k)
    points += fmt::format("{:.1f},{:.1f} ", axes.x(static_cast<double>(k)), axes.y(y[k]));
  return axes.draw(
      fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"#2a78b8\" stroke-width=\"1.5\"/>", points), x_label,
      y_label, logarithmic);
}

std::string figure(const std::string& svg, const std::string& caption) {
  return fmt::format("<figure>{}<figcaption>{}</figcaption></figure>\n", svg, caption);
}

}  // namespace swell::generate
