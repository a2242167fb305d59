#include "swell/io/tsplib.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numbers>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"
#include "swell/io/checksum.h"

namespace swell {

namespace {

// Degrees and minutes as TSPLIB writes them, DDD.MM, in radians; its pi and its earth.
double geo_radians(double value) {
  const double degrees = std::trunc(value), minutes = value - degrees;
  return 3.141592 * (degrees + 5.0 * minutes / 3.0) / 180.0;
}

int64_t geo_distance(const Tsplib& p, int64_t a, int64_t b) {
  const double latitude_a = geo_radians(p.x[a]), longitude_a = geo_radians(p.y[a]);
  const double latitude_b = geo_radians(p.x[b]), longitude_b = geo_radians(p.y[b]);
  const double q1 = std::cos(longitude_a - longitude_b), q2 = std::cos(latitude_a - latitude_b),
               q3 = std::cos(latitude_a + latitude_b);
  return static_cast<int64_t>(6378.388 * std::acos(std::clamp(0.5 * ((1 + q1) * q2 - (1 - q1) * q3), -1.0, 1.0)) + 1);
}

// Decimal degrees; metres on the same earth, by the formula that stays exact for small arcs.
int64_t geom_distance(const Tsplib& p, int64_t a, int64_t b) {
  const double latitude_a = latitude_radians(p, a), latitude_b = latitude_radians(p, b);
  const double turn = longitude_radians(p, a) - longitude_radians(p, b);
  const double east = std::cos(latitude_b) * std::sin(turn);
  const double north =
      std::cos(latitude_a) * std::sin(latitude_b) - std::sin(latitude_a) * std::cos(latitude_b) * std::cos(turn);
  const double along =
      std::sin(latitude_a) * std::sin(latitude_b) + std::cos(latitude_a) * std::cos(latitude_b) * std::cos(turn);
  return static_cast<int64_t>(6378388.0 * std::atan2(std::hypot(east, north), along) + 1);
}

// The longest turn of a diffractometer's angles (phi, chi, 2 theta), each at its own speed; hundredths.
int64_t xray_distance(const Tsplib& p, int64_t a, int64_t b, double phi_speed, double chi_speed, double theta_speed) {
  const double phi = std::abs(p.x[a] - p.x[b]), chi = std::abs(p.y[a] - p.y[b]), theta = std::abs(p.z[a] - p.z[b]);
  return static_cast<int64_t>(
      100 * std::max({std::min(phi, std::abs(phi - 360)) / phi_speed, chi / chi_speed, theta / theta_speed}) + 0.5);
}

}  // namespace

std::string_view name_of(Tsplib::Weights weights) {
  static constexpr std::string_view kNames[] = {"EUC_2D", "EUC_3D", "CEIL_2D", "CEIL_3D", "FLOOR_2D", "FLOOR_3D",
                                                "MAN_2D", "MAN_3D", "MAX_2D",  "MAX_3D",  "GEO",      "GEOM",
                                                "ATT",    "XRAY1",  "XRAY2",   "EXPLICIT"};
  return kNames[static_cast<size_t>(weights)];
}

double latitude_radians(const Tsplib& p, int64_t city) {
  return p.weights == Tsplib::Weights::geo ? geo_radians(p.x[city]) : p.x[city] * std::numbers::pi / 180;
}

double longitude_radians(const Tsplib& p, int64_t city) {
  return p.weights == Tsplib::Weights::geo ? geo_radians(p.y[city]) : p.y[city] * std::numbers::pi / 180;
}

int64_t distance(const Tsplib& p, int64_t a, int64_t b) {
  using W = Tsplib::Weights;
  if (a == b) return 0;
  if (p.weights == W::matrix) return p.matrix[a * p.cities + b];
  if (p.weights == W::geo) return geo_distance(p, a, b);
  if (p.weights == W::geom) return geom_distance(p, a, b);
  if (p.weights == W::xray1) return xray_distance(p, a, b, 1, 1, 1);
  if (p.weights == W::xray2) return xray_distance(p, a, b, 1.25, 1.5, 1.15);
  const double dx = p.x[a] - p.x[b], dy = p.y[a] - p.y[b], dz = p.z.empty() ? 0 : p.z[a] - p.z[b];
  switch (p.weights) {
    case W::man_2d:
    case W::man_3d:
      return static_cast<int64_t>(std::abs(dx) + std::abs(dy) + std::abs(dz) + 0.5);
    case W::max_2d:
    case W::max_3d:
      return static_cast<int64_t>(std::max({std::abs(dx), std::abs(dy), std::abs(dz)}) + 0.5);
    case W::att:
      return static_cast<int64_t>(std::ceil(std::sqrt((dx * dx + dy * dy) / 10.0)));
    default:
      break;
  }
  const double plain = std::sqrt(dx * dx + dy * dy + dz * dz);
  if (p.weights == W::ceil_2d || p.weights == W::ceil_3d) return static_cast<int64_t>(std::ceil(plain));
  if (p.weights == W::floor_2d || p.weights == W::floor_3d) return static_cast<int64_t>(plain);
  return static_cast<int64_t>(plain + 0.5);
}

std::string length_text(const Tsplib& problem, int64_t length) {
  if (problem.decimals == 0) return fmt::format("{}", length);
  std::string digits = fmt::format("{:0{}}", length < 0 ? -length : length, problem.decimals + 1);
  digits.insert(digits.size() - static_cast<size_t>(problem.decimals), ".");
  if (length < 0) digits.insert(0, 1, '-');
  return digits;
}

std::string fingerprint(const Tsplib& problem) {
  Sha256 hash;
  const auto add = [&](int64_t value) {
    std::byte bytes[8];
    store_little(bytes, value);
    hash.update(bytes);
  };
  hash.update(as_bytes_of(name_of(problem.weights)));
  add(problem.cities);
  add(problem.decimals);
  std::vector<std::array<double, 3>> places;
  for (size_t k = 0; k < problem.x.size(); ++k)
    places.push_back({problem.x[k], problem.y[k], problem.z.empty() ? 0 : problem.z[k]});
  // Fixed edges name cities; without them their order says nothing.
  if (problem.fixed.empty()) std::sort(places.begin(), places.end());
  for (const auto& place : places) {
    for (const double value : place) add(std::bit_cast<int64_t>(value == 0 ? 0.0 : value));
  }
  for (int64_t a = 0; a < problem.cities && !problem.matrix.empty(); ++a) {
    for (int64_t b = 0; b < a; ++b) add(problem.matrix[a * problem.cities + b]);
  }
  for (const auto& [a, b] : problem.fixed) {
    add(a);
    add(b);
  }
  return hex(hash.digest());
}

}  // namespace swell
