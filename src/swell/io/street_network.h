#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace swell {

// A network of streets, whatever file it came from. A street leads from junction a to junction b; both may be the same
// (a cul-de-sac drawn as a loop), several may join the same two, and a length may be 0.
struct StreetNetwork {
  struct Place {
    double x = 0, y = 0;  // to the right and upwards on the map; metres where `origin` is set
  };
  struct Junction {
    std::string name;
    Place place;
  };
  struct Street {
    int64_t a = 0, b = 0;
    double length = 0;  // from a to b
    double back = 0;    // from b to a; infinite for a one-way street
    bool duty = false;
    double reward = 0;
    std::string name;
    std::vector<Place> bends;  // on the way from a to b, as drawn

    bool one_way() const { return std::isinf(back); }
    double walked(bool backwards) const { return backwards ? back : length; }
    double shorter() const { return std::min(length, back); }
  };
  // Longitude and latitude in degrees of the place (0, 0), where the file has them.
  struct Origin {
    double longitude = 0, latitude = 0;
  };

  std::vector<Junction> junctions;
  std::vector<Street> streets;
  std::optional<Origin> origin;
  bool placed = true;            // false: the file has no places, and the network cannot be drawn
  std::optional<int64_t> depot;  // where a round begins; nothing: the file does not say
  std::optional<int64_t> end;    // where it ends; nothing: at the depot
  bool ends_anywhere = false;
  std::vector<std::string> notes;  // what was left out of the file or assumed, a sentence each

  // Every street may be walked both ways, at the same length.
  bool symmetric() const;
  double total_length() const;  // each street once, the shorter way
};

// Metres east and north of the origin, on a cylinder that touches the sphere's parallel there: within 0.1 % over a
// city.
StreetNetwork::Place project(const StreetNetwork::Origin& origin, double longitude, double latitude);
struct Geographic {
  double longitude = 0, latitude = 0;
};
Geographic unproject(const StreetNetwork::Origin& origin, const StreetNetwork::Place& place);

// Metres between two places of longitude and latitude, on a sphere of the Earth's mean radius (haversine): within 0.5
// %.
double metres_between(const Geographic& a, const Geographic& b);

// The junction of that name, or nearest to "LONGITUDE,LATITUDE" (or "X,Y"). Throws InputError where there is none;
// `what` names the option.
int64_t junction_named(const StreetNetwork& network, std::string_view name, std::string_view what);

// Leaves only what can be reached from the depot and from where the depot can be reached, and notes what is left out.
// Without a depot it is the first junction of the largest part. Throws InputError, naming `file`, where no street is
// left or the end lies elsewhere.
void keep_part_of_depot(StreetNetwork& network, std::string_view file);

}  // namespace swell
