#pragma once

#include <span>
#include <string>

namespace swell::generate {

// Small plots as SVG, for the report page.
std::string histogram(std::span<const double> values, const std::string& x_label, const std::string& y_label);
std::string curve(std::span<const double> values, const std::string& x_label, const std::string& y_label,
                  bool logarithmic);

// An HTML figure around an SVG.
std::string figure(const std::string& svg, const std::string& caption);

}  // namespace swell::generate
