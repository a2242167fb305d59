#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

namespace swell {

// Which problem or map a file holds, from its first bytes and lines; names and suffixes have no part in it.
enum class ProblemKind {
  empty,
  text,     // none of those below
  foreign,  // no text of problems: file_kind.h says what
  // problems of optimisation
  pair_list,     // "vertices edges", then pairs: a graph, BiqMac's QUBO or an Ising model
  dimacs_graph,  // "p edge"
  qubo,          // "p qubo"
  or_library,    // OR-Library's bqp
  dense_qubo,    // BiqMac's .mat
  triples,       // "i j value" without sizes: dimod's COO
  cnf,           // "p cnf"
  wcnf,          // "p wcnf", or lines "h ... 0"
  bqm_json,      // dimod's to_serializable()
  bqm_binary,    // dimod's to_file()
  bqpjson,
  matrix_market,
  tsplib,
  streets,  // junction, street, depot
  // maps
  geojson,
  graphml,
  osm,
  gpx,
  kml,
  // other problems
  lp,
  mps,
  opb,
  cqm,  // dimod's other models
  // tables and documents
  csv,
  json,
  toml,
  svg,
  xml,
};

// Of bytes that are not compressed; see read_maybe_gzip.
ProblemKind problem_kind(std::span<const std::byte> bytes);

// "a CSV table", "GeoJSON": what a message says that the file looks like. `bytes` are the file's.
std::string_view describe(ProblemKind kind, std::span<const std::byte> bytes);

// The commands that read such files, as words for a message ("swell route"); empty where there is none.
std::string_view readers_of(ProblemKind kind, std::span<const std::byte> bytes);

// The whole file, inflated where it is gzip. Throws IoError as read_file and inflate_gzip do.
std::vector<std::byte> read_maybe_gzip(const std::filesystem::path& path, size_t max_bytes);

}  // namespace swell
