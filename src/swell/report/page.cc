#include "swell/report/page.h"

#include <fmt/format.h>

#include "swell/io/base64.h"
#include "swell/io/png.h"

namespace swell {

namespace {

constexpr const char* kStyle =
    ":root{--ink:#1c2733;--soft:#56616d;--line:#dde3e8;--ground:#fff;--raised:#f3f6f8;--accent:#2a78b8;color-scheme:"
    "light dark}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e4e9ee;--soft:#9daab6;--line:#36424d;--ground:#14191f;"
    "--raised:#1d252d;--accent:#6db0e6}}"
    "*{box-sizing:border-box}"
    "body{font:16px/1.55 system-ui,sans-serif;max-width:54rem;margin:0 auto;padding:2rem 1.25rem 4rem;color:var(--ink);"
    "background:var(--ground);overflow-wrap:break-word}"
    "h1{font-weight:600;font-size:1.7rem;line-height:1.25;margin:0 0 .6rem}"
    "h2{font-weight:600;font-size:1.2rem;margin:2.2rem 0 .6rem}p{margin:0 0 1rem}.small{font-size:.88rem;color:var("
    "--soft)}"
    ".answer{background:var(--raised);border-left:4px solid var(--accent);padding:.9rem 1.1rem;margin:1rem 0 1.2rem}"
    ".answer .what{color:var(--soft);font-size:.9rem}.answer .value{font-size:1.5rem;line-height:1.3;font-weight:600;"
    "font-variant-numeric:tabular-nums}.answer .sentence{margin-top:.35rem}"
    ".warning{border-left:4px solid #c8553d;background:var(--raised);padding:.7rem 1.1rem;margin:1rem 0}"
    "figure{margin:0 0 1.8rem}figure>svg{display:block;width:100%;height:auto}"
    "figure>img{display:block;image-rendering:pixelated;width:100%;max-width:34rem;height:auto}"
    "figcaption{font-size:.88rem;color:var(--soft);margin-top:.4rem}"
    ".scale{display:flex;align-items:center;gap:.5rem;font-size:.82rem;color:var(--soft);margin-top:.4rem}"
    ".scale i{flex:0 1 14rem;height:.7rem;border:1px solid var(--line)}"
    ".plot text{fill:var(--ink)}.plot .ground{fill:none}.plot .grid{stroke:var(--line)}.plot .axis{stroke:var(--ink)}"
    ".plot .box{fill:var(--raised);stroke:var(--ink)}.plot .soft{fill:var(--soft)}.plot .wire{stroke:var(--soft)}"
    ".wide{overflow-x:auto;margin:0 0 1.6rem}table{border-collapse:collapse;width:100%}"
    "caption{text-align:left;font-weight:600;padding:.3rem 0}"
    "th,td{border-top:1px solid var(--line);padding:.35rem .8rem .35rem 0;vertical-align:top;text-align:left}"
    "th{font-weight:400}td{font-variant-numeric:tabular-nums}"
    ".facts th{width:31%}.facts td:nth-child(2){width:33%}.facts td:last-child{color:var(--soft);font-size:.88rem;"
    "padding-right:0}"
    ".numbers th,.numbers td{text-align:right;white-space:nowrap;font-size:.94rem}.numbers "
    "th{color:var(--soft);font-size:.88rem;"
    "vertical-align:bottom}.numbers tr>:first-child{text-align:left}"
    "@media(min-width:60rem){.wide{width:fit-content;min-width:100%;max-width:calc(50vw + 24.5rem)}}"
    "pre{overflow-x:auto;background:var(--raised);padding:.8rem}"
    "footer{color:var(--soft);font-size:.82rem;border-top:1px solid var(--line);padding-top:.8rem;margin-top:2.5rem}"
    "@media(max-width:40rem){body{padding:1.1rem .9rem 3rem}h1{font-size:1.4rem}.answer .value{font-size:1.2rem}"
    ".axes text{font-size:17px}"
    ".facts tr{display:block;border-top:1px solid var(--line);padding:.35rem 0}.facts caption{display:block}"
    ".facts th,.facts td{display:block;border:0;padding:0;width:auto!important}.facts th{color:var(--soft);font-size:"
    ".88rem}}"
    "@media print{:root{--ink:#000;--soft:#444;--line:#bbb;--ground:#fff;--raised:#fff;--accent:#000}body{max-width:"
    "none;padding:0;font-size:10.5pt}.answer{border:1px solid #000;border-left-width:4px}figure,tr,.answer{break-inside"
    ":avoid}h2{break-after:avoid}.wide{overflow:visible}}";

}  // namespace

std::string escaped(const std::string& text) {
  std::string result;
  for (const char letter : text) {
    switch (letter) {
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '&':
        result += "&amp;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += letter;
    }
  }
  return result;
}

std::string html_page(const std::string& title, const std::string& body) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\"><title>Swell: {}</title><style>{}</style></head><body>\n{}"
      "<footer>Made by Swell. This file needs nothing else.</footer></body></html>\n",
      escaped(title), kStyle, body);
}

std::string answer(const std::string& what, const std::string& value, const std::string& sentence) {
  return fmt::format("<div class=\"answer\"><div class=\"what\">{}</div><div class=\"value\">{}</div>{}</div>\n", what,
                     value, sentence.empty() ? "" : "<div class=\"sentence\">" + sentence + "</div>");
}

std::string warning(const std::string& text) {
  return text.empty() ? "" : "<p class=\"warning\">" + escaped(text) + ".</p>\n";
}

std::string explain_errors(const std::string& over) {
  return fmt::format(
      "<p class=\"small\">a &plusmn; b: b is the standard error of a over {}. The true value lies within b of a in 68 "
      "of "
      "100 cases, and within 2 b in 95. Error bars in plots are one standard error.</p>\n",
      over);
}

std::string figure(const std::string& svg, const std::string& caption) {
  if (svg.empty()) return "";
  return fmt::format("<figure class=\"drawn\">{}<figcaption>{}</figcaption></figure>\n", svg, caption);
}

std::string figure(const Image& image, const std::string& caption) { return figure(encode_png(image), "png", caption); }

std::string figure(std::span<const std::byte> file, const char* type, const std::string& caption) {
  const std::string spoken = caption.substr(0, caption.find('<'));
  return fmt::format("<figure><img alt=\"{}\" src=\"data:image/{};base64,{}\"><figcaption>{}</figcaption></figure>\n",
                     spoken, type, encode_base64(file), caption);
}

std::string scale_bar(const std::string& low, const std::string& middle, const std::string& high,
                      const std::vector<std::string>& colors) {
  std::string gradient;
  for (const std::string& color : colors) gradient += "," + color;
  const std::string at_middle = middle.empty() ? "" : fmt::format(" (middle: {})", middle);
  return fmt::format(
      "<span class=\"scale\"><span>{}</span><i style=\"background:linear-gradient(to right{})\"></i><span>{}{}</span>"
      "</span>",
      low, gradient, high, at_middle);
}

std::string table(const std::string& caption, const std::vector<Row>& rows) {
  std::string html = fmt::format("<div class=\"wide\"><table class=\"facts\"><caption>{}</caption>\n", caption);
  for (const Row& row : rows)
    html += fmt::format("<tr><th>{}</th><td>{}</td><td>{}</td></tr>\n", row.what, row.value, row.remark);
  return html + "</table></div>\n";
}

std::string number_table(const std::string& caption, const std::vector<std::string>& head,
                         const std::vector<std::vector<std::string>>& rows) {
  std::string html = fmt::format("<div class=\"wide\"><table class=\"numbers\"><caption>{}</caption>\n<tr>", caption);
  for (const std::string& name : head) html += fmt::format("<th>{}</th>", name);
  html += "</tr>\n";
  for (const auto& row : rows) {
    html += "<tr>";
    for (const std::string& cell : row) html += fmt::format("<td>{}</td>", cell);
    html += "</tr>\n";
  }
  return html + "</table></div>\n";
}

std::string with_error(const Estimate& estimate, double scale) {
  std::string text = to_text(scaled(estimate, scale), 4);
  if (const size_t at = text.find("+-"); at != std::string::npos) text.replace(at, 2, "&plusmn;");
  return text;
}

}  // namespace swell
