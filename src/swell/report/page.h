#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "swell/io/image.h"
#include "swell/ledger/statistics.h"

namespace swell {

// Pieces of a report page: one self-contained HTML file with nothing to load from elsewhere, for a screen of any width,
// light or dark, and for paper. A page begins with its title and the answer; then come what it cost, pictures and
// tables.

// Text as HTML: <, >, & and quotes are written out.
std::string escaped(const std::string& text);

// The whole page around its body.
std::string html_page(const std::string& title, const std::string& body);

// What was asked for, in large type, with a sentence under it; `value` and `sentence` are HTML.
std::string answer(const std::string& what, const std::string& value, const std::string& sentence = "");

// What the reader must know before trusting the answer; nothing for an empty text.
std::string warning(const std::string& text);

// One sentence for every page with errors: what the number after the sign means.
std::string explain_errors(const std::string& over = "independent runs");

// A figure around an SVG, or around a picture; nothing where the SVG is empty. SVGs are as wide as the text.
std::string figure(const std::string& svg, const std::string& caption);
std::string figure(const Image& image, const std::string& caption);
// The same around an encoded file; type "png", "gif".
std::string figure(std::span<const std::byte> file, const char* type, const std::string& caption);

// Under a picture: what its darkest, middle and lightest point mean. Colours as in CSS.
std::string scale_bar(const std::string& low, const std::string& middle, const std::string& high,
                      const std::vector<std::string>& colors);

// What is shown, its value, and a remark.
struct Row {
  std::string what, value, remark = "";
};
std::string table(const std::string& caption, const std::vector<Row>& rows);

// Columns of numbers, right-aligned; the first column is text.
std::string number_table(const std::string& caption, const std::vector<std::string>& head,
                         const std::vector<std::vector<std::string>>& rows);

// "1.23 &plusmn; 0.04", both times `scale`.
std::string with_error(const Estimate& estimate, double scale = 1);

}  // namespace swell
