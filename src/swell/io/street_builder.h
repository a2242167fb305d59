#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "swell/io/street_network.h"

namespace swell {

// Makes a network from lines on a map that share points, as geographic files have them: junctions are where lines end
// and where they share a point, and a line between two of them is a street.
class StreetBuilder {
 public:
  // What is true of a whole line; its length and reward are shared out among its streets as their drawn lengths are.
  struct Line {
    std::string name;
    std::optional<double> length, back;  // along the line and against it; else as drawn
    bool one_way = false;                // along the line only
    bool duty = false;
    double reward = 0;
  };

  // geographic: x is a longitude and y a latitude, in degrees.
  explicit StreetBuilder(bool geographic) : geographic_(geographic) {}

  int64_t point(std::string name, double x, double y);
  // The point at that place to 1e-7 of a unit (a centimetre, of degrees), made where there is none.
  int64_t point_at(double x, double y);
  void line(const std::vector<int64_t>& points, Line line);
  void depot_at(int64_t point) { depot_ = point; }
  int64_t lines() const { return static_cast<int64_t>(lines_.size()); }

  StreetNetwork build();

 private:
  struct Point {
    std::string name;
    double x, y;
    int64_t uses;
  };
  double between(int64_t a, int64_t b) const;
  void cut(const std::vector<int64_t>& points, const Line& line, StreetNetwork& network);
  int64_t junction(int64_t point, StreetNetwork& network);
  StreetNetwork::Place placed(int64_t point, const StreetNetwork& network) const;

  const bool geographic_;
  std::optional<int64_t> depot_;
  std::vector<Point> points_;
  std::vector<std::pair<std::vector<int64_t>, Line>> lines_;
  std::map<std::pair<int64_t, int64_t>, int64_t> at_;
  std::vector<int64_t> junction_of_;
};

// The words of files for yes and no; nothing for others.
std::optional<bool> yes_or_no(std::string_view word);

}  // namespace swell
