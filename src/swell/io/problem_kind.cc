#include "swell/io/problem_kind.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "swell/io/atomic_file.h"
#include "swell/io/bytes.h"
#include "swell/io/file_kind.h"
#include "swell/io/gzip.h"
#include "swell/io/quadratic_files.h"
#include "swell/io/text_lines.h"

namespace swell {

namespace {

constexpr size_t kLookedAt = size_t{1} << 16;
constexpr int kLinesLookedAt = 60;

std::string lower(std::string_view text) {
  std::string low(text);
  std::ranges::transform(low, low.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return low;
}

bool is_number(std::string_view word) {
  if (word.starts_with('+')) word.remove_prefix(1);
  double value = 0;
  const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc() && stop == word.data() + word.size();
}

bool is_whole(std::string_view word) {
  int64_t value = 0;
  const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc() && stop == word.data() + word.size();
}

ProblemKind by_markup(std::string_view head) {
  const std::string low = lower(head);
  const auto has = [&](std::string_view tag) { return low.find(tag) != std::string::npos; };
  if (has("<graphml")) return ProblemKind::graphml;
  if (has("<osm")) return ProblemKind::osm;
  if (has("<gpx")) return ProblemKind::gpx;
  if (has("<kml")) return ProblemKind::kml;
  if (has("<svg")) return ProblemKind::svg;
  return ProblemKind::xml;
}

// JSON by its keys, which may stand anywhere.
ProblemKind by_json(std::string_view text) {
  const auto has = [&](std::string_view key) { return text.find(key) != std::string_view::npos; };
  if (has("\"BinaryQuadraticModel\"") || has("\"quadratic_biases\"")) return ProblemKind::bqm_json;
  if (has("\"variable_domain\"")) return ProblemKind::bqpjson;
  if (has("\"FeatureCollection\"") || has("\"Feature\"") || has("\"coordinates\"")) return ProblemKind::geojson;
  return ProblemKind::json;
}

// The first lines that have words, as they stand.
struct Line {
  std::string text;
  std::vector<std::string> words;
};
std::vector<Line> first_lines(std::string_view text, TextLines::Comments comments) {
  TextLines lines(text, "", comments);
  std::vector<Line> first;
  while (static_cast<int>(first.size()) < kLinesLookedAt && lines.next())
    first.push_back({std::string(lines.line()), {lines.words().begin(), lines.words().end()}});
  return first;
}

bool is_tsplib(const std::vector<Line>& lines) {
  constexpr std::array<std::string_view, 7> kKeys = {
      "NAME", "TYPE", "COMMENT", "DIMENSION", "CAPACITY", "EDGE_WEIGHT_TYPE", "EDGE_WEIGHT_FORMAT"};
  const auto& [text, words] = lines[0];
  const std::string key = words[0].substr(0, words[0].find(':'));
  if (words[0].ends_with("_SECTION") || words[0].ends_with("_SECTION:")) return true;
  return text.find(':') != std::string::npos && std::ranges::find(kKeys, key) != kKeys.end();
}

bool is_mps(const std::vector<Line>& lines) {
  return std::ranges::any_of(lines, [](const Line& line) { return line.words[0] == "ROWS"; });
}

bool is_lp(const std::vector<Line>& lines) {
  constexpr std::array<std::string_view, 10> kSenses = {"minimize", "maximize", "minimise", "maximise", "minimum",
                                                        "maximum",  "min",      "max",      "min:",     "max:"};
  for (const Line& line : lines) {
    if (line.words[0].starts_with('\\') || line.words[0].starts_with("/*") || line.words[0].starts_with("//")) continue;
    const std::string word = lower(line.words[0]);
    return std::ranges::find(kSenses, word) != kSenses.end() || word == "subject";
  }
  return false;
}

bool is_toml(const std::vector<Line>& lines) {
  const auto& [text, words] = lines[0];
  return words[0].starts_with('[') || (words.size() >= 3 && words[1] == "=");
}

// A list, where a section of TOML has a name.
bool is_json_list(std::string_view text) {
  const size_t first = text.find_first_not_of("[ \t\r\n");
  return first == std::string_view::npos ||
         !(lower(text.substr(first, 1))[0] >= 'a' && lower(text.substr(first, 1))[0] <= 'z');
}

bool is_csv(const std::vector<Line>& lines) {
  for (const char separator : {',', ';'}) {
    const auto fields = [&](const Line& line) { return std::ranges::count(line.text, separator); };
    const auto first = fields(lines[0]);
    if (first == 0) continue;
    const size_t seen = std::min<size_t>(lines.size(), 5);
    // Fields in quotes may hold the separator: not fewer is enough.
    if (std::all_of(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(seen),
                    [&](const Line& line) { return fields(line) >= first; }))
      return true;
  }
  return false;
}

// Lines that begin with numbers, and DIMACS problems. `lines` have no comments.
ProblemKind by_numbers(const std::vector<Line>& lines, std::string_view text) {
  const auto& words = lines[0].words;
  if (words[0] == "p" && words.size() >= 3) {
    if (words[1] == "qubo") return ProblemKind::qubo;
    if (words[1] == "cnf") return ProblemKind::cnf;
    if (words[1] == "wcnf") return ProblemKind::wcnf;
    constexpr std::array<std::string_view, 6> kGraphs = {"edge", "edges", "col", "cut", "maxcut", "graph"};
    return std::ranges::find(kGraphs, words[1]) != kGraphs.end() ? ProblemKind::dimacs_graph : ProblemKind::text;
  }
  const auto is_clause = [](const Line& line) { return line.words.size() > 1 && line.words.back() == "0"; };
  if (words[0] == "h" && is_clause(lines[0])) return ProblemKind::wcnf;
  for (const std::string& word : words) {
    if (!is_number(word)) return ProblemKind::text;
  }
  const size_t next = lines.size() > 1 ? lines[1].words.size() : 0;
  if (words.size() == 1 && is_whole(words[0])) {
    const bool triples = std::ranges::any_of(lines, [](const Line& line) { return line.words.size() == 3; });
    return next == 2 && (words[0] != "2" || triples) ? ProblemKind::or_library : ProblemKind::dense_qubo;
  }
  if (words.size() == 2) return ProblemKind::pair_list;
  const bool triples = std::ranges::all_of(lines, [](const Line& line) {
    return line.words.size() == 3 && is_whole(line.words[0]) && is_whole(line.words[1]) && line.words[0][0] != '-' &&
           line.words[1][0] != '-';
  });
  if (has_vartype(text)) return ProblemKind::triples;
  if (std::ranges::all_of(lines, [&](const Line& line) { return is_clause(line) || line.words[0] == "h"; }))
    return ProblemKind::wcnf;
  return triples ? ProblemKind::triples : ProblemKind::text;
}

}  // namespace

ProblemKind problem_kind(std::span<const std::byte> bytes) {
  if (as_text(bytes).starts_with("DIMODBQM")) return ProblemKind::bqm_binary;
  for (const std::string_view other : {"DIMODCQM", "DIMODDQM", "DIMODQM"}) {
    if (as_text(bytes).starts_with(other)) return ProblemKind::cqm;
  }
  const FileKind kind = file_kind(bytes);
  if (kind != FileKind::empty && kind != FileKind::text && kind != FileKind::xml && kind != FileKind::json &&
      kind != FileKind::matrix_market)
    return ProblemKind::foreign;
  const std::string_view text = without_bom(as_text(bytes));
  if (text.empty()) return ProblemKind::empty;
  const std::string_view head = text.substr(0, kLookedAt);
  const size_t start = head.find_first_not_of(" \t\r\n\f\v");
  if (start == std::string_view::npos) return head.size() == text.size() ? ProblemKind::empty : ProblemKind::text;
  if (head[start] == '<') return by_markup(head);
  const std::vector<Line> all = first_lines(head, TextLines::Comments::none);
  if (lower(all[0].words[0]) == "%%matrixmarket") return ProblemKind::matrix_market;
  if (head[start] == '{') return by_json(text);
  if (all[0].words[0] == "*" && head.find("#variable") != std::string_view::npos) return ProblemKind::opb;
  if (is_mps(all)) return ProblemKind::mps;
  if (is_tsplib(all)) return ProblemKind::tsplib;
  if (is_lp(all)) return ProblemKind::lp;
  if (head[start] == '[' && is_json_list(head.substr(start))) return by_json(text);
  const std::vector<Line> lines = first_lines(head, TextLines::Comments::marked);
  const std::string word = lines.empty() ? "" : lines[0].words[0];
  if (word == "junction" || word == "street" || word == "depot") return ProblemKind::streets;
  if (is_csv(all)) return ProblemKind::csv;  // its first column may begin with a c, as comments do
  if (lines.empty()) return head.size() == text.size() ? ProblemKind::empty : ProblemKind::text;
  if (is_toml(lines)) return ProblemKind::toml;
  return by_numbers(lines, head);
}

std::string_view describe(ProblemKind kind, std::span<const std::byte> bytes) {
  switch (kind) {
    case ProblemKind::empty:
      return "an empty file";
    case ProblemKind::text:
      return "text in no format known here";
    case ProblemKind::pair_list:
      return "a graph, QUBO or Ising model as a list of pairs";
    case ProblemKind::dimacs_graph:
      return "a DIMACS graph";
    case ProblemKind::qubo:
      return "a QUBO of qbsolv";
    case ProblemKind::or_library:
      return "a QUBO file of OR-Library";
    case ProblemKind::dense_qubo:
      return "a matrix with its size in front";
    case ProblemKind::triples:
      return "a list of 'i j value'";
    case ProblemKind::cnf:
      return "DIMACS CNF";
    case ProblemKind::wcnf:
      return "weighted MaxSAT (WCNF)";
    case ProblemKind::bqm_json:
      return "a binary quadratic model of dimod as JSON";
    case ProblemKind::bqm_binary:
      return "a binary quadratic model of dimod";
    case ProblemKind::bqpjson:
      return "a binary quadratic model as bqpjson";
    case ProblemKind::matrix_market:
      return "a Matrix Market file";
    case ProblemKind::tsplib:
      return "a TSPLIB file";
    case ProblemKind::streets:
      return "a street network";
    case ProblemKind::geojson:
      return "GeoJSON";
    case ProblemKind::graphml:
      return "GraphML";
    case ProblemKind::osm:
      return "an OpenStreetMap extract";
    case ProblemKind::gpx:
      return "a GPX track";
    case ProblemKind::kml:
      return "a KML map";
    case ProblemKind::lp:
      return "a linear program (LP)";
    case ProblemKind::mps:
      return "a linear program (MPS)";
    case ProblemKind::opb:
      return "a pseudo-Boolean problem (OPB)";
    case ProblemKind::cqm:
      return "a model of dimod that is no binary quadratic one";
    case ProblemKind::csv:
      return "a CSV table";
    case ProblemKind::json:
      return "JSON";
    case ProblemKind::toml:
      return "a design (TOML)";
    case ProblemKind::svg:
      return "an SVG picture";
    case ProblemKind::xml:
      return "XML";
    default:
      return describe(file_kind(bytes));
  }
}

std::string_view readers_of(ProblemKind kind, std::span<const std::byte> bytes) {
  if (kind == ProblemKind::foreign) {
    const FileKind other = file_kind(bytes);
    if (other == FileKind::npy) return "swell solve and its siblings";
    if (other == FileKind::safetensors) return "swell generate, run and inspect";
    if (other == FileKind::idx) return "swell train";
    return "";
  }
  switch (kind) {
    case ProblemKind::pair_list:
    case ProblemKind::dimacs_graph:
    case ProblemKind::qubo:
    case ProblemKind::or_library:
    case ProblemKind::dense_qubo:
    case ProblemKind::triples:
    case ProblemKind::cnf:
    case ProblemKind::wcnf:
    case ProblemKind::bqm_json:
    case ProblemKind::bqm_binary:
    case ProblemKind::bqpjson:
      return "swell ising";
    case ProblemKind::matrix_market:
      return "swell ising, and swell solve and its siblings";
    case ProblemKind::tsplib:
    case ProblemKind::streets:
      return "swell route";
    case ProblemKind::toml:
      return "swell run, train and inspect";
    default:
      return "";
  }
}

std::vector<std::byte> read_maybe_gzip(const std::filesystem::path& path, size_t max_bytes) {
  std::vector<std::byte> bytes = read_file(path, max_bytes);
  return is_gzip(bytes) ? inflate_gzip(bytes, path.string(), max_bytes) : bytes;
}

}  // namespace swell
