#include "swell/io/street_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numbers>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"

namespace swell {

namespace {

constexpr double kEarthRadius = 6371008.8;  // metres, mean of the ellipsoid WGS 84
constexpr double kDegree = std::numbers::pi / 180;

}  // namespace

bool StreetNetwork::symmetric() const {
  return std::all_of(streets.begin(), streets.end(), [](const Street& s) { return s.length == s.back; });
}

double StreetNetwork::total_length() const {
  double sum = 0;
  for (const Street& street : streets) sum += street.shorter();
  return sum;
}

StreetNetwork::Place project(const StreetNetwork::Origin& origin, double longitude, double latitude) {
  return {kEarthRadius * kDegree * (longitude - origin.longitude) * std::cos(kDegree * origin.latitude),
          kEarthRadius * kDegree * (latitude - origin.latitude)};
}

Geographic unproject(const StreetNetwork::Origin& origin, const StreetNetwork::Place& place) {
  return {origin.longitude + place.x / (kEarthRadius * kDegree * std::cos(kDegree * origin.latitude)),
          origin.latitude + place.y / (kEarthRadius * kDegree)};
}

double metres_between(const Geographic& a, const Geographic& b) {
  const double up = std::sin(kDegree * (b.latitude - a.latitude) / 2);
  const double across = std::sin(kDegree * (b.longitude - a.longitude) / 2);
  const double share = up * up + std::cos(kDegree * a.latitude) * std::cos(kDegree * b.latitude) * across * across;
  return 2 * kEarthRadius * std::asin(std::sqrt(std::min(1.0, share)));
}

namespace {

std::optional<StreetNetwork::Place> place_of(std::string_view text) {
  const size_t comma = text.find(',');
  if (comma == std::string_view::npos) return {};
  const auto number = [](std::string_view word, double& value) {
    while (word.starts_with(' ')) word.remove_prefix(1);
    const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    return error == std::errc() && stop == word.data() + word.size() && std::isfinite(value);
  };
  StreetNetwork::Place place;
  if (!number(text.substr(0, comma), place.x) || !number(text.substr(comma + 1), place.y)) return {};
  return place;
}

}  // namespace

int64_t junction_named(const StreetNetwork& network, std::string_view name, std::string_view what) {
  for (size_t j = 0; j < network.junctions.size(); ++j) {
    if (network.junctions[j].name == name) return static_cast<int64_t>(j);
  }
  const auto place = network.placed ? place_of(name) : std::nullopt;
  if (!place)
    throw InputError(fmt::format("{} is {}, and no junction has that name; allowed are names of junctions{}", what,
                                 printable(name),
                                 !network.placed  ? ""
                                 : network.origin ? " and LONGITUDE,LATITUDE"
                                                  : " and X,Y"));
  const StreetNetwork::Place wanted = network.origin ? project(*network.origin, place->x, place->y) : *place;
  const auto far = [&](const StreetNetwork::Junction& junction) {
    return std::hypot(junction.place.x - wanted.x, junction.place.y - wanted.y);
  };
  return std::min_element(network.junctions.begin(), network.junctions.end(),
                          [&](const auto& a, const auto& b) { return far(a) < far(b); }) -
         network.junctions.begin();
}

namespace {

using Neighbours = std::vector<std::vector<int64_t>>;

std::vector<char> reached_from(const Neighbours& next, int64_t from) {
  std::vector<char> seen(next.size(), 0);
  std::vector<int64_t> reached = {from};
  seen[from] = 1;
  for (size_t at = 0; at < reached.size(); ++at) {
    for (const int64_t j : next[reached[at]]) {
      if (seen[j]) continue;
      seen[j] = 1;
      reached.push_back(j);
    }
  }
  return seen;
}

// The parts within which every junction leads to every other (S. R. Kosaraju's two passes), as numbers.
std::vector<int64_t> parts_of(const Neighbours& next, const Neighbours& before) {
  std::vector<int64_t> order, part(next.size(), -1);
  std::vector<char> seen(next.size(), 0);
  for (size_t root = 0; root < next.size(); ++root) {
    if (seen[root]) continue;
    std::vector<std::pair<int64_t, size_t>> stack = {{static_cast<int64_t>(root), 0}};
    seen[root] = 1;
    while (!stack.empty()) {
      auto& [junction, k] = stack.back();
      if (k == next[junction].size()) {
        order.push_back(junction);
        stack.pop_back();
        continue;
      }
      const int64_t to = next[junction][k++];
      if (seen[to]) continue;
      seen[to] = 1;
      stack.emplace_back(to, 0);
    }
  }
  for (auto root = order.rbegin(); root != order.rend(); ++root) {
    if (part[*root] >= 0) continue;
    std::vector<int64_t> open = {*root};
    part[*root] = *root;
    while (!open.empty()) {
      const int64_t junction = open.back();
      open.pop_back();
      for (const int64_t from : before[junction]) {
        if (part[from] >= 0) continue;
        part[from] = *root;
        open.push_back(from);
      }
    }
  }
  return part;
}

// The first junction of the part with the most streets.
int64_t largest_part(const StreetNetwork& network, const Neighbours& next, const Neighbours& before) {
  const std::vector<int64_t> part = parts_of(next, before);
  std::vector<int64_t> streets(part.size(), 0);
  for (const auto& street : network.streets) {
    if (part[street.a] == part[street.b]) ++streets[part[street.a]];
  }
  const int64_t most = std::max_element(streets.begin(), streets.end()) - streets.begin();
  // Of parts that are as large, the one that comes first.
  for (size_t j = 0; j < part.size(); ++j) {
    if (streets[part[j]] == streets[most]) return static_cast<int64_t>(j);
  }
  return 0;
}

std::string left_out(const StreetNetwork& network, const std::vector<char>& kept) {
  int64_t streets = 0, duties = 0;
  double length = 0;
  const auto junctions = std::count(kept.begin(), kept.end(), 0);
  for (const auto& street : network.streets) {
    if (kept[street.a] && kept[street.b]) continue;
    ++streets;
    duties += street.duty;
    length += street.shorter();
  }
  std::string text =
      fmt::format("left out, for no round from {} can hold them: {} of {} junctions and {} of {} streets",
                  network.junctions[*network.depot].name, junctions, kept.size(), streets, network.streets.size());
  if (streets > 0) text += fmt::format(", of length {:.8g}", length);
  if (duties > 0) text += fmt::format("; {} of these have a duty", duties);
  return text;
}

}  // namespace

void keep_part_of_depot(StreetNetwork& network, std::string_view file) {
  const size_t count = network.junctions.size();
  Neighbours next(count), before(count);
  for (const auto& street : network.streets) {
    next[street.a].push_back(street.b);
    before[street.b].push_back(street.a);
    if (street.one_way()) continue;
    next[street.b].push_back(street.a);
    before[street.a].push_back(street.b);
  }
  if (network.streets.empty()) throw InputError(fmt::format("{}: there is no street", file));
  if (!network.depot) network.depot = largest_part(network, next, before);
  std::vector<char> kept = reached_from(next, *network.depot);
  const std::vector<char> back = reached_from(before, *network.depot);
  for (size_t j = 0; j < count; ++j) kept[j] = kept[j] && back[j];
  if (network.end && !kept[*network.end])
    throw InputError(fmt::format("{}: the end {} and the depot {} do not lead to each other", file,
                                 network.junctions[*network.end].name, network.junctions[*network.depot].name));
  if (std::all_of(kept.begin(), kept.end(), [](char k) { return k; })) return;
  network.notes.push_back(left_out(network, kept));
  std::vector<int64_t> number(count, -1);
  std::vector<StreetNetwork::Junction> junctions;
  for (size_t j = 0; j < count; ++j) {
    if (!kept[j]) continue;
    number[j] = static_cast<int64_t>(junctions.size());
    junctions.push_back(std::move(network.junctions[j]));
  }
  std::vector<StreetNetwork::Street> streets;
  for (auto& street : network.streets) {
    if (!kept[street.a] || !kept[street.b]) continue;
    street.a = number[street.a];
    street.b = number[street.b];
    streets.push_back(std::move(street));
  }
  network.junctions = std::move(junctions);
  network.streets = std::move(streets);
  network.depot = number[*network.depot];
  if (network.end) network.end = number[*network.end];
  if (network.streets.empty())
    throw InputError(
        fmt::format("{}: no street leads from the depot {} and back", file, network.junctions[*network.depot].name));
}

}  // namespace swell
