#include "swell/io/geojson_streets.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "swell/base/counted.h"
#include "swell/base/errors.h"
#include "swell/io/bytes.h"
#include "swell/io/json.h"
#include "swell/io/street_builder.h"

namespace swell {

namespace {

using Json = nlohmann::json;

class Reader {
 public:
  explicit Reader(std::string_view name) : name_(name) {}

  StreetNetwork read(std::string_view text) {
    Json root;
    try {
      root = Json::parse(text);
    } catch (const Json::parse_error& error) {
      throw IoError(fmt::format("{}: the JSON is broken at byte {}", name_, error.byte));
    }
    geographic_ = !names_other_system(root);
    collect(root);
    if (lines_.empty() && features_ > 0) fail("none of the features is a LineString; streets are LineStrings");
    if (lines_.empty()) fail("there is no LineString; a street network is a FeatureCollection of LineStrings");
    for (const auto& [points, line] : lines_) {
      for (const auto& [x, y] : points) geographic_ = geographic_ && std::abs(x) <= 180 && std::abs(y) <= 90;
    }
    StreetBuilder builder(geographic_);
    for (auto& [points, line] : lines_) {
      std::vector<int64_t> numbers;
      for (const auto& [x, y] : points) numbers.push_back(builder.point_at(x, y));
      builder.line(numbers, line);
    }
    if (depot_) builder.depot_at(builder.point_at(depot_->first, depot_->second));
    StreetNetwork network = builder.build();
    if (others_ > 0)
      network.notes.push_back(fmt::format("left out: {} that {} (areas, points)", counted(others_, "feature"),
                                          others_ == 1 ? "is no line" : "are no lines"));
    if (!geographic_) network.notes.push_back("coordinates are taken as plain x and y, in the unit of lengths");
    return network;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    if (features_ == 0) throw IoError(fmt::format("{}: {}", name_, what));
    throw IoError(fmt::format("{}, feature {}: {}", name_, features_, what));
  }

  static bool names_other_system(const Json& root) {
    if (!root.is_object() || !root.contains("crs")) return false;
    const Json& crs = root["crs"];
    if (!crs.is_object() || !crs.contains("properties") || !crs["properties"].is_object()) return false;
    const auto name = crs["properties"].find("name");
    if (name == crs["properties"].end() || !name->is_string()) return false;
    const auto text = name->get<std::string>();
    return text.find("4326") == std::string::npos && text.find("CRS84") == std::string::npos;
  }

  void collect(const Json& root) {
    if (!root.is_object()) fail("a GeoJSON object is needed");
    const std::string type = root.contains("type") && root["type"].is_string() ? root["type"].get<std::string>() : "";
    if (type == "FeatureCollection") {
      if (!root.contains("features") || !root["features"].is_array())
        fail("a FeatureCollection has an array 'features'");
      for (const Json& feature : root["features"]) {
        ++features_;
        if (!feature.is_object()) fail("a feature is an object");
        take(feature);
      }
    } else if (type == "Feature") {
      take(root);
    } else if (root.contains("coordinates") || type == "GeometryCollection") {
      geometry(root, {}, false);
    } else {
      fail(fmt::format("the type is {}; a street network is a FeatureCollection of LineStrings", printable(type)));
    }
  }

  void take(const Json& feature) {
    const Json properties =
        feature.contains("properties") && feature["properties"].is_object() ? feature["properties"] : Json::object();
    if (!feature.contains("geometry") || !feature["geometry"].is_object()) {
      ++others_;
      return;
    }
    bool depot = false;
    const StreetBuilder::Line line = line_of(properties, depot);
    geometry(feature["geometry"], line, depot);
  }

  // The property as yes or no.
  bool flag(const Json& properties, const char* key) const {
    const auto found = properties.find(key);
    if (found == properties.end() || found->is_null()) return false;
    if (found->is_boolean()) return found->get<bool>();
    if (found->is_number()) return found->get<double>() != 0;
    const auto value = found->is_string() ? yes_or_no(found->get<std::string>()) : std::nullopt;
    if (!value) fail(fmt::format("{} is {}; allowed are yes, no, true and false", key, shown(*found)));
    return *value;
  }

  std::optional<double> amount(const Json& properties, const char* key) const {
    const auto found = properties.find(key);
    if (found == properties.end() || found->is_null()) return {};
    const double value = found->is_number() ? found->get<double>() : NAN;
    if (!(value >= 0 && value <= 1e12))
      fail(fmt::format("{} is {}; allowed are numbers from 0 to 1e12", key, shown(*found)));
    return value;
  }

  StreetBuilder::Line line_of(const Json& properties, bool& depot) {
    StreetBuilder::Line line;
    if (const auto found = properties.find("name"); found != properties.end() && found->is_string())
      line.name = found->get<std::string>();
    line.length = amount(properties, "length");
    line.back = amount(properties, "back");
    line.duty = flag(properties, "duty");
    line.reward = amount(properties, "reward").value_or(0);
    depot = flag(properties, "depot");
    const auto way = properties.find("oneway");
    against_ = way != properties.end() && (*way == "-1" || *way == -1);
    line.one_way = against_ || flag(properties, "oneway");
    return line;
  }

  void geometry(const Json& json, const StreetBuilder::Line& line, bool depot) {
    const std::string type = json.contains("type") && json["type"].is_string() ? json["type"].get<std::string>() : "";
    const Json coordinates = json.contains("coordinates") ? json["coordinates"] : Json::array();
    if (type == "LineString") {
      add(coordinates, line);
    } else if (type == "MultiLineString") {
      if (!coordinates.is_array()) fail("the coordinates of a MultiLineString are an array");
      double drawn = 0;
      for (const Json& part : coordinates) drawn += static_cast<double>(part.size());
      for (const Json& part : coordinates) {
        StreetBuilder::Line share = line;  // what is true of the whole is shared out by the number of points
        const double of = static_cast<double>(part.size()) / drawn;
        if (share.length) *share.length *= of;
        if (share.back) *share.back *= of;
        share.reward *= of;
        add(part, share);
      }
    } else if (type == "Point" && depot) {
      depot_ = place(coordinates);
    } else {
      ++others_;
    }
  }

  std::pair<double, double> place(const Json& json) const {
    if (!json.is_array() || json.size() < 2 || !json[0].is_number() || !json[1].is_number())
      fail(fmt::format("a position is {}; allowed are [longitude, latitude]", shown(json)));
    const std::pair<double, double> at = {json[0].get<double>(), json[1].get<double>()};
    if (!(std::abs(at.first) <= 1e12 && std::abs(at.second) <= 1e12))
      fail(fmt::format("a position is [{}, {}]; allowed are numbers up to 1e12", at.first, at.second));
    return at;
  }

  void add(const Json& json, const StreetBuilder::Line& line) {
    if (!json.is_array() || json.size() < 2) fail("a LineString has an array of at least two positions");
    std::vector<std::pair<double, double>> points;
    for (const Json& position : json) points.push_back(place(position));
    if (against_) std::reverse(points.begin(), points.end());
    lines_.emplace_back(std::move(points), line);
  }

  const std::string_view name_;
  bool geographic_ = true, against_ = false;
  int64_t features_ = 0, others_ = 0;
  std::vector<std::pair<std::vector<std::pair<double, double>>, StreetBuilder::Line>> lines_;
  std::optional<std::pair<double, double>> depot_;
};

}  // namespace

StreetNetwork parse_geojson_streets(std::span<const std::byte> bytes, std::string_view name) {
  return Reader(name).read(as_text(bytes));
}

}  // namespace swell
