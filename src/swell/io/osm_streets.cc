#include "swell/io/osm_streets.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#include "swell/base/counted.h"
#include "swell/io/street_builder.h"
#include "swell/io/street_xml.h"

namespace swell {

namespace {

// Values of the tag highway that are no street one can walk or drive along today.
constexpr std::array<std::string_view, 13> kNoStreets = {
    "proposed", "construction", "abandoned", "razed",    "planned",   "platform",    "raceway",
    "elevator", "corridor",     "bus_stop",  "services", "rest_area", "bus_guideway"};

struct Tags {
  std::string highway, name, oneway, junction, duty, reward, area;
};

Tags tags_of(const pugi::xml_node& element) {
  Tags tags;
  for (const pugi::xml_node tag : element.children("tag")) {
    const std::string_view key = tag.attribute("k").value();
    const char* value = tag.attribute("v").value();
    if (key == "highway") tags.highway = value;
    if (key == "name") tags.name = value;
    if (key == "oneway") tags.oneway = value;
    if (key == "junction") tags.junction = value;
    if (key == "duty") tags.duty = value;
    if (key == "reward") tags.reward = value;
    if (key == "area") tags.area = value;
  }
  return tags;
}

class Reader {
 public:
  explicit Reader(std::string_view name) : name_(name) {}

  StreetNetwork read(std::span<const std::byte> bytes) {
    pugi::xml_document document;
    load_xml(document, bytes, name_);
    const pugi::xml_node root = document.child("osm");
    if (!root) throw IoError(fmt::format("{}: the outermost element is not <osm>", name_));
    for (const pugi::xml_node element : root.children("node")) node(element);
    for (const pugi::xml_node element : root.children("way")) way(element);
    if (builder_.lines() == 0)
      throw IoError(fmt::format("{}: there is no way with the tag 'highway' whose nodes are in the file", name_));
    StreetNetwork network = builder_.build();
    if (missing_ > 0)
      network.notes.push_back(fmt::format("{} of the streets {} not in the extract; the streets end there",
                                          counted(missing_, "point"), missing_ == 1 ? "is" : "are"));
    return network;
  }

 private:
  void node(const pugi::xml_node& element) {
    const std::string id = element.attribute("id").value();
    if (std::string_view(element.attribute("action").value()) == "delete") return;
    const double longitude =
        xml_number(element.attribute("lon").value(), -180, fmt::format("the lon of node {}", printable(id)), name_);
    const double latitude =
        xml_number(element.attribute("lat").value(), -90, fmt::format("the lat of node {}", printable(id)), name_);
    if (longitude > 180 || latitude > 90)
      throw IoError(fmt::format("{}: node {} is at lon {}, lat {}; allowed are up to 180 and 90", name_, printable(id),
                                longitude, latitude));
    const int64_t point = builder_.point(id, longitude, latitude);
    if (!points_.emplace(id, point).second)
      throw IoError(fmt::format("{}: node {} stands there twice", name_, printable(id)));
    for (const pugi::xml_node tag : element.children("tag")) {
      if (std::string_view(tag.attribute("k").value()) == "depot" &&
          yes_or_no(tag.attribute("v").value()).value_or(false))
        builder_.depot_at(point);
    }
  }

  void way(const pugi::xml_node& element) {
    const Tags tags = tags_of(element);
    const bool street = !tags.highway.empty() && yes_or_no(tags.area) != true &&
                        std::find(kNoStreets.begin(), kNoStreets.end(), tags.highway) == kNoStreets.end();
    if (!street || std::string_view(element.attribute("action").value()) == "delete") return;
    StreetBuilder::Line line;
    line.name = tags.name;
    line.duty = yes_or_no(tags.duty).value_or(false);
    if (!tags.reward.empty())
      line.reward = xml_number(tags.reward, 0,
                               fmt::format("the reward of way {}", printable(element.attribute("id").value())), name_);
    const bool against = tags.oneway == "-1" || tags.oneway == "reverse";
    const bool round = tags.junction == "roundabout" || tags.junction == "circular" || tags.highway == "motorway";
    line.one_way = against || yes_or_no(tags.oneway).value_or(false) || (round && tags.oneway != "no");
    std::vector<int64_t> points;
    const auto finish = [&] {
      if (against) std::reverse(points.begin(), points.end());
      builder_.line(points, line);
      points.clear();
    };
    for (const pugi::xml_node node : element.children("nd")) {
      const auto found = points_.find(node.attribute("ref").value());
      if (found != points_.end()) {
        points.push_back(found->second);
      } else {
        ++missing_;  // extracts cut ways at their border
        finish();
      }
    }
    finish();
  }

  const std::string_view name_;
  StreetBuilder builder_{true};
  std::unordered_map<std::string, int64_t> points_;
  int64_t missing_ = 0;
};

}  // namespace

StreetNetwork parse_osm_streets(std::span<const std::byte> bytes, std::string_view name) {
  return Reader(name).read(bytes);
}

}  // namespace swell
