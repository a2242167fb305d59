#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "swell/io/image.h"
#include "swell/ledger/statistics.h"

namespace swell {

// Pieces of a report page: one self-contained HTML file with nothing to load from elsewhere.

// The whole page around its body.
std::string html_page(const std::string& title, const std::string& body);

// A figure around an SVG, or around a picture; nothing where the SVG is empty.
std::string figure(const std::string& svg, const std::string& caption);
std::string figure(const Image& image, const std::string& caption);
// The same around an encoded file; type "png", "gif".
std::string figure(std::span<const std::byte> file, const char* type, const std::string& caption);

// What is shown, its value, and a remark.
struct Row {
  std::string what, value, remark = "";
};
std::string table(const std::string& caption, const std::vector<Row>& rows);

// "1.23 &plusmn; 0.04", both times `scale`.
std::string with_error(const Estimate& estimate, double scale = 1);

}  // namespace swell
