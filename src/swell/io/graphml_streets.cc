#include "swell/io/graphml_streets.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "swell/io/street_builder.h"
#include "swell/io/street_xml.h"

namespace swell {

namespace {

using Data = std::map<std::string, std::string>;  // by attr.name

std::string first_of(const Data& data, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    if (const auto found = data.find(key); found != data.end()) return found->second;
  }
  return {};
}

class Reader {
 public:
  explicit Reader(std::string_view name) : name_(name) {}

  StreetNetwork read(std::span<const std::byte> bytes) {
    pugi::xml_document document;
    load_xml(document, bytes, name_);
    const pugi::xml_node root = document.child("graphml");
    if (!root) throw IoError(fmt::format("{}: the outermost element is not <graphml>", name_));
    for (const pugi::xml_node key : root.children("key")) keys(key);
    const pugi::xml_node graph = root.child("graph");
    if (!graph) throw IoError(fmt::format("{}: there is no <graph>", name_));
    directed_ = std::string_view(graph.attribute("edgedefault").value()) == "directed";
    const std::string system = first_of(data_of(graph), {"crs"});
    geographic_ = system.find("4326") != std::string::npos || system.find("WGS 84") != std::string::npos;
    for (const pugi::xml_node node : graph.children("node")) places(node, data_of(node));
    set_origin();
    for (const pugi::xml_node edge : graph.children("edge")) this->edge(edge);
    if (network_.streets.empty()) throw IoError(fmt::format("{}: there is no edge", name_));
    return std::move(network_);
  }

 private:
  void keys(const pugi::xml_node& key) {
    const std::string id = key.attribute("id").value();
    names_[id] = key.attribute("attr.name") ? key.attribute("attr.name").value() : id;
    if (key.child("default")) defaults_[key.attribute("for").value()][names_[id]] = key.child("default").text().get();
  }

  Data data_of(const pugi::xml_node& element) const {
    Data data;
    const auto given = defaults_.find(element.name());
    if (given != defaults_.end()) data = given->second;
    for (const pugi::xml_node entry : element.children("data")) {
      const auto found = names_.find(entry.attribute("key").value());
      if (found != names_.end()) data[found->second] = entry.text().get();
    }
    return data;
  }

  void places(const pugi::xml_node& node, const Data& data) {
    const std::string id = node.attribute("id").value();
    const auto number = static_cast<int64_t>(network_.junctions.size());
    if (!numbers_.emplace(id, number).second)
      throw IoError(fmt::format("{}: node {} stands there twice", name_, printable(id)));
    if (data.contains("lat") || data.contains("latitude")) geographic_ = true;
    const std::string x = first_of(data, {"lon", "longitude", "lng", "x"}),
                      y = first_of(data, {"lat", "latitude", "y"});
    StreetNetwork::Junction junction{id, {}};
    if (x.empty() || y.empty()) {
      network_.placed = false;
    } else {
      junction.place = {xml_number(x, -1e12, fmt::format("x of node {}", printable(id)), name_),
                        xml_number(y, -1e12, fmt::format("y of node {}", printable(id)), name_)};
    }
    if (yes_or_no(first_of(data, {"depot"})).value_or(false)) network_.depot = number;
    network_.junctions.push_back(std::move(junction));
  }

  // Degrees become metres.
  void set_origin() {
    if (!geographic_ || !network_.placed || network_.junctions.empty()) return;
    double west = INFINITY, east = -INFINITY, south = INFINITY, north = -INFINITY;
    for (const auto& junction : network_.junctions) {
      west = std::min(west, junction.place.x);
      east = std::max(east, junction.place.x);
      south = std::min(south, junction.place.y);
      north = std::max(north, junction.place.y);
      degrees_.push_back({junction.place.x, junction.place.y});
    }
    if (west < -180 || east > 180 || south < -90 || north > 90)
      throw IoError(fmt::format("{}: longitudes from {} to {}, latitudes from {} to {}; allowed are up to 180 and 90",
                                name_, west, east, south, north));
    network_.origin = {(west + east) / 2, (south + north) / 2};
    for (auto& junction : network_.junctions) junction.place = placed(junction.place);
  }

  StreetNetwork::Place placed(const StreetNetwork::Place& place) const {
    return network_.origin ? project(*network_.origin, place.x, place.y) : place;
  }

  int64_t end_of(const pugi::xml_node& edge, const char* which) const {
    const auto found = numbers_.find(edge.attribute(which).value());
    if (found == numbers_.end())
      throw IoError(fmt::format("{}: an edge has the {} {}, and there is no node of that name", name_, which,
                                printable(edge.attribute(which).value())));
    return found->second;
  }

  // The points between the ends of LINESTRING (x y, x y, ...).
  std::vector<StreetNetwork::Place> bends(const std::string& text) const {
    std::vector<StreetNetwork::Place> places;
    const size_t open = text.find('('), close = text.find(')');
    if (!text.starts_with("LINESTRING") || open == std::string::npos || close == std::string::npos || close < open)
      return places;
    for (size_t at = open + 1; at < close;) {
      const size_t end = std::min(text.find(',', at), close);
      std::string_view pair = std::string_view(text).substr(at, end - at);
      while (pair.starts_with(' ')) pair.remove_prefix(1);
      const size_t blank = pair.find(' ');
      if (blank == std::string_view::npos) return {};
      const std::string_view rest = pair.substr(blank + 1);
      places.push_back(placed({xml_number(pair.substr(0, blank), -1e12, "x of a geometry", name_),
                               xml_number(rest.substr(0, rest.find(' ')), -1e12, "y of a geometry", name_)}));
      at = end + 1;
    }
    if (places.size() < 3) return {};
    return {places.begin() + 1, places.end() - 1};
  }

  void edge(const pugi::xml_node& element) {
    const Data data = data_of(element);
    StreetNetwork::Street street;
    street.a = end_of(element, "source");
    street.b = end_of(element, "target");
    const std::string where = fmt::format("of the edge from {} to {}", printable(element.attribute("source").value()),
                                          printable(element.attribute("target").value()));
    const std::string length = first_of(data, {"length", "weight", "distance", "cost", "d"});
    if (length.empty() && !network_.placed)
      throw IoError(fmt::format(
          "{}: there is no length {} and no place of its nodes; a length is named length or weight", name_, where));
    street.length = length.empty() ? as_drawn(street.a, street.b) : xml_number(length, 0, "the length " + where, name_);
    street.name = first_of(data, {"name"});
    street.duty = yes_or_no(first_of(data, {"duty", "required"})).value_or(false);
    const std::string reward = first_of(data, {"reward"});
    if (!reward.empty()) street.reward = xml_number(reward, 0, "the reward " + where, name_);
    street.bends = bends(first_of(data, {"geometry"}));
    const std::string_view own = element.attribute("directed").value();
    const bool directed = own.empty() ? directed_ : own == "true" || own == "1";
    const bool one_way = directed || yes_or_no(first_of(data, {"oneway"})).value_or(false);
    street.back = one_way ? INFINITY : street.length;
    if (directed && joined_with_opposite(street, first_of(data, {"osmid"}))) return;
    network_.streets.push_back(std::move(street));
  }

  double as_drawn(int64_t a, int64_t b) const {
    if (network_.origin) return metres_between(degrees_[a], degrees_[b]);
    const auto &from = network_.junctions[a].place, &to = network_.junctions[b].place;
    return std::hypot(to.x - from.x, to.y - from.y);
  }

  // A directed edge against one that has no way back yet is that street's way back.
  bool joined_with_opposite(const StreetNetwork::Street& street, const std::string& osmid) {
    const auto key = [&](int64_t a, int64_t b) { return fmt::format("{} {} {}", a, b, osmid); };
    auto& waiting = waiting_[key(street.b, street.a)];
    if (waiting.empty()) {
      waiting_[key(street.a, street.b)].push_back(network_.streets.size());
      return false;
    }
    auto& other = network_.streets[waiting.back()];
    waiting.pop_back();
    other.back = street.length;
    other.duty = other.duty || street.duty;
    other.reward = std::max(other.reward, street.reward);
    return true;
  }

  const std::string_view name_;
  StreetNetwork network_;
  bool directed_ = false, geographic_ = false;
  std::map<std::string, std::string> names_;
  std::map<std::string, Data> defaults_;  // by "node", "edge", ...
  std::unordered_map<std::string, int64_t> numbers_;
  std::unordered_map<std::string, std::vector<size_t>> waiting_;
  std::vector<Geographic> degrees_;
};

}  // namespace

StreetNetwork parse_graphml_streets(std::span<const std::byte> bytes, std::string_view name) {
  return Reader(name).read(bytes);
}

}  // namespace swell
