#include "swell/programs/route/round_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "swell/io/json.h"
#include "swell/programs/route/drawing.h"

namespace swell::route {

namespace {

// Where the step leads along, its ends included.
std::vector<StreetNetwork::Place> places_of(const StreetNetwork& network, const Step& step) {
  const auto& street = network.streets[step.street];
  std::vector<StreetNetwork::Place> places = {network.junctions[street.a].place};
  places.insert(places.end(), street.bends.begin(), street.bends.end());
  places.push_back(network.junctions[street.b].place);
  if (step.back) std::reverse(places.begin(), places.end());
  return places;
}

// Degrees to a centimetre, so that what was read is written.
double rounded(double degrees) { return std::round(degrees * 1e7) / 1e7; }

}  // namespace

std::string round_text(const RoundTask& task, const Round& round) {
  const auto& network = task.network;
  const auto name = [&](int64_t junction) { return network.junctions[junction].name; };
  const int64_t last =
      round.steps.empty() ? task.start : end_of(network.streets[round.steps.back().street], round.steps.back().back);
  std::string text = fmt::format("# round of length {:.10g}, from {} {}\n", round.length, name(task.start),
                                 last == task.start ? "and back" : "to " + name(last));
  for (size_t k = 0; k < round.steps.size(); ++k) {
    const auto& [s, back] = round.steps[k];
    const auto& street = network.streets[s];
    text += fmt::format("{:>4}  {} -> {}  {:.10g}  {}\n", k + 1, name(begin_of(street, back)),
                        name(end_of(street, back)), street.walked(back), street.name);
  }
  return text;
}

std::string round_gpx(const RoundTask& task, const Round& round, const std::string& title) {
  const auto& network = task.network;
  if (!network.placed || !network.origin) return {};
  std::string points;
  const auto add = [&](const StreetNetwork::Place& place) {
    const Geographic at = unproject(*network.origin, place);
    points += fmt::format("<trkpt lat=\"{:.7f}\" lon=\"{:.7f}\"/>\n", at.latitude, at.longitude);
  };
  add(network.junctions[task.start].place);
  for (const Step& step : round.steps) {
    const auto places = places_of(network, step);
    for (size_t k = 1; k < places.size(); ++k) add(places[k]);
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gpx version=\"1.1\" creator=\"swell route\" "
      "xmlns=\"http://www.topografix.com/GPX/1/1\">\n<trk>\n<name>{}</name>\n<trkseg>\n{}</trkseg>\n</trk>\n</gpx>\n",
      escaped(title), points);
}

std::string round_geojson(const RoundTask& task, const Round& round) {
  const auto& network = task.network;
  if (!network.placed) return {};
  nlohmann::ordered_json features = nlohmann::ordered_json::array();
  for (size_t k = 0; k < round.steps.size(); ++k) {
    const auto& [s, back] = round.steps[k];
    const auto& street = network.streets[s];
    nlohmann::ordered_json line = nlohmann::ordered_json::array();
    for (const auto& place : places_of(network, round.steps[k])) {
      if (network.origin) {
        const Geographic at = unproject(*network.origin, place);
        line.push_back({rounded(at.longitude), rounded(at.latitude)});
      } else {
        line.push_back({place.x, place.y});
      }
    }
    features.push_back({{"type", "Feature"},
                        {"properties",
                         {{"step", k + 1},
                          {"from", network.junctions[begin_of(street, back)].name},
                          {"to", network.junctions[end_of(street, back)].name},
                          {"length", street.walked(back)},
                          {"name", street.name},
                          {"duty", street.duty}}},
                        {"geometry", {{"type", "LineString"}, {"coordinates", line}}}});
  }
  return to_text({{"type", "FeatureCollection"}, {"features", features}});
}

}  // namespace swell::route
