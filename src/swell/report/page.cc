#include "swell/report/page.h"

#include <fmt/format.h>

#include "swell/io/base64.h"
#include "swell/io/png.h"

namespace swell {

namespace {

constexpr const char* kStyle =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2733}"
    "h1{font-weight:600}figure{display:inline-block;margin:0 1.5rem 1.5rem 0;vertical-align:top}"
    "img{image-rendering:pixelated;max-width:100%}figcaption{font-size:.85rem;color:#56616d;max-width:30rem}"
    "table{border-collapse:collapse;margin:0 0 1.5rem;width:100%}caption{text-align:left;font-weight:600;padding:.4rem "
    "0}th{text-align:left;font-weight:400;width:30%}th,td{border-top:1px solid #dde3e8;padding:.3rem .6rem .3rem "
    "0;vertical-align:top}td:last-child{color:#56616d;font-size:.85rem}";

}  // namespace

std::string html_page(const std::string& title, const std::string& body) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Swell: {}</title>"
      "<style>{}</style></head><body>\n{}</body></html>\n",
      title, kStyle, body);
}

std::string figure(const std::string& svg, const std::string& caption) {
  return svg.empty() ? "" : fmt::format("<figure>{}<figcaption>{}</figcaption></figure>\n", svg, caption);
}

std::string figure(const Image& image, const std::string& caption) { return figure(encode_png(image), "png", caption); }

std::string figure(std::span<const std::byte> file, const char* type, const std::string& caption) {
  return fmt::format(
      "<figure><img alt=\"{0}\" src=\"data:image/{1};base64,{2}\"><figcaption>{0}</figcaption></figure>\n", caption,
      type, encode_base64(file));
}

std::string table(const std::string& caption, const std::vector<Row>& rows) {
  std::string html = fmt::format("<table><caption>{}</caption>\n", caption);
  for (const Row& row : rows)
    html += fmt::format("<tr><th>{}</th><td>{}</td><td>{}</td></tr>\n", row.what, row.value, row.remark);
  return html + "</table>\n";
}

std::string with_error(const Estimate& estimate, double scale) {
  return fmt::format("{:.4g} &plusmn; {:.2g}", estimate.mean * scale, estimate.stderr_of_mean * scale);
}

}  // namespace swell
