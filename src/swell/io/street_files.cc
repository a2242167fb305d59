#include "swell/io/street_files.h"

#include <fmt/format.h>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"
#include "swell/io/csv_streets.h"
#include "swell/io/geojson_streets.h"
#include "swell/io/graphml_streets.h"
#include "swell/io/osm_streets.h"
#include "swell/io/street_lines.h"

namespace swell {

namespace {

// The first line that is not empty and no comment, from its first word on.
std::string_view first_line(std::string_view text) {
  while (true) {
    const size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    text.remove_prefix(first);
    const size_t end = text.find_first_of("\r\n");
    if (!text.starts_with('#')) return text.substr(0, end);
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end);
  }
}

bool begins_with_word(std::string_view line, std::string_view word) {
  if (!line.starts_with(word)) return false;
  return line.size() == word.size() || line[word.size()] == ' ' || line[word.size()] == '\t';
}

// The name of the outermost element.
std::string_view root_of(std::string_view text) {
  for (size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
    if (text.substr(at).starts_with("<!--")) {
      at = text.find("-->", at);
      if (at == std::string_view::npos) return {};
      continue;
    }
    if (at + 1 >= text.size() || text[at + 1] == '?' || text[at + 1] == '!') continue;
    const size_t end = text.find_first_of(" \t\r\n/>", at);
    return text.substr(at + 1, end == std::string_view::npos ? end : end - at - 1);
  }
  return {};
}

}  // namespace

std::optional<StreetNetwork> parse_street_file(std::span<const std::byte> bytes, std::string_view name) {
  const std::string_view whole = as_text(bytes);
  if (whole.starts_with("\xef\xbb\xbf")) bytes = bytes.subspan(3);
  const std::string_view text = as_text(bytes), line = first_line(text);
  for (const std::string_view word : {"junction", "street", "depot", "end", "vans", "van", "vehicles"}) {
    if (begins_with_word(line, word) && line.find(',') == std::string_view::npos)
      return parse_street_lines(bytes, name);
  }
  if (line.starts_with('{') || line.starts_with('[')) return parse_geojson_streets(bytes, name);
  if (line.starts_with('<')) {
    const std::string_view root = root_of(text);
    if (root == "osm") return parse_osm_streets(bytes, name);
    if (root == "graphml") return parse_graphml_streets(bytes, name);
    throw IoError(fmt::format("{}: an XML file with the outermost element {}; read are osm (OpenStreetMap) and graphml",
                              name, printable(root)));
  }
  // TSPLIB's lines have a colon or one word; a table's have two separators at least.
  for (const char separator : {',', ';', '\t'}) {
    const size_t first = line.find(separator);
    if (first != std::string_view::npos && line.find(separator, first + 1) != std::string_view::npos &&
        line.find(':') == std::string_view::npos)
      return parse_csv_streets(bytes, name);
  }
  if (line.empty() && text.find('#') != std::string_view::npos) return parse_street_lines(bytes, name);
  return {};
}

}  // namespace swell
